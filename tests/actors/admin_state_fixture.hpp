// What tests of the ADMIN REALM's state machine stand on: a state that remembers every row
// that was written to it.
#pragma once

#include "actors/admin_state.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ros::actors {

inline const std::string jane = "0123456789abcdef0123456789abcdef";
inline const std::string paul = "fedcba9876543210fedcba9876543210";
inline const caller admin{admin_user_id, true};

class admin_state_test : public ::testing::Test {
public:
  caf::expected<admin_plan> plan(const admin_command& command, const std::string& new_user = {}) {
    return state.plan(command, {now_ms, new_user, state.next_realm_id()});
  }
  /// Plans and carries out; the answer.
  template <class T = bool>
  T run(const admin_command& command, const std::string& new_user = {}) {
    auto planned = plan(command, new_user);
    EXPECT_TRUE(planned);
    if (!planned)
      return T{};
    for (const auto& row : planned->rows) {
      EXPECT_TRUE(state.apply(row)) << row.key;
      rows.push_back(row);
    }
    return std::get<T>(planned->answer);
  }
  /// The error of a command that is refused.
  caf::error refusal(const admin_command& command, const std::string& new_user = {}) {
    auto planned = plan(command, new_user);
    EXPECT_FALSE(planned);
    return planned ? caf::error{} : planned.error();
  }
  /// What is left of it all after a restart.
  [[nodiscard]] admin_state reloaded(const admin_rules& rules) const {
    admin_state fresh{rules};
    for (const auto& row : rows)
      EXPECT_TRUE(fresh.apply(row)) << row.key;
    return fresh;
  }
  void add_user(const std::string& id, const std::string& name) {
    run<user_record>(register_user{{"password", name}, "hash of " + name}, id);
  }
  void write(const std::string& key, const std::string& value) {
    EXPECT_TRUE(state.apply({key, value})) << key;
  }

  std::int64_t now_ms = 1'700'000'000'000;
  admin_state state{read_write};
  std::vector<admin_row> rows; ///< everything written
};

} // namespace ros::actors
