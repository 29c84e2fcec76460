// What a client is told when something goes wrong: which code, in which form, with
// which action (sync-protocol.md 3.10, 3.11, 4.5, 4.6, 8; http-api.md 8.6). Sending a
// client the wrong thing terminates its app, so nobody else writes errors.
#pragma once

#include "message.hpp"
#include "protocol.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace ros::sync {

/// What the client's SDK is to do (4.6).
enum class error_action : std::uint8_t {
  protocol_violation,
  application_bug,
  transient,
  client_reset,
  client_reset_no_recovery,
};
[[nodiscard]] std::string_view to_string(error_action action);

struct error_reply {
  int code = 0; ///< 1xx end the connection, 2xx one session
  std::string message;
  error_action action = error_action::protocol_violation;
  bool try_again = false;
  unsigned first_delay_s = 0; ///< before the client tries again; 0: as it likes (1 s)
};

/// 202, 203 and 220: never sent to clients of com.mongodb.realm-sync; the connection is
/// closed so that the client gets itself a new token (4.5).
[[nodiscard]] bool is_authentication_error(int code, protocol spoken = {});

/// Temporary trouble of one session that the client is not told: io.realm.sync has no word
/// for it, so the connection is dropped and the client comes back (http-api.md 8.6).
[[nodiscard]] bool drops_connection(const error_reply& reply, protocol spoken);

/// What to send for an error of table 4.5. Codes that would abort an app, or that
/// are new to clients of this version, become others; codes that are no errors of
/// ours become 101 or 201.
error_reply describe_error(int code, std::string message, protocol spoken);

/// A session's version is below the Realm's feature level (chapter 3): final, but the
/// client's file stays.
error_reply describe_feature_refusal(std::uint32_t feature_level, protocol spoken);

/// The message in the form that clients of this version read. `session` must be 0
/// for codes 1xx and only for those (io.realm.sync's 113 names one).
std::string make_error(session_ident session, const error_reply& reply, protocol spoken);

} // namespace ros::sync
