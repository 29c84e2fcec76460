// What a touched object looked like before a log entry: for event listeners,
// which tell insertions, deletions and modifications apart (operations.md 8).
// A log entry may carry them; the format is fixed here. object_reader::read
// decodes the object.
#pragma once

#include "bytes.hpp"
#include "errors.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ros::sync {

/// One object as it was: table name, encoded primary key and encoded value in the
/// layout of state column `objects`; no value = the object did not exist.
/// Objects that went with their class (EraseTable) have no image.
struct before_image {
  struct piece {
    std::uint64_t id = 0;
    std::string content;
    friend bool operator==(const piece&, const piece&) = default;
  };
  std::string table;
  std::string key;
  std::optional<std::string> value;
  /// Of big collections, the pieces that were changed, as they were. Pieces that were
  /// not touched, dropped unread (a cleared list) or beyond max_image_pieces are not here.
  std::vector<piece> pieces;
  friend bool operator==(const before_image&, const before_image&) = default;
};

/// Bytes of pieces in one image; what would exceed it is left out.
inline constexpr std::size_t max_image_pieces = 1U << 20;

/// Version byte 1, count, then for each: table, key, flag and, if it is 1, value, count of
/// pieces, for each piece id and content. Numbers and lengths are LEB128. No images, no bytes.
bytes encode_before_images(const std::vector<before_image>& images);
/// ec::corrupt_store.
result<std::vector<before_image>> decode_before_images(const bytes& data);

} // namespace ros::sync
