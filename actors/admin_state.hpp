// The ADMIN REALM's content as a pure state machine: users, accounts, keys, the Realm
// directory, permissions and offers. No I/O, no actor, no clock. It lives in memory as a
// mirror of the rows of column family `admin`; a change is first planned (which rows would
// it write?), and applied once those rows are durable.
#pragma once

#include "admin_plan.hpp"
#include "auth_errors.hpp"
#include "errors.hpp"
#include "key_table.hpp"
#include "offer_table.hpp"
#include "permission_table.hpp"
#include "realm_table.hpp"
#include "user_table.hpp"

#include <caf/expected.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ros::actors {

/// What the operator decided once for all.
struct admin_rules {
  /// Rights of every known user on partition Realms without a row that applies
  /// (http-api.md 9.10); never manage.
  rights partition_default;
  bool additive = false; ///< auth.permissions.mode (access-control.md 3)
  bool keep_realms_of_deleted_users = false;
  quota user_quota{};  ///< of users without one of their own
  quota realm_quota{}; ///< of Realms without one of their own
};

class admin_state {
public:
  explicit admin_state(admin_rules rules) : rules_(rules) {
    rules_.partition_default.manage = false;
  }
  explicit admin_state(rights partition_default)
      : admin_state(admin_rules{.partition_default = partition_default}) {}

  /// Takes over one stored row, or its removal. False: the row makes no sense, and
  /// nothing has changed.
  [[nodiscard]] bool apply(const admin_row& row);

  /// Decides on a command without carrying it out.
  [[nodiscard]] caf::expected<admin_plan> plan(const admin_command& command,
                                               const plan_inputs& inputs) const;

  /// Removals of up to `limit` rows whose time is over: revocations, mailed tokens. They
  /// depend on nothing and may go into any entry.
  [[nodiscard]] std::vector<admin_row> outdated(std::int64_t now_ms, std::size_t limit) const {
    return keys_.outdated(now_ms, limit);
  }

  // -- users, accounts, keys (admin_state.cpp)

  [[nodiscard]] std::optional<user_record> user(const std::string& id) const;
  [[nodiscard]] account_record account(const account_name& name) const;
  [[nodiscard]] caf::expected<user_record> find(const find_user& x) const;
  [[nodiscard]] caf::expected<caller> check(const check_token& token) const;
  [[nodiscard]] caf::expected<api_key_record> key(const read_api_key& x) const;
  [[nodiscard]] caf::expected<api_key_record> key(const find_api_key& x) const;
  [[nodiscard]] api_key_list keys(const list_api_keys& x) const {
    return {keys_.keys_of(x.user_id)};
  }
  [[nodiscard]] bool needs_setup() const { return !set_up_ && users_.admins() == 0; }

  // -- rights (admin_state.cpp)

  [[nodiscard]] const realm_record* realm(const std::string& path) const {
    return realms_.find(path);
  }
  /// access-control.md 3. The path need not exist: then it is about creating it.
  [[nodiscard]] rights allowed(const caller& who, const std::string& path) const;

  // -- lists (admin_state_lists.cpp)

  [[nodiscard]] admin_totals totals() const;
  [[nodiscard]] user_page page(const list_users& x) const;
  [[nodiscard]] realm_page page(const list_realms& x) const;
  [[nodiscard]] permission_list list(const list_permissions& x) const;
  [[nodiscard]] caf::expected<permission_list> list(const list_realm_permissions& x) const;
  [[nodiscard]] offer_list list(const list_offers& x) const { return {offers_.of_user(x.offerer)}; }
  [[nodiscard]] quota_limits limits(const read_quota& x) const;
  /// Rows for mirrors; `sequence` of the answer is left to the caller.
  [[nodiscard]] admin_rows rows(const read_admin_rows& x) const;
  [[nodiscard]] admin_rows rows(const scan_admin_rows& x) const;

  /// Realms whose data is to be removed: id to path.
  [[nodiscard]] const std::map<std::uint64_t, std::string>& deletions() const noexcept {
    return realms_.deletions();
  }
  /// Greater than every Realm id ever given out by an applied row.
  [[nodiscard]] std::uint64_t next_realm_id() const noexcept { return realms_.next_id(); }
  /// Of the next audit row.
  [[nodiscard]] std::uint64_t next_audit() const noexcept { return next_audit_; }
  /// The user of an account's row, to tell mirrors whose row changed; empty if unknown.
  [[nodiscard]] std::string account_owner(std::string_view row_name) const;

private:
  using planned = caf::expected<admin_plan>;
  class permission_change; // rows of one Realm while a plan is made

  // admin_plan_users.cpp
  [[nodiscard]] planned plan_one(const register_user& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const admit_account& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const activate_user& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const put_user& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const link_account& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const set_up_admin& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const import_users& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const revoke_user_tokens& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const delete_user& x, const plan_inputs& inputs) const;
  void remove_user(admin_plan& plan, const std::string& id, const plan_inputs& inputs) const;
  [[nodiscard]] user_table::user new_user(const std::string& id, const plan_inputs& inputs) const;
  [[nodiscard]] std::string free_user_id(const std::string& wanted,
                                         const plan_inputs& inputs) const;
  void write_changed_user(admin_plan& plan, const std::string& id,
                          const user_table::user& now) const;

  // admin_plan_keys.cpp
  [[nodiscard]] planned plan_one(const set_credential& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const revoke_token_key& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const create_api_key& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const enable_api_key& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const delete_api_key& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const create_mail_token& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const consume_mail_token& x, const plan_inputs& inputs) const;

  // admin_plan_permissions.cpp
  [[nodiscard]] planned plan_one(const change_permission& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const put_realm_permissions& x, const plan_inputs& inputs) const;
  [[nodiscard]] caf::expected<std::vector<std::string>> recipients(const recipient& x) const;
  /// What is asked of every change of a Realm's permissions; none: it may be done.
  [[nodiscard]] caf::error may_share(const caller& who, const std::string& path) const;

  // admin_plan_offers.cpp
  [[nodiscard]] planned plan_one(const make_offer& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const accept_offer& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const withdraw_offer& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const set_offer_expiry& x, const plan_inputs& inputs) const;
  [[nodiscard]] caf::expected<const offer_record*> the_offer(const std::string& token) const;

  // admin_plan_realms.cpp
  [[nodiscard]] planned plan_one(const ensure_realm& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const create_realm& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const set_realm_owner& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const delete_realm& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const realm_data_removed& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const set_user_quota& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const set_realm_quota& x, const plan_inputs& inputs) const;
  [[nodiscard]] planned plan_one(const note_audit& x, const plan_inputs& inputs) const;
  [[nodiscard]] caf::error create_rows(admin_plan& plan, const realm_record& realm) const;
  void remove_realm(admin_plan& plan, const realm_record& realm) const;
  [[nodiscard]] std::string owner_by_path(const std::string& path) const;

  /// The flags that rows and defaults give to a user on an ordinary Realm.
  [[nodiscard]] rights by_rows(const std::string& user, const std::string& path) const;
  /// The user's own row; the owner of an early Realm has one that is not stored.
  [[nodiscard]] std::optional<rights> own_row(const std::string& user,
                                              const std::string& path) const;
  [[nodiscard]] rights default_row(const std::string& path) const;
  [[nodiscard]] bool is_admin(const caller& who) const;
  /// Realms of the user that are no system Realms.
  [[nodiscard]] std::vector<const realm_record*> owned_realms(const std::string& user) const;
  [[nodiscard]] quota user_quota(const std::string& user) const;

  admin_rules rules_;
  user_table users_;
  key_table keys_;
  realm_table realms_;
  permission_table permissions_;
  offer_table offers_;
  bool set_up_ = false; ///< there has been an administrator
  std::uint64_t next_audit_ = 1;
};

} // namespace ros::actors
