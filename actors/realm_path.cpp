#include "realm_path.hpp"

#include "runtime/encoding.hpp"

#include <algorithm>
#include <array>

namespace ros::actors {

namespace {

constexpr std::size_t max_path = 1024;
constexpr std::size_t max_segment = 200;
constexpr std::size_t max_plain_partition = 148;

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         c == '-';
}

bool is_valid_segment(std::string_view segment) {
  return !segment.empty() && segment.size() <= max_segment && segment.front() != '.' &&
         segment != "__partial" && !segment.ends_with(".realm") &&
         !segment.ends_with(".realm.lock") && !segment.ends_with(".realm.management") &&
         std::all_of(segment.begin(), segment.end(), [](char c) { return is_word(c) || c == '.'; });
}

/// The path part of a full URL, or the text itself.
std::string_view without_authority(std::string_view text) {
  constexpr std::array<std::string_view, 4> schemes{"realm://", "realms://", "http://", "https://"};
  for (auto scheme : schemes) {
    if (!text.starts_with(scheme))
      continue;
    auto path = text.find('/', scheme.size());
    return path == std::string_view::npos ? std::string_view{} : text.substr(path);
  }
  return text;
}

} // namespace

bool is_valid_realm_path(std::string_view path) {
  if (path.size() < 2 || path.size() > max_path || path.front() != '/')
    return false;
  for (std::size_t begin = 1; begin <= path.size();) {
    auto end = std::min(path.find('/', begin), path.size());
    if (!is_valid_segment(path.substr(begin, end - begin)))
      return false;
    begin = end + 1;
  }
  return true;
}

std::optional<std::string> normalise_realm_path(std::string_view text, std::string_view user_id) {
  auto path = runtime::percent_decode(without_authority(text));
  if (!path)
    return std::nullopt;
  if (!path->starts_with('/'))
    path->insert(path->begin(), '/');
  if (first_segment(*path) == "~")
    path->replace(1, 1, user_id);
  if (!is_valid_realm_path(*path))
    return std::nullopt;
  return path;
}

std::string_view first_segment(std::string_view path) {
  path.remove_prefix(1);
  return path.substr(0, path.find('/'));
}

bool is_creatable(std::string_view path) {
  auto root = first_segment(path);
  auto last = path.substr(path.rfind('/') + 1);
  if (root == "__partition")
    return last.size() + root.size() + 2 == path.size();
  if (root.starts_with("__") && root != "__admin")
    return false;
  if (last.size() + 1 == path.size()) // in the root
    return root != "__admin";
  return !last.starts_with("__");
}

std::string partition_segment(std::string_view text) {
  if (!text.empty() && text.size() <= max_plain_partition &&
      std::all_of(text.begin(), text.end(), is_word))
    return "s-" + std::string{text};
  // "Longer than 148 bytes" is about the encoded form: the segment must stay below 200.
  auto encoded = runtime::base64url_encode(text);
  return text.size() <= max_plain_partition ? "b-" + encoded
                                            : "h-" + runtime::hex_encode(runtime::sha256(text));
}

} // namespace ros::actors
