// Users and their accounts in memory. Part of admin_state.
#pragma once

#include "admin_state_rows.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ros::actors {

class user_table {
public:
  struct user {
    bool is_admin = false;
    bool suspended = false;
    bool email_confirmed = false;
    bool pending = false; ///< registered ahead of the first log-in
    std::int64_t created_ms = 0;
    std::int64_t tokens_from_s = 0;
    std::vector<metadata_row> metadata{};
  };
  struct account {
    std::string user_id;
    std::string credential;
  };
  using users_by_id = std::map<std::string, user, std::less<>>;

  [[nodiscard]] bool apply_user(std::string_view id, const admin_row& row);
  [[nodiscard]] bool apply_account(std::string_view name, const admin_row& row);

  [[nodiscard]] const user* find(std::string_view id) const;
  [[nodiscard]] const account* find(const account_name& name) const;
  [[nodiscard]] const users_by_id& all() const noexcept { return users_; }
  [[nodiscard]] const std::set<account_name>& accounts_of(std::string_view id) const;
  [[nodiscard]] std::size_t accounts() const noexcept { return accounts_.size(); }
  /// Users with this row, at most `limit`.
  [[nodiscard]] std::vector<std::string> with_metadata(const metadata_row& row,
                                                       std::size_t limit) const;
  /// Users that are administrators and not suspended.
  [[nodiscard]] std::size_t admins() const noexcept { return admins_.size(); }
  /// Whether the server would have no administrator without this one.
  [[nodiscard]] bool is_last_admin(const std::string& id) const {
    return admins_.size() == 1 && admins_.contains(id);
  }
  /// The whole record; the user exists.
  [[nodiscard]] user_record record(std::string_view id, const user& x) const;

private:
  void unlist(const std::string& id, const user& x);

  users_by_id users_;
  std::map<account_name, account> accounts_;
  std::map<std::string, std::set<account_name>, std::less<>> accounts_of_;
  std::set<std::string> admins_;
  std::set<std::pair<metadata_row, std::string>> by_metadata_;
};

/// How a user is stored.
admin_row write_user(std::string_view id, const user_table::user& x);
admin_row write_account(const account_name& name, const std::string& user_id,
                        const std::string& credential);

} // namespace ros::actors
