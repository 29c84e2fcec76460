// Messages of the wire protocols `com.mongodb.realm-sync` 1 .. 14 and `io.realm.sync`
// (sync-protocol.md 2, 3 and 8): what clients send, parsed, and what the server sends,
// as bytes. Pure functions over immutable blocks, owned by nobody; download_message.hpp
// builds downloads, error_message.hpp errors.
#pragma once

#include "bytes.hpp"
#include "errors.hpp"
#include "history.hpp"
#include "protocol.hpp"
#include "types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ros::sync {

/// Chosen by the client, unique among the live sessions of a connection; 0 is none.
using session_ident = std::uint64_t;

// -- what a client sends ---------------------------------------------------------

/// 3.2
struct bind_message {
  session_ident session = 0;
  std::string path;  ///< 1 .. 1024 bytes of any value
  std::string token; ///< empty from core 11.10 on
  bool need_ident = false;
  bool is_subserver = false;
};

/// 3.4
struct ident_message {
  session_ident session = 0;
  salted_file_ident file;
  download_cursor download;
  salted_version latest;
};

/// How much of an UPLOAD's cursors the client sends itself (8.2); complete_upload()
/// fills in the rest.
enum class progress_form : std::uint8_t {
  whole,          ///< all of them
  server_version, ///< io.realm.sync 26 .. 28: no client version, no locked version
  none,           ///< io.realm.sync up to 22
};

/// 3.5. The body is as it came; unpack() takes it apart.
struct upload_message {
  session_ident session = 0;
  bool is_compressed = false;
  std::uint64_t uncompressed_size = 0;
  bytes body;
  upload_cursor progress;
  version_type locked_version = 0;
  progress_form form = progress_form::whole;
  bool has_origins = true; ///< entries name the file they come from
};

/// One changeset of an upload, as announced by its entry's header.
struct uploaded_entry {
  pending_changeset change;
  file_ident origin = 0; ///< 0: the sending file
};

/// 3.7
struct mark_message {
  session_ident session = 0;
  std::uint64_t request = 0;
};

/// 3.8
struct unbind_message {
  session_ident session = 0;
};

/// 3.9
struct ping_message {
  std::uint64_t timestamp = 0;
  std::uint64_t rtt = 0;
};

/// 3.15
struct refresh_message {
  session_ident session = 0;
  std::string token;
};

/// 3.12: the client could not integrate a download.
struct client_error_message {
  session_ident session = 0;
  int code = 0;
  bytes text; ///< JSON, for the log only
};

/// 3.16
struct client_version_request {
  session_ident session = 0;
  salted_file_ident file;
};

/// 3.16; what it asks for in detail does not matter, since the answer is always empty.
struct state_request {
  session_ident session = 0;
};

/// 3.17: a serialised transaction, which nobody supports.
struct transact_message {
  session_ident session = 0;
};

using client_message =
    std::variant<ping_message, bind_message, ident_message, upload_message, mark_message,
                 unbind_message, refresh_message, client_error_message, client_version_request,
                 state_request, transact_message>;

/// The session a message is for; 0 for ping.
[[nodiscard]] session_ident session_of(const client_message& message);

/// The name of a message's kind as on the wire.
[[nodiscard]] std::string_view name_of(const client_message& message);

/// Parses one WebSocket message from a client that speaks `spoken`. Bodies are slices of
/// `frame`. Errors are ec::bad_message with protocol_code 102 (unknown name), 103
/// (syntax, sizes; head above 256, path above 1024, token above 16384 bytes) or 105 (a
/// handshake older than io.realm.sync 15).
result<client_message> parse_client_message(const bytes& frame, protocol spoken);

/// The WebSocket ping that io.realm.sync clients send as heartbeat: "<timestamp> <rtt>\n" (8.4).
std::optional<ping_message> parse_heartbeat(std::string_view payload);

/// The entries of an upload, their changesets sharing the body's block or that of
/// the inflated body. Errors are ec::bad_message with protocol_code 110 (does not
/// inflate to the announced size), 111 (entry header), 112 (changeset size) or 104
/// (uncompressed body above `max_size` bytes; found before anything is
/// allocated).
result<std::vector<uploaded_entry>> unpack(const upload_message& upload, std::uint64_t max_size);

// -- what the server sends -------------------------------------------------------

/// 3.3; `alloc` where the client calls it so (8.2).
std::string make_ident(session_ident session, salted_file_ident file, protocol spoken = {});
/// 3.7
std::string make_mark(session_ident session, std::uint64_t request);
/// 3.8
std::string make_unbound(session_ident session);
/// 3.9
std::string make_pong(std::uint64_t timestamp);
/// Payload of the WebSocket pong that answers a heartbeat (8.4).
std::string make_heartbeat_answer(std::uint64_t timestamp);
/// 3.13: only for versions >= 10. `session` 0: the connection. `level` is one of
/// fatal error warn info detail debug trace; an empty `correlation` is left out.
std::string make_log_message(session_ident session, std::string_view level, std::string_view text,
                             std::string_view correlation = {});
/// 3.16
std::string make_client_version(session_ident session, version_type client_version);
/// 3.16: "no state to transfer, use downloads".
std::string make_empty_state(session_ident session);
/// 3.17: "not supported".
std::string make_transact_refusal(session_ident session);

/// `text` as a JSON string with its quotes; if it is not UTF-8, bytes above 127 become '?'.
std::string quote_json(std::string_view text);

} // namespace ros::sync
