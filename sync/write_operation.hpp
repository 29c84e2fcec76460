// What the server itself can do to a Realm's schema and objects, said with names and
// plain values: the operations of a transaction (server_transaction.hpp). Pure values,
// owned by nobody.
#pragma once

#include "object_reader.hpp"
#include "state_key.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace ros::sync {

/// Add a class unless it is there. A class of that name with another primary key or of
/// another kind is an error.
struct declare_class {
  std::string name;
  std::string key_field{};                      ///< empty: no primary key
  value_type key_type = value_type::global_key; ///< global_key: no primary key
  bool key_nullable = false;
  class_kind kind = class_kind::top_level;
};

/// Add a property to a class unless it is there; links and Mixed values can always be null.
/// A property of that name and another type is an error.
struct declare_property {
  std::string class_name;
  std::string name;
  value_type type = value_type::null; ///< null = Mixed
  collection_type collection = collection_type::single;
  bool nullable = false;
  std::string target_class{}; ///< of a link
};

/// Make an object unless it is there, and give properties values; the others stay as they
/// are. A read_object as value is an embedded object: its named fields are set. A
/// read_collection replaces the whole collection; it may not have gaps.
struct put_object {
  std::string class_name;
  /// Of a class without primary key: a GlobalKey. One with hi 0 stands for a new object
  /// whose key the server chooses; lo is its name within the transaction, also in links.
  primary_key key;
  std::vector<read_field> fields{};
  bool must_exist = false; ///< no object: an error
};

/// Remove an object if it is there.
struct erase_object {
  std::string class_name;
  primary_key key;
};

/// Change one collection of an object, which must exist.
struct edit_collection {
  enum class action : std::uint8_t {
    clear,  ///< remove everything
    insert, ///< list: before `index`; set: `value`; dictionary: as assign
    assign, ///< list: the element at `index`; dictionary: the entry `key`
    erase,  ///< list: the element at `index`; set: `value`; dictionary: the entry `key`
  };
  std::string class_name;
  primary_key key;
  std::string field;
  action what = action::clear;
  std::uint32_t index = 0;
  std::string entry{};
  read_value value{};
};

using write_operation =
    std::variant<declare_class, declare_property, put_object, erase_object, edit_collection>;

/// Bounds of one transaction: operations, and bytes of the changeset it becomes.
inline constexpr std::size_t max_operations = 10'000;
inline constexpr std::size_t max_transaction_bytes = 4U << 20;

} // namespace ros::sync
