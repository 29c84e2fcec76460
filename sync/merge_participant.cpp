#include "merge_participant.hpp"

#include "merge_values.hpp"

namespace ros::sync::merging {

participant make_participant(instruction& i, source_changeset& owner, path_element* path) {
  participant p;
  p.source = &i;
  p.owner = &owner;
  p.age = owner.age();
  p.op = i.op;
  p.class_name = owner.number(i.class_name);
  p.prior_size = i.prior_size;
  p.to_index = i.to_index;
  if (i.op == opcode::add_column || i.op == opcode::erase_column || p.is_path_instruction())
    p.field = owner.number(i.field);
  if (i.op == opcode::add_column && i.type == value_type::link)
    p.target_class = owner.number(i.target_class);
  if (i.op == opcode::set_insert || i.op == opcode::set_erase)
    p.value_hash = hash_value(i.value, owner);
  if (p.is_path_instruction()) {
    p.path = path;
    p.path_size = static_cast<std::uint32_t>(i.path.size());
    for (const auto& element : i.path)
      *path++ = element.is_index ? element : path_element{false, owner.number({element.number})};
  }
  return p;
}

void write_back(participant& p) {
  if (!p.modified)
    return;
  auto& i = *p.source;
  bool differs = i.prior_size != p.prior_size || i.to_index != p.to_index;
  i.prior_size = p.prior_size;
  i.to_index = p.to_index;
  for (std::uint32_t n = 0; n < p.path_size; ++n) {
    if (!p.path[n].is_index)
      continue;
    differs |= i.path[n].number != p.path[n].number;
    i.path[n].number = p.path[n].number;
  }
  if (differs)
    p.owner->mark_changed();
  p.modified = false;
}

instruction make_erase_column(const participant& erase_table, const participant& add_column) {
  instruction i;
  i.op = opcode::erase_column;
  i.class_name = erase_table.owner->intern(add_column.class_name);
  i.field = erase_table.owner->intern(add_column.field);
  erase_table.owner->mark_changed();
  return i;
}

bool has_list_position(const instruction& i) {
  const bool needs =
      i.op == opcode::array_insert || i.op == opcode::array_move || i.op == opcode::array_erase;
  return !needs || (!i.path.empty() && i.path.back().is_index);
}

} // namespace ros::sync::merging
