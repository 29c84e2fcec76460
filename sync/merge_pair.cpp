#include "merge_rules.hpp"

namespace ros::sync::merging {
namespace {

/// Path length of merge-rules.md 8.
std::uint32_t length(const participant& p) {
  switch (p.op) {
  case opcode::add_table:
  case opcode::erase_table:
    return 1;
  case opcode::add_column:
  case opcode::erase_column:
  case opcode::create_object:
  case opcode::erase_object:
    return 2;
  default:
    return 3 + p.path_size;
  }
}

} // namespace

contradiction merge_same_field(participant& a, participant& b) {
  if (a.path_size == b.path_size)
    return peer_paths(a, b);
  return a.path_size < b.path_size ? nested_paths(a, b) : nested_paths(b, a);
}

outcome merge_pair(participant& a, participant& b) {
  if (a.is_path_instruction() && b.is_path_instruction())
    return {same_field(a, b) ? merge_same_field(a, b) : nullptr};
  const auto length_a = length(a);
  const auto length_b = length(b);
  if (length_b < length_a)
    nested_schema_and_objects(b, a);
  if (length_a < length_b)
    nested_schema_and_objects(a, b);
  if (a.dropped || b.dropped)
    return {};
  return peer_schema_and_objects(a, b);
}

} // namespace ros::sync::merging
