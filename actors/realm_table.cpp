#include "realm_table.hpp"

#include <charconv>

namespace ros::actors {

namespace {

std::uint64_t unsigned_of(std::int64_t x) {
  return x < 0 ? 0 : static_cast<std::uint64_t>(x);
}

template <class Map>
auto pointer_to(const Map& map, std::string_view key) {
  auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

} // namespace

admin_row write_realm(const realm_record& realm) {
  return write_row(row_key(row_kind::realm, realm.path), {{"id", realm.id},
                                                          {"owner", realm.owner},
                                                          {"created", realm.created_ms},
                                                          {"partition", realm.partition},
                                                          {"owner_has_row", true}});
}

std::string deletion_key(std::uint64_t realm_id) {
  return row_key(row_kind::deletion, std::to_string(realm_id));
}

std::string user_quota_key(std::string_view user) {
  return row_key(row_kind::quota, "u").append(user);
}

std::string realm_quota_key(std::string_view path) {
  return row_key(row_kind::quota, "r").append(path);
}

admin_row write_quota(std::string key, const quota& x) {
  return write_row(std::move(key),
                   {{"bytes", x.bytes}, {"realms", x.realms}, {"sessions", x.sessions}});
}

bool realm_table::apply_realm(std::string_view path, const admin_row& row) {
  realm_record fresh;
  bool early = false;
  if (row.value) {
    row_reader reader{*row.value};
    fresh = {std::string{path}, unsigned_of(reader.number("id")), reader.text("owner"),
             reader.number("created"), reader.text("partition")};
    early = !reader.flag("owner_has_row", false);
    if (!reader.ok() || fresh.id == 0)
      return false;
  }
  if (auto old = realms_.find(path); old != realms_.end()) {
    owned_.erase({old->second.owner, old->first});
    realms_.erase(old);
  }
  if (auto old = early_.find(path); old != early_.end())
    early_.erase(old);
  if (!row.value)
    return true;
  next_id_ = std::max(next_id_, fresh.id + 1);
  if (!fresh.owner.empty()) {
    owned_.emplace(fresh.owner, fresh.path);
    if (early)
      early_.insert(fresh.path);
  }
  auto key = fresh.path;
  realms_.emplace_hint(realms_.end(), std::move(key), std::move(fresh));
  return true;
}

bool realm_table::apply_deletion(std::string_view id, const admin_row& row) {
  std::uint64_t number = 0;
  auto [stop, failed] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (failed != std::errc{} || stop != id.data() + id.size())
    return false;
  if (!row.value) {
    deletions_.erase(number);
    return true;
  }
  row_reader reader{*row.value};
  auto path = reader.text("path");
  if (reader.ok()) {
    deletions_.insert_or_assign(number, std::move(path));
    next_id_ = std::max(next_id_, number + 1);
  }
  return reader.ok();
}

bool realm_table::apply_quota(std::string_view name, const admin_row& row) {
  if (!row.value) {
    if (auto old = quotas_.find(name); old != quotas_.end())
      quotas_.erase(old);
    return true;
  }
  row_reader reader{*row.value};
  const quota x{unsigned_of(reader.number("bytes")), unsigned_of(reader.number("realms")),
                unsigned_of(reader.number("sessions"))};
  if (reader.ok())
    quotas_.insert_or_assign(std::string{name}, x);
  return reader.ok();
}

const realm_record* realm_table::find(std::string_view path) const {
  return pointer_to(realms_, path);
}

std::set<std::string> realm_table::owned_by(std::string_view user) const {
  std::set<std::string> result;
  const std::string owner{user};
  for (auto i = owned_.lower_bound({owner, {}}); i != owned_.end() && i->first == owner; ++i)
    result.insert(i->second);
  return result;
}

const quota* realm_table::user_quota(std::string_view user) const {
  return pointer_to(quotas_, std::string{"u"}.append(user));
}

const quota* realm_table::realm_quota(std::string_view path) const {
  return pointer_to(quotas_, std::string{"r"}.append(path));
}

} // namespace ros::actors
