// What can be asked of the ADMIN REALM that changes it, and what such a change would
// write. Part of admin_state.
#pragma once

#include "admin_state_rows.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ros::actors {

/// From the ADMIN REALM to itself: the data of a deleted Realm has been removed.
struct realm_data_removed {
  std::uint64_t realm_id = 0;
};

using admin_command =
    std::variant<register_user, admit_account, activate_user, set_credential, put_user,
                 link_account, set_up_admin, import_users, revoke_user_tokens, delete_user,
                 revoke_token_key, create_api_key, enable_api_key, delete_api_key,
                 create_mail_token, consume_mail_token, change_permission, put_realm_permissions,
                 make_offer, accept_offer, withdraw_offer, set_offer_expiry, ensure_realm,
                 create_realm, set_realm_owner, delete_realm, realm_data_removed, set_user_quota,
                 set_realm_quota, note_audit>;

using admin_answer =
    std::variant<bool, user_record, import_result, api_key_record, permission_changed,
                 permission_list, offer_record, offer_accepted, realm_grant, realm_record>;

/// What goes into the audit log; number and time are added when it is written.
struct audit_note {
  initiator by;
  std::string action;
  std::string target{};
  std::string detail{}; ///< JSON object without secrets, or empty
};

/// What a command would do. Without rows and note the answer holds already.
///
/// Plans made on the same state go into one entry only if the outcome is as if they had
/// been made one after the other: nothing that one writes or holds may be written, held or
/// read by another one.
struct admin_plan {
  admin_answer answer;
  std::vector<admin_row> rows{};
  /// Keys whose rows the decision rests upon, besides those written.
  std::vector<std::string> reads{};
  /// Names of more than one row (all permissions of a Realm, all administrators) on which
  /// the decision rests and which it changes.
  std::vector<std::string> holds{};
  std::optional<audit_note> note{};
  bool takes_realm_id = false; ///< plan_inputs::realm_id is used up

  [[nodiscard]] bool is_nothing() const noexcept { return rows.empty() && !note; }
};

/// What is not in the state but goes into a plan.
struct plan_inputs {
  std::int64_t now_ms = 0;    ///< Unix milliseconds
  std::string fresh_id;       ///< 32 random hexadecimal digits; no user has this id
  std::uint64_t realm_id = 0; ///< for a Realm to be created; at least next_realm_id()
};

/// What all permission rows of a Realm are held by.
inline std::string permissions_of(std::string_view path) {
  return row_key(row_kind::permission, path);
}
/// What the number of administrators is held by.
inline constexpr std::string_view all_admins = "u";

inline std::string user_key(std::string_view id) {
  return row_key(row_kind::user, id);
}
inline std::string permission_key(std::string_view path, std::string_view user) {
  return row_key(row_kind::permission, path, user);
}

} // namespace ros::actors
