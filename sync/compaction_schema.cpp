#include "compaction_schema.hpp"

namespace ros::sync {

error compaction_error(const char* sentence) {
  return {ec::corrupt_store, std::string("the history cannot be compacted: ") + sentence, 0};
}

const live_class* compaction_schema::find(std::string_view name) const {
  const auto at = classes_.find(name);
  return at == classes_.end() ? nullptr : &at->second;
}

void compaction_schema::pin(std::string_view name) {
  if (const auto at = classes_.find(name); at != classes_.end()) {
    at->second.pinned = true;
  }
}

result<void> compaction_schema::declare(const changeset& changes, const instruction& i,
                                        instruction_number number, version_type version) {
  const auto name = changes.string(i.class_name);
  const auto at = classes_.find(name);
  if (i.op == opcode::add_table) {
    if (at != classes_.end()) {
      plan_.drop(number);
      return {};
    }
    live_class added;
    added.id = ++last_id_;
    added.kind = i.kind;
    added.pinned = i.kind == class_kind::embedded;
    added.added = number;
    if (i.kind != class_kind::embedded && i.type != value_type::global_key) {
      added.key_field = changes.string(i.field);
    }
    classes_.emplace(std::string(name), std::move(added));
    last_declared_ = version;
    return {};
  }
  if (at == classes_.end()) {
    return compaction_error("a column of an unknown class is added");
  }
  const auto field = changes.string(i.field);
  auto& owner = at->second;
  if (owner.columns.contains(field) || (!owner.key_field.empty() && field == owner.key_field)) {
    plan_.drop(number);
    return {};
  }
  live_column added{++last_id_, i.type, i.collection, false, number};
  if (i.type == value_type::link) {
    const auto* target = find(changes.string(i.target_class));
    added.embedded = target != nullptr && target->kind == class_kind::embedded;
    if (owner.kind == class_kind::embedded) {
      pin(changes.string(i.target_class));
    }
  }
  owner.columns.emplace(std::string(field), added);
  last_declared_ = version;
  return {};
}

result<schema_ending> compaction_schema::ending(const changeset& changes,
                                                const instruction& i) const {
  const auto* owner = find(changes.string(i.class_name));
  if (owner == nullptr) {
    return compaction_error("an unknown class is erased");
  }
  if (i.op == opcode::erase_table) {
    return schema_ending{owner, 0};
  }
  const auto column = owner->columns.find(changes.string(i.field));
  if (column == owner->columns.end()) {
    return compaction_error("an unknown column is erased");
  }
  return owner->kind == class_kind::embedded ? schema_ending()
                                             : schema_ending{owner, column->second.id};
}

void compaction_schema::erase(const changeset& changes, const instruction& i,
                              instruction_number number) {
  const auto at = classes_.find(changes.string(i.class_name));
  auto& owner = at->second;
  const bool embedded = owner.kind == class_kind::embedded;
  if (i.op == opcode::erase_column) {
    const auto column = owner.columns.find(changes.string(i.field));
    if (!embedded) {
      plan_.drop(column->second.added);
      plan_.drop(number);
    }
    owner.columns.erase(column);
    return;
  }
  for (const auto& [name, column] : owner.columns) {
    if (!embedded) {
      plan_.drop(column.added);
    }
  }
  if (!owner.pinned) {
    plan_.drop(owner.added);
    plan_.drop(number);
  }
  classes_.erase(at);
}

} // namespace ros::sync
