// The SESSION actor: one BIND of one client, its state machine (sync-protocol.md
// 4.1, 8) and its cursors. Spawned by the CONNECTION, ends with UNBIND, an error or
// the connection. Behaviour in session.cpp (life), session_bind.cpp (from BIND to
// IDENT), session_access.cpp (rights that change), session_upload.cpp and
// session_download.cpp.
#pragma once

#include "actors.hpp"
#include "connection_outlet.hpp"
#include "sync_service_context.hpp"
#include "upload_unpacker.hpp"

#include "sync/admission.hpp"
#include "sync/error_message.hpp"
#include "sync/message.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ros::actors {

/// What a session knows of the connection it belongs to.
struct session_connection {
  connection_actor actor;
  std::shared_ptr<connection_outlet> outlet;
  std::uint64_t id = 0;
  sync::protocol protocol;
  std::optional<principal> user;       ///< of the upgrade; absent: BIND brings the token
  bool tolerate_expiry = false;        ///< see authenticate_upgrade
  download_packer_actor packer;        ///< null: everything is compressed on the spot
  upload_unpacker_actor unpacker = {}; ///< null: everything is unpacked on the spot
};

struct session_state {
  static inline const char* name = "session";

  /// Names follow sync-protocol.md 4.1 where it has one.
  enum class phase {
    authorising,   ///< asks AUTH, ADMIN REALM and REALM REGISTRY
    allocating,    ///< the client asked for an ident
    wait_ident,    ///< the client's IDENT is next
    attaching,     ///< the realm checks the IDENT
    synchronising, ///< everything is allowed
    ended,
  };

  session_actor::stateful_pointer<session_state> self = nullptr;
  sync_service_context_ptr context;
  session_connection connection;
  sync::bind_message bound;

  phase now = phase::authorising;
  bool owes_ident = false;           ///< an ident was asked for and is not sent yet
  bool received_ident = false;       ///< the client's IDENT arrived, handled or not
  bool refreshing = false;           ///< a new token is being looked at
  bool unpacking = false;            ///< an upload is at the unpacker
  std::list<client_message> waiting; ///< in order, while a phase is passed through

  caller user;
  std::string path;
  open_realm opening;              ///< what the registry is asked for
  rights allowed;                  ///< the user's, as last known
  rights most;                     ///< the token's
  rights access;                   ///< what the session may do: what both allow
  bool outlived = false;           ///< reading was lost, but goes on until the token expires
  bool watches_rights = false;     ///< the ADMIN REALM tells when they change
  std::uint64_t token_watches = 0; ///< asked so far; answers to earlier ones do not count
  std::optional<watch_access> unwatched_token; ///< to be asked again
  std::int64_t expires_s = 0; ///< Unix seconds; of a legacy session's token, 0: never
  realm_actor realm;
  sync::ident_message ident;
  bool attached = false;

  sync::session_cursors cursors; ///< what uploads are checked against
  sync::download_cursor sent;    ///< of the last DOWNLOAD, or of the client's IDENT
  sync::salted_version head;     ///< latest version known here
  sync::upload_cursor reported;  ///< progress of the client as committed with `head` or before
  bool sent_any = false;         ///< the first DOWNLOAD went out
  bool wants_turn = false;       ///< asked the connection for a turn, or has it
  /// Changesets of others, for clients up to io.realm.sync 22 (8.3).
  std::uint64_t foreign_bytes = 0;

  struct pending_mark {
    std::uint64_t request = 0;
    std::optional<sync::version_type> target; ///< what must have been sent; once the realm said
  };
  std::optional<pending_mark> mark; ///< the newest one, not answered yet

  // -- life (session.cpp) --
  void receive(client_message& message);
  void handle(client_message& message);
  void handle_waiting();
  /// Nothing stands before the next message.
  [[nodiscard]] bool is_free() const;
  /// Judged where a session works with its token (6.1).
  [[nodiscard]] bool needs_good_token(const sync::client_message& message) const;
  bool is_in_order(const sync::client_message& message);
  void enter(phase next);
  /// An error of sync-protocol.md 4.5; 1xx end the whole connection.
  void fail(int code, std::string message);
  void fail(const sync::error_reply& reply);
  /// An error answer of another actor: session errors as they are, others are temporary.
  void fail(const caf::error& reason);
  /// What the realm refused, with a hint for clients whose instruction set is not known
  /// here (8.5).
  [[nodiscard]] std::string explained(const session_failure& x) const;
  void unbind();
  void end();
  void tell(std::string_view level, std::string_view text);
  [[nodiscard]] std::string full_name() const;

  // -- binding (session_bind.cpp) --
  void start();
  void authenticate();
  void on_bad_token(const caf::error& reason);
  /// Asks what `who` may do with the Realm that BIND names, then goes on.
  void authorise(const principal& who, std::function<void(const realm_grant&)> then);
  void register_path(const realm_grant& grant);
  /// Asks the registry, then goes on.
  void open(std::function<void()> then);
  void allocate();
  void on_ident(const sync::ident_message& message);
  void attach();
  void on_attached(const session_attached& x);
  void on_realm_down();
  void refresh(const sync::refresh_message& message);
  void on_refreshed(const principal& who);
  void end_refresh();
  void on_client_version_request(const sync::client_version_request& message);

  // -- rights that change (session_access.cpp; access-control.md 9) --
  void watch_rights();
  void on_rights(rights now);
  void on_read_loss();
  /// A token that came with BIND or REFRESH; the CONNECTION watches that of the upgrade.
  void watch_token(const principal& who);
  void watch_token(const watch_access& token);
  void on_watch_failed(const caf::error& reason);
  void watch_again();
  void on_access_end(const caf::error& reason);
  void on_realm_deleted();
  void on_refused(session_failure& x);

  // -- uploads (session_upload.cpp) --
  void on_upload(client_message& message, sync::upload_message& upload);
  void on_unpacked(sync::upload_message& upload,
                   sync::result<std::vector<sync::uploaded_entry>> entries,
                   std::shared_ptr<const void> receipt);
  void on_client_error(const sync::client_error_message& message);

  // -- downloads (session_download.cpp) --
  void begin_downloads();
  /// `shared`: of all sessions that got the same news, or null.
  void on_published(const publication& news, shared_download* shared);
  void send_publication(const publication& news, shared_download* shared);
  void ask_for_turn();
  void take_turn();
  void send_chunk(const download_chunk& chunk);
  void end_turn();
  void send_download(sync::packed_body body, sync::download_cursor progress,
                     std::uint64_t downloadable_bytes);
  void on_mark(client_message& message, std::uint64_t request);
  void answer_mark();
};

/// Why the ADMIN REALM says that a token is no longer good, as opposed to its own trouble.
bool is_end_of_access(const caf::error& reason);

session_actor::behavior_type session(session_actor::stateful_pointer<session_state> self,
                                     sync_service_context_ptr context,
                                     session_connection connection, sync::bind_message bound);

} // namespace ros::actors
