// Instructions on lists and sets (changesets.md 13.5).

#include "state_apply.hpp"
#include "state_set_order.hpp"

#include <limits>

namespace ros::sync {

result<void> changeset_applier::array_insert(const instruction& i) {
  auto found = resolve(i);
  if (!found) {
    return found.error();
  }
  auto list = list_of(i, *found);
  if (!list) {
    return list.error();
  }
  if (found->index > (*list)->size || (*list)->size == std::numeric_limits<std::uint32_t>::max()) {
    return apply_error("index " + std::to_string(found->index) + " is outside a list of " +
                       std::to_string((*list)->size));
  }
  result<stored_value> value = stored_value();
  const auto type = i.value.type;
  if (type == value_type::object_value) {
    value = new_embedded(*found->column);
  } else if (type == value_type::list || type == value_type::dictionary) {
    if (!found->is_mixed()) {
      return apply_error("only a list of Mixed values can hold lists and dictionaries");
    }
    value = shared<stored_collection>(new stored_collection(
        type == value_type::list ? collection_type::list : collection_type::dictionary));
  } else {
    value = check_payload(i.value, *found->column);
  }
  if (!value) {
    return value.error();
  }
  return editor().insert(**list, found->index, std::move(*value));
}

result<void> changeset_applier::array_move(const instruction& i) {
  auto found = resolve(i);
  if (!found) {
    return found.error();
  }
  auto list = list_of(i, *found);
  if (!list) {
    return list.error();
  }
  if (found->index >= (*list)->size || i.to_index >= (*list)->size) {
    return apply_error("moving from " + std::to_string(found->index) + " to " +
                       std::to_string(i.to_index) + " in a list of " +
                       std::to_string((*list)->size));
  }
  if (found->index == i.to_index) {
    return apply_error("an element is moved to where it is");
  }
  auto moved = editor().extract(**list, found->index);
  if (!moved) {
    return moved.error();
  }
  return editor().insert(**list, i.to_index, std::move(*moved));
}

result<void> changeset_applier::array_erase(const instruction& i) {
  auto found = resolve(i);
  if (!found) {
    return found.error();
  }
  auto list = list_of(i, *found);
  if (!list) {
    return list.error();
  }
  if (found->index >= (*list)->size) {
    return apply_error("index " + std::to_string(found->index) + " is outside a list of " +
                       std::to_string((*list)->size));
  }
  auto erased = editor().extract(**list, found->index);
  if (!erased) {
    return erased.error();
  }
  return editor().release(*erased);
}

result<std::string> changeset_applier::set_key(const instruction& i, const place& p,
                                               stored_value& element) {
  if (!p.is_collection() || p.column->collection != collection_type::set) {
    return apply_error("the path does not lead to a set");
  }
  auto value = check_payload(i.value, *p.column);
  if (!value) {
    return value.error();
  }
  element = std::move(*value);
  return set_order_key(element);
}

result<void> changeset_applier::set_insert(const instruction& i) {
  auto found = resolve(i);
  if (!found) {
    return found.error();
  }
  stored_value element;
  auto key = set_key(i, *found, element);
  if (!key) {
    return key.error();
  }
  auto& set = collection_of(*found);
  auto present = editor().contains(set, *key);
  if (!present) {
    return present.error();
  }
  if (*present) {
    return {}; // the first inserted of equal numbers stays
  }
  auto added = editor().add(set, *key);
  if (!added) {
    return added.error();
  }
  **added = std::move(element);
  return {};
}

result<void> changeset_applier::set_erase(const instruction& i) {
  auto found = resolve(i);
  if (!found) {
    return found.error();
  }
  stored_value element;
  auto key = set_key(i, *found, element);
  if (!key) {
    return key.error();
  }
  if (i.value.type == value_type::null && found->column->type != value_type::null) {
    // Every realm-core peer refuses it, so it must not get into the history (13.5).
    return apply_error("null cannot be erased from a set that is not of Mixed");
  }
  auto erased = editor().extract(collection_of(*found), *key);
  return erased ? result<void>() : erased.error();
}

} // namespace ros::sync
