#include "compaction_round.hpp"

#include "state_key.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace ros::sync {

namespace {

// What an object and a field take in memory beside the key, about.
constexpr std::size_t object_memory = 160;
constexpr std::size_t field_memory = sizeof(live_field) + 16;
/// A trail that takes more than this is looked at.
constexpr std::size_t long_trail_memory = 16u << 10;

bool is_collection_payload(const instruction& i) {
  return i.value.type == value_type::list || i.value.type == value_type::dictionary;
}

} // namespace

compaction_round::compaction_round(compaction_plan& plan, hash_range range,
                                   std::size_t memory_bytes)
    : plan_(plan), range_(range), schema_(plan), scratch_(memory_bytes) {}

std::uint64_t compaction_round::hash(std::uint32_t class_id, std::string_view key) const noexcept {
  const std::uint64_t h = std::hash<std::string_view>()(key) + class_id * 0x9e37'79b9'7f4a'7c15;
  return (h ^ (h >> 29)) * 0xbf58'476d'1ce4'e5b9;
}

result<void> compaction_round::add(const history_entry& entry, const changeset& changes,
                                   instruction_number first) {
  selected_by_ = nullptr;
  const compaction_age age{entry.timestamp, entry.origin == 0 ? server_file_ident : entry.origin};
  for (const auto& i : changes.instructions) {
    const auto number = first + static_cast<instruction_number>(&i - changes.instructions.data());
    if (auto added = add(step{entry, changes, i, number, age}); !added) {
      return added;
    }
  }
  auto applied = scratch_.end_entry();
  if (!applied || !scratch_.is_full()) {
    return applied;
  }
  scratch_.flush();
  return look_at_long_trails();
}

result<void> compaction_round::add(const step& s) {
  switch (s.i.op) {
  case opcode::add_table:
  case opcode::add_column:
    selected_by_ = nullptr;
    scratch_.add(s.changes, s.i);
    return schema_.declare(s.changes, s.i, s.number, s.entry.version);
  case opcode::erase_table:
  case opcode::erase_column:
    return end(s);
  case opcode::create_object:
    return create(s);
  case opcode::erase_object:
    return erase(s);
  default:
    return change(s);
  }
}

// -- schema -----------------------------------------------------------------------

result<void> compaction_round::end(const step& s) {
  selected_by_ = nullptr;
  scratch_.add(s.changes, s.i);
  const auto gone = schema_.erase(s.changes, s.i);
  if (!gone) {
    return gone.error();
  }
  // What a column leaves in the objects goes later: its number is never given again.
  if (*gone != 0) {
    for (auto& [key, object] : objects_.classes[*gone]) {
      drop(object, key.size());
    }
    objects_.classes.erase(*gone);
  }
  return {};
}

void compaction_round::drop(live_object& object, std::size_t key_size) {
  std::size_t freed = object_memory + key_size;
  plan_.drop(object.created);
  for (auto& field : object.fields) {
    freed += field_memory + field.memory();
    field.drop_all(plan_);
  }
  memory_ -= std::min(memory_, freed);
}

void compaction_round::count_memory() {
  memory_ = 0;
  for (const auto& [id, of_class] : objects_.classes) {
    for (const auto& [key, object] : of_class) {
      memory_ += object_memory + key.size() + object.fields.size() * field_memory;
      for (const auto& field : object.fields) {
        memory_ += field.memory();
      }
    }
  }
}

// -- objects ------------------------------------------------------------------------

result<bool> compaction_round::select(const step& s) {
  if (selected_by_ != nullptr && selected_by_->class_name == s.i.class_name &&
      selected_by_->key == s.i.key) {
    return selected_is_ours_;
  }
  class_ = schema_.find(s.changes.string(s.i.class_name));
  if (class_ == nullptr) {
    return compaction_error("an object of an unknown class");
  }
  selected_by_ = &s.i;
  key_.clear();
  append_key(key_, s.i.key, s.changes);
  selected_is_ours_ = range_.contains(hash(class_->id, key_));
  object_ = nullptr;
  if (selected_is_ours_) {
    auto& of_class = objects_.classes[class_->id];
    const auto at = of_class.find(key_);
    object_ = at == of_class.end() ? nullptr : &at->second;
  }
  return selected_is_ours_;
}

result<void> compaction_round::create(const step& s) {
  const auto ours = select(s);
  if (!ours || !*ours) {
    return ours ? result<void>() : ours.error();
  }
  if (object_ != nullptr) {
    plan_.drop(s.number);
    return {};
  }
  object_ = &objects_.classes[class_->id][key_];
  object_->created = s.number;
  memory_ += object_memory + key_.size();
  return {};
}

result<void> compaction_round::erase(const step& s) {
  const auto ours = select(s);
  if (!ours || !*ours) {
    return ours ? result<void>() : ours.error();
  }
  plan_.drop(s.number);
  if (object_ == nullptr) {
    return {};
  }
  if (object_->in_scratch) {
    scratch_.add(s.changes, s.i);
  }
  drop(*object_, key_.size());
  objects_.classes[class_->id].erase(key_);
  object_ = nullptr;
  return {};
}

// -- fields ---------------------------------------------------------------------------

result<void> compaction_round::change(const step& s) {
  const auto ours = select(s);
  if (!ours) {
    return ours.error();
  }
  const auto column = class_->columns.find(s.changes.string(s.i.field));
  if (column == class_->columns.end()) {
    return compaction_error("an unknown field is changed");
  }
  if (!*ours) {
    return {};
  }
  if (object_ == nullptr) {
    return compaction_error("an object that does not exist is changed");
  }
  auto& field = field_of(column->second);
  memory_ -= std::min(memory_, field.memory());
  const bool compound = column->second.collection != collection_type::single || !s.i.path.empty() ||
                        is_collection_payload(s.i) || s.i.op == opcode::clear ||
                        s.i.value.type == value_type::object_value;
  if (compound || field.in_scratch) {
    add_to_scratch(s, field);
  }
  if (compound || field.trail) {
    change_compound(s, column->second, field);
  } else {
    change_single(s, field);
  }
  memory_ += field.memory();
  return {};
}

/// The object's field, added if it is not there.
live_field& compaction_round::field_of(const live_column& column) {
  if (auto* field = object_->find(column.id)) {
    return *field;
  }
  auto& fields = object_->fields;
  if (fields.size() >= class_->columns.size()) { // some of columns that are gone
    std::erase_if(fields, [this](live_field& field) {
      const bool gone = std::ranges::none_of(
          class_->columns, [&field](const auto& entry) { return entry.second.id == field.column; });
      if (gone) {
        memory_ -= std::min(memory_, field_memory + field.memory());
        field.drop_all(plan_);
      }
      return gone;
    });
  }
  auto& added = fields.emplace_back();
  added.column = column.id;
  memory_ += field_memory;
  return added;
}

void compaction_round::add_to_scratch(const step& s, live_field& field) {
  if (!object_->in_scratch) {
    instruction made;
    made.op = opcode::create_object;
    made.class_name = s.i.class_name;
    made.key = s.i.key;
    scratch_.add(s.changes, made);
    object_->in_scratch = true;
  }
  field.in_scratch = true;
  scratch_.add(s.changes, s.i);
}

void compaction_round::change_single(const step& s, live_field& field) {
  if (s.i.op == opcode::update) {
    field.steps.assign(s.number, s.age, s.i.is_default, plan_);
  } else if (const auto* delta = std::get_if<std::int64_t>(&s.i.value.data)) {
    field.steps.increment(s.number, s.age, *delta, plan_);
  }
}

void compaction_round::change_compound(const step& s, const live_column& column,
                                       live_field& field) {
  const bool is_value = column.collection == collection_type::single;
  const bool assigns = is_value && s.i.op == opcode::update && s.i.path.empty();
  const bool replaces = assigns && field.trail && !is_collection_payload(s.i) &&
                        s.i.value.type != value_type::object_value && !s.i.is_default &&
                        field.trail->last_assigned <= s.age;
  const bool empties = !is_value && s.i.op == opcode::clear && s.i.path.empty();
  if (field.trail && (replaces || empties)) {
    field.trail->drop_all(plan_);
    field.trail.reset();
  }
  if (replaces) {
    change_single(s, field);
    return;
  }
  if (empties) {
    plan_.drop(s.number);
    return;
  }
  if (!field.trail) {
    field.trail = std::make_unique<instruction_trail>();
  }
  auto& trail = *field.trail;
  trail.add(s.number, s.entry.version, cost_of(s.i));
  if (assigns) {
    trail.last_assigned = std::max(trail.last_assigned, s.age);
  }
  if (trail.memory() > std::max(trail.look_at, long_trail_memory)) {
    long_trails_.push_back({std::string(s.changes.string(s.i.class_name)), key_, field.column});
    trail.look_at = std::numeric_limits<std::size_t>::max();
  }
}

} // namespace ros::sync
