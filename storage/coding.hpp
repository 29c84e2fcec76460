// The small binary forms that keys and values are made of: big-endian numbers in
// keys (so that byte order is number order), varints in values. Private to storage/.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ros::storage {

inline void put_big_endian(std::string& out, std::uint64_t x, unsigned bytes) {
  for (unsigned i = bytes; i-- > 0;)
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(x >> (8 * i))));
}

inline std::uint64_t get_big_endian(std::string_view text) {
  std::uint64_t x = 0;
  for (char c : text)
    x = (x << 8) | static_cast<std::uint8_t>(c);
  return x;
}

/// Seven bits a byte, least significant first.
inline void put_varint(std::string& out, std::uint64_t x) {
  for (; x >= 0x80; x >>= 7)
    out.push_back(static_cast<char>(0x80U | (x & 0x7fU)));
  out.push_back(static_cast<char>(x));
}

inline void put_text(std::string& out, std::string_view text) {
  put_varint(out, text.size());
  out.append(text);
}

/// Reads a value from front to back. The first thing wrong sticks: from then on
/// every read gives zero, and ok() is false.
class value_reader {
public:
  explicit value_reader(std::string_view data) : rest_(data) {}

  std::uint8_t byte() {
    if (rest_.empty())
      return fail();
    auto x = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return x;
  }
  std::uint64_t varint() {
    std::uint64_t x = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      auto b = byte();
      x |= static_cast<std::uint64_t>(b & 0x7fU) << shift;
      if (b < 0x80)
        return shift == 63 && b > 1 ? fail() : x;
    }
    return fail();
  }
  std::uint64_t fixed64() {
    if (rest_.size() < 8)
      return fail();
    auto x = get_big_endian(rest_.substr(0, 8));
    rest_.remove_prefix(8);
    return x;
  }
  std::string_view text() {
    auto size = varint();
    if (size > rest_.size()) {
      fail();
      return {};
    }
    auto x = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return x;
  }
  /// Everything not read yet.
  std::string_view rest() {
    auto x = rest_;
    rest_ = {};
    return x;
  }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  /// Nothing went wrong and nothing is left.
  [[nodiscard]] bool finished() const noexcept { return ok_ && rest_.empty(); }

private:
  std::uint8_t fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

} // namespace ros::storage
