// Somebody who uses an app: random transactions that are valid on the present
// state of a device, over a schema with everything that is known to converge
// (merge-rules.md 15).
#pragma once

#include "support/changeset_builder.hpp"
#include "sync/object_reader.hpp"
#include "sync/object_state.hpp"
#include "sync/types.hpp"

#include <cstdint>
#include <optional>
#include <random>

namespace ros::test {

/// What users do beyond objects, values, lists, dictionaries and sets.
struct user_habits {
  int items = 4;                 ///< how many objects there are to change
  bool schema_changes = true;    ///< add and erase a column and a class
  bool mixed_collections = true; ///< lists and dictionaries in Mixed, cleared when stored
  bool newer_types = true;       ///< Mixed, sets and dictionaries, which protocol version 2 lacks
};

class random_user {
public:
  random_user(sync::object_state& state, sync::file_ident ident, user_habits habits)
      : state_(state), ident_(ident), habits_(habits) {}

  /// The schema that every app declares when it is opened.
  static changeset_builder declare_schema(const user_habits& habits = {});

  /// One to five random changes, but at most `most`; the state is left as it was.
  changeset_builder act(std::uint64_t seed, int most = 5);

private:
  void one_change();
  void change_item();
  void change_item_value(const sync::primary_key& k, const sync::read_object& item);
  void change_item_list(const sync::primary_key& k, const sync::read_object& item);
  void change_item_dictionary(const sync::primary_key& k);
  void change_item_set(const sync::primary_key& k);
  void change_embedded(const sync::primary_key& k, const sync::read_object& item);
  void change_embedded_list(const sync::primary_key& k, const sync::read_object& item);
  void change_mixed_collection(const sync::primary_key& k, const sync::read_object& item);
  void change_tag();
  void change_note();
  void change_schema();
  void change_link_to_extra(const sync::primary_key& k);
  void create_item(const sync::primary_key& k);
  void change_list(const sync::primary_key& k, const path& where, const sync::read_collection& list,
                   const payload& value);

  /// Makes what the transaction got last visible to the next change.
  void apply();
  std::optional<sync::read_object> find(const std::string& table, const sync::primary_key& k) const;
  bool has_column(const std::string& table, const std::string& column) const;
  payload some_link();
  int pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }
  std::string word();

  sync::object_state& state_;
  sync::file_ident ident_;
  user_habits habits_;
  std::mt19937_64 random_;
  changeset_builder work_;
  std::size_t applied_ = 0;
};

} // namespace ros::test
