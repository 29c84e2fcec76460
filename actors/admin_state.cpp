#include "admin_state.hpp"

#include "realm_path.hpp"
#include "system_realms.hpp"

#include <algorithm>

namespace ros::actors {

bool admin_state::apply(const admin_row& row) {
  if (row.key.size() < 2 || row.key[1] != '/')
    return false;
  const auto name = std::string_view{row.key}.substr(2);
  switch (static_cast<row_kind>(row.key[0])) {
  case row_kind::account:
    return users_.apply_account(name, row);
  case row_kind::user:
    return users_.apply_user(name, row);
  case row_kind::key:
    return keys_.apply_key(name, row);
  case row_kind::mail:
    return keys_.apply_mail(name, row);
  case row_kind::revocation:
    return keys_.apply_revocation(name, row);
  case row_kind::offer:
    return offers_.apply(name, row);
  case row_kind::realm:
    return realms_.apply_realm(name, row);
  case row_kind::deletion:
    return realms_.apply_deletion(name, row);
  case row_kind::quota:
    return realms_.apply_quota(name, row);
  case row_kind::audit: // only their number is kept, see below
    return true;
  case row_kind::permission: {
    const auto parts = split_name(name);
    if (!parts)
      return false;
    if (!row.value) {
      permissions_.erase(parts->second, parts->first);
      return true;
    }
    const auto value = parse_permission(*row.value);
    if (value)
      permissions_.set(parts->second, parts->first, {value->first, value->second});
    return value.has_value();
  }
  case row_kind::counter: {
    if (row.key == setup_key) {
      set_up_ = set_up_ || row.value;
      return row.value.has_value();
    }
    if ((row.key != realm_counter_key && row.key != audit_counter_key) || !row.value)
      return false;
    row_reader reader{*row.value};
    const auto next = static_cast<std::uint64_t>(std::max<std::int64_t>(reader.number("next"), 0));
    if (!reader.ok())
      return false;
    if (row.key == realm_counter_key)
      realms_.apply_counter(next);
    else
      next_audit_ = std::max(next_audit_, next);
    return true;
  }
  }
  return false;
}

caf::expected<admin_plan> admin_state::plan(const admin_command& command,
                                            const plan_inputs& inputs) const {
  return std::visit([&](const auto& x) { return plan_one(x, inputs); }, command);
}

// -- users, accounts, keys ----------------------------------------------------------

std::optional<user_record> admin_state::user(const std::string& id) const {
  const auto* found = users_.find(id);
  return found ? std::optional{users_.record(id, *found)} : std::nullopt;
}

account_record admin_state::account(const account_name& name) const {
  const auto* found = users_.find(name);
  const auto* user = found ? users_.find(found->user_id) : nullptr;
  if (!user)
    return {};
  return {found->user_id, found->credential, user->suspended,    user->email_confirmed,
          user->pending,  user->is_admin,    user->tokens_from_s};
}

caf::expected<user_record> admin_state::find(const find_user& x) const {
  const auto* account = users_.find(x.account);
  auto found = account ? user(account->user_id) : std::nullopt;
  if (!found)
    return caf::make_error(auth_ec::unknown_account);
  return std::move(*found);
}

caf::expected<caller> admin_state::check(const check_token& token) const {
  if (keys_.is_revoked(token.token_key))
    return caf::make_error(auth_ec::revoked_token);
  if (token.user_id == admin_user_id)
    return caller{token.user_id, true};
  const auto* user = users_.find(token.user_id);
  if (!user)
    return caf::make_error(auth_ec::unknown_user);
  if (user->suspended)
    return caf::make_error(auth_ec::user_disabled);
  if (token.token_key.empty()) // it is about the user alone
    return caller{token.user_id, user->is_admin};
  if (token.issued_s < user->tokens_from_s)
    return caf::make_error(auth_ec::revoked_token);
  return caller{token.user_id, user->is_admin};
}

caf::expected<api_key_record> admin_state::key(const read_api_key& x) const {
  const auto* found = keys_.find_key(x.id);
  if (!found || found->key.user_id != x.user_id)
    return caf::make_error(auth_ec::unknown_key);
  return found->key;
}

caf::expected<api_key_record> admin_state::key(const find_api_key& x) const {
  const auto* found = keys_.find_key_by_hash(x.hash);
  if (!found)
    return caf::make_error(auth_ec::unknown_key);
  return found->key;
}

std::string admin_state::account_owner(std::string_view row_name) const {
  const auto parts = split_name(row_name);
  if (!parts)
    return {};
  const auto* found =
      users_.find(account_name{std::string{parts->first}, std::string{parts->second}});
  return found ? found->user_id : std::string{};
}

// -- rights -------------------------------------------------------------------------

bool admin_state::is_admin(const caller& who) const {
  // Only the built-in administrator is believed without a row (http-api.md 3.3).
  if (who.user_id == admin_user_id)
    return who.is_admin;
  const auto* user = users_.find(who.user_id);
  return user && user->is_admin && !user->suspended;
}

std::optional<rights> admin_state::own_row(const std::string& user, const std::string& path) const {
  if (const auto* row = permissions_.find(user, path))
    return row->allowed;
  if (realms_.is_early(path) && realms_.find(path)->owner == user)
    return all_rights;
  return std::nullopt;
}

rights admin_state::default_row(const std::string& path) const {
  const auto* row = permissions_.find({}, path);
  return row ? row->allowed : no_rights;
}

rights admin_state::by_rows(const std::string& user, const std::string& path) const {
  const auto own = own_row(user, path);
  const auto* everybody = permissions_.find({}, path);
  if (own && (!rules_.additive || !everybody))
    return *own;
  if (own)
    return *own | everybody->allowed;
  if (everybody)
    return everybody->allowed;
  const auto root = first_segment(path);
  if (root == "__partition") {
    const auto rest = std::string_view{path}.substr(root.size() + 2);
    if (rest == partition_segment(user) || rest == partition_segment("user=" + user))
      return all_rights;
    return rules_.partition_default;
  }
  // A home's Realms that are not there yet are their user's to create.
  return root == user && root.size() + 1 < path.size() && !realms_.find(path) ? all_rights
                                                                              : no_rights;
}

rights admin_state::allowed(const caller& who, const std::string& path) const {
  const auto kind = system_realm_at(path);
  if (is_admin(who))
    return admin_rights_on(kind);
  const auto* user = users_.find(who.user_id);
  if (!user || user->suspended)
    return no_rights;
  if (kind != system_realm::none)
    return user_rights_on(kind, first_segment(path) == who.user_id);
  return by_rows(who.user_id, path);
}

} // namespace ros::actors
