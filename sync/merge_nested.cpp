#include "merge_rules.hpp"

// Nested rules: the outer instruction has the shorter path. Age never matters.

namespace ros::sync::merging {
namespace {

constexpr contradiction no_index = "a string where a list index is needed (N5, N6, N7)";

/// The inner path's element at the position of the outer path's last one.
path_element& inner_at_outer(const participant& outer, const participant& inner) {
  return inner.path[outer.path_size - 1];
}

/// N3. Storing a collection keeps what is being put into a collection of that
/// kind; creating an embedded object keeps everything. Ignores age and the
/// default flag (quirk Q5).
void update_above(const participant& update, participant& inner) {
  const auto type = update.source->value.type;
  if (type == value_type::object_value || !is_prefix(update, inner))
    return;
  const bool next_is_index = inner.path[update.path_size].is_index;
  if (type == value_type::list && next_is_index)
    return;
  if (type == value_type::dictionary && !next_is_index)
    return;
  inner.dropped = true;
}

/// N4 and N8: nothing can be below an integer, or stay in a cleared collection.
void removes_below(const participant& outer, participant& inner) {
  if (is_prefix(outer, inner))
    inner.dropped = true;
}

/// N5.
contradiction insert_above(const participant& insert, participant& inner) {
  if (!is_container_prefix(insert, inner))
    return nullptr;
  auto& k = inner_at_outer(insert, inner);
  if (!k.is_index)
    return no_index;
  if (k.number >= insert.index()) {
    ++k.number;
    inner.modified = true;
  }
  return nullptr;
}

/// N6. Quirk Q1: changes the move, where the inner path should be changed. May
/// leave a move that goes nowhere, which every peer refuses to apply.
contradiction move_above(participant& move, const participant& inner) {
  if (!is_container_prefix(move, inner))
    return nullptr;
  const auto& k = inner_at_outer(move, inner);
  if (!k.is_index)
    return no_index;
  move.index() = shift(move.index(), k.number, move.to_index);
  move.modified = true;
  return nullptr;
}

/// N7.
contradiction erase_above(const participant& erase, participant& inner) {
  if (!is_container_prefix(erase, inner))
    return nullptr;
  auto& k = inner_at_outer(erase, inner);
  if (!k.is_index)
    return no_index;
  if (k.number == erase.index()) {
    inner.dropped = true;
  } else if (k.number > erase.index()) {
    --k.number;
    inner.modified = true;
  }
  return nullptr;
}

} // namespace

void nested_schema_and_objects(const participant& outer, participant& inner) {
  if (outer.op == opcode::erase_table) { // N1
    inner.dropped |= same_class(outer, inner);
  } else if (outer.op == opcode::erase_object) { // N2
    inner.dropped |= inner.is_path_instruction() && same_object(outer, inner);
  }
}

contradiction nested_paths(participant& outer, participant& inner) {
  switch (outer.op) {
  case opcode::update:
    update_above(outer, inner);
    return nullptr;
  case opcode::add_integer:
  case opcode::clear:
    removes_below(outer, inner);
    return nullptr;
  case opcode::array_insert:
    return insert_above(outer, inner);
  case opcode::array_move:
    return move_above(outer, inner);
  case opcode::array_erase:
    return erase_above(outer, inner);
  default:
    return nullptr;
  }
}

} // namespace ros::sync::merging
