// Short ways to write changesets down in tests: as hex, and as instructions on
// class "T" (intern 0) and field "f" (intern 1).
#pragma once

#include "sync/changeset_codec.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ros::sync::testing {

inline int hex_digit(char c) {
  return c <= '9' ? c - '0' : c - 'a' + 10;
}

/// Bytes from lowercase hex; blanks are ignored.
inline std::string unhex(std::string_view hex) {
  std::string raw;
  int high = -1;
  for (const char c : hex) {
    if (c == ' ') {
      continue;
    }
    if (high < 0) {
      high = hex_digit(c);
    } else {
      raw += static_cast<char>(high * 16 + hex_digit(c));
      high = -1;
    }
  }
  return raw;
}

inline std::string hex(std::string_view raw) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : raw) {
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 0xf];
  }
  return text;
}

inline result<changeset> parse_hex(std::string_view text,
                                   int protocol_version = newest_protocol_version) {
  return parse_changeset(bytes(unhex(text)), protocol_version);
}

/// Interns the string in the changeset.
inline interned add_string(changeset& changes, std::string_view content) {
  changes.buffers.emplace_back(std::string(content));
  changes.strings.push_back(changes.buffers.back().view());
  changes.virtual_size += content.size();
  return {static_cast<std::uint32_t>(changes.strings.size() - 1)};
}

inline changeset one(std::initializer_list<std::string_view> strings, instruction in) {
  changeset changes;
  for (const std::string_view s : strings) {
    add_string(changes, s);
  }
  changes.instructions.push_back(std::move(in));
  return changes;
}

inline path_element at_index(std::uint32_t i) {
  return {true, i};
}
inline path_element at_string(std::uint32_t i) {
  return {false, i};
}

/// An instruction on T[1].f and the path below.
inline instruction on_field(opcode op, value payload = {},
                            std::initializer_list<path_element> path = {}) {
  instruction in;
  in.op = op;
  in.key = std::int64_t{1};
  in.field = {1};
  in.path.assign(path.begin(), path.end());
  in.value = std::move(payload);
  return in;
}

inline value int_value(std::int64_t n) {
  return {value_type::integer, n};
}
inline value string_value(std::string_view s) {
  return {value_type::string, text{s, 0}};
}
inline value binary_value(std::string_view s) {
  return {value_type::binary, text{s, 0}};
}
inline value plain_value(value_type type) {
  return {type, {}};
}
inline value decimal_value(std::uint64_t hi, std::uint64_t lo, std::int32_t exponent,
                           bool negative = false) {
  return {value_type::decimal, decimal128{hi, lo, exponent, negative}};
}

template <class Id>
Id counting_id(std::uint8_t first) {
  Id id;
  for (std::size_t i = 0; i < id.raw.size(); ++i) {
    id.raw[i] = static_cast<std::uint8_t>(first + i);
  }
  return id;
}

} // namespace ros::sync::testing
