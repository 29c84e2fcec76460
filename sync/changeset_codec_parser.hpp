// The parser behind parse_changeset; private to the codec. changeset_codec_items.cpp
// holds the primitive items, changeset_codec_parser.cpp the instructions.
#pragma once

#include "changeset.hpp"
#include "errors.hpp"
#include "varint.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace ros::sync::codec {

/// Who made the bytes; merging makes some that clients must not send.
enum class source : std::uint8_t { client, merge_result };

/// Reads one changeset from start to end. The first thing wrong is remembered
/// with its offset; from then on every read gives zeros, so that the code below
/// has to look for failure only where it would loop or index.
class parser {
public:
  parser(const bytes& data, int protocol_version, source from, std::size_t max_memory);

  result<changeset> run();

private:
  // -- items of changesets.md 2 (changeset_codec_items.cpp) ---------------------
  std::uint64_t unsigned_number(int max_size, std::uint64_t max);
  std::int64_t signed_number(int max_size, std::int64_t min, std::int64_t max);
  std::uint8_t u8() { return static_cast<std::uint8_t>(unsigned_number(max_varint8_size, 0xff)); }
  std::uint32_t u32() {
    return static_cast<std::uint32_t>(unsigned_number(max_varint32_size, 0xffff'ffff));
  }
  std::uint64_t u64() { return unsigned_number(max_varint64_size, UINT64_MAX); }
  std::int64_t i64() { return signed_number(max_varint64_size, INT64_MIN, INT64_MAX); }
  bool boolean() { return u8() != 0; }
  std::string_view fixed(std::size_t size);
  std::string_view byte_string(std::size_t max_size);
  template <class Bits>
  Bits little_endian();
  template <class Id>
  Id identifier();
  timestamp read_timestamp();
  decimal128 read_decimal();

  // -- names, keys, values, paths (changesets.md 3 to 5) ------------------------
  void definition();
  void refuse_repeated_strings();
  interned string_reference();
  interned class_name();
  interned field_name();
  interned key_field_name();
  value_type type_code();
  collection_type collection();
  object_key key();
  value payload();
  text string_payload(std::size_t max_size);
  void path(path_type& out);

  // -- instructions (changesets.md 6) -------------------------------------------
  void instruction_item(opcode op);
  void add_table(instruction& in);
  void add_column(instruction& in);
  void path_instruction(instruction& in);
  void require_index(const instruction& in, const char* start);

  void spend(std::size_t memory, const char* where);
  void fail(const char* reason, const char* where);
  [[nodiscard]] bool failed() const noexcept { return reason_ != nullptr; }
  [[nodiscard]] error failure() const;

  /// What is known of an interned string; names are checked on their first use.
  struct string_state {
    std::uint32_t offset = 0; ///< of the definition; saturates, for messages only
    bool class_name_ok = false;
    bool field_name_ok = false;
  };

  changeset out_;
  std::size_t memory_left_;
  std::vector<string_state> states_;
  const char* begin_;
  const char* at_;
  const char* end_;
  bool clear_ends_with_size_; ///< protocol version 1
  bool moves_have_to_move_;
  const char* reason_ = nullptr;
  const char* failed_at_ = nullptr;
};

} // namespace ros::sync::codec
