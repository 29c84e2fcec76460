// What a touched object looked like before a log entry: for event listeners,
// which tell insertions, deletions and modifications apart (operations.md 8).
// A log entry may carry them; the format is fixed here.
#pragma once

#include "bytes.hpp"
#include "errors.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ros::sync {

/// One object as it was: table name, encoded primary key and encoded value in the
/// layout of state column `objects`; no value = the object did not exist.
struct before_image {
  std::string table;
  std::string key;
  std::optional<std::string> value;
  friend bool operator==(const before_image&, const before_image&) = default;
};

/// Version byte 1, count, then for each: table, key, flag, value (varint lengths).
bytes encode_before_images(const std::vector<before_image>& images);
result<std::vector<before_image>> decode_before_images(const bytes& data);

} // namespace ros::sync
