// What can be read from the ADMIN REALM by the page.
#include "admin_state.hpp"
#include "system_realms.hpp"

#include <algorithm>

namespace ros::actors {

namespace {

constexpr std::uint64_t max_page = 500;
constexpr std::size_t max_listed_permissions = 10'000;
constexpr std::uint64_t max_admin_rows = 1000;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// One page of what is left of `all`, sorted by `less` or, descending, its opposite.
template <class T, class Less>
std::vector<T> cut(std::vector<T> all, const page_request& x, Less less) {
  if (x.sort.starts_with('-'))
    std::ranges::stable_sort(all, [&](const T& a, const T& b) { return less(b, a); });
  else
    std::ranges::stable_sort(all, less);
  const auto begin = std::min<std::uint64_t>(x.offset, all.size());
  const auto end = begin + std::min({x.limit, max_page, all.size() - begin});
  return {all.begin() + static_cast<std::ptrdiff_t>(begin),
          all.begin() + static_cast<std::ptrdiff_t>(end)};
}

std::string_view sort_member(const page_request& x) {
  return std::string_view{x.sort}.substr(x.sort.starts_with('-') ? 1 : 0);
}

bool by_path_and_user(const listed_permission& a, const listed_permission& b) {
  return std::tie(a.row.path, a.row.user) < std::tie(b.row.path, b.row.user);
}

} // namespace

admin_totals admin_state::totals() const {
  admin_totals x;
  x.users = users_.all().size();
  x.admins = users_.admins();
  x.accounts = users_.accounts();
  x.realms = realms_.all().size();
  x.permissions = permissions_.size();
  x.offers = offers_.size();
  x.api_keys = keys_.keys();
  x.revocations = keys_.revocations();
  x.needs_setup = needs_setup();
  return x;
}

user_page admin_state::page(const list_users& x) const {
  using entry = const user_table::users_by_id::value_type*;
  const auto& search = x.page.search;
  std::vector<entry> found;
  for (const auto& user : users_.all())
    if (search.empty() || contains(user.first, search) ||
        std::ranges::any_of(users_.accounts_of(user.first),
                            [&](const account_name& name) { return contains(name.id, search); }))
      found.push_back(&user);
  user_page result;
  result.total = found.size();
  const auto member = sort_member(x.page);
  for (const auto* user : cut(std::move(found), x.page, [&](entry a, entry b) {
         if (member == "created")
           return a->second.created_ms < b->second.created_ms;
         if (member == "admin")
           return a->second.is_admin < b->second.is_admin;
         return a->first < b->first;
       }))
    result.users.push_back(users_.record(user->first, user->second));
  return result;
}

realm_page admin_state::page(const list_realms& x) const {
  using entry = const realm_record*;
  const auto& search = x.page.search;
  std::vector<entry> found;
  for (const auto& [path, realm] : realms_.all())
    if ((!x.owner || realm.owner == *x.owner) &&
        (search.empty() || contains(path, search) || contains(realm.owner, search)))
      found.push_back(&realm);
  realm_page result;
  result.total = found.size();
  const auto member = sort_member(x.page);
  for (const auto* realm : cut(std::move(found), x.page, [&](entry a, entry b) {
         if (member == "created")
           return a->created_ms < b->created_ms;
         if (member == "owner")
           return a->owner < b->owner;
         return a->path < b->path;
       }))
    result.realms.push_back(*realm);
  return result;
}

// -- permissions --------------------------------------------------------------------

caf::expected<permission_list> admin_state::list(const list_realm_permissions& x) const {
  const auto* realm = realms_.find(x.path);
  if (!realm)
    return caf::make_error(auth_ec::realm_not_found);
  permission_list result;
  auto add = [&](const std::string& user, rights allowed, std::int64_t updated_ms) {
    result.rows.push_back({{user, x.path, allowed, updated_ms}, realm->owner});
  };
  permissions_.any_of_path(x.path, [&](const std::string& user, const permission_table::row& row) {
    add(user, row.allowed, row.updated_ms);
    return false;
  });
  if (realms_.is_early(x.path) && !permissions_.find(realm->owner, x.path))
    add(realm->owner, all_rights, realm->created_ms);
  std::ranges::sort(result.rows, by_path_and_user);
  result.truncated = result.rows.size() > max_listed_permissions;
  if (result.truncated)
    result.rows.resize(max_listed_permissions);
  return result;
}

permission_list admin_state::list(const list_permissions& x) const {
  const auto& me = x.requester.user_id;
  const bool mine = x.filter != permission_filter::other_user;
  const bool others = x.filter != permission_filter::current_user;
  permission_list result;
  auto look_at = [&](const std::string& path) {
    const bool manages = others && allowed(x.requester, path).manage;
    const auto rows = list(list_realm_permissions{path});
    if (!rows)
      return;
    const bool has_own = own_row(me, path).has_value();
    for (const auto& row : rows->rows) {
      const auto& user = row.row.user;
      const bool is_mine = user == me || (user.empty() && (!has_own || rules_.additive));
      if (row.row.allowed.any() && (is_mine ? mine : manages))
        result.rows.push_back(row);
    }
    result.truncated = result.truncated || rows->truncated;
  };
  std::set<std::string> paths;
  if (is_admin(x.requester) && others) {
    for (const auto& [path, realm] : realms_.all())
      paths.insert(paths.end(), path);
  } else {
    for (const auto& user : {me, std::string{}})
      for (auto& path : permissions_.paths_of(user))
        paths.insert(std::move(path));
    paths.merge(realms_.owned_by(me));
  }
  for (const auto& path : paths) {
    if (result.rows.size() > max_listed_permissions)
      break;
    look_at(path);
  }
  std::ranges::sort(result.rows, by_path_and_user);
  if (result.rows.size() > max_listed_permissions) {
    result.rows.resize(max_listed_permissions);
    result.truncated = true;
  }
  return result;
}

// -- quotas -------------------------------------------------------------------------

std::vector<const realm_record*> admin_state::owned_realms(const std::string& user) const {
  std::vector<const realm_record*> result;
  for (const auto& path : realms_.owned_by(user))
    if (system_realm_at(path) == system_realm::none)
      result.push_back(realms_.find(path));
  return result;
}

quota admin_state::user_quota(const std::string& user) const {
  const auto* own = realms_.user_quota(user);
  return own ? *own : rules_.user_quota;
}

quota_limits admin_state::limits(const read_quota& x) const {
  quota_limits result;
  if (!x.user_id.empty()) {
    result.user = user_quota(x.user_id);
    for (const auto* realm : owned_realms(x.user_id))
      result.owned_realms.push_back(realm->id);
  }
  if (!x.path.empty()) {
    const auto* own = realms_.realm_quota(x.path);
    result.realm = own ? *own : rules_.realm_quota;
  }
  return result;
}

// -- mirrors ------------------------------------------------------------------------

admin_rows admin_state::rows(const read_admin_rows& x) const {
  admin_rows result;
  for (const auto& name : x.names) {
    if (result.users.size() + result.realms.size() + result.permissions.size() == max_admin_rows)
      break;
    switch (name.kind) {
    case admin_row_kind::user:
      if (auto found = user(name.user))
        result.users.push_back(std::move(*found));
      break;
    case admin_row_kind::realm:
      if (const auto* found = realms_.find(name.path))
        result.realms.push_back(*found);
      break;
    case admin_row_kind::permission:
      if (const auto* found = permissions_.find(name.user, name.path))
        result.permissions.push_back({name.user, name.path, found->allowed, found->updated_ms});
      else if (const auto early = own_row(name.user, name.path))
        result.permissions.push_back(
            {name.user, name.path, *early, realms_.find(name.path)->created_ms});
    }
  }
  return result;
}

/// First all users, then each Realm with its permissions behind it.
admin_rows admin_state::rows(const scan_admin_rows& x) const {
  const auto limit = std::clamp<std::uint64_t>(x.limit, 1, max_admin_rows);
  admin_rows result;
  std::uint64_t count = 0;
  std::string path;
  std::string user;
  bool past_realm = false; // the Realm at `path` itself was on an earlier page
  if (!x.after || x.after->kind == admin_row_kind::user) {
    auto at = x.after ? users_.all().upper_bound(x.after->user) : users_.all().begin();
    for (; at != users_.all().end(); ++at) {
      result.users.push_back(users_.record(at->first, at->second));
      if (++count == limit) {
        result.next = admin_row_name{admin_row_kind::user, at->first, {}};
        return result;
      }
    }
  } else {
    path = x.after->path;
    user = x.after->user;
    past_realm = true;
  }
  const bool past_default = past_realm && x.after->kind == admin_row_kind::permission;
  for (auto at = realms_.all().lower_bound(path); at != realms_.all().end(); ++at) {
    const bool resumed = past_realm && at->first == path;
    if (!resumed) {
      result.realms.push_back(at->second);
      if (++count == limit) {
        result.next = admin_row_name{admin_row_kind::realm, {}, at->first};
        return result;
      }
    }
    auto users = permissions_.users_of(at->first);
    if (realms_.is_early(at->first) && !permissions_.find(at->second.owner, at->first))
      users.push_back(at->second.owner);
    std::ranges::sort(users);
    for (const auto& name : users) {
      if (resumed && past_default && name <= user)
        continue;
      const auto* row = permissions_.find(name, at->first);
      result.permissions.push_back({name, at->first, row ? row->allowed : all_rights,
                                    row ? row->updated_ms : at->second.created_ms});
      if (++count == limit) {
        result.next = admin_row_name{admin_row_kind::permission, name, at->first};
        return result;
      }
    }
  }
  return result;
}

} // namespace ros::actors
