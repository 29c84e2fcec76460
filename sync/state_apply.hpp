// Applies one changeset to schema and objects, and refuses what no client could
// apply (changesets.md 13). Internal to the object state; lives for one apply().
#pragma once

#include "changeset.hpp"
#include "errors.hpp"
#include "state_cache.hpp"
#include "state_collection.hpp"
#include "state_schema.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ros::sync {

/// Where the path of an instruction ends.
struct place {
  enum class at : std::uint8_t { field, element, entry };

  at where = at::field;
  const schema_column* column = nullptr; ///< its type is that of the value here
  stored_object* owner = nullptr;        ///< of a field
  stored_collection* items = nullptr;    ///< of an element or entry
  std::uint32_t index = 0;               ///< of an element; may be out of range
  std::string_view key;                  ///< of an entry; may be missing

  /// The whole list, dictionary or set of a column, not a value.
  [[nodiscard]] bool is_collection() const noexcept {
    return where == at::field && column->collection != collection_type::single;
  }
  [[nodiscard]] bool is_mixed() const noexcept {
    return !is_collection() && column->type == value_type::null;
  }
};

class changeset_applier {
public:
  changeset_applier(state_schema& schema, object_cache& cache, bool allow_destructive,
                    const changeset& changes);

  /// Stops at the first instruction that fails and names it in the message.
  result<void> run();

private:
  result<void> apply(const instruction& i);

  // -- schema (state_apply_schema.cpp) ------------------------------------------
  result<void> add_table(const instruction& i);
  result<void> erase_table(const instruction& i);
  result<void> add_column(const instruction& i);
  result<void> add_new_column(const instruction& i, const schema_class& owner);
  result<void> erase_column(const instruction& i);

  // -- objects (state_apply.cpp) --------------------------------------------------
  result<void> create_object(const instruction& i);
  result<void> erase_object(const instruction& i);
  /// Makes `node_` and `class_` those of the instruction's object; node_ may be null.
  result<void> select_object(const instruction& i);
  result<const schema_class*> object_class(interned name) const;
  result<void> check_key(const object_key& key, const schema_class& owner) const;
  /// Drops what erased columns left in the object; called at its first change in a batch.
  result<void> purge_erased_columns(stored_row& row);

  // -- paths (state_apply_path.cpp) -------------------------------------------------
  result<place> resolve(const instruction& i);
  result<place> field_of(stored_object& owner, const schema_class& info, interned field);
  result<place> step(const place& from, path_element next);
  result<place> step_into_collection(stored_collection& items, const schema_column& column,
                                     path_element next);
  /// The value at a place, to be changed; fails if an element or entry is not there.
  result<stored_value*> value_at(const place& p);
  /// The list, dictionary or set of a column, added if it is missing.
  stored_collection& collection_of(const place& p);
  /// The list that the last index of a list instruction is in, checked against the prior size.
  result<stored_collection*> list_of(const instruction& i, const place& p);
  collection_editor editor();

  // -- values (state_apply_value.cpp) -------------------------------------------------
  result<void> update(const instruction& i);
  result<void> update_field(const instruction& i, const place& p);
  result<void> update_element(const instruction& i, const place& p);
  result<void> update_entry(const instruction& i, const place& p);
  result<void> add_integer(const instruction& i);
  result<void> clear(const instruction& i);
  /// An empty collection at a Mixed place, unless it already holds one of this kind.
  result<void> set_collection(stored_value& target, collection_type kind);
  result<void> replace(stored_value& target, stored_value value);

  // -- collections (state_apply_collection.cpp) -------------------------------------------
  result<void> array_insert(const instruction& i);
  result<void> array_move(const instruction& i);
  result<void> array_erase(const instruction& i);
  result<void> set_insert(const instruction& i);
  result<void> set_erase(const instruction& i);
  result<std::string> set_key(const instruction& i, const place& p, stored_value& element);

  // -- payloads (state_apply_payload.cpp) ---------------------------------------------------
  /// The payload as it is stored, if a value of this column may be it: scalars, null, links.
  result<stored_value> check_payload(const value& payload, const schema_column& column) const;
  result<stored_link> check_link(const link& payload, const schema_column& column) const;
  /// A new embedded object for a column that links to an embedded class.
  result<stored_value> new_embedded(const schema_column& column) const;
  [[nodiscard]] bool is_embedded(const schema_column& column) const;

  [[nodiscard]] std::string_view name(interned string) const { return changes_.string(string); }
  [[nodiscard]] const schema_class* class_named(interned string) const;
  void forget_schema();
  [[nodiscard]] std::string describe(const instruction& i) const;

  state_schema& schema_;
  object_cache& cache_;
  bool allow_destructive_;
  const changeset& changes_;

  // By interned string: what it names, so that a name is looked up once. Valid if
  // of this generation: every change of the schema begins a new one.
  struct known_class {
    std::uint64_t generation = 0;
    const schema_class* info = nullptr;
  };
  struct known_column {
    std::uint64_t generation = 0;
    const schema_class* owner = nullptr;
    const schema_column* column = nullptr;
  };
  std::uint64_t generation_ = 1;
  mutable std::vector<known_class> classes_;
  std::vector<known_column> columns_;

  // The object of the last object or path instruction.
  const instruction* selected_by_ = nullptr;
  object_node* node_ = nullptr;
  const schema_class* class_ = nullptr;
  std::string row_key_;
  std::optional<node_pieces> pieces_;
  bool purged_ = false; ///< of what erased columns left in it
};

/// A sentence that refuses an instruction: ec::apply_failure with protocol_code 212.
error apply_error(std::string sentence);
error schema_error(std::string sentence, int protocol_code = 212);

const char* type_name(value_type type) noexcept;
const char* collection_name(collection_type kind) noexcept;

} // namespace ros::sync
