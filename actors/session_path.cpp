#include "session_path.hpp"

#include "realm_path.hpp"

#include "runtime/encoding.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace ros::actors {

namespace {

namespace json = boost::json;

constexpr std::size_t max_text = 1024;
constexpr std::size_t uuid_bytes = 16;

std::string partition_path(std::string_view segment) {
  std::string path = "/__partition/";
  path += segment;
  return path;
}

std::string integer_path(std::int64_t value) {
  return partition_path("i-" + std::to_string(value));
}

/// A 64-bit integer written as decimal text, as in {"$numberLong":"5"}.
std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end)
    return std::nullopt;
  return value;
}

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::optional<std::string> object_id_path(std::string_view hex) {
  constexpr std::size_t digits = 24;
  if (hex.size() != digits || !is_hex(hex))
    return std::nullopt;
  return partition_path("o-" + lower(hex));
}

/// 36 characters, dashes as in "12345678-1234-1234-1234-123456789abc".
std::optional<std::string> uuid_path(std::string_view text) {
  constexpr std::size_t length = 36;
  if (text.size() != length)
    return std::nullopt;
  std::string digits;
  for (std::size_t i = 0; i < length; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-'))
      return std::nullopt;
    if (!dash)
      digits += text[i];
  }
  if (!is_hex(digits))
    return std::nullopt;
  return partition_path("u-" + lower(text));
}

/// The same as {"base64":"…","subType":"04"}.
std::optional<std::string> binary_uuid_path(const json::value& v) {
  const auto* object = v.if_object();
  const auto* base64 = object ? object->if_contains("base64") : nullptr;
  const auto* type = object ? object->if_contains("subType") : nullptr;
  if (!base64 || !base64->is_string() || !type || !type->is_string() || object->size() != 2 ||
      parse_integer(std::string_view{type->get_string()}) != 4)
    return std::nullopt;
  const auto bytes = runtime::base64_decode(base64->get_string());
  if (!bytes || bytes->size() != uuid_bytes)
    return std::nullopt;
  auto hex = runtime::hex_encode(*bytes);
  for (std::size_t dash : {20u, 16u, 12u, 8u})
    hex.insert(dash, 1, '-');
  return uuid_path(hex);
}

/// {"$kind": value}
std::optional<std::string> object_path(const json::object& object) {
  if (object.size() != 1)
    return std::nullopt;
  const std::string_view kind = object.begin()->key();
  const auto& value = object.begin()->value();
  if (kind == "$binary")
    return binary_uuid_path(value);
  if (!value.is_string())
    return std::nullopt;
  const std::string_view text = value.get_string();
  if (kind == "$oid")
    return object_id_path(text);
  if (kind == "$uuid")
    return uuid_path(text);
  if (kind != "$numberInt" && kind != "$numberLong")
    return std::nullopt;
  const auto number = parse_integer(text);
  return number ? std::optional{integer_path(*number)} : std::nullopt;
}

} // namespace

std::optional<std::string> canonical_session_path(std::string_view text, std::string_view user_id) {
  if (text.empty() || text.size() > max_text)
    return std::nullopt;
  json::monotonic_resource memory;
  json::error_code problem;
  const auto value = json::parse(text, problem, &memory);
  if (problem) {
    if (text.starts_with('/'))
      return normalise_realm_path(text, user_id);
    return std::nullopt;
  }
  switch (value.kind()) {
  case json::kind::null:
    return partition_path("n");
  case json::kind::int64:
    return integer_path(value.get_int64());
  case json::kind::object:
    return object_path(value.get_object());
  case json::kind::string: {
    const std::string_view partition = value.get_string();
    if (partition.starts_with('/'))
      return normalise_realm_path(partition, user_id);
    return partition_path(partition_segment(partition));
  }
  default:
    return std::nullopt;
  }
}

bool is_syncable(std::string_view path, bool is_admin) {
  const auto root = first_segment(path);
  const auto rest = path.substr(root.size() + 1); // empty, or begins with a slash
  if (rest.empty())
    return !root.starts_with("__") || root == "__admin" || root == "__wildcardpermissions" ||
           root == "__permission" || root == "__metrics";
  if (root == "__partition")
    return rest.find('/', 1) == std::string_view::npos;
  if (root.starts_with("__") && root != "__admin") // the admin token's home
    return false;
  if (rest == "/__management" || rest == "/__permission")
    return true;
  return is_admin || !rest.substr(rest.rfind('/') + 1).starts_with("__");
}

} // namespace ros::actors
