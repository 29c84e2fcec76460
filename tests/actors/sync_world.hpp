// What tests of connections and sessions stand on: a model Realm that appends
// what is uploaded, permission and token mocks, and clients whose frames go
// straight to a CONNECTION; all under virtual time.
#pragma once

#include "fake_socket.hpp"

#include "actors/connection.hpp"
#include "actors/sync_service_context.hpp"
#include "support/actor_world.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ros::test {

/// A Realm as sessions see it. Merges nothing: an upload becomes one entry per
/// changeset. The test may hold uploads back, or look at what arrived.
struct model_realm {
  struct file {
    sync::salt_type salt = 0;
    sync::upload_cursor progress;
    sync::upload_cursor reported;
    sync::version_type locked = 0;
  };
  struct binding {
    actors::session_actor session;
    std::uint64_t connection = 0;
  };

  std::vector<actors::outgoing_entry> history;
  std::map<sync::file_ident, file> files;
  std::map<sync::file_ident, binding> bound;
  std::vector<actors::integrate_upload> waiting; ///< not integrated yet
  std::vector<actors::attach_session> attaches;  ///< everything that was asked
  std::vector<sync::pending_changeset> uploaded; ///< everything that was integrated
  int reads = 0;
  bool holds_uploads = false;
  bool holds_reads = false;
  std::uint32_t feature_level = 0;
  std::optional<actors::session_failure> refuses_attach;
  std::optional<actors::session_failure> refuses_upload;
  caf::typed_response_promise<actors::download_chunk> held_read;
  std::optional<caf::expected<actors::download_chunk>> read_answer; ///< for the held one
  actors::realm_actor actor;

  [[nodiscard]] sync::salted_version head() const {
    return {history.size(), history.empty() ? 0 : 77};
  }
};

class sync_world : public actor_world {
public:
  sync_world();
  ~sync_world();
  sync_world(const sync_world&) = delete;
  sync_world& operator=(const sync_world&) = delete;

  /// The Realm at this canonical path, started if need be.
  model_realm& realm(const std::string& path = "/dogs");
  /// Answers everybody who watches the access of this user.
  void end_access(const std::string& user, caf::error reason);
  /// From now on everybody may do this with the Realm, and who watches is told.
  void change_rights(const std::string& path, actors::rights now);
  /// Tells who watches that there is no such Realm any more.
  void delete_realm(const std::string& path);
  /// Fails all watches as an ADMIN REALM does that cannot read its rows.
  void lose_watches();
  /// Integrates what a Realm holds back.
  void integrate(model_realm& x);
  /// Answers the read that a Realm holds back.
  void answer_read(model_realm& x, caf::expected<actors::download_chunk> answer);
  /// The server itself appends a changeset.
  void append(model_realm& x, std::string data);
  /// Ends a Realm's actor; the next one who asks gets a fresh one.
  void kill(model_realm& x);
  /// Names of all actors of the DIRECTORY.
  std::vector<std::string> names();

  std::shared_ptr<actors::sync_service_context> context;
  std::map<std::string, actors::rights> access; ///< by path; others: write
  bool admin_is_unavailable = false;
  std::int64_t token_expires_s = 0; ///< of the tokens that BIND and REFRESH bring; 0: never
  actors::rights token_grants = actors::all_rights; ///< as they say themselves
  manual_clock clock;
  std::vector<std::string> asked_paths;                                  ///< of ensure_realm
  std::multimap<std::string, caf::typed_response_promise<bool>> watches; ///< of access, by user
  struct rights_watch {
    actors::watch_realm what;
    caf::typed_response_promise<actors::rights> promise;
  };
  std::vector<rights_watch> rights_watches; ///< open ones
  caf::error end_of_access;                 ///< what end_access() tells watchers
  std::vector<std::string> asked_tokens;    ///< of authenticate_upgrade
  std::uint64_t next_connection = 1;
  actors::upload_unpacker_actor unpacker; ///< of clients that come from now on; null: none

private:
  std::map<std::string, std::unique_ptr<model_realm>> realms_;
  seeded_random random_;
};

/// A raw client on its own connection.
class sync_client {
public:
  /// `user` empty: the upgrade brought no token.
  explicit sync_client(sync_world& world, int version = 14, const std::string& user = "u1");
  ~sync_client();
  sync_client(const sync_client&) = delete;
  sync_client& operator=(const sync_client&) = delete;

  /// Sends one message and lets everybody work.
  void send(const std::string& message);
  /// Sends several before anybody works.
  void send_all(const std::vector<std::string>& messages);
  /// What the server sent since, without log messages, as raw text with bodies of errors cut off.
  std::vector<std::string> heads();
  std::vector<test::server_message> take();
  /// The only message sent since.
  test::server_message only();
  /// The socket is gone.
  void drop();

  /// BIND with a fresh ident, IDENT, first download: a session that synchronises.
  sync::salted_file_ident start(std::uint64_t session = 1, const std::string& path = "/dogs");

  std::shared_ptr<fake_socket> socket;
  actors::connection_actor connection;

private:
  sync_world& world_;
};

std::string bind(std::uint64_t session, const std::string& path, bool need_ident,
                 const std::string& token = {});
std::string ident(std::uint64_t session, sync::salted_file_ident file,
                  sync::download_cursor download = {}, sync::salted_version latest = {});
/// `entries`: client version, base, changeset.
struct upload_entry {
  std::uint64_t client_version = 0;
  std::uint64_t base = 0;
  std::string data;
  std::uint64_t origin = 0;
};
std::string upload(std::uint64_t session, sync::upload_cursor progress, std::uint64_t locked,
                   const std::vector<upload_entry>& entries = {});

} // namespace ros::test
