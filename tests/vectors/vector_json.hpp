// The small JSON forms of the golden vectors: numbers, bytes, text.
#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace ros::vectors {

namespace json = boost::json;

/// Lowercase hex without separators.
std::string to_hex(std::string_view bytes);
/// Throws std::runtime_error if the text is no hex.
std::string from_hex(std::string_view hex);

/// Integers: JSON numbers up to 2^53-1 in magnitude, else {"$int":"..."}.
std::int64_t to_int64(const json::value& v);
std::uint64_t to_uint64(const json::value& v);
json::value from_int64(std::int64_t n);

/// Text: a JSON string if it is UTF-8, else {"$rawstr":"hex"}.
std::string to_text(const json::value& v);
json::value from_text(std::string_view text);

/// The value of the only key `key` of an object; null if `v` is anything else.
const json::value* only_member(const json::value& v, std::string_view key);

} // namespace ros::vectors
