// Writes a changeset the way a client does while a transaction runs: strings are
// interned when an instruction first needs them, directly in front of it
// (changesets.md 7.2).
#pragma once

#include "sync/changeset.hpp"

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ros::test {

/// Keys, path steps and values by content. A plain string literal is text.
struct key {
  key(int number) : data(std::int64_t{number}) {}
  key(std::int64_t number) : data(number) {}
  key(std::string text) : data(std::move(text)) {}
  key(const char* text) : data(std::string(text)) {}
  key(sync::global_key global) : data(global) {}
  key(std::monostate null) : data(null) {}
  std::variant<std::monostate, std::int64_t, std::string, sync::global_key> data;
};

struct step {
  step(int index) : data(static_cast<std::uint32_t>(index)) {}
  step(std::uint32_t index) : data(index) {}
  step(std::string name) : data(std::move(name)) {}
  step(const char* name) : data(std::string(name)) {}
  std::variant<std::uint32_t, std::string> data;
};
using steps = std::vector<step>; ///< the field, then what lies below

struct link_to {
  std::string class_name;
  key target;
};

struct payload {
  payload(int number) : data(std::int64_t{number}) {}
  payload(std::int64_t number) : data(number) {}
  payload(bool flag) : data(flag) {}
  payload(std::string text) : data(std::move(text)) {}
  payload(const char* text) : data(std::string(text)) {}
  payload(link_to target) : data(std::move(target)) {}
  /// null, list, dictionary, erased, object_value
  payload(sync::value_type bare) : data(bare) {}
  std::variant<sync::value_type, std::int64_t, bool, std::string, link_to> data;
};

class transaction {
public:
  transaction& add_table(const std::string& name, const std::string& key_field,
                         sync::value_type key_type, bool nullable = false);
  transaction& add_table_without_key(const std::string& name);
  transaction& add_embedded_table(const std::string& name);
  transaction& erase_table(const std::string& name);
  transaction& add_column(const std::string& table, const std::string& field, sync::value_type type,
                          sync::collection_type collection = sync::collection_type::single,
                          bool nullable = false, const std::string& target = {});
  transaction& erase_column(const std::string& table, const std::string& field);
  transaction& create(const std::string& table, const key& object);
  transaction& erase(const std::string& table, const key& object);
  transaction& update(const std::string& table, const key& object, const steps& path,
                      const payload& value, bool is_default = false);
  /// Of a list element; `size` is the length of the list.
  transaction& update_element(const std::string& table, const key& object, const steps& path,
                              const payload& value, std::uint32_t size);
  transaction& add_integer(const std::string& table, const key& object, const steps& path,
                           std::int64_t delta);
  transaction& insert(const std::string& table, const key& object, const steps& path,
                      const payload& value, std::uint32_t size);
  transaction& move(const std::string& table, const key& object, const steps& path,
                    std::uint32_t to, std::uint32_t size);
  transaction& remove(const std::string& table, const key& object, const steps& path,
                      std::uint32_t size);
  transaction& clear(const std::string& table, const key& object, const steps& path,
                     sync::collection_type collection);
  transaction& set_insert(const std::string& table, const key& object, const steps& path,
                          const payload& value);
  transaction& set_erase(const std::string& table, const key& object, const steps& path,
                         const payload& value);

  [[nodiscard]] bool empty() const { return changes_.instructions.empty(); }
  [[nodiscard]] const sync::changeset& changes() const { return changes_; }
  /// What the client uploads.
  [[nodiscard]] sync::bytes raw() const;
  /// For test reports: one line for each instruction.
  [[nodiscard]] std::string describe() const;

private:
  sync::interned intern(const std::string& text);
  sync::object_key intern_key(const key& k);
  sync::value make_value(const payload& p);
  sync::instruction& next(sync::opcode op, const std::string& table);
  sync::instruction& next(sync::opcode op, const std::string& table, const key& object,
                          const steps& path);
  transaction& done();

  sync::changeset changes_;
  std::map<std::string, std::uint32_t> interned_;
  std::vector<std::size_t> known_; ///< size of the intern table after each instruction
};

} // namespace ros::test
