// Short ways to write changesets in tests.
#pragma once

#include "sync/changeset_codec.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ros::testing {

/// Builds a changeset instruction by instruction; names are interned on the way.
class changeset_builder {
public:
  changeset_builder& add_table(std::string_view name, std::string_view key_field = "_id",
                               sync::value_type key_type = sync::value_type::integer) {
    auto& x = next(sync::opcode::add_table, name);
    x.field = intern(key_field);
    x.type = key_type;
    return *this;
  }
  changeset_builder& add_column(std::string_view name, std::string_view field,
                                sync::value_type type,
                                sync::collection_type collection = sync::collection_type::single,
                                bool nullable = false) {
    auto& x = next(sync::opcode::add_column, name);
    x.field = intern(field);
    x.type = type;
    x.collection = collection;
    x.nullable = nullable;
    return *this;
  }
  changeset_builder& create_object(std::string_view name, std::int64_t key) {
    next(sync::opcode::create_object, name).key = key;
    return *this;
  }
  changeset_builder& erase_object(std::string_view name, std::int64_t key) {
    next(sync::opcode::erase_object, name).key = key;
    return *this;
  }
  changeset_builder& update(std::string_view name, std::int64_t key, std::string_view field,
                            std::int64_t value) {
    auto& x = next(sync::opcode::update, name);
    x.key = key;
    x.field = intern(field);
    x.value = {sync::value_type::integer, value};
    return *this;
  }

  [[nodiscard]] const sync::changeset& get() const { return changes_; }
  /// The canonical bytes.
  [[nodiscard]] sync::bytes bytes() const { return sync::bytes{sync::encode_changeset(changes_)}; }

private:
  sync::interned intern(std::string_view text) {
    auto found = std::ranges::find(changes_.strings, text);
    if (found != changes_.strings.end())
      return {static_cast<std::uint32_t>(found - changes_.strings.begin())};
    changes_.buffers.emplace_back(std::string{text});
    changes_.strings.push_back(changes_.buffers.back().view());
    return {static_cast<std::uint32_t>(changes_.strings.size() - 1)};
  }
  sync::instruction& next(sync::opcode op, std::string_view name) {
    auto class_name = intern(name);
    auto& x = changes_.instructions.emplace_back();
    x.op = op;
    x.class_name = class_name;
    return x;
  }

  sync::changeset changes_;
};

/// Class T with an integer key and an integer property i.
inline sync::bytes sample_schema() {
  return changeset_builder{}
      .add_table("T")
      .add_column("T", "i", sync::value_type::integer)
      .bytes();
}

} // namespace ros::testing
