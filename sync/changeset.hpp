// The parsed form of a changeset (changesets.md): what the codec reads and
// writes, the merge engine changes and the object state applies.
#pragma once

#include "bytes.hpp"

#include <boost/container/small_vector.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ros::sync {

/// Type codes of changesets.md 4; as a column type, null means Mixed.
enum class value_type : std::int8_t {
  set = -6,
  list = -5,
  erased = -4,
  dictionary = -3,
  object_value = -2,
  global_key = -1,
  null = 0,
  integer = 1,
  boolean = 2,
  string = 3,
  binary = 4,
  timestamp = 5,
  float32 = 6,
  float64 = 7,
  decimal = 8,
  link = 9,
  object_id = 10,
  uuid = 11,
};

enum class collection_type : std::uint8_t { single = 0, list = 1, dictionary = 2, set = 3 };
enum class class_kind : std::uint8_t { top_level = 0, embedded = 1, asymmetric = 2 };

/// Opcodes of changesets.md 6.
enum class opcode : std::uint8_t {
  add_table = 0,
  erase_table = 1,
  create_object = 2,
  erase_object = 3,
  update = 4,
  add_integer = 5,
  add_column = 6,
  erase_column = 7,
  array_insert = 8,
  array_move = 9,
  array_erase = 10,
  clear = 11,
  set_insert = 12,
  set_erase = 13,
};

/// Index into the intern table of the changeset that holds it.
struct interned {
  std::uint32_t index = 0;
  friend bool operator==(interned, interned) = default;
};

struct global_key {
  std::uint64_t hi = 0;
  std::uint64_t lo = 0;
  friend auto operator<=>(const global_key&, const global_key&) = default;
};
struct object_id {
  std::array<std::uint8_t, 12> raw{};
  friend auto operator<=>(const object_id&, const object_id&) = default;
};
struct uuid {
  std::array<std::uint8_t, 16> raw{};
  friend auto operator<=>(const uuid&, const uuid&) = default;
};
/// Seconds and nanoseconds since 1970, same sign, |nanoseconds| < 10^9.
struct timestamp {
  std::int64_t seconds = 0;
  std::int32_t nanoseconds = 0;
  friend auto operator<=>(const timestamp&, const timestamp&) = default;
};
/// The three parts of changesets.md 2.4; coefficient < 2^113.
struct decimal128 {
  std::uint64_t coefficient_hi = 0;
  std::uint64_t coefficient_lo = 0;
  std::int32_t exponent = 0;
  bool negative = false;
  friend bool operator==(const decimal128&, const decimal128&) = default;
};
/// IEEE 754 bit patterns: NaN payloads and -0 must survive (changesets.md 2.2).
struct float32 {
  std::uint32_t bits = 0;
  friend bool operator==(float32, float32) = default;
};
struct float64 {
  std::uint64_t bits = 0;
  friend bool operator==(float64, float64) = default;
};

/// A primary key; monostate is the null key.
using object_key = std::variant<std::monostate, std::int64_t, interned, global_key, object_id, uuid>;

struct link {
  interned target_class;
  object_key target_key;
  friend bool operator==(const link&, const link&) = default;
};

/// A String or Binary payload: a view into one of the changeset's buffers, and
/// its position in the virtual string buffer (changesets.md 7.3, rule P28).
struct text {
  std::string_view content;
  std::uint64_t offset = 0;
};

/// A payload. `type` decides which alternative of `data` is set; null, set,
/// list, dictionary, erased and object_value carry none (monostate).
struct value {
  value_type type = value_type::null;
  std::variant<std::monostate, std::int64_t, bool, text, timestamp, float32, float64, decimal128,
               link, object_id, uuid>
      data;
};

/// A path step below the field: a list index, or an interned string
/// (dictionary key, or field name of an embedded object).
struct path_element {
  bool is_index = true;
  std::uint32_t number = 0; ///< the index, or the intern table index
  friend bool operator==(path_element, path_element) = default;
};
using path_type = boost::container::small_vector<path_element, 2>;

/// One instruction. Which members mean anything depends on `op`; the others
/// keep their defaults.
struct instruction {
  opcode op = opcode::add_table;
  class_kind kind = class_kind::top_level;             ///< add_table
  collection_type collection = collection_type::single; ///< add_column, clear
  value_type type = value_type::null;     ///< add_table: key type; add_column: column type
  value_type key_type = value_type::null; ///< add_column of a dictionary
  bool nullable = false;                  ///< add_table: key; add_column
  bool is_default = false;                ///< update of a field
  interned class_name;
  interned field;        ///< also the key field of add_table
  interned target_class; ///< add_column of type link
  std::uint32_t prior_size = 0; ///< array update, array_insert, _move, _erase
  std::uint32_t to_index = 0;   ///< array_move
  object_key key;
  path_type path;
  ros::sync::value value; ///< update, array_insert, set_*; add_integer: the delta as integer
};

/// True for the eight instructions that address a field (and path) of an object.
constexpr bool is_path_instruction(opcode op) noexcept {
  return op == opcode::update || op == opcode::add_integer || op >= opcode::array_insert;
}
/// An Update whose path ends with an index: carries a prior size, no default flag.
inline bool is_array_update(const instruction& i) noexcept {
  return i.op == opcode::update && !i.path.empty() && i.path.back().is_index;
}

/// A parsed changeset. Strings and payloads are views into `buffers`, so copies
/// are cheap and stay valid on their own.
struct changeset {
  std::vector<std::string_view> strings; ///< the intern table, in index order
  std::vector<instruction> instructions;
  std::vector<bytes> buffers;       ///< what the views point into
  std::uint64_t virtual_size = 0;   ///< end of the virtual string buffer (changesets.md 7.3)

  [[nodiscard]] std::string_view string(interned i) const { return strings[i.index]; }
};

} // namespace ros::sync
