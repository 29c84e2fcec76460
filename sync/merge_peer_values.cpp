#include "merge_rules.hpp"

#include "merge_values.hpp"

// Peer rules for single values and sets (P6, P7, P22 to P28), and the choice of
// the rule for two path instructions whose paths have equal length.

namespace ros::sync::merging {
namespace {

bool is_default(const participant& update) {
  return update.source->is_default && !update.ends_with_index();
}

/// P6.
contradiction update_twice(participant& x, participant& y) {
  if (x.ends_with_index() && x.prior_size != y.prior_size)
    return "two updates of a list element disagree about the size of the list (P6)";
  const auto type_x = x.source->value.type;
  const auto type_y = y.source->value.type;
  // Quirk Q6: creating an embedded object loses to anything else, even if older.
  if (type_x != type_y && type_x == value_type::object_value)
    x.dropped = true;
  else if (type_x != type_y && type_y == value_type::object_value)
    y.dropped = true;
  else if (type_x == type_y && (type_x == value_type::list || type_x == value_type::dictionary))
    return nullptr;
  else if (is_default(x) != is_default(y))
    (is_default(x) ? x : y).dropped = true;
  else
    drop_older(x, y);
  return nullptr;
}

/// P7. Wraps around in 64 bits; defaults get the increment too (quirk Q7).
void add_meets_update(participant& add, participant& update) {
  auto& assigned = update.source->value;
  const bool counts = older(update, add) || is_default(update);
  if (counts && assigned.type == value_type::null)
    return;
  if (!counts || assigned.type != value_type::integer) {
    add.dropped = true;
    return;
  }
  auto& number = std::get<std::int64_t>(assigned.data);
  const auto delta = std::get<std::int64_t>(add.source->value.data);
  number = static_cast<std::int64_t>(static_cast<std::uint64_t>(number) +
                                     static_cast<std::uint64_t>(delta));
  update.owner->mark_changed();
}

/// P22.
void clear_meets_update(participant& clear, participant& update) {
  const auto kind = clear.source->collection;
  const auto type = update.source->value.type;
  if (kind == collection_type::list && type == value_type::list)
    return;
  if (kind == collection_type::dictionary && type == value_type::dictionary)
    return;
  drop_older(clear, update);
}

/// P26, P27.
void set_change_meets_insert(participant& change, participant& insert) {
  if (change.value_hash == insert.value_hash &&
      same_value(change.source->value, *change.owner, insert.source->value, *insert.owner))
    drop_older(change, insert);
}

/// P28. Quirk Q3: compares where strings lie, not what they say.
void set_erase_twice(participant& x, participant& y) {
  if (same_token(x.source->value, y.source->value))
    drop_older(x, y);
}

constexpr unsigned both(opcode x, opcode y) {
  return (static_cast<unsigned>(x) << 4) | static_cast<unsigned>(y);
}

/// Rules that need equal paths; x.op >= y.op.
contradiction same_path_rule(participant& x, participant& y) {
  using enum opcode;
  switch (both(x.op, y.op)) {
  case both(update, update):
    return update_twice(x, y);
  case both(add_integer, update):
    add_meets_update(x, y);
    break;
  case both(clear, update):
    clear_meets_update(x, y);
    break;
  case both(clear, add_integer): // P23
    y.dropped = true;
    break;
  case both(clear, clear): // P24: whatever they clear
    drop_older(x, y);
    break;
  case both(set_insert, clear): // P25
  case both(set_erase, clear):
    x.dropped = true;
    break;
  case both(set_insert, set_insert):
  case both(set_erase, set_insert):
    set_change_meets_insert(x, y);
    break;
  case both(set_erase, set_erase):
    set_erase_twice(x, y);
    break;
  default:
    break;
  }
  return nullptr;
}

/// Rules for two elements of one list; x.op >= y.op, x is a list instruction.
contradiction same_container_rule(participant& x, participant& y) {
  using enum opcode;
  switch (both(x.op, y.op)) {
  case both(array_insert, update):
    return insert_meets_update(x, y);
  case both(array_insert, array_insert):
    return insert_meets_insert(x, y);
  case both(array_move, update):
    return move_meets_update(x, y);
  case both(array_move, array_insert):
    move_meets_insert(x, y);
    return nullptr;
  case both(array_move, array_move):
    return move_meets_move(x, y);
  case both(array_erase, update):
    return erase_meets_update(x, y);
  case both(array_erase, array_insert):
    return erase_meets_insert(x, y);
  case both(array_erase, array_move):
    return erase_meets_move(x, y);
  case both(array_erase, array_erase):
    return erase_meets_erase(x, y);
  default:
    return nullptr;
  }
}

constexpr bool is_list_instruction(opcode op) {
  return op == opcode::array_insert || op == opcode::array_move || op == opcode::array_erase;
}

} // namespace

contradiction peer_paths(participant& a, participant& b) {
  auto& x = a.op >= b.op ? a : b;
  auto& y = a.op >= b.op ? b : a;
  if (is_list_instruction(x.op))
    return same_container(x, y) ? same_container_rule(x, y) : nullptr;
  return same_path(x, y) ? same_path_rule(x, y) : nullptr;
}

} // namespace ros::sync::merging
