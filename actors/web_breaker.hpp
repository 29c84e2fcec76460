// A circuit breaker: a server that failed several times in a row is left alone for a while,
// so that those who need it hear at once that it is down, and workers stay free for other
// servers. A value of the WEB POOL.
#pragma once

#include <cstdint>

namespace ros::actors {

class web_breaker {
public:
  static constexpr unsigned max_failures = 5;     ///< in a row
  static constexpr std::int64_t rest_ms = 30'000; ///< before one request tries again

  /// Whether a request may go out at this time; if so, failed() follows, or
  /// the breaker is thrown away.
  [[nodiscard]] bool admit(std::int64_t steady_ms) {
    if (failures_ < max_failures)
      return true;
    if (steady_ms < closed_until_ms_)
      return false;
    closed_until_ms_ = steady_ms + rest_ms; // the others wait for what this one meets
    return true;
  }
  void failed(std::int64_t steady_ms) {
    if (++failures_ >= max_failures)
      closed_until_ms_ = steady_ms + rest_ms;
  }
  /// Whether it is left alone.
  [[nodiscard]] bool is_open() const { return failures_ >= max_failures; }

private:
  unsigned failures_ = 0;
  std::int64_t closed_until_ms_ = 0;
};

} // namespace ros::actors
