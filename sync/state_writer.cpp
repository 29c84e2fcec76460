#include "state_writer.hpp"

#include "state_cache.hpp"
#include "state_codec.hpp"

#include <algorithm>
#include <map>

namespace ros::sync {

namespace {

/// A collection that got its own pieces comes back inline only below half of the
/// limits, so that it does not change form with every other element.
constexpr std::uint32_t back_inline = 2;

bool has_pieces(const stored_value& value);

bool has_pieces(const stored_object& object) {
  return std::any_of(object.fields.begin(), object.fields.end(),
                     [](const auto& field) { return has_pieces(field.value); });
}

bool has_pieces(const piece& content) {
  return std::any_of(content.values.begin(), content.values.end(),
                     [](const auto& value) { return has_pieces(value); });
}

bool has_pieces(const stored_value& value) {
  if (const auto* object = std::get_if<shared<stored_object>>(&value)) {
    return has_pieces(**object);
  }
  const auto* collection = as_collection(value);
  if (collection == nullptr || collection->slots.empty()) {
    return false;
  }
  const auto& first = collection->slots.front();
  return first.id != 0 || has_pieces(*first.content);
}

class row_writer {
public:
  row_writer(std::string_view row_key, stored_row& row, std::vector<state_mutation>& out)
      : row_key_(row_key), row_(row), out_(out) {}

  void settle(stored_object& object) {
    for (auto& field : object.fields) {
      settle(field.value);
    }
  }

private:
  void settle(stored_value& value) {
    if (auto* object = std::get_if<shared<stored_object>>(&value)) {
      settle(**object);
    } else if (auto* collection = as_collection(value)) {
      settle(*collection);
    }
  }
  void settle(stored_collection& collection);
  bool settle_inline(stored_collection& collection);
  /// Encoded size of the first 1, 2, ... entries.
  std::vector<std::size_t> measure(const piece& content, collection_type kind);
  /// Puts the slot, cut into several if it is too big, behind those in `slots`.
  void store(piece_slot slot, std::string separator, collection_type kind);
  void store_piece(piece_slot slot, std::string separator, collection_type kind);

  std::string_view row_key_;
  stored_row& row_;
  std::vector<state_mutation>& out_;
  std::string scratch_;
  std::vector<piece_slot> slots_;       // of the collection being settled
  std::vector<std::string> separators_; // likewise
};

void row_writer::settle(stored_collection& collection) {
  if (std::none_of(collection.slots.begin(), collection.slots.end(),
                   [](const auto& slot) { return slot.dirty; })) {
    return;
  }
  for (auto& slot : collection.slots) {
    // Values below an element are settled first: it is their directory that counts here.
    if (slot.dirty || slot.id == 0) {
      for (auto& value : own(slot.content).values) {
        settle(value);
      }
    }
  }
  if (settle_inline(collection)) {
    return;
  }
  slots_.clear();
  separators_.clear();
  for (std::size_t i = 0; i < collection.slots.size(); ++i) {
    auto& slot = collection.slots[i];
    auto separator = collection.is_map() ? std::move(collection.separators[i]) : std::string();
    if (slot.dirty || slot.id == 0) {
      store(std::move(slot), std::move(separator), collection.kind);
    } else {
      slots_.push_back(std::move(slot));
      separators_.push_back(std::move(separator));
    }
  }
  collection.slots = std::move(slots_);
  if (collection.is_map()) {
    collection.separators = std::move(separators_);
  }
}

bool row_writer::settle_inline(stored_collection& collection) {
  auto& slot = collection.slots.front();
  const std::uint32_t part = slot.id == 0 ? 1 : back_inline;
  if (collection.slots.size() > 1 || slot.count > max_piece_entries / part) {
    return false;
  }
  const auto size = measure(*slot.content, collection.kind).back();
  if (size > max_inline_bytes / part) {
    return false;
  }
  if (slot.id != 0) {
    row_.removed.push_back(slot.id);
    slot.id = 0;
  }
  slot.dirty = false;
  slot.bytes = static_cast<std::uint32_t>(size);
  return true;
}

std::vector<std::size_t> row_writer::measure(const piece& content, collection_type kind) {
  std::vector<std::size_t> ends;
  ends.reserve(content.values.size());
  std::size_t size = 0;
  for (std::size_t i = 0; i < content.values.size(); ++i) {
    scratch_.clear();
    append_value(scratch_, content.values[i]);
    size += scratch_.size();
    if (kind == collection_type::dictionary) {
      size += content.keys[i].size() + 2;
    }
    ends.push_back(size);
  }
  return ends;
}

void row_writer::store(piece_slot slot, std::string separator, collection_type kind) {
  const auto ends = measure(*slot.content, kind);
  const auto parts = (ends.back() + max_piece_bytes - 1) / max_piece_bytes;
  if (parts <= 1 || ends.size() == 1) {
    store_piece(std::move(slot), std::move(separator), kind);
    return;
  }
  // Equal parts, so that the next insertion does not split one of them again.
  auto whole = std::move(slot.content);
  std::size_t first = 0;
  for (std::size_t part = 1; first < ends.size(); ++part) {
    const auto target = ends.back() * std::min(part, parts) / parts;
    auto last = static_cast<std::size_t>(std::lower_bound(ends.begin(), ends.end(), target) -
                                         ends.begin()) +
                1;
    last = std::min(std::max(last, first + 1), ends.size());
    piece_slot cut;
    cut.id = std::exchange(slot.id, 0);
    cut.content = new piece;
    for (std::size_t i = first; i < last; ++i) {
      cut.content->values.push_back(std::move(whole->values[i]));
      if (kind != collection_type::list) {
        cut.content->keys.push_back(std::move(whole->keys[i]));
      }
    }
    if (first > 0 && kind != collection_type::list) {
      separator = shortest_separator(slots_.back().content->keys.back(), cut.content->keys.front());
    }
    cut.count = static_cast<std::uint32_t>(last - first);
    store_piece(std::move(cut), std::move(separator), kind);
    first = last;
  }
}

void row_writer::store_piece(piece_slot slot, std::string separator, collection_type kind) {
  if (slot.id == 0) {
    slot.id = ++row_.last_piece;
  }
  auto row = encode_piece(*slot.content, kind);
  slot.bytes = static_cast<std::uint32_t>(row.size());
  slot.dirty = false;
  slot.nested = has_pieces(*slot.content);
  slot.content->footprint = static_cast<std::uint32_t>(footprint(*slot.content));
  out_.push_back({state_column::objects, piece_row(row_key_, slot.id), std::move(row)});
  slots_.push_back(std::move(slot));
  separators_.push_back(std::move(separator));
}

using loaded_pieces = std::map<piece_id, std::pair<shared<piece>, collection_type>>;

void collect_pieces(const stored_value& value, loaded_pieces& out);

void collect_pieces(const stored_object& object, loaded_pieces& out) {
  for (const auto& field : object.fields) {
    collect_pieces(field.value, out);
  }
}

void collect_pieces(const stored_value& value, loaded_pieces& out) {
  if (const auto* object = std::get_if<shared<stored_object>>(&value)) {
    collect_pieces(**object, out);
    return;
  }
  const auto* collection = as_collection(value);
  if (collection == nullptr) {
    return;
  }
  for (const auto& slot : collection->slots) {
    if (!slot.content) {
      continue;
    }
    if (slot.id != 0) {
      out[slot.id] = {slot.content, collection->kind};
    }
    for (const auto& element : slot.content->values) {
      collect_pieces(element, out);
    }
  }
}

} // namespace

void write_row(std::string_view row_key, stored_row& row, bool stored,
               std::vector<state_mutation>& out) {
  if (row.exists) {
    row_writer(row_key, row, out).settle(row.body);
    out.push_back({state_column::objects, std::string(row_key), encode_row(row)});
  } else if (stored) {
    out.push_back({state_column::objects, std::string(row_key), std::nullopt});
  }
  for (const auto id : row.removed) {
    out.push_back({state_column::objects, piece_row(row_key, id), std::nullopt});
  }
  row.removed.clear();
}

before_image make_before_image(const object_node& node) {
  before_image image;
  image.key = node.row_key;
  if (!node.before->exists) {
    return image;
  }
  image.value = encode_row(*node.before);
  loaded_pieces before;
  collect_pieces(node.before->body, before);
  for (const auto& read : node.pieces_before) {
    before.emplace(read.id, std::pair(read.content, read.kind));
  }
  loaded_pieces now;
  collect_pieces(node.row->body, now);
  std::size_t size = 0;
  for (const auto& [id, held] : before) {
    const auto at = now.find(id);
    if (at != now.end() && at->second.first == held.first) {
      continue;
    }
    auto content = encode_piece(*held.first, held.second);
    size += content.size();
    if (size > max_image_pieces) {
      break;
    }
    image.pieces.push_back({id, std::move(content)});
  }
  return image;
}

} // namespace ros::sync
