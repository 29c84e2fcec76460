// What creating, changing and removing users would write.
#include "admin_audit.hpp"
#include "admin_state.hpp"
#include "realm_path.hpp"

#include <algorithm>

namespace ros::actors {

namespace {

constexpr std::string_view anonymous = "anonymous";
constexpr std::size_t max_metadata_bytes = 64u << 10;
constexpr std::size_t max_account_bytes = 1024;

/// Whether a user may have this id: it is the first segment of the user's paths.
bool is_user_id(const std::string& id) {
  return is_valid_realm_path('/' + id) && first_segment('/' + id) == id && !id.starts_with("__");
}

/// Sets rows key by key. False: that would be too much.
[[nodiscard]] bool merge_metadata(std::vector<metadata_row>& into,
                                  const std::vector<metadata_row>& rows) {
  for (const auto& row : rows) {
    const auto old = std::ranges::find(into, row.key, &metadata_row::key);
    if (old == into.end())
      into.push_back(row);
    else
      old->value = row.value;
  }
  std::size_t bytes = 0;
  for (const auto& row : into)
    bytes += row.key.size() + row.value.size();
  return bytes <= max_metadata_bytes;
}

caf::error bad(const char* name) {
  return caf::make_error(auth_ec::bad_parameter, std::string{name});
}

bool is_account_name(const account_name& x) {
  return !x.provider.empty() && x.provider.find('\0') == std::string::npos && !x.id.empty() &&
         x.provider.size() <= max_account_bytes && x.id.size() <= max_account_bytes;
}

user_record as_record(const std::string& id, const user_table::user& x,
                      std::vector<account_name> accounts) {
  std::ranges::sort(accounts);
  return {id,         x.is_admin,        x.suspended,    x.created_ms, std::move(accounts),
          x.metadata, x.email_confirmed, x.tokens_from_s};
}

/// Ids that providers dictate come back when their users do; generated ones never.
std::string deleted_key(const std::string& id) {
  return "d:" + id;
}

bool is_generated(const std::string& id) {
  constexpr std::size_t digits = 32;
  return id.size() == digits && id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

} // namespace

/// A user to be created now. Tokens of a deleted one with this id do not come back.
user_table::user admin_state::new_user(const std::string& id, const plan_inputs& inputs) const {
  user_table::user user{.created_ms = inputs.now_ms};
  if (keys_.is_revoked(deleted_key(id)))
    user.tokens_from_s = inputs.now_ms / 1000 + 1;
  return user;
}

std::string admin_state::free_user_id(const std::string& wanted, const plan_inputs& inputs) const {
  return is_user_id(wanted) && !users_.find(wanted) ? wanted : inputs.fresh_id;
}

/// Writes a user's row, and remembers that there has been an administrator.
void admin_state::write_changed_user(admin_plan& plan, const std::string& id,
                                     const user_table::user& now) const {
  plan.rows.push_back(write_user(id, now));
  const auto* old = users_.find(id);
  if (now.is_admin && !now.suspended && !set_up_)
    plan.rows.push_back(write_row(std::string{setup_key}, {}));
  if (old && old->is_admin && !old->suspended && (!now.is_admin || now.suspended))
    plan.holds.emplace_back(all_admins);
}

admin_state::planned admin_state::plan_one(const register_user& x,
                                           const plan_inputs& inputs) const {
  const auto id = free_user_id(x.wanted_id, inputs);
  auto name = x.account;
  if (name.id.empty())
    name.id = id;
  if (!is_account_name(name))
    return bad("account");
  if (users_.find(name))
    return caf::make_error(auth_ec::account_exists);
  auto user = new_user(id, inputs);
  user.is_admin = x.is_admin;
  user.pending = x.pending;
  if (!merge_metadata(user.metadata, x.metadata))
    return bad("metadata");
  admin_plan plan;
  write_changed_user(plan, id, user);
  plan.rows.push_back(write_account(name, id, x.credential));
  if (!x.by.user_id.empty())
    plan.note = make_note(x.by, "register_user", id, {{"provider", name.provider}});
  plan.answer = as_record(id, user, {name});
  return plan;
}

admin_state::planned admin_state::plan_one(const admit_account& x,
                                           const plan_inputs& inputs) const {
  admin_plan plan;
  auto name = x.account;
  const auto* account = users_.find(name);
  std::string id;
  user_table::user user;
  std::vector<account_name> accounts;
  if (account) {
    id = account->user_id;
    plan.reads.push_back(account_key(name));
  } else if (x.join && is_user_id(x.wanted_id) && users_.find(x.wanted_id)) {
    id = x.wanted_id;
  }
  const auto* old = id.empty() ? nullptr : users_.find(id);
  if (old) {
    if (old->suspended)
      return caf::make_error(auth_ec::user_disabled);
    user = *old;
    accounts.assign(users_.accounts_of(id).begin(), users_.accounts_of(id).end());
  } else {
    id = free_user_id(x.wanted_id, inputs);
    user = new_user(id, inputs);
  }
  if (name.id.empty())
    name.id = id;
  if (!is_account_name(name))
    return bad("account");
  user.pending = false;
  // The last administrator stays one, whatever the provider says now.
  if (x.is_admin && (*x.is_admin || !users_.is_last_admin(id)))
    user.is_admin = *x.is_admin;
  if (!merge_metadata(user.metadata, x.metadata))
    return bad("metadata");
  if (!old || write_user(id, *old) != write_user(id, user))
    write_changed_user(plan, id, user);
  if (!account) {
    plan.reads.push_back(user_key(id));
    plan.rows.push_back(write_account(name, id, {}));
    accounts.push_back(name);
  }
  plan.answer = as_record(id, user, std::move(accounts));
  return plan;
}

admin_state::planned admin_state::plan_one(const activate_user& x, const plan_inputs&) const {
  const auto* old = users_.find(x.user_id);
  if (!old)
    return caf::make_error(auth_ec::unknown_user);
  admin_plan plan;
  plan.answer = true;
  if (old->pending) {
    auto user = *old;
    user.pending = false;
    write_changed_user(plan, x.user_id, user);
  }
  return plan;
}

namespace {

/// What was changed, without what it was changed to where that could be a secret.
boost::json::object describe(const put_user& x) {
  boost::json::object detail;
  if (x.account)
    detail["provider"] = x.account->provider;
  if (x.credential)
    detail["credential"] = "changed";
  if (x.is_admin)
    detail["is_admin"] = *x.is_admin;
  if (x.suspended)
    detail["suspended"] = *x.suspended;
  if (x.email_confirmed)
    detail["email_confirmed"] = *x.email_confirmed;
  if (x.metadata)
    detail["metadata"] = x.metadata->size();
  return detail;
}

} // namespace

admin_state::planned admin_state::plan_one(const put_user& x, const plan_inputs& inputs) const {
  const auto* account = x.account ? users_.find(*x.account) : nullptr;
  auto id = x.user_id.empty() && account ? account->user_id : x.user_id;
  const auto* old = id.empty() ? nullptr : users_.find(id);
  if (!old && x.must_exist)
    return caf::make_error(auth_ec::unknown_user);
  if (!id.empty() && !old && !is_user_id(id))
    return bad("user_id");
  if (id.empty())
    id = inputs.fresh_id;
  if (account && account->user_id != id)
    return caf::make_error(auth_ec::account_exists);
  auto user = old ? *old : new_user(id, inputs);
  user.is_admin = x.is_admin.value_or(user.is_admin);
  user.suspended = x.suspended.value_or(user.suspended);
  user.email_confirmed = x.email_confirmed.value_or(user.email_confirmed);
  if (x.metadata) {
    user.metadata.clear();
    if (!merge_metadata(user.metadata, *x.metadata))
      return bad("metadata");
  }
  if ((!user.is_admin || user.suspended) && users_.is_last_admin(id))
    return caf::make_error(auth_ec::last_admin);
  admin_plan plan;
  plan.reads.push_back(user_key(id));
  auto name = x.account;
  const auto& accounts = users_.accounts_of(id);
  if (!name && x.credential) { // that of the password account
    const auto found = std::ranges::find(accounts, "password", &account_name::provider);
    if (found == accounts.end())
      return bad("account");
    name = *found;
  }
  std::vector<account_name> all{accounts.begin(), accounts.end()};
  if (name) {
    if (!is_account_name(*name))
      return bad("account");
    const auto* stored = users_.find(*name);
    if (!stored)
      all.push_back(*name);
    if (!stored || (x.credential && *x.credential != stored->credential))
      plan.rows.push_back(write_account(
          *name, id, x.credential.value_or(stored ? stored->credential : std::string{})));
  }
  if (!old || write_user(id, *old) != write_user(id, user))
    write_changed_user(plan, id, user);
  if (!plan.rows.empty())
    plan.note = make_note(x.by, "put_user", id, describe(x));
  plan.answer = as_record(id, user, std::move(all));
  return plan;
}

admin_state::planned admin_state::plan_one(const link_account& x, const plan_inputs& inputs) const {
  const auto* old = users_.find(x.user_id);
  if (!old)
    return caf::make_error(auth_ec::unknown_user);
  if (!is_account_name(x.account))
    return bad("account");
  auto user = *old;
  user.pending = false;
  if (!merge_metadata(user.metadata, x.metadata))
    return bad("metadata");
  admin_plan plan;
  plan.reads.push_back(user_key(x.user_id));
  const auto* stored = users_.find(x.account);
  if (stored && stored->user_id != x.user_id) {
    const auto* owner = users_.find(stored->user_id);
    if (owner && !owner->pending)
      return caf::make_error(auth_ec::account_exists);
    if (owner) {
      // The address may have been confirmed while the account waited for its user.
      user.email_confirmed = user.email_confirmed || owner->email_confirmed;
      remove_user(plan, stored->user_id, inputs);
    }
  }
  std::vector<account_name> all{x.account};
  for (const auto& name : users_.accounts_of(x.user_id))
    if (name.provider == anonymous)
      plan.rows.push_back(remove_row(account_key(name)));
    else if (name != x.account)
      all.push_back(name);
  if (!stored || stored->user_id != x.user_id) {
    // An account made ahead keeps the credential that was set then.
    const auto credential = stored && x.credential.empty() ? stored->credential : x.credential;
    plan.rows.push_back(write_account(x.account, x.user_id, credential));
  }
  if (write_user(x.user_id, *old) != write_user(x.user_id, user))
    write_changed_user(plan, x.user_id, user);
  if (!plan.rows.empty())
    plan.note = make_note(x.by, "link_account", x.user_id, {{"provider", x.account.provider}});
  plan.answer = as_record(x.user_id, user, std::move(all));
  return plan;
}

admin_state::planned admin_state::plan_one(const set_up_admin& x, const plan_inputs& inputs) const {
  if (!needs_setup())
    return caf::make_error(ec::denied, std::string{"the server has an administrator already"});
  if (!is_account_name(x.account))
    return bad("account");
  if (users_.find(x.account))
    return caf::make_error(auth_ec::account_exists);
  admin_plan plan;
  const user_table::user user{
      .is_admin = true, .email_confirmed = true, .created_ms = inputs.now_ms};
  write_changed_user(plan, inputs.fresh_id, user);
  plan.rows.push_back(write_account(x.account, inputs.fresh_id, x.credential));
  plan.note = make_note(x.by, "set_up_admin", inputs.fresh_id);
  plan.answer = as_record(inputs.fresh_id, user, {x.account});
  return plan;
}

admin_state::planned admin_state::plan_one(const import_users& x, const plan_inputs& inputs) const {
  admin_plan plan;
  import_result result;
  std::set<std::string> ids;
  std::set<account_name> names;
  for (std::size_t i = 0; i < x.users.size(); ++i) {
    const auto& wanted = x.users[i];
    auto refuse = [&](std::string why) { result.failures.push_back({i, std::move(why)}); };
    auto user = new_user(wanted.id, inputs);
    user.is_admin = wanted.is_admin;
    user.suspended = wanted.suspended;
    user.email_confirmed = wanted.email_confirmed;
    if (wanted.created_ms != 0)
      user.created_ms = std::min(wanted.created_ms, inputs.now_ms);
    if (!is_user_id(wanted.id))
      refuse("The id is no valid path segment.");
    else if (users_.find(wanted.id) || ids.contains(wanted.id))
      refuse("There is a user with this id already.");
    else if (!std::ranges::all_of(wanted.accounts, is_account_name))
      refuse("An account lacks provider or id.");
    else if (std::ranges::any_of(wanted.accounts, [&](const account_name& name) {
               return users_.find(name) || names.contains(name);
             }))
      refuse("An account belongs to another user.");
    else if (!merge_metadata(user.metadata, wanted.metadata))
      refuse("There is too much metadata.");
    else {
      write_changed_user(plan, wanted.id, user);
      for (const auto& name : wanted.accounts)
        plan.rows.push_back(write_account(
            name, wanted.id, name.provider == "password" ? wanted.credential : std::string{}));
      ids.insert(wanted.id);
      names.insert(wanted.accounts.begin(), wanted.accounts.end());
      ++result.created;
    }
  }
  if (!plan.rows.empty())
    plan.note = make_note(x.by, "import_users", "", {{"created", result.created}});
  plan.answer = std::move(result);
  return plan;
}

admin_state::planned admin_state::plan_one(const revoke_user_tokens& x,
                                           const plan_inputs& inputs) const {
  const auto* old = users_.find(x.user_id);
  if (!old)
    return caf::make_error(auth_ec::unknown_user);
  admin_plan plan;
  auto user = *old;
  // New tokens are dated from here on, so that those of this very second are old.
  user.tokens_from_s = std::max(inputs.now_ms / 1000, user.tokens_from_s) + 1;
  write_changed_user(plan, x.user_id, user);
  plan.note = make_note(x.by, "revoke_user_tokens", x.user_id);
  plan.answer = true;
  return plan;
}

/// A user with accounts, keys, offers, permission rows, mailed tokens, and Realms.
void admin_state::remove_user(admin_plan& plan, const std::string& id,
                              const plan_inputs& inputs) const {
  constexpr std::int64_t longest_token_s = 11LL * 365 * 24 * 3600;
  plan.rows.push_back(remove_row(user_key(id)));
  if (!is_generated(id))
    plan.rows.push_back(write_row(row_key(row_kind::revocation, deleted_key(id)),
                                  {{"expires", inputs.now_ms / 1000 + longest_token_s}}));
  for (const auto& name : users_.accounts_of(id)) {
    plan.rows.push_back(remove_row(account_key(name)));
    for (const auto& hash : keys_.mails_of(name))
      plan.rows.push_back(remove_row(row_key(row_kind::mail, hash)));
  }
  for (const auto& key : keys_.keys_of(id))
    plan.rows.push_back(remove_row(row_key(row_kind::key, key.id)));
  for (const auto& offer : offers_.of_user(id))
    plan.rows.push_back(remove_row(offer_row_key(offer)));
  for (const auto& path : permissions_.paths_of(id)) {
    plan.holds.push_back(permissions_of(path));
    plan.rows.push_back(remove_row(permission_key(path, id)));
  }
  if (realms_.user_quota(id))
    plan.rows.push_back(remove_row(user_quota_key(id)));
  const auto kept =
      rules_.keep_realms_of_deleted_users ? owned_realms(id) : std::vector<const realm_record*>{};
  for (const auto& path : realms_.owned_by(id)) {
    const auto& realm = *realms_.find(path);
    if (std::ranges::find(kept, &realm) == kept.end()) {
      remove_realm(plan, realm);
      continue;
    }
    auto orphan = realm;
    orphan.owner.clear();
    plan.holds.push_back(permissions_of(path));
    plan.rows.push_back(write_realm(orphan));
  }
}

admin_state::planned admin_state::plan_one(const delete_user& x, const plan_inputs& inputs) const {
  admin_plan plan;
  plan.answer = users_.find(x.user_id) != nullptr;
  if (!users_.find(x.user_id))
    return plan;
  if (users_.is_last_admin(x.user_id))
    return caf::make_error(auth_ec::last_admin);
  if (users_.find(x.user_id)->is_admin)
    plan.holds.emplace_back(all_admins);
  remove_user(plan, x.user_id, inputs);
  plan.note = make_note(x.by, "delete_user", x.user_id);
  return plan;
}

} // namespace ros::actors
