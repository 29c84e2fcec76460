// A Realm in memory for tests of the object state: applies changesets in batches,
// commits to a store, shows its content as JSON.
#pragma once

#include "support/changeset_builder.hpp"
#include "support/memory_state.hpp"
#include "support/state_json.hpp"
#include "sync/object_state.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace ros::test {

using sync::class_kind;
using sync::collection_type;
using sync::value_type;
using builder = changeset_builder;

inline const column_options list_of{.collection = collection_type::list};
inline const column_options set_of{.collection = collection_type::set};
inline const column_options dictionary_of{.collection = collection_type::dictionary};
inline const column_options optional_value{.nullable = true};

inline column_options to(std::string target, collection_type collection = collection_type::single) {
  return {.collection = collection, .target = std::move(target)};
}
inline column_options nullable(column_options options) {
  options.nullable = true;
  return options;
}

class state_fixture : public testing::Test {
public:
  explicit state_fixture(sync::object_state_options options = {}) : state(store, options) {}

  /// Applies in a batch of its own, which is dropped on error.
  sync::result<void> try_apply(const sync::changeset& changes) {
    state.begin_batch();
    auto applied = state.apply(changes);
    if (applied) {
      state.keep_batch();
    } else {
      state.drop_batch();
    }
    return applied;
  }
  void apply(builder& changes) {
    const auto applied = try_apply(changes.take());
    ASSERT_TRUE(applied) << applied.error().message;
  }
  /// Fails unless it is refused with this code, and if that changes anything.
  void refuse(builder& changes, sync::ec code = sync::ec::apply_failure, int protocol_code = 212) {
    const auto before = content();
    const auto applied = try_apply(changes.take());
    ASSERT_FALSE(applied) << "was accepted";
    EXPECT_EQ(applied.error().code, code) << applied.error().message;
    EXPECT_EQ(applied.error().protocol_code, protocol_code) << applied.error().message;
    EXPECT_TRUE(applied.error().message.starts_with("instruction ")) << applied.error().message;
    EXPECT_EQ(content(), before) << "a refused changeset left traces";
  }
  /// One log entry: what is taken is stored and committed.
  void commit() {
    store.apply(state.take_mutations());
    state.committed();
  }

  /// State and schema in one text.
  [[nodiscard]] std::string content() const { return describe(state); }
  /// The same from the store alone.
  [[nodiscard]] std::string stored_content() const { return describe(store); }

  /// JSON of one field of an object; "absent" if there is no such object or field.
  [[nodiscard]] std::string field(std::string_view class_name, const sync::primary_key& key,
                                  std::string_view name) const {
    return field_of(state, class_name, key, name);
  }
  [[nodiscard]] std::string stored_field(std::string_view class_name, const sync::primary_key& key,
                                         std::string_view name) const {
    return field_of(store, class_name, key, name);
  }
  /// Stored rows of objects and pieces.
  [[nodiscard]] std::size_t rows() const {
    return store.column_rows(sync::state_column::objects).size();
  }

  template <class Source>
  static std::string describe(const Source& source) {
    return boost::json::serialize(schema_to_json(sync::object_reader(source))) + '\n' +
           boost::json::serialize(state_to_json(sync::object_reader(source)));
  }
  template <class Source>
  static std::string field_of(const Source& source, std::string_view class_name,
                              const sync::primary_key& key, std::string_view name) {
    auto object = sync::object_reader(source).find(class_name, key);
    EXPECT_TRUE(object) << object.error().message;
    if (object && *object) {
      for (const auto& field : (*object)->fields) {
        if (field.name == name) {
          return boost::json::serialize(value_to_json(field.value));
        }
      }
    }
    return "absent";
  }

  memory_state store;
  sync::object_state state;
};

} // namespace ros::test
