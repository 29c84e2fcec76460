// How often somebody may still try an account: failed attempts per account and
// address within a time (http-api.md 4.4, 5.2). Pure; owned by the PASSWORD PROVIDER and
// ACCOUNT MAIL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ros::actors {

class auth_attempts {
public:
  /// `limit`: attempts in a time of this length; 0 = none at all. `max_keys` bounds the
  /// memory.
  explicit auth_attempts(std::int64_t limit, std::size_t max_keys = 65536,
                         std::int64_t window_ms = 60'000)
      : limit_(limit), max_keys_(max_keys), window_ms_(window_ms) {}

  /// Takes one attempt; false if there is none left in this time.
  [[nodiscard]] bool take(std::string_view account, std::string_view address,
                          std::int64_t steady_ms);
  /// Gives the attempt back: it was not a guess but the right password.
  void give_back(std::string_view account, std::string_view address);

private:
  std::int64_t limit_;
  std::size_t max_keys_;
  std::int64_t window_ms_;
  std::int64_t window_ = -1;
  std::unordered_map<std::string, std::int64_t> taken_; ///< within window_
};

} // namespace ros::actors
