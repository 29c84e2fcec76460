// What changes of permissions would write (access-control.md 3, 6.3).
#include "admin_audit.hpp"
#include "admin_permission_change.hpp"
#include "system_realms.hpp"

#include <algorithm>

namespace ros::actors {

namespace {

/// Users that one change may name by a metadata row.
constexpr std::size_t max_recipients = 10'000;

/// What a changed row is to be: flags that are none are those of `start`.
rights merged(const change_permission& x, rights start) {
  return {x.read.value_or(start.read), x.write.value_or(start.write),
          x.manage.value_or(start.manage)};
}

boost::json::object describe(const change_permission& x) {
  boost::json::object detail;
  if (x.whom.metadata_key.empty())
    detail["user"] = x.whom.user_id;
  else
    detail["metadata"] = {x.whom.metadata_key, x.whom.metadata_value};
  auto flag = [&](const char* name, const caf::optional<bool>& value) {
    if (value)
      detail[name] = *value;
  };
  flag("read", x.read);
  flag("write", x.write);
  flag("manage", x.manage);
  return detail;
}

} // namespace

caf::error admin_state::may_share(const caller& who, const std::string& path) const {
  if (system_realm_at(path) != system_realm::none)
    return caf::make_error(auth_ec::not_shareable);
  if (!realms_.find(path))
    return caf::make_error(auth_ec::realm_not_found);
  if (!allowed(who, path).manage)
    return caf::make_error(ec::denied, std::string{"no permission to manage this Realm"});
  return {};
}

caf::expected<std::vector<std::string>> admin_state::recipients(const recipient& x) const {
  std::vector<std::string> result;
  if (!x.metadata_key.empty()) {
    result = users_.with_metadata({x.metadata_key, x.metadata_value}, max_recipients);
    if (x.metadata_key == "email")
      if (const auto* account = users_.find(account_name{"password", x.metadata_value}))
        if (std::ranges::find(result, account->user_id) == result.end())
          result.push_back(account->user_id);
  } else if (x.user_id == "*") {
    result.emplace_back();
  } else if (users_.find(x.user_id)) {
    result.push_back(x.user_id);
  }
  if (result.empty())
    return caf::make_error(auth_ec::no_recipient);
  return result;
}

admin_state::planned admin_state::plan_one(const change_permission& x,
                                           const plan_inputs& inputs) const {
  std::vector<const realm_record*> targets;
  if (x.path == "*") {
    targets = owned_realms(x.requester.user_id);
    std::erase_if(targets,
                  [&](const auto* realm) { return !allowed(x.requester, realm->path).manage; });
  } else if (auto refused = may_share(x.requester, x.path)) {
    return refused;
  } else {
    targets.push_back(realms_.find(x.path));
  }
  const auto whom = recipients(x.whom);
  if (!whom)
    return whom.error();
  admin_plan plan;
  plan.reads.push_back(user_key(x.requester.user_id));
  for (const auto& user : *whom)
    if (!user.empty())
      plan.reads.push_back(user_key(user));
  for (const auto* realm : targets) {
    permission_change change{*this, plan, *realm, inputs.now_ms};
    for (const auto& user : *whom) {
      const auto before = change.row(user);
      // A new row starts from what the default row gives.
      const auto start = before || user.empty() ? before : change.row({});
      change.set(user, merged(x, start.value_or(no_rights)));
    }
    if (change.took_manage() && !realm->owner.empty() && !is_admin(x.requester) &&
        !change.has_manager())
      return caf::make_error(ec::denied, std::string{"nobody could manage the Realm any more"});
  }
  const bool everyone = whom->front().empty();
  plan.answer = permission_changed{everyone ? -1 : static_cast<std::int64_t>(whom->size())};
  if (!plan.rows.empty())
    plan.note = make_note(x.by, "change_permission", x.path, describe(x));
  return plan;
}

admin_state::planned admin_state::plan_one(const put_realm_permissions& x,
                                           const plan_inputs& inputs) const {
  const auto* realm = realms_.find(x.path);
  if (system_realm_at(x.path) != system_realm::none)
    return caf::make_error(auth_ec::not_shareable);
  if (!realm)
    return caf::make_error(auth_ec::realm_not_found);
  std::map<std::string, rights> wanted; // the default row first
  for (const auto& row : x.rows) {
    if (!row.user.empty() && !users_.find(row.user))
      return caf::make_error(auth_ec::unknown_user, row.user);
    wanted[row.user] = row.allowed;
  }
  admin_plan plan;
  permission_change change{*this, plan, *realm, inputs.now_ms};
  auto before = list(list_realm_permissions{x.path});
  if (x.replace)
    for (const auto& row : before->rows)
      if (!wanted.contains(row.row.user))
        change.remove(row.row.user);
  for (const auto& [user, allowed] : wanted) {
    if (!user.empty())
      plan.reads.push_back(user_key(user));
    change.set(user, allowed);
  }
  // The answer is what the list will be.
  std::set<std::string> users;
  for (const auto& row : before->rows)
    users.insert(row.row.user);
  for (const auto& [user, allowed] : wanted)
    users.insert(user);
  permission_list after;
  for (const auto& user : users)
    if (const auto now = change.row(user)) {
      const auto* old = permissions_.find(user, x.path);
      const bool same = old && old->allowed == *now;
      after.rows.push_back(
          {{user, x.path, *now, same ? old->updated_ms : inputs.now_ms}, realm->owner});
    }
  plan.answer = std::move(after);
  if (!plan.rows.empty())
    plan.note = make_note(x.by, "put_realm_permissions", x.path,
                          {{"rows", x.rows.size()}, {"replace", x.replace}});
  return plan;
}

} // namespace ros::actors
