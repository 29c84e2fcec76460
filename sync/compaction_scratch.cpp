#include "compaction_scratch.hpp"

#include "compaction_build.hpp"
#include "compaction_schema.hpp"
#include "object_state_impl.hpp"
#include "state_key.hpp"

#include <algorithm>
#include <utility>

namespace ros::sync {

namespace {

constexpr std::size_t row_memory = 80; ///< beside key and value, about

} // namespace

// -- rows -------------------------------------------------------------------------

result<std::optional<std::string>> scratch_rows::get(state_column column,
                                                     std::string_view key) const {
  const auto& rows = columns_[static_cast<std::size_t>(column)];
  const auto at = rows.find(key);
  return at == rows.end() ? std::nullopt : std::optional(at->second);
}

result<void> scratch_rows::scan(
    state_column column, std::string_view prefix, std::string_view from,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  const auto& rows = columns_[static_cast<std::size_t>(column)];
  for (auto at = rows.lower_bound(std::max(prefix, from));
       at != rows.end() && at->first.starts_with(prefix) && visit(at->first, at->second); ++at) {
  }
  return {};
}

void scratch_rows::apply(std::vector<state_mutation> mutations) {
  for (auto& mutation : mutations) {
    auto& rows = columns_[static_cast<std::size_t>(mutation.column)];
    if (const auto at = rows.find(mutation.key); at != rows.end()) {
      memory_ -= row_memory + at->first.size() + at->second.size();
      rows.erase(at);
    }
    if (mutation.value) {
      memory_ += row_memory + mutation.key.size() + mutation.value->size();
      rows.emplace(std::move(mutation.key), std::move(*mutation.value));
    }
  }
}

void scratch_rows::erase_if(const std::function<bool(std::string_view row)>& unwanted) {
  std::erase_if(columns_[static_cast<std::size_t>(state_column::objects)], [&](const auto& row) {
    if (!unwanted(row.first)) {
      return false;
    }
    memory_ -= row_memory + row.first.size() + row.second.size();
    return true;
  });
}

// -- state --------------------------------------------------------------------------

std::size_t cost_of(const instruction& i) noexcept {
  constexpr std::size_t without_strings = 12;
  const auto* content = std::get_if<text>(&i.value.data);
  return without_strings + i.path.size() + (content != nullptr ? content->content.size() : 0);
}

compaction_scratch::compaction_scratch(std::size_t memory_bytes)
    : state_(rows_, {.cache_bytes = memory_bytes / 4}), memory_bytes_(memory_bytes) {
  state_.begin_batch();
}

void compaction_scratch::add(const changeset& changes, const instruction& i) {
  if (pending_.instructions.empty()) {
    pending_.strings = changes.strings;
    pending_.buffers = changes.buffers;
  }
  pending_.instructions.push_back(i);
  unflushed_bytes_ += cost_of(i);
}

result<void> compaction_scratch::end_entry() {
  if (pending_.instructions.empty()) {
    return {};
  }
  auto applied = state_.apply(pending_);
  pending_ = {};
  ++unflushed_;
  if (!applied) {
    return error{ec::corrupt_store, "the history cannot be compacted: " + applied.error().message,
                 0};
  }
  return {};
}

void compaction_scratch::flush() {
  state_.keep_batch();
  rows_.apply(state_.take_mutations());
  state_.committed();
  state_.begin_batch();
  unflushed_ = 0;
  unflushed_bytes_ = 0;
}

void compaction_scratch::keep_only(
    const std::function<bool(std::string_view class_name, std::string_view key)>& wanted) {
  flush();
  const auto& schema = state_.get().schema;
  rows_.erase_if([&](std::string_view row) {
    const auto* info = schema.find(table_of_row(row));
    auto rest = key_of_row(row);
    const auto all = rest;
    if (info == nullptr || !take_key(rest)) {
      return true;
    }
    return !wanted(info->name, all.substr(0, all.size() - rest.size()));
  });
  state_.keep_batch();
  state_.discard();
  state_.begin_batch();
  (void)state_.apply(changeset()); // reads the schema back
}

result<built_content> compaction_scratch::build(std::string_view class_name, std::string_view key,
                                                std::string_view field,
                                                std::size_t piece_bytes) const {
  const auto& schema = state_.get().schema;
  const auto* info = schema.find(class_name);
  const auto* column = info != nullptr ? info->find(field) : nullptr;
  auto rest = key;
  const auto decoded = take_key(rest);
  if (column == nullptr || !decoded) {
    return compaction_error("a field to be built anew does not exist");
  }
  const auto row_key = object_prefix(info->id) + std::string(key);
  auto row = state_.get().cache.peek(row_key);
  if (!row) {
    return row.error();
  }
  if (!*row || !(*row)->exists) {
    return compaction_error("an object to be built anew does not exist");
  }
  const auto* value = find_field((*row)->body, column->id);
  if (value == nullptr) {
    return built_content();
  }
  piece_source pieces(rows_, row_key);
  content_builder builder(schema, pieces, {class_name, *decoded, field}, piece_bytes);
  return std::move(builder).build(*column, *value);
}

} // namespace ros::sync
