// Variable-length integers of changesets (changesets.md 2.1): seven bits a byte,
// least significant first, bit 6 of the last byte is the sign. For the changeset
// codec; header only, because it is the innermost loop of it.
#pragma once

#include <cstdint>
#include <string>

namespace ros::sync {

/// What reading an integer can come to.
enum class varint_outcome : std::uint8_t {
  ok,
  truncated, ///< the input ends inside
  too_long,  ///< a continuation bit on the last byte the width allows
  too_large, ///< the magnitude has more than 64 bits
};

/// An integer as it is on the wire: the number is `magnitude`, or `~magnitude`
/// when `negative`. Padded forms are read like minimal ones.
struct varint {
  std::uint64_t magnitude = 0;
  bool negative = false;
  varint_outcome outcome = varint_outcome::ok;
};

/// Longest encodings by declared width (changesets.md 2.1).
inline constexpr int max_varint8_size = 2;
inline constexpr int max_varint32_size = 5;
inline constexpr int max_varint64_size = 10;

/// Reads an integer of at most `max_size` bytes (10 or fewer) at `position` and
/// moves `position` behind it; leaves it where it was on failure.
inline varint read_varint(const char*& position, const char* end, int max_size) noexcept {
  std::uint64_t magnitude = 0;
  int shift = 0;
  for (const char* at = position; at != end; shift += 7) {
    const auto byte = static_cast<std::uint8_t>(*at++);
    if ((byte & 0x80U) == 0) {
      const std::uint64_t group = byte & 0x3fU;
      if (shift == 63 && group > 1) {
        return {0, false, varint_outcome::too_large};
      }
      position = at;
      return {magnitude | (group << shift), (byte & 0x40U) != 0, varint_outcome::ok};
    }
    if (at - position == max_size) {
      return {0, false, varint_outcome::too_long};
    }
    magnitude |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
  }
  return {0, false, varint_outcome::truncated};
}

/// Writes the minimal encoding of a magnitude and sign at `out`, which needs
/// room for ten bytes; returns the position behind it.
inline char* write_varint(char* out, std::uint64_t magnitude, bool negative = false) noexcept {
  while (magnitude >= 0x40) {
    *out++ = static_cast<char>(0x80U | (magnitude & 0x7fU));
    magnitude >>= 7;
  }
  *out++ = static_cast<char>(magnitude | (negative ? 0x40U : 0U));
  return out;
}

/// As above for a signed number: magnitude v or ~v.
inline char* write_signed_varint(char* out, std::int64_t number) noexcept {
  return number < 0 ? write_varint(out, ~static_cast<std::uint64_t>(number), true)
                    : write_varint(out, static_cast<std::uint64_t>(number));
}

} // namespace ros::sync
