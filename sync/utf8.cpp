#include "utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace ros::sync {
namespace {

/// What the bytes of one sequence may be, by its first byte (Unicode, table 3-7).
struct sequence {
  std::size_t length = 0; ///< 0: no sequence starts like this
  std::uint8_t second_low = 0x80;
  std::uint8_t second_high = 0xbf;
};

constexpr sequence sequence_of(std::uint8_t first) noexcept {
  if (first >= 0xc2 && first <= 0xdf) {
    return {2};
  }
  if (first >= 0xe0 && first <= 0xef) {
    return {3, static_cast<std::uint8_t>(first == 0xe0 ? 0xa0 : 0x80),
            static_cast<std::uint8_t>(first == 0xed ? 0x9f : 0xbf)};
  }
  if (first >= 0xf0 && first <= 0xf4) {
    return {4, static_cast<std::uint8_t>(first == 0xf0 ? 0x90 : 0x80),
            static_cast<std::uint8_t>(first == 0xf4 ? 0x8f : 0xbf)};
  }
  return {};
}

} // namespace

bool is_utf8(std::string_view text) noexcept {
  const auto at = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    if (at(i) < 0x80) {
      ++i;
      continue;
    }
    const sequence expected = sequence_of(at(i));
    if (expected.length == 0 || text.size() - i < expected.length ||
        at(i + 1) < expected.second_low || at(i + 1) > expected.second_high) {
      return false;
    }
    for (std::size_t k = 2; k < expected.length; ++k) {
      if ((at(i + k) & 0xc0U) != 0x80) {
        return false;
      }
    }
    i += expected.length;
  }
  return true;
}

std::string readable(std::string text) {
  if (!is_utf8(text))
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; },
        '?');
  return text;
}

} // namespace ros::sync
