#include "state_value.hpp"

#include <algorithm>

namespace ros::sync {

namespace {

std::size_t heap_bytes(const std::string& text) noexcept {
  constexpr std::size_t inside = 15;
  return text.capacity() > inside ? text.capacity() + 1 : 0;
}

std::size_t footprint(const stored_collection& collection) noexcept {
  std::size_t bytes = sizeof collection + collection.slots.capacity() * sizeof(piece_slot);
  for (const auto& separator : collection.separators) {
    bytes += sizeof separator + heap_bytes(separator);
  }
  for (const auto& slot : collection.slots) {
    if (slot.content) {
      bytes += slot.id == 0 ? footprint(*slot.content) : slot.content->footprint;
    }
  }
  return bytes;
}

auto field_at(const std::vector<stored_field>& fields, column_id column) noexcept {
  return std::lower_bound(fields.begin(), fields.end(), column,
                          [](const stored_field& f, column_id id) { return f.column < id; });
}

} // namespace

const stored_value* find_field(const stored_object& object, column_id column) noexcept {
  const auto at = field_at(object.fields, column);
  return at != object.fields.end() && at->column == column ? &at->value : nullptr;
}

stored_value& add_field(stored_object& object, column_id column) {
  auto at = field_at(object.fields, column);
  if (at == object.fields.end() || at->column != column) {
    at = object.fields.insert(at, stored_field{column, {}});
  }
  return const_cast<stored_value&>(at->value);
}

std::size_t footprint(const stored_value& value) noexcept {
  if (const auto* string = std::get_if<stored_string>(&value)) {
    return heap_bytes(string->text);
  }
  if (const auto* binary = std::get_if<stored_binary>(&value)) {
    return heap_bytes(binary->data);
  }
  if (const auto* link = std::get_if<stored_link>(&value)) {
    return heap_bytes(link->key);
  }
  if (const auto* object = std::get_if<shared<stored_object>>(&value)) {
    return sizeof(stored_object) + footprint(**object);
  }
  const auto* collection = as_collection(value);
  return collection != nullptr ? footprint(*collection) : 0;
}

std::size_t footprint(const stored_object& object) noexcept {
  std::size_t bytes = object.fields.capacity() * sizeof(stored_field);
  for (const auto& field : object.fields) {
    bytes += footprint(field.value);
  }
  return bytes;
}

std::size_t footprint(const piece& content) noexcept {
  std::size_t bytes = sizeof content + content.values.capacity() * sizeof(stored_value);
  for (const auto& key : content.keys) {
    bytes += sizeof key + heap_bytes(key);
  }
  for (const auto& value : content.values) {
    bytes += footprint(value);
  }
  return bytes;
}

} // namespace ros::sync
