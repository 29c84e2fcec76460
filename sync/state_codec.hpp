// The binary form of objects and pieces in the rows of column `objects`. Rows begin
// with a version byte; numbers are LEB128, signed ones in zigzag. Internal to the
// object state, except that before-images carry rows.
//
//   row        = 1  last-piece  body
//   body       = count  count * (column id, value)
//   value      = tag  data (see row_tag)
//   collection = count  count * ([key]  value)                      inline
//              | count  count * (piece id, count, bytes, nested, [separator])
//   piece      = 1  count  count * ([key]  value)
//
// Keys stand with dictionary elements only: those of sets follow from the element.
#pragma once

#include "state_value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ros::sync {

inline constexpr char row_version = 1;

/// First byte of a value.
enum class row_tag : std::uint8_t {
  null = 0,
  integer = 1,
  no = 2,
  yes = 3,
  string = 4,
  binary = 5,
  timestamp = 6,
  float32 = 7,
  float64 = 8,
  decimal = 9,
  link = 10,
  object_id = 11,
  uuid = 12,
  object = 13,
  // A collection's tag plus collection_type (1 list, 2 dictionary, 3 set).
  inline_collection = 13, // 14 .. 16
  pieced_collection = 16, // 17 .. 19
};

// -- primitives, also used by schema and before-images -------------------------

void append_number(std::string& out, std::uint64_t number);
void append_text(std::string& out, std::string_view text);

/// Reads what the functions above wrote. After a failure `ok` is false and
/// everything read is zero or empty.
class row_reader {
public:
  explicit row_reader(std::string_view in) : in_(in) {}

  std::uint64_t number();
  std::string_view text();
  std::string_view raw(std::size_t size);
  std::uint8_t byte();
  void fail() { ok_ = false; }

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] std::size_t left() const noexcept { return in_.size(); }
  /// Everything was read, and read well.
  [[nodiscard]] bool done() const noexcept { return ok_ && in_.empty(); }

private:
  std::string_view in_;
  bool ok_ = true;
};

// -- objects --------------------------------------------------------------------

/// As the value stands: collections are inline, or a directory if their pieces have
/// rows. Pieces that have no row yet must have been settled (state_writer.hpp).
void append_value(std::string& out, const stored_value& value);
std::string encode_row(const stored_row& row);
std::string encode_piece(const piece& content, collection_type kind);

/// Nothing if the bytes are damaged. No memory is reserved from counts in the bytes
/// beyond what the bytes can hold.
shared<stored_row> decode_row(std::string_view in);
shared<piece> decode_piece(std::string_view in, collection_type kind);

} // namespace ros::sync
