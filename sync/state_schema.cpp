#include "state_schema.hpp"

#include "state_codec.hpp"

#include <algorithm>

namespace ros::sync {

namespace {

// First bytes of keys in column `schema` (state_key.hpp).
constexpr char meta_row = 0;
constexpr char class_row = 1;
constexpr char server_key_row = 2;

std::string table_row(char kind, table_id table) {
  std::string key(1, kind);
  append_big_endian(key, table, 4);
  return key;
}

std::string encode_number_row(std::uint64_t number) {
  std::string out(1, row_version);
  append_number(out, number);
  return out;
}

std::string encode_class(const schema_class& info) {
  std::string out(1, row_version);
  append_text(out, info.name);
  out.push_back(static_cast<char>(info.kind));
  append_text(out, info.key_field);
  out.push_back(static_cast<char>(info.key_type));
  out.push_back(info.key_nullable ? 1 : 0);
  append_number(out, info.last_column);
  append_number(out, info.columns.size());
  for (const auto& [name, column] : info.columns) {
    append_number(out, column.id);
    append_text(out, name);
    out.push_back(static_cast<char>(column.type));
    out.push_back(static_cast<char>(column.collection));
    out.push_back(column.nullable ? 1 : 0);
    append_number(out, column.target);
  }
  return out;
}

value_type read_type(row_reader& in) {
  return static_cast<value_type>(static_cast<std::int8_t>(in.byte()));
}

shared<schema_class> decode_class(table_id table, row_reader in) {
  shared<schema_class> info(new schema_class);
  info->id = table;
  info->name = in.text();
  info->kind = static_cast<class_kind>(in.byte());
  info->key_field = in.text();
  info->key_type = read_type(in);
  info->key_nullable = in.byte() != 0;
  info->last_column = static_cast<column_id>(in.number());
  const auto count = in.number();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    schema_column column;
    column.id = static_cast<column_id>(in.number());
    column.name = in.text();
    column.type = read_type(in);
    column.collection = static_cast<collection_type>(in.byte());
    column.nullable = in.byte() != 0;
    column.target = static_cast<table_id>(in.number());
    auto name = column.name;
    info->columns.emplace(std::move(name), std::move(column));
  }
  return in.done() ? info : nullptr;
}

} // namespace

const schema_column* schema_class::find(std::string_view column_name) const {
  const auto at = columns.find(column_name);
  return at == columns.end() ? nullptr : &at->second;
}

bool schema_class::owns(column_id column) const noexcept {
  return std::any_of(columns.begin(), columns.end(),
                     [column](const auto& entry) { return entry.second.id == column; });
}

result<void> state_schema::load() {
  if (loaded_) {
    return {};
  }
  result<void> outcome;
  const auto scanned =
      source_->scan(state_column::schema, {}, {}, [&](std::string_view key, std::string_view row) {
        outcome = read_row(key, row);
        return outcome.has_value();
      });
  if (!scanned || !outcome) {
    now_ = {};
    return scanned ? outcome : scanned;
  }
  loaded_ = true;
  return {};
}

result<void> state_schema::read_row(std::string_view key, std::string_view value) {
  const error damaged{ec::corrupt_store, "a row of the stored schema does not decode", 0};
  row_reader in(value);
  if (in.byte() != row_version || key.empty()) {
    return damaged;
  }
  if (key.front() == meta_row) {
    now_.last_table = static_cast<table_id>(in.number());
    return in.done() ? result<void>() : damaged;
  }
  if (key.size() != 5) {
    return damaged;
  }
  const auto table = static_cast<table_id>(read_big_endian(key.substr(1), 4));
  if (key.front() == server_key_row) {
    now_.server_keys[table] = in.number();
    return in.done() ? result<void>() : damaged;
  }
  auto info = key.front() == class_row ? decode_class(table, in) : nullptr;
  if (!info) {
    return damaged;
  }
  for (const auto& [name, column] : info->columns) {
    count_incoming(*info, column, true);
  }
  now_.by_id[table] = info.get();
  now_.by_name[info->name] = std::move(info);
  return {};
}

const schema_class* state_schema::find(std::string_view name) const {
  const auto at = now_.by_name.find(name);
  return at == now_.by_name.end() ? nullptr : at->second.get();
}

const schema_class* state_schema::find(table_id table) const {
  const auto at = now_.by_id.find(table);
  return at == now_.by_id.end() ? nullptr : at->second;
}

void state_schema::count_incoming(const schema_class& owner, const schema_column& column,
                                  bool added) {
  if (column.target == 0 || column.target == owner.id) {
    return;
  }
  auto& count = now_.incoming[column.target];
  count += added ? 1U : ~0U;
  if (count == 0) {
    now_.incoming.erase(column.target);
  }
}

void state_schema::remember() {
  if (!before_batch_) {
    before_batch_ = now_;
  }
}

const schema_class& state_schema::add(shared<schema_class> added) {
  remember();
  added->id = ++now_.last_table;
  added->dirty = true;
  now_.table_added = now_.changed = true;
  now_.by_id[added->id] = added.get();
  return *(now_.by_name[added->name] = std::move(added));
}

schema_class& state_schema::edit(const schema_class& changed) {
  remember();
  auto& held = now_.by_name.find(changed.name)->second;
  auto& info = own(held);
  now_.by_id[info.id] = &info;
  info.dirty = now_.changed = true;
  return info;
}

void state_schema::add_column(const schema_class& owner, schema_column added) {
  auto& info = edit(owner);
  added.id = ++info.last_column;
  count_incoming(info, added, true);
  auto name = added.name;
  info.columns.emplace(std::move(name), std::move(added));
}

void state_schema::erase_column(const schema_class& owner, const schema_column& erased) {
  const auto name = erased.name;
  auto& info = edit(owner);
  const auto at = info.columns.find(name);
  count_incoming(info, at->second, false);
  info.columns.erase(at);
}

void state_schema::erase(const schema_class& erased) {
  remember();
  const auto table = erased.id;
  now_.erased.push_back(table);
  for (const auto& [name, column] : erased.columns) {
    count_incoming(erased, column, false);
  }
  now_.by_id.erase(table);
  now_.by_name.erase(now_.by_name.find(erased.name));
  now_.server_keys.erase(table);
}

void state_schema::note_server_key(table_id table, std::uint64_t counter) {
  if (counter < next_server_key(table)) {
    return;
  }
  remember();
  now_.server_keys[table] = counter + 1;
  now_.counted_keys.push_back(table);
}

std::uint64_t state_schema::next_server_key(table_id table) const {
  const auto at = now_.server_keys.find(table);
  return at == now_.server_keys.end() ? 0 : at->second;
}

void state_schema::drop_batch() {
  if (before_batch_) {
    now_ = std::move(*before_batch_);
    before_batch_.reset();
  }
}

void state_schema::take(std::vector<state_mutation>& out) {
  const auto put = [&out](std::string key, std::optional<std::string> row) {
    out.push_back({state_column::schema, std::move(key), std::move(row)});
  };
  if (now_.table_added) {
    put(std::string(1, meta_row), encode_number_row(now_.last_table));
  }
  for (const auto table : now_.erased) {
    put(table_row(class_row, table), std::nullopt);
    put(table_row(server_key_row, table), std::nullopt);
  }
  if (now_.changed) {
    for (auto& [name, info] : now_.by_name) {
      if (info->dirty) {
        put(table_row(class_row, info->id), encode_class(*info));
        info->dirty = false;
      }
    }
  }
  std::sort(now_.counted_keys.begin(), now_.counted_keys.end());
  now_.counted_keys.erase(std::unique(now_.counted_keys.begin(), now_.counted_keys.end()),
                          now_.counted_keys.end());
  for (const auto table : now_.counted_keys) {
    if (now_.server_keys.contains(table)) {
      put(table_row(server_key_row, table), encode_number_row(now_.server_keys[table]));
    }
  }
  now_.changed = now_.table_added = false;
  now_.erased.clear();
  now_.counted_keys.clear();
}

void state_schema::discard() {
  now_ = {};
  before_batch_.reset();
  loaded_ = false;
}

} // namespace ros::sync
