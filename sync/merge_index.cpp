#include "merge_index.hpp"

#include <algorithm>

namespace ros::sync::merging {
namespace {

constexpr std::uint64_t pair_key(std::uint32_t high, std::uint32_t low) noexcept {
  return (std::uint64_t{high} << 32) | low;
}

} // namespace

result<void> minor_index::build(std::span<merge_changeset* const> minors,
                                std::span<const std::uint32_t> ages) {
  std::size_t instructions = 0;
  std::size_t elements = 0;
  for (const auto* minor : minors) {
    instructions += minor->changes.instructions.size();
    for (const auto& i : minor->changes.instructions)
      elements += i.path.size();
  }
  changesets_.reserve(minors.size());
  participants_.reserve(instructions);
  paths_.resize(elements);

  auto* path = paths_.data();
  for (std::size_t c = 0; c < minors.size(); ++c) {
    auto& source = changesets_.emplace_back(*minors[c], ages[c], names_);
    first_of_changeset_.push_back(static_cast<std::uint32_t>(participants_.size()));
    for (auto& i : minors[c]->changes.instructions) {
      if (!has_list_position(i))
        return error{ec::merge_failure, "a list instruction without index", 212};
      const auto n = static_cast<std::uint32_t>(participants_.size());
      auto& p = participants_.emplace_back(make_participant(i, source, path));
      p.order = side_order(n);
      path += p.path_size;
      add(n);
    }
  }
  return {};
}

void minor_index::add(std::uint32_t n) {
  auto& p = participants_[n];
  switch (p.op) {
  case opcode::add_table:
    return append(class_of(p.class_name).add_tables, n);
  case opcode::erase_table:
    return append(class_of(p.class_name).erase_tables, n);
  case opcode::add_column:
    append(columns_[column_of(p.class_name, p.field)].adds, n);
    if (p.target_class != none && p.target_class != p.class_name) {
      auto& list = class_of(p.target_class).link_columns;
      (list.head == none ? list.head : participants_[list.tail].next_incoming) = n;
      list.tail = n;
    }
    return;
  case opcode::erase_column:
    return append(columns_[column_of(p.class_name, p.field)].erases, n);
  case opcode::create_object:
    return append(objects_[object_of(p)].creates, n);
  case opcode::erase_object:
    return append(objects_[object_of(p)].erases, n);
  default:
    return add_change(n);
  }
}

void minor_index::add_change(std::uint32_t n) {
  auto& p = participants_[n];
  const auto object = object_of(p);
  const auto next = static_cast<std::uint32_t>(fields_.size());
  const auto [where, is_new] = field_numbers_.try_emplace(pair_key(object, p.field), next);
  if (is_new) {
    auto& column = columns_[column_of(p.class_name, p.field)];
    fields_.push_back(
        {.next_of_object = objects_[object].first_field, .next_of_column = column.first_field});
    objects_[object].first_field = next;
    column.first_field = next;
  }
  append(fields_[where->second].changes, n);
}

void minor_index::append(participant_list& list, std::uint32_t n) {
  (list.head == none ? list.head : participants_[list.tail].next) = n;
  list.tail = n;
}

class_entry& minor_index::class_of(name_id name) {
  if (name >= class_by_name_.size())
    class_by_name_.resize(names_.size(), none);
  auto& number = class_by_name_[name];
  if (number == none) {
    number = static_cast<std::uint32_t>(classes_.size());
    classes_.emplace_back();
  }
  return classes_[number];
}

std::uint32_t minor_index::column_of(name_id class_name, name_id field) {
  const auto next = static_cast<std::uint32_t>(columns_.size());
  const auto [where, is_new] = column_numbers_.try_emplace(pair_key(class_name, field), next);
  if (is_new) {
    auto& in_class = class_of(class_name);
    columns_.push_back({.next_of_class = in_class.first_column});
    in_class.first_column = next;
  }
  return where->second;
}

std::uint32_t minor_index::object_of(participant& p) {
  p.object = object_numbers_.number(*p.source, *p.owner);
  if (p.object == objects_.size()) {
    auto& in_class = class_of(p.class_name);
    objects_.push_back({.next_of_class = in_class.first_object});
    in_class.first_object = p.object;
  }
  return p.object;
}

class_entry* minor_index::find_class(name_id name) {
  if (name >= class_by_name_.size() || class_by_name_[name] == none)
    return nullptr;
  return &classes_[class_by_name_[name]];
}

column_entry* minor_index::find_column(name_id class_name, name_id field) {
  const auto where = column_numbers_.find(pair_key(class_name, field));
  return where == column_numbers_.end() ? nullptr : &columns_[where->second];
}

object_entry* minor_index::find_object(object_number object) {
  return object == none ? nullptr : &objects_[object];
}

field_entry* minor_index::find_field(object_number object, name_id field) {
  const auto where = field_numbers_.find(pair_key(object, field));
  return where == field_numbers_.end() ? nullptr : &fields_[where->second];
}

std::uint64_t minor_index::first(participant_list& list, std::uint64_t from) {
  std::uint64_t order = end_of_side;
  walk(list, from, end_of_side, [&](participant& p) {
    order = p.order;
    return false;
  });
  return order;
}

void minor_index::insert_erase_column(const participant& erase_table,
                                      const participant& add_column) {
  auto& what = inserted_instructions_.emplace_back(make_erase_column(erase_table, add_column));
  auto& owner = *erase_table.owner;
  const auto changeset = static_cast<std::uint32_t>(&owner - changesets_.data());
  const auto order =
      order_in_front_of(erase_table.order, static_cast<std::uint32_t>(inserted_.size()));
  const auto n = static_cast<std::uint32_t>(participants_.size());
  inserted_.push_back({changeset, n});
  auto& p = participants_.emplace_back(make_participant(what, owner, nullptr));
  p.order = order;

  // Anything live in front of it would have dropped the AddColumn before.
  auto& list = columns_[column_of(p.class_name, p.field)].erases;
  p.next = list.head;
  list.head = n;
}

void minor_index::finish() {
  std::sort(inserted_.begin(), inserted_.end(), [&](const inserted& x, const inserted& y) {
    return participants_[x.participant].order < participants_[y.participant].order;
  });
  auto next = inserted_.begin();
  for (std::uint32_t c = 0; c < changesets_.size(); ++c) {
    const auto begin = next;
    while (next != inserted_.end() && next->changeset == c)
      ++next;
    finish_changeset(c, {begin, next});
  }
}

void minor_index::finish_changeset(std::uint32_t changeset, std::span<const inserted> insertions) {
  const auto begin = first_of_changeset_[changeset];
  const auto count = changesets_[changeset].changes().instructions.size();
  for (std::size_t n = begin; n < begin + count; ++n)
    if (!participants_[n].dropped)
      write_back(participants_[n]);

  std::vector<insertion> what;
  for (const auto& i : insertions) {
    const auto& p = participants_[i.participant];
    if (!p.dropped)
      what.push_back({side_position(p.order) - begin, std::move(*p.source)});
  }
  rebuild(
      changesets_[changeset], [&](std::size_t n) { return participants_[begin + n].dropped; },
      what);
}

} // namespace ros::sync::merging
