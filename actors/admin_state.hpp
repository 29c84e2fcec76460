// The ADMIN REALM's content as a pure state machine: users, accounts, revoked
// tokens and the Realm directory. No I/O, no actor, no clock. It lives in memory
// as a mirror of the rows of column family `admin`; a change is first planned
// (which rows would it write?), and applied once those rows are durable.
#pragma once

#include "auth_errors.hpp"
#include "auth_messages.hpp"
#include "errors.hpp"

#include <caf/expected.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace ros::actors {

/// A row to write, or to remove where there is no value.
struct admin_row {
  std::string key;
  std::optional<std::string> value;
  friend bool operator==(const admin_row&, const admin_row&) = default;
};

using admin_command =
    std::variant<register_user, set_credential, delete_user, revoke_token_key, ensure_realm>;
using admin_answer = std::variant<bool, user_record, realm_grant>;

/// What a command would do. Without rows the answer holds already.
struct admin_plan {
  admin_answer answer;
  std::vector<admin_row> rows;
  /// Keys whose rows the decision rests upon, besides those written.
  std::vector<std::string> reads;
};

/// What is not in the state but goes into a plan.
struct plan_inputs {
  std::int64_t now_ms = 0;    ///< Unix milliseconds
  std::string user_id;        ///< for a user to be created; nobody has it yet
  std::uint64_t realm_id = 0; ///< for a Realm to be created; at least next_realm_id()
};

class admin_state {
public:
  /// `partition_default`: rights of every known user on partition Realms without
  /// a rule of their own (http-api.md 9.10); never manage.
  explicit admin_state(rights partition_default) : partition_default_(partition_default) {}

  /// Takes over one stored row, or its removal. False: the row makes no sense, and
  /// nothing has changed.
  [[nodiscard]] bool apply(const admin_row& row);

  /// Decides on a command without carrying it out.
  [[nodiscard]] caf::expected<admin_plan> plan(const admin_command& command,
                                               const plan_inputs& inputs) const;

  /// Removals of up to `limit` revocations whose tokens ran out by themselves. They
  /// depend on nothing and may go into any entry.
  [[nodiscard]] std::vector<admin_row> outdated_revocations(std::int64_t now_ms,
                                                            std::size_t limit) const;

  [[nodiscard]] std::optional<user_record> user(const std::string& id) const;
  [[nodiscard]] account_record account(const account_name& name) const;
  [[nodiscard]] const realm_record* realm(const std::string& path) const;
  [[nodiscard]] caf::expected<caller> check(const check_token& token) const;

  /// access-control.md 3, as far as there are rules without permission rows: the
  /// owner of a home, and partition Realms.
  [[nodiscard]] rights allowed(const caller& who, const std::string& path) const;

  /// Greater than every Realm id ever given out by an applied row.
  [[nodiscard]] std::uint64_t next_realm_id() const noexcept { return next_realm_id_; }

private:
  struct user_row {
    bool is_admin = false;
    bool suspended = false;
    std::int64_t created_ms = 0;
  };
  struct account_row {
    std::string user_id;
    std::string credential;
  };

  [[nodiscard]] bool apply_user(const std::string& id, const admin_row& row);
  [[nodiscard]] bool apply_account(const std::string& name, const admin_row& row);
  [[nodiscard]] bool apply_realm(const std::string& path, const admin_row& row);
  [[nodiscard]] bool apply_revocation(const std::string& token_key, const admin_row& row);

  using planned = caf::expected<admin_plan>;
  [[nodiscard]] planned plan_one(const register_user& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const set_credential& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const delete_user& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const revoke_token_key& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const ensure_realm& x, const plan_inputs& inputs) const;

  rights partition_default_;
  std::unordered_map<std::string, user_row> users_;
  std::map<account_name, account_row> accounts_;
  std::unordered_map<std::string, std::set<account_name>> accounts_of_;
  std::unordered_map<std::string, realm_record> realms_;
  std::unordered_map<std::string, std::int64_t> revoked_; ///< token key -> Unix seconds
  std::set<std::pair<std::int64_t, std::string>> revoked_by_expiry_;
  std::uint64_t next_realm_id_ = 1;
};

} // namespace ros::actors
