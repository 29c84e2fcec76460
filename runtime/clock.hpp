// Time and randomness as everything else gets them: through interfaces, so that
// tests can set both (architecture.md "Time, randomness, faults").
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace ros::runtime {

class clock {
public:
  virtual ~clock() = default;
  /// Milliseconds since 1970-01-01T00:00:00Z.
  [[nodiscard]] virtual std::int64_t unix_ms() const = 0;
  /// Milliseconds on a clock that never goes back; the origin is arbitrary.
  [[nodiscard]] virtual std::int64_t steady_ms() const = 0;
  /// Microseconds on the same clock as steady_ms().
  [[nodiscard]] virtual std::int64_t steady_us() const = 0;
};

class random_source {
public:
  virtual ~random_source() = default;
  /// Uniform over all 64-bit values; cryptographically strong outside tests.
  virtual std::uint64_t next() = 0;
  /// A salt: 1 .. 2^63-1.
  std::int64_t salt() {
    for (;;)
      if (auto x = static_cast<std::int64_t>(next() >> 1); x != 0)
        return x;
  }
  /// `digits` lowercase hexadecimal digits.
  std::string hex(unsigned digits);
};

/// The machine's clock; thread-safe, lives for ever.
clock& system_clock();
/// The operating system's generator; thread-safe, lives for ever.
random_source& system_random();

} // namespace ros::runtime
