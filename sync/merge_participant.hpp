// One instruction while it takes part in a merge: everything the rules look at,
// in a cache line or so, with names and objects as small integers. Rules change
// the participant; write_back() carries the result to the instruction.
#pragma once

#include "merge_names.hpp"

#include <cstddef>
#include <cstdint>

namespace ros::sync::merging {

struct participant {
  std::uint64_t order = 0; ///< place among the instructions of its side; see side_order()
  instruction* source = nullptr;
  source_changeset* owner = nullptr;
  path_element* path = nullptr; ///< like source->path, but strings hold name ids
  std::uint32_t path_size = 0;
  std::uint32_t prior_size = 0;
  std::uint32_t to_index = 0;
  std::uint32_t age = 0; ///< rank: lower is older
  name_id class_name = none;
  name_id field = none;
  object_number object = none;
  name_id target_class = none;        ///< AddColumn of type Link
  std::uint32_t value_hash = 0;       ///< SetInsert, SetErase: equal for equal values
  std::uint32_t next = none;          ///< in the list of the minor index it is on
  std::uint32_t next_incoming = none; ///< in the list of link columns by target
  opcode op = opcode::add_table;
  bool dropped = false;
  bool modified = false; ///< path, prior_size or to_index may differ from source

  /// The last path element of a list instruction or array update.
  [[nodiscard]] std::uint32_t& index() const { return path[path_size - 1].number; }
  [[nodiscard]] bool ends_with_index() const {
    return path_size > 0 && path[path_size - 1].is_index;
  }
  [[nodiscard]] bool is_path_instruction() const noexcept { return sync::is_path_instruction(op); }
};

/// Fills everything but `path`'s storage, `object` and `order`. `path` must have
/// room for i.path.size() elements and outlive the participant.
participant make_participant(instruction& i, source_changeset& owner, path_element* path);

/// Place of the n-th original instruction of a side, n from 0; places are above
/// 0. The lower half leaves room for what rule P8 inserts in front of it.
constexpr std::uint64_t side_order(std::uint32_t n) noexcept {
  return (std::uint64_t{n} + 1) << 32 | none;
}
/// Place of the n-th inserted instruction of a merge, directly in front of `what`.
constexpr std::uint64_t order_in_front_of(std::uint64_t what, std::uint32_t n) noexcept {
  return (what & ~std::uint64_t{none}) | n;
}
/// The n that side_order(n), or something in front of it, came from.
constexpr std::uint32_t side_position(std::uint64_t order) noexcept {
  return static_cast<std::uint32_t>(order >> 32) - 1;
}

/// Carries indexes and sizes to the instruction and marks the changeset as
/// changed if they differ.
void write_back(participant& p);

/// The EraseColumn that rule P8 puts into the changeset of `erase_table` when
/// `add_column` declares a link to the erased class.
instruction make_erase_column(const participant& erase_table, const participant& add_column);

/// False for a list instruction whose path does not end with an index. The
/// codec refuses those (changesets.md 8.1, R13).
bool has_list_position(const instruction& i);

// Predicates of merge-rules.md 9. "Same field" is a precondition of all that
// compare paths.

inline bool older(const participant& x, const participant& y) noexcept {
  return x.age < y.age;
}
inline bool same_class(const participant& x, const participant& y) noexcept {
  return x.class_name == y.class_name;
}
inline bool same_object(const participant& x, const participant& y) noexcept {
  return x.object == y.object && x.object != none;
}
inline bool same_field(const participant& x, const participant& y) noexcept {
  return x.field == y.field && same_object(x, y);
}
inline bool equal_elements(const participant& x, const participant& y, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i)
    if (x.path[i] != y.path[i])
      return false;
  return true;
}
/// For paths of equal length.
inline bool same_path(const participant& x, const participant& y) noexcept {
  return equal_elements(x, y, x.path_size);
}
/// For paths of equal length above zero.
inline bool same_container(const participant& x, const participant& y) noexcept {
  return equal_elements(x, y, x.path_size - 1);
}
/// For x shorter than y.
inline bool is_prefix(const participant& x, const participant& y) noexcept {
  return equal_elements(x, y, x.path_size);
}
/// For x shorter than y: y lies in an element of the collection x has an element of.
inline bool is_container_prefix(const participant& x, const participant& y) noexcept {
  return x.path_size > 0 && equal_elements(x, y, x.path_size - 1);
}

} // namespace ros::sync::merging
