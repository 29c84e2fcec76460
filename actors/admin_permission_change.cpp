#include "admin_permission_change.hpp"

namespace ros::actors {

admin_state::permission_change::permission_change(const admin_state& state, admin_plan& plan,
                                                  const realm_record& realm, std::int64_t now_ms)
    : state_(state), plan_(plan), realm_(realm), now_ms_(now_ms) {
  plan_.holds.push_back(permissions_of(realm.path));
  plan_.reads.push_back(row_key(row_kind::realm, realm.path));
}

std::optional<rights> admin_state::permission_change::row(const std::string& user) const {
  if (const auto found = changed_.find(user); found != changed_.end())
    return found->second;
  return state_.own_row(user, realm_.path);
}

void admin_state::permission_change::set(const std::string& user, rights wanted) {
  const bool is_needed = wanted.any() || (!user.empty() && !state_.rules_.additive &&
                                          row({}).value_or(no_rights).any());
  write(user, is_needed ? std::optional{wanted} : std::nullopt);
}

void admin_state::permission_change::remove(const std::string& user) {
  write(user, std::nullopt);
}

void admin_state::permission_change::write(const std::string& user, std::optional<rights> now) {
  const auto before = row(user);
  if (before == now)
    return;
  const auto& owner = realm_.owner;
  // Once a row changes, an early Realm must say what its owner may do.
  if (changed_.empty() && state_.realms_.is_early(realm_.path)) {
    plan_.rows.push_back(write_realm(realm_));
    if (user != owner && !state_.permissions_.find(owner, realm_.path))
      plan_.rows.push_back(
          {permission_key(realm_.path, owner), write_permission(all_rights, realm_.created_ms)});
  }
  took_manage_ =
      took_manage_ || (before.value_or(no_rights).manage && !now.value_or(no_rights).manage);
  changed_[user] = now;
  auto key = permission_key(realm_.path, user);
  plan_.rows.push_back(now ? admin_row{std::move(key), write_permission(*now, now_ms_)}
                           : remove_row(std::move(key)));
}

bool admin_state::permission_change::has_manager() const {
  for (const auto& [user, now] : changed_)
    if (now && now->manage)
      return true;
  const auto& owner = realm_.owner;
  if (!owner.empty() && !changed_.contains(owner) &&
      state_.own_row(owner, realm_.path).value_or(no_rights).manage)
    return true;
  return state_.permissions_.any_of_path(
      realm_.path, [&](const std::string& user, const permission_table::row& row) {
        return row.allowed.manage && !changed_.contains(user);
      });
}

} // namespace ros::actors
