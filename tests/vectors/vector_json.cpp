#include "vectors/vector_json.hpp"

#include "sync/utf8.hpp"

#include <charconv>
#include <stdexcept>

namespace ros::vectors {
namespace {

constexpr std::int64_t largest_plain_number = (std::int64_t{1} << 53) - 1;

template <class Number>
Number parse_number(std::string_view text, int base = 10) {
  Number n{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n, base);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::runtime_error("no number: " + std::string(text));
  }
  return n;
}

} // namespace

std::string to_hex(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    hex += digits[byte >> 4];
    hex += digits[byte & 0xf];
  }
  return hex;
}

std::string from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) {
    throw std::runtime_error("odd number of hex digits");
  }
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(parse_number<std::uint8_t>(hex.substr(i, 2), 16));
  }
  return bytes;
}

std::int64_t to_int64(const json::value& v) {
  if (const json::value* const text = only_member(v, "$int")) {
    return parse_number<std::int64_t>(text->as_string());
  }
  return json::value_to<std::int64_t>(v);
}

std::uint64_t to_uint64(const json::value& v) {
  if (const json::value* const text = only_member(v, "$int")) {
    return parse_number<std::uint64_t>(text->as_string());
  }
  return json::value_to<std::uint64_t>(v);
}

json::value from_int64(std::int64_t n) {
  if (n >= -largest_plain_number && n <= largest_plain_number) {
    return n;
  }
  return json::object{{"$int", std::to_string(n)}};
}

std::string to_text(const json::value& v) {
  if (const json::value* const hex = only_member(v, "$rawstr")) {
    return from_hex(hex->as_string());
  }
  return std::string(v.as_string());
}

json::value from_text(std::string_view text) {
  if (sync::is_utf8(text)) {
    return json::string(text);
  }
  return json::object{{"$rawstr", to_hex(text)}};
}

const json::value* only_member(const json::value& v, std::string_view key) {
  const json::object* const o = v.if_object();
  return o != nullptr && o->size() == 1 ? o->if_contains(key) : nullptr;
}

} // namespace ros::vectors
