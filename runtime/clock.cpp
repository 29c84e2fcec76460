#include "clock.hpp"

#include <openssl/rand.h>

#include <chrono>
#include <stdexcept>

namespace ros::runtime {

namespace {

template <class Unit, class Clock>
std::int64_t now() {
  return std::chrono::duration_cast<Unit>(Clock::now().time_since_epoch()).count();
}

class machine_clock final : public clock {
public:
  std::int64_t unix_ms() const override {
    return now<std::chrono::milliseconds, std::chrono::system_clock>();
  }
  std::int64_t steady_ms() const override {
    return now<std::chrono::milliseconds, std::chrono::steady_clock>();
  }
  std::int64_t steady_us() const override {
    return now<std::chrono::microseconds, std::chrono::steady_clock>();
  }
};

class machine_random final : public random_source {
public:
  std::uint64_t next() override {
    std::uint64_t x = 0;
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&x), sizeof x) != 1)
      throw std::runtime_error("the operating system gives no random bytes");
    return x;
  }
};

} // namespace

std::string random_source::hex(unsigned digits) {
  constexpr char alphabet[] = "0123456789abcdef";
  std::string out;
  out.reserve(digits);
  std::uint64_t bits = 0;
  for (unsigned i = 0; i < digits; ++i, bits >>= 4) {
    if (i % 16 == 0)
      bits = next();
    out.push_back(alphabet[bits & 15]);
  }
  return out;
}

// Never destroyed: detached threads may ask until the very end.
clock& system_clock() {
  static auto& instance = *new machine_clock;
  return instance;
}

random_source& system_random() {
  static auto& instance = *new machine_random;
  return instance;
}

} // namespace ros::runtime
