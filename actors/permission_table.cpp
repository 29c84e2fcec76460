#include "permission_table.hpp"

#include <algorithm>

namespace ros::actors {

std::optional<numbered_names::number> numbered_names::find(std::string_view name) const {
  auto found = numbers_.find(name);
  return found == numbers_.end() ? std::nullopt : std::optional{found->second};
}

numbered_names::number numbered_names::add(std::string_view name) {
  if (auto known = find(name))
    return *known;
  number fresh = static_cast<number>(slots_.size());
  if (free_.empty()) {
    slots_.emplace_back();
  } else {
    fresh = free_.back();
    free_.pop_back();
  }
  slots_[fresh].name = &numbers_.emplace(name, fresh).first->first;
  return fresh;
}

void numbered_names::unlist(number under, number what) {
  auto& listed = slots_[under].listed;
  auto found = std::find(listed.begin(), listed.end(), what);
  if (found == listed.end())
    return;
  *found = listed.back();
  listed.pop_back();
  if (!listed.empty())
    return;
  numbers_.erase(numbers_.find(*slots_[under].name));
  slots_[under] = {};
  free_.push_back(under);
}

const permission_table::row* permission_table::find(std::string_view user,
                                                    std::string_view path) const {
  auto u = users_.find(user);
  if (!u)
    return nullptr;
  auto p = paths_.find(path);
  if (!p)
    return nullptr;
  auto found = rows_.find(join(*u, *p));
  return found == rows_.end() ? nullptr : &found->second;
}

void permission_table::set(std::string_view user, std::string_view path, const row& x) {
  auto u = users_.add(user), p = paths_.add(path);
  if (rows_.insert_or_assign(join(u, p), x).second) {
    users_.list(u, p);
    paths_.list(p, u);
  }
}

void permission_table::erase(std::string_view user, std::string_view path) {
  auto u = users_.find(user), p = paths_.find(path);
  if (!u || !p || rows_.erase(join(*u, *p)) == 0)
    return;
  users_.unlist(*u, *p);
  paths_.unlist(*p, *u);
}

std::vector<std::string> permission_table::users_of(std::string_view path) const {
  std::vector<std::string> result;
  if (auto p = paths_.find(path))
    for (auto u : paths_.listed(*p))
      result.push_back(users_.name(u));
  return result;
}

std::vector<std::string> permission_table::paths_of(std::string_view user) const {
  std::vector<std::string> result;
  if (auto u = users_.find(user))
    for (auto p : users_.listed(*u))
      result.push_back(paths_.name(p));
  return result;
}

bool permission_table::any_of_path(
    std::string_view path,
    const std::function<bool(const std::string& user, const row&)>& fits) const {
  auto p = paths_.find(path);
  if (!p)
    return false;
  const auto& users = paths_.listed(*p);
  return std::any_of(users.begin(), users.end(), [&](number u) {
    return fits(users_.name(u), rows_.find(join(u, *p))->second);
  });
}

} // namespace ros::actors
