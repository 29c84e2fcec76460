// Update, AddInteger and Clear (changesets.md 13.5).

#include "state_apply.hpp"

namespace ros::sync {

namespace {

collection_type collection_of_payload(value_type type) {
  return type == value_type::list ? collection_type::list : collection_type::dictionary;
}

bool is_collection_payload(value_type type) {
  return type == value_type::list || type == value_type::dictionary;
}

} // namespace

result<void> changeset_applier::replace(stored_value& target, stored_value value) {
  if (auto released = editor().release(target); !released) {
    return released;
  }
  target = std::move(value);
  return {};
}

result<void> changeset_applier::set_collection(stored_value& target, collection_type kind) {
  const auto* present = as_collection(target);
  if (present != nullptr && present->kind == kind) {
    return {};
  }
  return replace(target, shared<stored_collection>(new stored_collection(kind)));
}

result<void> changeset_applier::update(const instruction& i) {
  auto found = resolve(i);
  if (!found) {
    return found.error();
  }
  const auto& p = *found;
  const auto type = i.value.type;
  if (type == value_type::set || (type == value_type::erased && p.where != place::at::entry)) {
    return apply_error(std::string("a value of type ") + type_name(type) +
                       " cannot be assigned here");
  }
  if (is_collection_payload(type) && !p.is_mixed()) {
    return apply_error("only a Mixed value can become a list or dictionary");
  }
  switch (p.where) {
  case place::at::field:
    return update_field(i, p);
  case place::at::element:
    return update_element(i, p);
  case place::at::entry:
    break;
  }
  return update_entry(i, p);
}

result<void> changeset_applier::update_field(const instruction& i, const place& p) {
  if (p.is_collection()) {
    return apply_error(std::string("the field is a ") + collection_name(p.column->collection) +
                       " and cannot be assigned as a whole");
  }
  auto target = value_at(p);
  if (!target) {
    return target.error();
  }
  if (is_collection_payload(i.value.type)) {
    return set_collection(**target, collection_of_payload(i.value.type));
  }
  const bool creates = i.value.type == value_type::object_value;
  auto value = creates ? new_embedded(*p.column) : check_payload(i.value, *p.column);
  if (!value) {
    return value.error();
  }
  // An embedded object that is there keeps its fields.
  if (creates && !std::holds_alternative<std::monostate>(**target)) {
    return {};
  }
  return replace(**target, std::move(*value));
}

result<void> changeset_applier::update_element(const instruction& i, const place& p) {
  auto target = value_at(p);
  if (!target) {
    return target.error();
  }
  if (i.value.type == value_type::object_value) {
    return {}; // elements are never null, so there is one already
  }
  if (is_collection_payload(i.value.type)) {
    return set_collection(**target, collection_of_payload(i.value.type));
  }
  auto value = check_payload(i.value, *p.column);
  if (!value) {
    return value.error();
  }
  return replace(**target, std::move(*value));
}

result<void> changeset_applier::update_entry(const instruction& i, const place& p) {
  if (i.value.type == value_type::erased) {
    auto taken = editor().extract(*p.items, p.key);
    if (!taken) {
      return taken.error();
    }
    return *taken ? editor().release(**taken) : result<void>();
  }
  result<stored_value> value = stored_value();
  if (i.value.type == value_type::object_value) {
    value = new_embedded(*p.column); // replaces one that is there, unlike in a field
  } else if (!is_collection_payload(i.value.type)) {
    value = check_payload(i.value, *p.column);
  }
  if (!value) {
    return value.error();
  }
  auto target = editor().add(*p.items, p.key);
  if (!target) {
    return target.error();
  }
  if (is_collection_payload(i.value.type)) {
    return set_collection(**target, collection_of_payload(i.value.type));
  }
  return replace(**target, std::move(*value));
}

result<void> changeset_applier::add_integer(const instruction& i) {
  auto found = resolve(i);
  if (!found) {
    return found.error();
  }
  if (found->where != place::at::field || found->is_collection()) {
    return apply_error("only a single field can be incremented");
  }
  auto target = value_at(*found);
  if (!target) {
    return target.error();
  }
  auto& value = **target;
  const auto* link = std::get_if<stored_link>(&value);
  if (std::holds_alternative<std::monostate>(value) ||
      (link != nullptr && schema_.find(link->table) == nullptr)) {
    return {};
  }
  const auto* delta = std::get_if<std::int64_t>(&i.value.data);
  auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr || delta == nullptr) {
    return apply_error("the value is no integer and cannot be incremented");
  }
  *number = static_cast<std::int64_t>(static_cast<std::uint64_t>(*number) +
                                      static_cast<std::uint64_t>(*delta));
  return {};
}

result<void> changeset_applier::clear(const instruction& i) {
  auto found = resolve(i);
  if (!found) {
    return found.error();
  }
  const auto& p = *found;
  if (p.is_collection()) {
    if (i.collection != collection_type::single && i.collection != p.column->collection) {
      return apply_error(std::string("the field is a ") + collection_name(p.column->collection) +
                         ", not a " + collection_name(i.collection));
    }
    return editor().clear(collection_of(p));
  }
  if (!p.is_mixed()) {
    return apply_error("what is cleared is no collection");
  }
  if (i.collection != collection_type::list && i.collection != collection_type::dictionary) {
    return apply_error("clearing a Mixed value must say whether it becomes a list or a dictionary");
  }
  auto target = value_at(p);
  if (!target) {
    return target.error();
  }
  return replace(**target, shared<stored_collection>(new stored_collection(i.collection)));
}

} // namespace ros::sync
