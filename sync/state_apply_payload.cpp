// Whether a payload may be a value of a column (changesets.md 13.5, "type check").

#include "state_apply.hpp"
#include "state_default.hpp"

namespace ros::sync {

bool changeset_applier::is_embedded(const schema_column& column) const {
  if (column.type != value_type::link) {
    return false;
  }
  const auto* target = schema_.find(column.target);
  return target != nullptr && target->kind == class_kind::embedded;
}

result<stored_value> changeset_applier::new_embedded(const schema_column& column) const {
  if (!is_embedded(column)) {
    return apply_error("there are no embedded objects in this field");
  }
  return shared<stored_object>(new stored_object);
}

result<stored_link> changeset_applier::check_link(const link& payload,
                                                  const schema_column& column) const {
  const auto* target = class_named(payload.target_class);
  if (target == nullptr) {
    return apply_error("there is no class \"" + std::string(name(payload.target_class)) +
                       "\" to link to");
  }
  if (target->kind != class_kind::top_level) {
    return apply_error("nothing can link to objects of class " + target->name);
  }
  if (column.type == value_type::link && column.target != target->id) {
    const auto* expected = schema_.find(column.target);
    return apply_error("the field links to " +
                       (expected != nullptr ? expected->name : std::string("another class")) +
                       ", not to " + target->name);
  }
  if (auto checked = check_key(payload.target_key, *target); !checked) {
    return checked.error();
  }
  stored_link out{target->id, {}};
  append_key(out.key, payload.target_key, changes_);
  return out;
}

result<stored_value> changeset_applier::check_payload(const value& payload,
                                                      const schema_column& column) const {
  if (payload.type == value_type::null) {
    return column.nullable ? result<stored_value>(stored_value())
                           : apply_error("null in a field that cannot be null");
  }
  if (payload.type < value_type::null ||
      (column.type != value_type::null && column.type != payload.type)) {
    return apply_error(std::string("a value of type ") + type_name(payload.type) +
                       " in a field of type " + type_name(column.type));
  }
  return std::visit(
      [&](const auto& x) -> result<stored_value> {
        using type = std::decay_t<decltype(x)>;
        if constexpr (std::is_same_v<type, text>) {
          if (payload.type == value_type::binary) {
            return stored_binary{std::string(x.content)};
          }
          return stored_string{std::string(x.content)};
        } else if constexpr (std::is_same_v<type, link>) {
          auto checked = check_link(x, column);
          return checked ? result<stored_value>(std::move(*checked)) : checked.error();
        } else if constexpr (std::is_same_v<type, std::monostate>) {
          return apply_error("a value without content");
        } else {
          return x;
        }
      },
      payload.data);
}

} // namespace ros::sync
