// The permission rows of one Realm while a plan changes them. Part of admin_state; used by
// its plans only.
#pragma once

#include "admin_state.hpp"

#include <map>
#include <optional>
#include <string>

namespace ros::actors {

class admin_state::permission_change {
public:
  /// The Realm exists. The plan holds its permissions from now on.
  permission_change(const admin_state& state, admin_plan& plan, const realm_record& realm,
                    std::int64_t now_ms);

  /// The row as the plan has it so far.
  [[nodiscard]] std::optional<rights> row(const std::string& user) const;
  /// Gives a user, or with an empty one everybody, these flags. No flag removes the row,
  /// unless it takes away what the default row gives (access-control.md 3).
  void set(const std::string& user, rights wanted);
  void remove(const std::string& user);

  /// Whether somebody but administrators may manage the Realm afterwards.
  [[nodiscard]] bool has_manager() const;
  /// Whether a row lost the flag to manage.
  [[nodiscard]] bool took_manage() const noexcept { return took_manage_; }

private:
  void write(const std::string& user, std::optional<rights> now);

  const admin_state& state_;
  admin_plan& plan_;
  const realm_record& realm_;
  std::int64_t now_ms_;
  std::map<std::string, std::optional<rights>> changed_;
  bool took_manage_ = false;
};

} // namespace ros::actors
