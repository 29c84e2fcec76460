// The Realm directory in memory, with the quotas and what remains to be removed of
// deleted Realms. Part of admin_state.
#pragma once

#include "admin_state_rows.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace ros::actors {

class realm_table {
public:
  using realms_by_path = std::map<std::string, realm_record, std::less<>>;

  [[nodiscard]] bool apply_realm(std::string_view path, const admin_row& row);
  [[nodiscard]] bool apply_deletion(std::string_view id, const admin_row& row);
  [[nodiscard]] bool apply_quota(std::string_view name, const admin_row& row);
  void apply_counter(std::uint64_t next) { next_id_ = std::max(next_id_, next); }

  [[nodiscard]] const realm_record* find(std::string_view path) const;
  [[nodiscard]] const realms_by_path& all() const noexcept { return realms_; }
  [[nodiscard]] std::set<std::string> owned_by(std::string_view user) const;
  /// Whether the row was written before owners had permission rows: what the owner may do
  /// is then assumed, until the row is written anew.
  [[nodiscard]] bool is_early(std::string_view path) const { return early_.contains(path); }
  /// Greater than every id ever given out by an applied row.
  [[nodiscard]] std::uint64_t next_id() const noexcept { return next_id_; }

  /// Realms whose data is to be removed: id to path.
  [[nodiscard]] const std::map<std::uint64_t, std::string>& deletions() const noexcept {
    return deletions_;
  }

  /// nullptr: the configured default holds.
  [[nodiscard]] const quota* user_quota(std::string_view user) const;
  [[nodiscard]] const quota* realm_quota(std::string_view path) const;

private:
  realms_by_path realms_;
  std::set<std::pair<std::string, std::string>> owned_; ///< owner, path
  std::set<std::string, std::less<>> early_;
  std::map<std::uint64_t, std::string> deletions_;
  std::map<std::string, quota, std::less<>> quotas_; ///< by row name
  std::uint64_t next_id_ = 1;
};

admin_row write_realm(const realm_record& realm);
std::string deletion_key(std::uint64_t realm_id);
std::string user_quota_key(std::string_view user);
std::string realm_quota_key(std::string_view path);
admin_row write_quota(std::string key, const quota& x);

} // namespace ros::actors
