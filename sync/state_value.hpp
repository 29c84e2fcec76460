// Objects as the object state holds them in memory. Everything below an object
// is shared between its versions and copied when changed, so that undoing a
// batch is putting the former version back. Internal to the object state.
#pragma once

#include "changeset.hpp"
#include "state_key.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ros::sync {

/// An object state belongs to one thread at a time, so counts need not be atomic.
template <class T>
using counted = boost::intrusive_ref_counter<T, boost::thread_unsafe_counter>;
template <class T>
using shared = boost::intrusive_ptr<T>;

struct stored_object;
struct stored_collection;

struct stored_string {
  std::string text;
};
struct stored_binary {
  std::string data;
};
/// The key is encoded (state_key.hpp). Links are never resolved when stored
/// (changesets.md 13.6). An erased table leaves links to nothing: they read as null.
struct stored_link {
  table_id table = 0;
  std::string key;
};

/// monostate is null.
using stored_value = std::variant<std::monostate, std::int64_t, bool, stored_string, stored_binary,
                                  timestamp, float32, float64, decimal128, stored_link, object_id,
                                  uuid, shared<stored_object>, shared<stored_collection>>;

struct stored_field {
  column_id column = 0;
  stored_value value;
};

/// A missing field has the default of its column's type. Fields of columns that
/// were erased may still be there; they mean nothing.
struct stored_object : counted<stored_object> {
  std::vector<stored_field> fields; ///< ascending by column
};

/// A run of a collection's elements. Maps (dictionaries and sets) are sorted by key:
/// that of a set element is set_order_key (state_set_order.hpp).
struct piece : counted<piece> {
  std::vector<std::string> keys; ///< maps only, one for each value
  std::vector<stored_value> values;
  std::uint32_t footprint = 0; ///< bytes of memory when read or stored last, approximately
};

/// Where a piece is. A collection that has one slot without id lies inline in
/// its object's row, otherwise every piece has a row of its own once stored.
struct piece_slot {
  shared<piece> content; ///< null: not read yet
  piece_id id = 0;       ///< 0: no row of its own (yet)
  std::uint32_t count = 0;
  std::uint32_t bytes = 0; ///< encoded size when read or stored last
  bool dirty = false;      ///< differs from what is stored
  bool nested = false;     ///< values inside have pieces of their own
};

struct stored_collection : counted<stored_collection> {
  explicit stored_collection(collection_type type) : kind(type) {}
  collection_type kind;
  std::vector<piece_slot> slots; ///< none is empty
  /// Maps only, one for each slot: no key of the slot is less, no key of the slot before
  /// is equal or greater. The first is empty.
  std::vector<std::string> separators;
  std::uint64_t size = 0; ///< elements in all slots

  [[nodiscard]] bool is_map() const noexcept { return kind != collection_type::list; }
};

/// A top-level object, or the fact that there is none any more.
struct stored_row : counted<stored_row> {
  bool exists = false;
  piece_id last_piece = 0;       ///< highest id given so far
  std::vector<piece_id> removed; ///< rows to delete with the next mutations
  stored_object body;
};

/// A piece with more elements is split; appending leaves full pieces behind.
inline constexpr std::uint32_t max_piece_entries = 256;
/// A piece above this is split unless it is a single element.
inline constexpr std::uint32_t max_piece_bytes = 8192;
/// A collection above this is stored in pieces.
inline constexpr std::uint32_t max_inline_bytes = 4096;
/// Longest path of an instruction below the field, and deepest nesting of stored
/// values: clients stop at 100 levels, and two elements lead into an embedded object.
inline constexpr std::size_t max_path_length = 256;

/// Makes `pointer` the only owner of what it points to, copying one level if need be.
template <class T>
T& own(shared<T>& pointer) {
  if (pointer->use_count() > 1) {
    pointer = shared<T>(new T(*pointer));
  }
  return *pointer;
}

/// The stored value of a field; null if it is missing.
const stored_value* find_field(const stored_object& object, column_id column) noexcept;
/// The value of a field, added as null if it is missing.
stored_value& add_field(stored_object& object, column_id column);

inline stored_collection* as_collection(stored_value& value) noexcept {
  auto* held = std::get_if<shared<stored_collection>>(&value);
  return held != nullptr ? held->get() : nullptr;
}
inline const stored_collection* as_collection(const stored_value& value) noexcept {
  const auto* held = std::get_if<shared<stored_collection>>(&value);
  return held != nullptr ? held->get() : nullptr;
}

/// Bytes of memory behind a value, without what lies in pieces with an own row.
std::size_t footprint(const stored_value& value) noexcept;
std::size_t footprint(const stored_object& object) noexcept;
std::size_t footprint(const piece& content) noexcept;

} // namespace ros::sync
