// Reading and changing collections whose elements may lie in pieces: only the
// pieces an operation needs are read. Internal to the object state.
#pragma once

#include "errors.hpp"
#include "state_store.hpp"
#include "state_value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ros::sync {

/// Reads pieces of one object.
class piece_source {
public:
  /// `object_row` is the key of the object's row and must outlive this.
  piece_source(const state_source& source, std::string_view object_row)
      : source_(&source), object_row_(object_row) {}
  virtual ~piece_source() = default;

  /// The piece with this id; ec::corrupt_store if it is missing or damaged.
  virtual result<shared<piece>> read(piece_id id, collection_type kind);

private:
  const state_source* source_;
  std::string_view object_row_;
};

/// The content of a slot without keeping it, for readers.
result<shared<piece>> peek(const piece_slot& slot, collection_type kind, piece_source& pieces);

/// Changes collections of one object. All indexes must be in range. Collections and
/// values passed in must be owned by the version that is being changed (own()).
class collection_editor {
public:
  /// Ids of pieces that are no longer needed go to `removed`.
  collection_editor(piece_source& pieces, std::vector<piece_id>& removed)
      : pieces_(pieces), removed_(removed) {}

  // -- lists ----------------------------------------------------------------
  /// The element, to be changed.
  result<stored_value*> element(stored_collection& list, std::uint64_t index);
  result<void> insert(stored_collection& list, std::uint64_t index, stored_value value);
  /// Takes the element out; the caller releases or moves it.
  result<stored_value> extract(stored_collection& list, std::uint64_t index);

  // -- dictionaries and sets --------------------------------------------------
  result<bool> contains(stored_collection& map, std::string_view key);
  /// The entry, to be changed; null if there is none.
  result<stored_value*> find(stored_collection& map, std::string_view key);
  /// The entry, to be changed; added as null if there is none.
  result<stored_value*> add(stored_collection& map, std::string_view key);
  /// Takes the entry out; nothing if there is none.
  result<std::optional<stored_value>> extract(stored_collection& map, std::string_view key);

  // -- all --------------------------------------------------------------------
  /// Notes the pieces of a value that is going to be dropped.
  result<void> release(const stored_value& value);
  result<void> release(const stored_object& object);
  result<void> release(const stored_collection& collection);
  /// Releases all elements and leaves the collection empty.
  result<void> clear(stored_collection& collection);

private:
  result<piece*> load(stored_collection& collection, std::size_t slot);
  /// The slot's piece, owned and marked as changed.
  result<piece*> edit(stored_collection& collection, std::size_t slot);
  void insert_slot(stored_collection& collection, std::size_t at);
  void remove_slot(stored_collection& collection, std::size_t at);
  /// After an insertion: splits a slot with too many elements.
  void split(stored_collection& collection, std::size_t slot, bool appended);
  /// After a removal: drops an empty slot, or joins a small one with a neighbour.
  result<void> shrink(stored_collection& collection, std::size_t slot);

  piece_source& pieces_;
  std::vector<piece_id>& removed_;
};

/// The shortest key that is greater than `left` and not greater than `right`,
/// where left < right: what separates two slots of a map.
std::string shortest_separator(std::string_view left, std::string_view right);

} // namespace ros::sync
