#include "merge.hpp"

#include "merge_index.hpp"
#include "merge_rules.hpp"

#include <initializer_list>
#include <string>

namespace ros::sync {
namespace merging {
namespace {

/// Walks the majors past the indexed minors. For every major instruction: find
/// where on the other side it will be dropped for sure ("until"), let it meet
/// everything it can interact with before that place, then what drops it.
class merge_run {
public:
  merge_run() : minors_(names_) {}

  result<void> run(std::span<merge_changeset* const> majors,
                   std::span<merge_changeset* const> minors);

private:
  bool merge_major(merge_changeset& major, std::uint32_t age);
  bool merge_instruction(instruction& i, source_changeset& source);

  // What a major instruction of each kind meets; false on a contradiction.
  bool major_add_table(participant& a, class_entry& in_class);
  bool major_erase_table(participant& a, class_entry& in_class);
  bool major_add_column(participant& a, class_entry* in_class);
  bool major_erase_column(participant& a, class_entry* in_class, std::uint64_t from);
  bool major_create_object(participant& a, class_entry& in_class);
  bool major_erase_object(participant& a, class_entry& in_class);
  bool major_change(participant& a, class_entry& in_class);

  bool meet(participant& a, participant& b);
  bool meet_all(participant& a, participant_list& list, std::uint64_t from, std::uint64_t until);
  bool meet_changes(participant& a, participant_list& list, std::uint64_t until);
  bool meet_class(participant& a, class_entry& in_class, std::uint64_t until);
  bool meet_link_columns(participant& a, participant_list& list, std::uint64_t until);
  bool erase_column_in_front_of(participant& a, const participant& add_column);
  bool fail(const participant& a, contradiction why);

  /// The place of the first live instruction of a list that may be missing.
  std::uint64_t first(participant_list* list, std::uint64_t from = 0) {
    return list ? minors_.first(*list, from) : end_of_side;
  }
  /// The first live instruction of several lists: its place and its list.
  struct nearest {
    std::uint64_t order = end_of_side;
    participant_list* list = nullptr;
  };
  nearest first_of(std::initializer_list<participant_list*> lists, std::uint64_t from = 0) {
    nearest found;
    for (auto* list : lists)
      if (const auto order = first(list, from); order < found.order)
        found = {order, list};
    return found;
  }
  bool meet_rest(participant& a, const nearest& what, std::uint64_t from = 0) {
    return !what.list || meet_all(a, *what.list, from, end_of_side);
  }

  name_table names_;
  minor_index minors_;
  std::vector<path_element> path_;  ///< of the major instruction at hand
  std::vector<bool> dropped_;       ///< of the major changeset at hand
  std::vector<insertion> inserted_; ///< into the major changeset at hand
  std::size_t position_ = 0;        ///< of the major instruction at hand
  error failure_;
};

result<void> merge_run::run(std::span<merge_changeset* const> majors,
                            std::span<merge_changeset* const> minors) {
  std::vector<merge_changeset*> all(majors.begin(), majors.end());
  all.insert(all.end(), minors.begin(), minors.end());
  const auto ages = age_ranks(all);
  if (auto built = minors_.build(minors, std::span(ages).subspan(majors.size())); !built)
    return built;
  for (std::size_t m = 0; m < majors.size(); ++m)
    if (!merge_major(*majors[m], ages[m]))
      return failure_;
  minors_.finish();
  return {};
}

bool merge_run::merge_major(merge_changeset& major, std::uint32_t age) {
  source_changeset source(major, age, names_);
  auto& all = major.changes.instructions;
  dropped_.assign(all.size(), false);
  inserted_.clear();
  for (position_ = 0; position_ < all.size(); ++position_)
    if (!merge_instruction(all[position_], source))
      return false;
  rebuild(
      source, [&](std::size_t n) { return dropped_[n]; }, inserted_);
  return true;
}

bool merge_run::merge_instruction(instruction& i, source_changeset& source) {
  if (!has_list_position(i)) {
    failure_ = {ec::merge_failure, "a list instruction without index", 212};
    return false;
  }
  auto* in_class = minors_.find_class(source.number(i.class_name));
  if (!in_class && i.op != opcode::add_column)
    return true;
  if (path_.size() < i.path.size())
    path_.resize(i.path.size());
  auto a = make_participant(i, source, path_.data());
  bool ok = true;
  switch (i.op) {
  case opcode::add_table:
    ok = major_add_table(a, *in_class);
    break;
  case opcode::erase_table:
    ok = major_erase_table(a, *in_class);
    break;
  case opcode::add_column:
    ok = major_add_column(a, in_class);
    break;
  case opcode::erase_column:
    ok = major_erase_column(a, in_class, 0);
    break;
  case opcode::create_object:
    ok = major_create_object(a, *in_class);
    break;
  case opcode::erase_object:
    ok = major_erase_object(a, *in_class);
    break;
  default:
    ok = major_change(a, *in_class);
  }
  dropped_[position_] = a.dropped;
  if (!a.dropped)
    write_back(a);
  return ok;
}

// P1 and P2: the first of either kind drops it.
bool merge_run::major_add_table(participant& a, class_entry& in_class) {
  return meet_rest(a, first_of({&in_class.add_tables, &in_class.erase_tables}));
}

// N1, P2 and P8 up to an EraseTable of the same class, then P3.
bool merge_run::major_erase_table(participant& a, class_entry& in_class) {
  const auto until = minors_.first(in_class.erase_tables);
  return meet_class(a, in_class, until) && meet_link_columns(a, in_class.link_columns, until) &&
         meet_all(a, in_class.erase_tables, 0, end_of_side);
}

// P9, P11, N1 and P8 all drop it, so it meets the first of them only.
bool merge_run::major_add_column(participant& a, class_entry* in_class) {
  auto* column = minors_.find_column(a.class_name, a.field);
  auto* target = a.target_class != none ? minors_.find_class(a.target_class) : nullptr;
  const auto dropper =
      first_of({in_class ? &in_class->erase_tables : nullptr, column ? &column->adds : nullptr,
                column ? &column->erases : nullptr, target ? &target->erase_tables : nullptr});
  if (!dropper.list)
    return true;
  bool ok = true;
  minors_.walk(*dropper.list, 0, end_of_side, [&](participant& b) {
    const auto out = merge_pair(a, b);
    if (out.failure)
      ok = fail(a, out.failure);
    if (out.column_erased)
      minors_.insert_erase_column(b, a);
    return false;
  });
  return ok;
}

// P10 and P11 up to what drops it: P12 or N1.
bool merge_run::major_erase_column(participant& a, class_entry* in_class, std::uint64_t from) {
  auto* column = minors_.find_column(a.class_name, a.field);
  const auto dropper = first_of(
      {in_class ? &in_class->erase_tables : nullptr, column ? &column->erases : nullptr}, from);
  if (column) {
    if (!meet_all(a, column->adds, from, dropper.order))
      return false;
    for (auto f = column->first_field; f != none; f = minors_.field(f).next_of_column)
      if (!meet_all(a, minors_.field(f).changes, from, dropper.order))
        return false;
  }
  return meet_rest(a, dropper, from);
}

// P4 and N1.
bool merge_run::major_create_object(participant& a, class_entry& in_class) {
  a.object = minors_.object_numbers().find(*a.source, *a.owner);
  if (!meet_all(a, in_class.erase_tables, 0, end_of_side))
    return false;
  auto* object = minors_.find_object(a.object);
  return a.dropped || !object || meet_all(a, object->erases, 0, end_of_side);
}

// P4, P5 and N2 up to what drops it: a younger erase (P5) or N1.
bool merge_run::major_erase_object(participant& a, class_entry& in_class) {
  const auto table_erased = minors_.first(in_class.erase_tables);
  a.object = minors_.object_numbers().find(*a.source, *a.owner);
  if (auto* object = minors_.find_object(a.object)) {
    auto until = table_erased;
    minors_.walk(object->erases, 0, table_erased, [&](participant& b) {
      if (older(a, b))
        until = b.order;
      return !older(a, b);
    });
    if (!meet_all(a, object->creates, 0, until))
      return false;
    for (auto f = object->first_field; f != none; f = minors_.field(f).next_of_object)
      if (!meet_all(a, minors_.field(f).changes, 0, until))
        return false;
    if (!meet_all(a, object->erases, 0, table_erased))
      return false;
  }
  return a.dropped || meet_all(a, in_class.erase_tables, 0, end_of_side);
}

// The rules of path instructions on the same field, up to what drops it: N1,
// N2, or P10.
bool merge_run::major_change(participant& a, class_entry& in_class) {
  a.object = minors_.object_numbers().find(*a.source, *a.owner);
  auto* object = minors_.find_object(a.object);
  auto* column = a.op == opcode::update ? minors_.find_column(a.class_name, a.field) : nullptr;
  const auto dropper = first_of({&in_class.erase_tables, object ? &object->erases : nullptr,
                                 column ? &column->erases : nullptr});
  if (auto* field = object ? minors_.find_field(a.object, a.field) : nullptr)
    if (!meet_changes(a, field->changes, dropper.order))
      return false;
  return meet_rest(a, dropper);
}

bool merge_run::meet(participant& a, participant& b) {
  const auto out = merge_pair(a, b);
  return !out.failure || fail(a, out.failure);
}

/// `a` meets the members of a list until it is dropped.
bool merge_run::meet_all(participant& a, participant_list& list, std::uint64_t from,
                         std::uint64_t until) {
  bool ok = true;
  if (!a.dropped)
    minors_.walk(list, from, until, [&](participant& b) {
      ok = meet(a, b);
      return ok && !a.dropped;
    });
  return ok;
}

/// The loop that runs once per pair on a field: 10^8 times for two long offline
/// sessions on one list.
bool merge_run::meet_changes(participant& a, participant_list& list, std::uint64_t until) {
  bool ok = true;
  minors_.walk(list, 0, until, [&](participant& b) {
    const auto why = merge_same_field(a, b);
    if (why) [[unlikely]]
      ok = fail(a, why);
    return !why && !a.dropped;
  });
  return ok;
}

/// Everything on a class but its EraseTables.
bool merge_run::meet_class(participant& a, class_entry& in_class, std::uint64_t until) {
  if (!meet_all(a, in_class.add_tables, 0, until))
    return false;
  for (auto c = in_class.first_column; c != none; c = minors_.column(c).next_of_class) {
    auto& column = minors_.column(c);
    if (!meet_all(a, column.adds, 0, until) || !meet_all(a, column.erases, 0, until))
      return false;
  }
  for (auto o = in_class.first_object; o != none; o = minors_.object(o).next_of_class) {
    auto& object = minors_.object(o);
    if (!meet_all(a, object.creates, 0, until) || !meet_all(a, object.erases, 0, until))
      return false;
    for (auto f = object.first_field; f != none; f = minors_.field(f).next_of_object)
      if (!meet_all(a, minors_.field(f).changes, 0, until))
        return false;
  }
  if (until == end_of_side)
    in_class.first_object = none; // all gone; later EraseTables need not look again
  return true;
}

/// P8 for a major EraseTable.
bool merge_run::meet_link_columns(participant& a, participant_list& list, std::uint64_t until) {
  bool ok = true;
  minors_.walk<&participant::next_incoming>(list, 0, until, [&](participant& b) {
    if (merge_pair(a, b).column_erased)
      ok = erase_column_in_front_of(a, b);
    return ok;
  });
  return ok;
}

/// P8: the EraseColumn is at once merged with what comes after the dropped AddColumn.
bool merge_run::erase_column_in_front_of(participant& a, const participant& add_column) {
  auto what = make_erase_column(a, add_column);
  auto erase = make_participant(what, *a.owner, nullptr);
  const bool ok = major_erase_column(erase, minors_.find_class(erase.class_name), add_column.order);
  if (!erase.dropped)
    inserted_.push_back({position_, std::move(what)});
  return ok;
}

bool merge_run::fail(const participant& a, contradiction why) {
  const bool schema = a.op == opcode::add_table || a.op == opcode::add_column;
  failure_.code = schema ? ec::schema_conflict : ec::merge_failure;
  failure_.protocol_code = 212;
  auto& message = failure_.message;
  message = names_.text(a.class_name);
  if (a.field != none)
    message.append(".").append(names_.text(a.field));
  message.append(": ").append(why);
  return false;
}

} // namespace
} // namespace merging

result<void> merge(std::span<merge_changeset* const> majors,
                   std::span<merge_changeset* const> minors) {
  if (majors.empty() || minors.empty())
    return {};
  return merging::merge_run().run(majors, minors);
}

} // namespace ros::sync
