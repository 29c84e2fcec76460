// Reads classes and objects of a Realm: for dumps, the data browser and queries.
// A reader looks at an object_state, with everything it applied, or at a
// state_source, with what is committed. Values are copies and own their memory.
#pragma once

#include "before_image.hpp"
#include "changeset.hpp"
#include "errors.hpp"
#include "state_key.hpp"
#include "state_store.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ros::sync {

class object_state;

struct column_info {
  std::string name;
  value_type type = value_type::null; ///< null = Mixed
  collection_type collection = collection_type::single;
  bool nullable = false;    ///< effective (changesets.md 13.2)
  std::string target_class; ///< of a link
  bool embedded = false;    ///< a link whose target class is embedded
  friend bool operator==(const column_info&, const column_info&) = default;
};

struct class_info {
  std::string name;
  class_kind kind = class_kind::top_level;
  std::string key_field;                        ///< empty without primary key
  value_type key_type = value_type::global_key; ///< global_key = no primary key
  bool key_nullable = false;
  std::vector<column_info> columns; ///< sorted by name, without the primary key
  friend bool operator==(const class_info&, const class_info&) = default;
};

struct read_value;
struct read_field;
struct read_entry;

struct read_link {
  std::string target_class;
  primary_key target_key;
  bool dead = false; ///< no such object at present (changesets.md 13.6)
  friend bool operator==(const read_link&, const read_link&) = default;
};

struct read_binary {
  std::string data;
  friend bool operator==(const read_binary&, const read_binary&) = default;
};

/// Fields of an object, every column of its class, sorted by name.
struct read_object {
  std::vector<read_field> fields;
};

/// Consecutive elements that were left out.
struct read_gap {
  std::uint64_t index = 0;
  std::uint64_t count = 0;
  friend bool operator==(const read_gap&, const read_gap&) = default;
};

/// A list in order, a dictionary sorted by key, or a set in an order of its own.
struct read_collection {
  collection_type kind = collection_type::list;
  std::uint64_t size = 0;          ///< of the whole collection
  std::vector<read_entry> entries; ///< without those in gaps
  std::vector<read_gap> gaps;      ///< ascending
};

/// monostate is null. A link to a class that was erased reads as null.
struct read_value {
  std::variant<std::monostate, std::int64_t, bool, std::string, read_binary, timestamp, float32,
               float64, decimal128, read_link, object_id, uuid, read_object, read_collection>
      data;
};

struct read_field {
  std::string name;
  read_value value;
};

struct read_entry {
  std::string key; ///< of a dictionary entry, else empty
  read_value value;
};

/// Which part of each collection directly in a field is read; what is left out
/// becomes a gap. Pieces that lie outside are not fetched.
struct read_window {
  std::uint64_t first = 0;
  std::uint64_t count = std::numeric_limits<std::uint64_t>::max();
};

/// Cheap to make; reads the schema at the first call of any function. Not thread-safe.
/// Errors are ec::corrupt_store, or ec::apply_failure where a class is unknown.
class object_reader {
public:
  /// What is committed to `source`, as of the first call.
  explicit object_reader(const state_source& source);
  /// What `state` holds now, committed or not. Make a new reader after a change of it.
  explicit object_reader(const object_state& state);
  ~object_reader();
  object_reader(object_reader&&) noexcept;
  object_reader& operator=(object_reader&&) noexcept;

  /// All classes, sorted by name.
  result<std::vector<class_info>> classes();

  /// One object; nothing if it does not exist.
  result<std::optional<read_object>> find(std::string_view class_name, const primary_key& key,
                                          read_window window = {});

  /// Visits the objects of a class in order of their keys, beginning with the first
  /// key >= `from` (nullptr: all), until `visit` returns false.
  using visitor = std::function<bool(const primary_key& key, const read_object& object)>;
  result<void> visit(std::string_view class_name, const primary_key* from, const visitor& visit,
                     read_window window = {});

  /// The GlobalKey counter for the next object of this class that the server makes
  /// itself: above that of every object with hi = 1 there ever was.
  result<std::uint64_t> next_server_key(std::string_view class_name);

  /// The object of a before-image; nothing if it did not exist. Elements in pieces
  /// that the change did not touch are not in the image: they are gaps.
  result<std::optional<read_object>> read(const before_image& image);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace ros::sync
