#include "compaction_schema.hpp"

namespace ros::sync {

error compaction_error(const char* sentence) {
  return {ec::corrupt_store, std::string("the history cannot be compacted: ") + sentence, 0};
}

const live_class* compaction_schema::find(std::string_view name) const {
  const auto at = classes_.find(name);
  return at == classes_.end() ? nullptr : &at->second;
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
  owner.columns.emplace(std::string(field), live_column{++last_id_, i.type, i.collection});
  last_declared_ = version;
  return {};
}

result<std::uint32_t> compaction_schema::erase(const changeset& changes, const instruction& i) {
  const auto at = classes_.find(changes.string(i.class_name));
  if (at == classes_.end()) {
    return compaction_error("an unknown class is erased");
  }
  if (i.op == opcode::erase_table) {
    const auto id = at->second.id;
    classes_.erase(at);
    return id;
  }
  const auto column = at->second.columns.find(changes.string(i.field));
  if (column == at->second.columns.end()) {
    return compaction_error("an unknown column is erased");
  }
  at->second.columns.erase(column);
  return 0;
}

} // namespace ros::sync
