// What changes of the Realm directory, quotas and notes would write
// (access-control.md 2).
#include "admin_audit.hpp"
#include "admin_permission_change.hpp"
#include "realm_path.hpp"
#include "system_realms.hpp"

#include <algorithm>

namespace ros::actors {

namespace {

caf::error denied(const char* why) {
  return caf::make_error(ec::denied, std::string{why});
}

} // namespace

std::string admin_state::owner_by_path(const std::string& path) const {
  auto home = std::string{first_segment(path)};
  return home.size() + 1 < path.size() && users_.find(home) ? home : std::string{};
}

/// Enters a Realm that does not exist into the directory.
caf::error admin_state::create_rows(admin_plan& plan, const realm_record& realm) const {
  const auto& owner = realm.owner;
  const bool is_ordinary = system_realm_at(realm.path) == system_realm::none;
  if (!owner.empty() && is_ordinary) {
    const auto limit = user_quota(owner).realms;
    if (limit != 0 && owned_realms(owner).size() >= limit)
      return caf::make_error(auth_ec::quota_exceeded, "user " + owner + " has " +
                                                          std::to_string(limit) +
                                                          " Realms, which is the limit");
    plan.rows.push_back(
        {permission_key(realm.path, owner), write_permission(all_rights, realm.created_ms)});
    if (limit != 0) // Realms that come into being together count together
      plan.holds.push_back(user_quota_key(owner));
  }
  plan.rows.push_back(write_realm(realm));
  plan.rows.push_back(write_row(std::string{realm_counter_key}, {{"next", realm.id + 1}}));
  plan.reads.push_back(user_key(first_segment(realm.path)));
  if (!owner.empty())
    plan.reads.push_back(user_key(owner));
  plan.holds.push_back(permissions_of(realm.path));
  plan.takes_realm_id = true;
  return {};
}

admin_state::planned admin_state::plan_one(const ensure_realm& x, const plan_inputs& inputs) const {
  const auto may = allowed(x.who, x.path);
  admin_plan plan;
  if (const auto* row = realm(x.path)) {
    if (!may.any())
      return denied("no permission to read this Realm");
    plan.answer = realm_grant{*row, may};
    return plan;
  }
  const auto kind = system_realm_at(x.path);
  const bool may_create = kind == system_realm::none ? may.write && is_creatable(x.path)
                                                     : may.any() && is_made_on_demand(kind);
  if (!may_create)
    return denied("no permission to create this Realm");
  realm_record realm{x.path, inputs.realm_id, owner_by_path(x.path), inputs.now_ms, x.partition};
  if (auto refused = create_rows(plan, realm))
    return refused;
  plan.reads.push_back(user_key(x.who.user_id));
  plan.answer = realm_grant{std::move(realm), may};
  return plan;
}

admin_state::planned admin_state::plan_one(const create_realm& x, const plan_inputs& inputs) const {
  if (system_realm_at(x.path) != system_realm::none || !is_creatable(x.path) ||
      !allowed(x.who, x.path).write)
    return denied("no permission to create this Realm");
  if (realm(x.path))
    return caf::make_error(auth_ec::realm_exists);
  auto owner = owner_by_path(x.path);
  if (x.owner) {
    if (!is_admin(x.who) && *x.owner != owner)
      return denied("only administrators choose the owner of a Realm");
    if (!x.owner->empty() && !users_.find(*x.owner))
      return caf::make_error(auth_ec::unknown_user, *x.owner);
    owner = *x.owner;
  }
  admin_plan plan;
  realm_record realm{x.path, inputs.realm_id, std::move(owner), inputs.now_ms, {}};
  if (auto refused = create_rows(plan, realm))
    return refused;
  plan.reads.push_back(user_key(x.who.user_id));
  plan.note = make_note(x.by, "create_realm", x.path, {{"owner", realm.owner}});
  plan.answer = std::move(realm);
  return plan;
}

admin_state::planned admin_state::plan_one(const set_realm_owner& x,
                                           const plan_inputs& inputs) const {
  const auto* old = realm(x.path);
  if (!old)
    return caf::make_error(auth_ec::realm_not_found);
  if (system_realm_at(x.path) != system_realm::none)
    return caf::make_error(auth_ec::not_shareable);
  if (!x.owner.empty() && !users_.find(x.owner))
    return caf::make_error(auth_ec::unknown_user, x.owner);
  admin_plan plan;
  auto realm = *old;
  realm.owner = x.owner;
  if (realm != *old) {
    permission_change change{*this, plan, *old, inputs.now_ms};
    if (!x.owner.empty())
      change.set(x.owner, all_rights);
    // Behind rows that make an early Realm's old owner plain.
    if (realms_.is_early(x.path) && !permissions_.find(old->owner, x.path))
      plan.rows.push_back(
          {permission_key(x.path, old->owner), write_permission(all_rights, old->created_ms)});
    plan.rows.push_back(write_realm(realm));
    if (!x.owner.empty())
      plan.reads.push_back(user_key(x.owner));
    plan.note = make_note(x.by, "set_realm_owner", x.path, {{"owner", x.owner}});
  }
  plan.answer = std::move(realm);
  return plan;
}

void admin_state::remove_realm(admin_plan& plan, const realm_record& realm) const {
  plan.holds.push_back(permissions_of(realm.path));
  plan.rows.push_back(remove_row(row_key(row_kind::realm, realm.path)));
  for (const auto& user : permissions_.users_of(realm.path))
    plan.rows.push_back(remove_row(permission_key(realm.path, user)));
  for (const auto& offer : offers_.of_path(realm.path))
    plan.rows.push_back(remove_row(offer_row_key(offer)));
  if (realms_.realm_quota(realm.path))
    plan.rows.push_back(remove_row(realm_quota_key(realm.path)));
  plan.rows.push_back(write_row(deletion_key(realm.id), {{"path", realm.path}}));
}

admin_state::planned admin_state::plan_one(const delete_realm& x, const plan_inputs&) const {
  const auto* realm = realms_.find(x.path);
  if (system_realm_at(x.path) != system_realm::none)
    return denied("system Realms cannot be deleted");
  const bool owns = realm && !realm->owner.empty() && realm->owner == x.who.user_id;
  if (!owns && !is_admin(x.who))
    return denied("only its owner and administrators delete a Realm");
  if (!realm)
    return caf::make_error(auth_ec::realm_not_found);
  admin_plan plan;
  remove_realm(plan, *realm);
  plan.reads.push_back(user_key(x.who.user_id));
  plan.note = make_note(x.by, "delete_realm", x.path, {{"owner", realm->owner}});
  plan.answer = *realm;
  return plan;
}

admin_state::planned admin_state::plan_one(const realm_data_removed& x, const plan_inputs&) const {
  admin_plan plan;
  plan.answer = true;
  if (realms_.deletions().contains(x.realm_id))
    plan.rows.push_back(remove_row(deletion_key(x.realm_id)));
  return plan;
}

// -- quotas and notes ---------------------------------------------------------------

namespace {

/// A quota's row, written or removed.
admin_plan put_quota(std::string key, const caf::optional<quota>& limits, bool is_set,
                     audit_note note) {
  admin_plan plan;
  plan.answer = true;
  if (limits)
    plan.rows.push_back(write_quota(std::move(key), *limits));
  else if (is_set)
    plan.rows.push_back(remove_row(std::move(key)));
  if (!plan.rows.empty())
    plan.note = std::move(note);
  return plan;
}

boost::json::object describe(const caf::optional<quota>& x) {
  if (!x)
    return {{"default", true}};
  return {{"bytes", x->bytes}, {"realms", x->realms}, {"sessions", x->sessions}};
}

} // namespace

admin_state::planned admin_state::plan_one(const set_user_quota& x, const plan_inputs&) const {
  if (!users_.find(x.user_id))
    return caf::make_error(auth_ec::unknown_user);
  auto plan = put_quota(user_quota_key(x.user_id), x.limits, realms_.user_quota(x.user_id),
                        make_note(x.by, "set_user_quota", x.user_id, describe(x.limits)));
  plan.reads.push_back(user_key(x.user_id));
  return plan;
}

admin_state::planned admin_state::plan_one(const set_realm_quota& x, const plan_inputs&) const {
  if (!realms_.find(x.path))
    return caf::make_error(auth_ec::realm_not_found);
  auto plan = put_quota(realm_quota_key(x.path), x.limits, realms_.realm_quota(x.path),
                        make_note(x.by, "set_realm_quota", x.path, describe(x.limits)));
  plan.reads.push_back(row_key(row_kind::realm, x.path));
  return plan;
}

admin_state::planned admin_state::plan_one(const note_audit& x, const plan_inputs&) const {
  admin_plan plan;
  plan.answer = true;
  plan.note = audit_note{x.by, x.action, x.target, x.detail};
  return plan;
}

} // namespace ros::actors
