// Writes changesets down by hand: names and keys as they are, no interning.
#pragma once

#include "sync/changeset.hpp"
#include "sync/state_key.hpp"

#include <bit>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ros::test {

/// A payload that owns its strings.
struct payload {
  struct link_target {
    std::string target_class;
    sync::primary_key key;
  };
  using content =
      std::variant<std::monostate, std::int64_t, bool, std::string, sync::timestamp, sync::float32,
                   sync::float64, sync::decimal128, link_target, sync::object_id, sync::uuid>;

  payload() = default;
  payload(sync::value_type t, content x) : type(t), data(std::move(x)) {}
  payload(int x) : payload(sync::value_type::integer, std::int64_t{x}) {}
  payload(const char* x) : payload(sync::value_type::string, std::string(x)) {}
  payload(std::string x) : payload(sync::value_type::string, std::move(x)) {}

  sync::value_type type = sync::value_type::null;
  content data;
};

inline payload null() {
  return {};
}
inline payload integer(std::int64_t x) {
  return {sync::value_type::integer, x};
}
inline payload boolean(bool x) {
  return {sync::value_type::boolean, x};
}
inline payload string(std::string x) {
  return {sync::value_type::string, std::move(x)};
}
inline payload binary(std::string x) {
  return {sync::value_type::binary, std::move(x)};
}
inline payload time(std::int64_t s, std::int32_t ns = 0) {
  return {sync::value_type::timestamp, sync::timestamp{s, ns}};
}
inline payload single(float x) {
  return {sync::value_type::float32, sync::float32{std::bit_cast<std::uint32_t>(x)}};
}
inline payload real(double x) {
  return {sync::value_type::float64, sync::float64{std::bit_cast<std::uint64_t>(x)}};
}
inline payload decimal(std::uint64_t coefficient, int exponent = 0, bool negative = false) {
  return {sync::value_type::decimal, sync::decimal128{0, coefficient, exponent, negative}};
}
inline payload link_to(std::string target_class, sync::primary_key key) {
  return {sync::value_type::link, payload::link_target{std::move(target_class), std::move(key)}};
}
inline payload id(std::uint8_t last) {
  sync::object_id x;
  x.raw[11] = last;
  return {sync::value_type::object_id, x};
}
inline payload unique(std::uint8_t last) {
  sync::uuid x;
  x.raw[15] = last;
  return {sync::value_type::uuid, x};
}
inline payload new_object() {
  return {sync::value_type::object_value, {}};
}
inline payload new_list() {
  return {sync::value_type::list, {}};
}
inline payload new_dictionary() {
  return {sync::value_type::dictionary, {}};
}
inline payload new_set() {
  return {sync::value_type::set, {}};
}
inline payload erased() {
  return {sync::value_type::erased, {}};
}

/// A field name, then indexes and keys: {"el", 0, "name"}.
struct path_step {
  path_step(const char* name) : key(name) {}
  path_step(std::string name) : key(std::move(name)) {}
  path_step(int i) : is_index(true), index(static_cast<std::uint32_t>(i)) {}
  path_step(std::uint32_t i) : is_index(true), index(i) {}
  bool is_index = false;
  std::uint32_t index = 0;
  std::string key;
};
using path = std::vector<path_step>;

struct column_options {
  sync::collection_type collection = sync::collection_type::single;
  bool nullable = false;
  std::string target = {};
  sync::value_type key_type = sync::value_type::string;
};

class changeset_builder {
public:
  using builder = changeset_builder;

  // -- schema -------------------------------------------------------------------
  builder& add_table(std::string_view name, sync::value_type key_type = sync::value_type::integer,
                     bool nullable = false, std::string_view key_field = "_id",
                     sync::class_kind kind = sync::class_kind::top_level) {
    auto& i = add(sync::opcode::add_table, name);
    i.kind = kind;
    i.type = key_type;
    i.nullable = nullable;
    i.field = intern(key_field);
    return *this;
  }
  builder& add_embedded(std::string_view name) {
    return add_table(name, sync::value_type::null, false, "", sync::class_kind::embedded);
  }
  builder& erase_table(std::string_view name) {
    add(sync::opcode::erase_table, name);
    return *this;
  }
  builder& add_column(std::string_view owner, std::string_view field, sync::value_type type,
                      const column_options& options = {}) {
    auto& i = add(sync::opcode::add_column, owner);
    i.field = intern(field);
    i.type = type;
    i.collection = options.collection;
    i.nullable = options.nullable;
    i.target_class = intern(options.target);
    i.key_type = options.key_type;
    return *this;
  }
  builder& erase_column(std::string_view owner, std::string_view field) {
    add(sync::opcode::erase_column, owner).field = intern(field);
    return *this;
  }

  // -- objects --------------------------------------------------------------------
  builder& create(std::string_view name, const sync::primary_key& key) {
    add(sync::opcode::create_object, name).key = intern_key(key);
    return *this;
  }
  builder& erase(std::string_view name, const sync::primary_key& key) {
    add(sync::opcode::erase_object, name).key = intern_key(key);
    return *this;
  }

  // -- paths ------------------------------------------------------------------------
  builder& update(std::string_view name, const sync::primary_key& key, const path& where,
                  const payload& value, std::uint32_t prior_size = 0) {
    auto& i = add(sync::opcode::update, name, key, where);
    i.value = make(value);
    i.prior_size = prior_size;
    return *this;
  }
  builder& add_integer(std::string_view name, const sync::primary_key& key, const path& where,
                       std::int64_t delta) {
    add(sync::opcode::add_integer, name, key, where).value = make(integer(delta));
    return *this;
  }
  builder& insert(std::string_view name, const sync::primary_key& key, const path& where,
                  const payload& value, std::uint32_t prior_size) {
    auto& i = add(sync::opcode::array_insert, name, key, where);
    i.value = make(value);
    i.prior_size = prior_size;
    return *this;
  }
  builder& move(std::string_view name, const sync::primary_key& key, const path& where,
                std::uint32_t to, std::uint32_t prior_size) {
    auto& i = add(sync::opcode::array_move, name, key, where);
    i.to_index = to;
    i.prior_size = prior_size;
    return *this;
  }
  builder& remove(std::string_view name, const sync::primary_key& key, const path& where,
                  std::uint32_t prior_size) {
    add(sync::opcode::array_erase, name, key, where).prior_size = prior_size;
    return *this;
  }
  builder& clear(std::string_view name, const sync::primary_key& key, const path& where,
                 sync::collection_type kind) {
    add(sync::opcode::clear, name, key, where).collection = kind;
    return *this;
  }
  builder& set_insert(std::string_view name, const sync::primary_key& key, const path& where,
                      const payload& value) {
    add(sync::opcode::set_insert, name, key, where).value = make(value);
    return *this;
  }
  builder& set_erase(std::string_view name, const sync::primary_key& key, const path& where,
                     const payload& value) {
    add(sync::opcode::set_erase, name, key, where).value = make(value);
    return *this;
  }

  /// Marks the Update before this as one of a default value.
  builder& as_default() {
    changes_.instructions.back().is_default = true;
    return *this;
  }

  [[nodiscard]] const sync::changeset& changes() const { return changes_; }
  /// The changeset; the builder begins a new one.
  sync::changeset take() {
    interned_.clear();
    return std::exchange(changes_, {});
  }
  [[nodiscard]] std::size_t size() const { return changes_.instructions.size(); }

private:
  sync::instruction& add(sync::opcode op, std::string_view name) {
    sync::instruction i;
    i.op = op;
    i.class_name = intern(name);
    changes_.instructions.push_back(std::move(i));
    return changes_.instructions.back();
  }
  sync::instruction& add(sync::opcode op, std::string_view name, const sync::primary_key& key,
                         const path& where) {
    auto& i = add(op, name);
    i.key = intern_key(key);
    i.field = intern(where.front().key);
    for (std::size_t at = 1; at < where.size(); ++at) {
      const auto& step = where[at];
      i.path.push_back({step.is_index, step.is_index ? step.index : intern(step.key).index});
    }
    return i;
  }
  /// Takes the next place in the virtual string buffer (changesets.md 7.3).
  std::string_view keep(std::string_view text) {
    changes_.buffers.emplace_back(std::string(text));
    changes_.virtual_size += text.size();
    return changes_.buffers.back().view();
  }
  sync::interned intern(std::string_view name) {
    const auto [at, added] = interned_.try_emplace(
        std::string(name), static_cast<std::uint32_t>(changes_.strings.size()));
    if (added) {
      changes_.strings.push_back(keep(name));
    }
    return {at->second};
  }
  sync::object_key intern_key(const sync::primary_key& key) {
    return std::visit(
        [this](const auto& x) -> sync::object_key {
          if constexpr (std::is_same_v<std::decay_t<decltype(x)>, std::string>) {
            return intern(x);
          } else {
            return x;
          }
        },
        key);
  }
  sync::value make(const payload& p) {
    sync::value out;
    out.type = p.type;
    std::visit(
        [&](const auto& x) {
          using type = std::decay_t<decltype(x)>;
          if constexpr (std::is_same_v<type, std::string>) {
            const auto offset = changes_.virtual_size;
            out.data = sync::text{keep(x), offset};
          } else if constexpr (std::is_same_v<type, payload::link_target>) {
            out.data = sync::link{intern(x.target_class), intern_key(x.key)};
          } else {
            out.data = x;
          }
        },
        p.data);
    return out;
  }

  sync::changeset changes_;
  std::map<std::string, std::uint32_t, std::less<>> interned_;
};

} // namespace ros::test
