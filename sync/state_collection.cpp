#include "state_collection.hpp"

#include "state_codec.hpp"

#include <algorithm>

namespace ros::sync {

namespace {

/// A slot below this many elements looks for a neighbour to join ...
constexpr std::uint32_t small_piece_entries = max_piece_entries / 4;
/// ... that makes no more than this together, so that it is not split again at once.
constexpr std::uint32_t joined_piece_entries = max_piece_entries / 2;
constexpr std::uint32_t joined_piece_bytes = max_piece_bytes / 2;

struct position {
  std::size_t slot = 0;
  std::size_t offset = 0;
};

position locate(const stored_collection& list, std::uint64_t index) {
  std::size_t slot = 0;
  while (index >= list.slots[slot].count) {
    index -= list.slots[slot].count;
    ++slot;
  }
  return {slot, static_cast<std::size_t>(index)};
}

std::size_t slot_of(const stored_collection& map, std::string_view key) {
  const auto after = std::upper_bound(map.separators.begin(), map.separators.end(), key);
  return static_cast<std::size_t>(after - map.separators.begin()) - 1;
}

std::size_t lower_bound(const piece& content, std::string_view key) {
  return static_cast<std::size_t>(std::lower_bound(content.keys.begin(), content.keys.end(), key) -
                                  content.keys.begin());
}

bool has_key(const piece& content, std::size_t at, std::string_view key) {
  return at < content.keys.size() && content.keys[at] == key;
}

template <class T>
auto at(std::vector<T>& items, std::size_t index) {
  return items.begin() + static_cast<std::ptrdiff_t>(index);
}

} // namespace

result<shared<piece>> piece_source::read(piece_id id, collection_type kind) {
  const auto key = piece_row(object_row_, id);
  auto row = source_->get(state_column::objects, key);
  if (!row) {
    return row.error();
  }
  auto content = *row ? decode_piece(**row, kind) : nullptr;
  if (!content) {
    return error{ec::corrupt_store,
                 *row ? "a stored piece of a collection does not decode"
                      : "a piece of a collection is missing in the store",
                 0};
  }
  return content;
}

result<shared<piece>> peek(const piece_slot& slot, collection_type kind, piece_source& pieces) {
  if (slot.content) {
    return slot.content;
  }
  auto content = pieces.read(slot.id, kind);
  if (content && (*content)->values.size() != slot.count) {
    return error{ec::corrupt_store, "a stored piece of a collection has the wrong size", 0};
  }
  return content;
}

result<piece*> collection_editor::load(stored_collection& collection, std::size_t slot) {
  auto& held = collection.slots[slot];
  if (!held.content) {
    auto content = peek(held, collection.kind, pieces_);
    if (!content) {
      return content.error();
    }
    held.content = std::move(*content);
  }
  return held.content.get();
}

result<piece*> collection_editor::edit(stored_collection& collection, std::size_t slot) {
  if (auto loaded = load(collection, slot); !loaded) {
    return loaded;
  }
  auto& held = collection.slots[slot];
  held.dirty = true;
  return &own(held.content);
}

void collection_editor::insert_slot(stored_collection& collection, std::size_t where) {
  piece_slot slot;
  slot.content = new piece;
  slot.dirty = true;
  collection.slots.insert(at(collection.slots, where), std::move(slot));
  if (collection.is_map()) {
    collection.separators.insert(at(collection.separators, where), std::string());
  }
}

void collection_editor::remove_slot(stored_collection& collection, std::size_t where) {
  if (collection.slots[where].id != 0) {
    removed_.push_back(collection.slots[where].id);
  }
  collection.slots.erase(at(collection.slots, where));
  if (collection.is_map()) {
    collection.separators.erase(at(collection.separators, where));
    if (!collection.separators.empty()) {
      collection.separators.front().clear();
    }
  }
}

// -- lists --------------------------------------------------------------------

result<stored_value*> collection_editor::element(stored_collection& list, std::uint64_t index) {
  const auto [slot, offset] = locate(list, index);
  auto content = edit(list, slot);
  if (!content) {
    return content.error();
  }
  return &(*content)->values[offset];
}

result<void> collection_editor::insert(stored_collection& list, std::uint64_t index,
                                       stored_value value) {
  position where;
  const bool appended = index == list.size;
  if (list.slots.empty()) {
    insert_slot(list, 0);
  } else if (appended) {
    where = {list.slots.size() - 1, list.slots.back().count};
  } else {
    where = locate(list, index);
  }
  auto content = edit(list, where.slot);
  if (!content) {
    return content.error();
  }
  auto& values = (*content)->values;
  values.insert(at(values, where.offset), std::move(value));
  ++list.slots[where.slot].count;
  ++list.size;
  split(list, where.slot, appended);
  return {};
}

result<stored_value> collection_editor::extract(stored_collection& list, std::uint64_t index) {
  const auto [slot, offset] = locate(list, index);
  auto content = edit(list, slot);
  if (!content) {
    return content.error();
  }
  auto& values = (*content)->values;
  stored_value taken = std::move(values[offset]);
  values.erase(at(values, offset));
  --list.slots[slot].count;
  --list.size;
  if (auto shrunk = shrink(list, slot); !shrunk) {
    return shrunk.error();
  }
  return taken;
}

// -- dictionaries and sets ------------------------------------------------------

result<bool> collection_editor::contains(stored_collection& map, std::string_view key) {
  if (map.slots.empty()) {
    return false;
  }
  auto content = load(map, slot_of(map, key));
  if (!content) {
    return content.error();
  }
  return has_key(**content, lower_bound(**content, key), key);
}

result<stored_value*> collection_editor::find(stored_collection& map, std::string_view key) {
  auto present = contains(map, key);
  if (!present) {
    return present.error();
  }
  return *present ? add(map, key) : result<stored_value*>(nullptr);
}

result<stored_value*> collection_editor::add(stored_collection& map, std::string_view key) {
  if (map.slots.empty()) {
    insert_slot(map, 0);
  }
  auto slot = slot_of(map, key);
  auto content = edit(map, slot);
  if (!content) {
    return content.error();
  }
  auto where = lower_bound(**content, key);
  if (!has_key(**content, where, key)) {
    auto& entries = **content;
    entries.keys.insert(at(entries.keys, where), std::string(key));
    entries.values.insert(at(entries.values, where), stored_value());
    ++map.slots[slot].count;
    ++map.size;
    split(map, slot, slot + 1 == map.slots.size() && where + 1 == entries.values.size());
    if (where >= map.slots[slot].count) { // it went with the right half
      where -= map.slots[slot].count;
      ++slot;
    }
  }
  return &map.slots[slot].content->values[where];
}

result<std::optional<stored_value>> collection_editor::extract(stored_collection& map,
                                                               std::string_view key) {
  auto present = contains(map, key);
  if (!present) {
    return present.error();
  }
  if (!*present) {
    return std::optional<stored_value>();
  }
  const auto slot = slot_of(map, key);
  auto content = edit(map, slot);
  if (!content) {
    return content.error();
  }
  const auto where = lower_bound(**content, key);
  std::optional<stored_value> taken = std::move((*content)->values[where]);
  (*content)->keys.erase(at((*content)->keys, where));
  (*content)->values.erase(at((*content)->values, where));
  --map.slots[slot].count;
  --map.size;
  if (auto shrunk = shrink(map, slot); !shrunk) {
    return shrunk.error();
  }
  return taken;
}

// -- sizes ----------------------------------------------------------------------

void collection_editor::split(stored_collection& collection, std::size_t slot, bool appended) {
  if (collection.slots[slot].count <= max_piece_entries) {
    return;
  }
  insert_slot(collection, slot + 1);
  auto& left = collection.slots[slot];
  auto& right = collection.slots[slot + 1];
  // Appending fills pieces: only the new element goes to the next one.
  const std::size_t kept = appended ? left.count - 1 : left.count / 2;
  const auto move_tail = [kept](auto& from, auto& to) {
    to.assign(std::make_move_iterator(at(from, kept)), std::make_move_iterator(from.end()));
    from.erase(at(from, kept), from.end());
  };
  move_tail(left.content->values, right.content->values);
  if (collection.is_map()) {
    move_tail(left.content->keys, right.content->keys);
    collection.separators[slot + 1] =
        shortest_separator(left.content->keys.back(), right.content->keys.front());
  }
  right.count = left.count - static_cast<std::uint32_t>(kept);
  left.count = static_cast<std::uint32_t>(kept);
  right.nested = left.nested;
}

result<void> collection_editor::shrink(stored_collection& collection, std::size_t slot) {
  auto& slots = collection.slots;
  if (slots[slot].count == 0) {
    remove_slot(collection, slot);
    return {};
  }
  if (slots[slot].count >= small_piece_entries || slots.size() == 1) {
    return {};
  }
  const auto left = slot + 1 < slots.size() ? slot : slot - 1;
  if (slots[left].count + slots[left + 1].count > joined_piece_entries ||
      slots[left].bytes + slots[left + 1].bytes > joined_piece_bytes) {
    return {};
  }
  auto into = edit(collection, left);
  if (!into) {
    return into.error();
  }
  auto from = edit(collection, left + 1);
  if (!from) {
    return from.error();
  }
  const auto append = [](auto& to, auto& tail) {
    to.insert(to.end(), std::make_move_iterator(tail.begin()), std::make_move_iterator(tail.end()));
  };
  append((*into)->values, (*from)->values);
  append((*into)->keys, (*from)->keys);
  slots[left].count += slots[left + 1].count;
  slots[left].bytes += slots[left + 1].bytes;
  slots[left].nested = slots[left].nested || slots[left + 1].nested;
  remove_slot(collection, left + 1);
  return {};
}

// -- release ----------------------------------------------------------------------

result<void> collection_editor::release(const stored_value& value) {
  if (const auto* object = std::get_if<shared<stored_object>>(&value)) {
    return release(**object);
  }
  if (const auto* collection = as_collection(value)) {
    return release(*collection);
  }
  return {};
}

result<void> collection_editor::release(const stored_object& object) {
  for (const auto& field : object.fields) {
    if (auto released = release(field.value); !released) {
      return released;
    }
  }
  return {};
}

result<void> collection_editor::release(const stored_collection& collection) {
  for (const auto& slot : collection.slots) {
    if (slot.id != 0) {
      removed_.push_back(slot.id);
    }
    // A clean piece says itself whether there is anything below it.
    if (slot.id != 0 && !slot.dirty && !slot.nested) {
      continue;
    }
    auto content = peek(slot, collection.kind, pieces_);
    if (!content) {
      return content.error();
    }
    for (const auto& value : (*content)->values) {
      if (auto released = release(value); !released) {
        return released;
      }
    }
  }
  return {};
}

result<void> collection_editor::clear(stored_collection& collection) {
  if (auto released = release(collection); !released) {
    return released;
  }
  collection.slots.clear();
  collection.separators.clear();
  collection.size = 0;
  return {};
}

std::string shortest_separator(std::string_view left, std::string_view right) {
  const auto common = static_cast<std::size_t>(
      std::mismatch(left.begin(), left.end(), right.begin(), right.end()).second - right.begin());
  return std::string(right.substr(0, common + 1));
}

} // namespace ros::sync
