// The classes and columns of one Realm, changed in batches with the objects.
// Names lead to numbers that are never given again: objects and links carry the
// numbers only. Internal to the object state.
#pragma once

#include "changeset.hpp"
#include "errors.hpp"
#include "state_key.hpp"
#include "state_store.hpp"
#include "state_value.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ros::sync {

struct schema_column {
  column_id id = 0;
  std::string name;
  value_type type = value_type::null; ///< null = Mixed
  collection_type collection = collection_type::single;
  bool nullable = false; ///< effective (changesets.md 13.2)
  table_id target = 0;   ///< of a link, else 0
};

struct schema_class : counted<schema_class> {
  table_id id = 0;
  std::string name;
  class_kind kind = class_kind::top_level;
  std::string key_field;                        ///< empty without primary key
  value_type key_type = value_type::global_key; ///< global_key = no primary key
  bool key_nullable = false;
  column_id last_column = 0; ///< highest column id given so far
  std::map<std::string, schema_column, std::less<>> columns;
  bool dirty = false; ///< differs from what is stored

  [[nodiscard]] const schema_column* find(std::string_view column_name) const;
  [[nodiscard]] bool has_key() const noexcept {
    return kind != class_kind::embedded && key_type != value_type::global_key;
  }
  /// Objects may carry fields of columns that exist no more.
  [[nodiscard]] bool has_erased_columns() const noexcept { return last_column != columns.size(); }
  [[nodiscard]] bool owns(column_id column) const noexcept;
};

/// Pointers to classes and columns are valid until the next change of the schema.
class state_schema {
public:
  explicit state_schema(const state_source& source) : source_(&source) {}

  /// Reads column `schema` unless it has been read. ec::corrupt_store.
  result<void> load();
  [[nodiscard]] bool is_loaded() const noexcept { return loaded_; }

  [[nodiscard]] const schema_class* find(std::string_view name) const;
  [[nodiscard]] const schema_class* find(table_id table) const;
  /// A column of another class links to it.
  [[nodiscard]] bool is_link_target(const schema_class& target) const {
    return now_.incoming.contains(target.id);
  }
  [[nodiscard]] const auto& classes() const noexcept { return now_.by_name; }

  /// Adds a class; its id is assigned here.
  const schema_class& add(shared<schema_class> added);
  /// Adds a column; its id is assigned here.
  void add_column(const schema_class& owner, schema_column added);
  void erase_column(const schema_class& owner, const schema_column& erased);
  void erase(const schema_class& erased);

  /// The server made, or a client claims to have seen, GlobalKey (1, counter).
  void note_server_key(table_id table, std::uint64_t counter);
  /// See object_reader::next_server_key.
  [[nodiscard]] std::uint64_t next_server_key(table_id table) const;

  void keep_batch() { before_batch_.reset(); }
  void drop_batch();
  /// Appends the rows that changed since the last call.
  void take(std::vector<state_mutation>& out);
  void discard();

private:
  struct content {
    std::map<std::string, shared<schema_class>, std::less<>> by_name;
    std::unordered_map<table_id, schema_class*> by_id;
    table_id last_table = 0;
    std::map<table_id, std::uint64_t> server_keys; ///< next counters above 0
    std::map<table_id, std::uint32_t> incoming;    ///< link columns of other classes, if any
    // Since the last take():
    bool changed = false; ///< a class is dirty
    bool table_added = false;
    std::vector<table_id> erased;
    std::vector<table_id> counted_keys;
  };

  result<void> read_row(std::string_view key, std::string_view value);
  /// Called before every change: what drop_batch() returns to.
  void remember();
  /// The class, to be changed.
  schema_class& edit(const schema_class& changed);
  void count_incoming(const schema_class& owner, const schema_column& column, bool added);

  const state_source* source_;
  bool loaded_ = false;
  content now_;
  std::optional<content> before_batch_;
};

} // namespace ros::sync
