// Schema instructions (changesets.md 13.2).

#include "changeset_codec.hpp"
#include "state_apply.hpp"

namespace ros::sync {

namespace {

/// What columns of links and Mixed make of the given nullability.
bool effective_nullability(const instruction& i) {
  if (i.type == value_type::null) {
    return true;
  }
  if (i.type == value_type::link) {
    return i.collection == collection_type::single || i.collection == collection_type::dictionary;
  }
  return i.nullable;
}

bool is_key_type(value_type type) {
  return type == value_type::integer || type == value_type::string ||
         type == value_type::object_id || type == value_type::uuid ||
         type == value_type::global_key;
}

std::string quoted(std::string_view name) {
  return '"' + std::string(name) + '"';
}

} // namespace

result<void> changeset_applier::add_table(const instruction& i) {
  const bool embedded = i.kind == class_kind::embedded;
  if (!embedded && !is_key_type(i.type)) {
    return apply_error(std::string("a primary key cannot be of type ") + type_name(i.type));
  }
  const auto key_type = embedded ? value_type::global_key : i.type;
  const bool has_key = key_type != value_type::global_key;
  const auto* present = class_named(i.class_name);
  if (present == nullptr) {
    const auto class_name = name(i.class_name);
    if (class_name.empty() || class_name.size() > max_class_name_size) {
      return apply_error("a class name has 1 to 57 bytes");
    }
    if (has_key && name(i.field).size() > max_field_name_size) {
      return apply_error("a field name has at most 63 bytes");
    }
    shared<schema_class> added(new schema_class);
    added->name = class_name;
    added->kind = i.kind;
    added->key_type = key_type;
    if (has_key) {
      added->key_field = name(i.field);
      added->key_nullable = i.nullable;
    }
    schema_.add(std::move(added));
    forget_schema();
    return {};
  }
  if (present->kind != i.kind) {
    return schema_error("the class exists and is of another kind");
  }
  if (has_key != present->has_key()) {
    return schema_error(present->has_key() ? "the class exists and has a primary key"
                                           : "the class exists and has no primary key");
  }
  if (has_key && name(i.field) != present->key_field) {
    return schema_error("the class exists and its primary key is " + quoted(present->key_field) +
                        ", not " + quoted(name(i.field)));
  }
  if (has_key && key_type != present->key_type) {
    return schema_error(std::string("the class exists and its primary key is of type ") +
                        type_name(present->key_type) + ", not " + type_name(key_type));
  }
  if (has_key && i.nullable != present->key_nullable) {
    return schema_error(present->key_nullable
                            ? "the class exists and its primary key can be null"
                            : "the class exists and its primary key cannot be null");
  }
  return {};
}

result<void> changeset_applier::erase_table(const instruction& i) {
  const auto* info = class_named(i.class_name);
  if (info == nullptr) {
    return apply_error("there is no class of this name");
  }
  if (schema_.is_link_target(*info)) {
    return apply_error("another class has a column that links to it");
  }
  if (!allow_destructive_) {
    return schema_error("this server does not let classes be removed", 225);
  }
  if (auto erased = cache_.erase_table(info->id); !erased) {
    return erased;
  }
  schema_.erase(*info);
  forget_schema();
  return {};
}

result<void> changeset_applier::add_column(const instruction& i) {
  const auto* owner = class_named(i.class_name);
  if (owner == nullptr) {
    return apply_error("there is no class of this name");
  }
  const auto column_name = name(i.field);
  schema_column present;
  if (const auto* column = owner->find(column_name)) {
    present = *column;
  } else if (owner->has_key() && column_name == owner->key_field) {
    present.type = owner->key_type;
    present.nullable = owner->key_nullable;
  } else {
    return add_new_column(i, *owner);
  }
  if (present.type != i.type) {
    return schema_error(std::string("the column exists and is of type ") + type_name(present.type) +
                        ", not " + type_name(i.type));
  }
  if (present.collection != i.collection) {
    return schema_error(std::string("the column exists and is a ") +
                        collection_name(present.collection) + ", not a " +
                        collection_name(i.collection));
  }
  if (i.type == value_type::link) {
    const auto* target = schema_.find(present.target);
    if (target == nullptr || target->name != name(i.target_class)) {
      return schema_error("the column exists and links to " +
                          quoted(target != nullptr ? target->name : "") + ", not to " +
                          quoted(name(i.target_class)));
    }
  }
  if (present.nullable != effective_nullability(i)) {
    return schema_error(present.nullable ? "the column exists and can be null"
                                         : "the column exists and cannot be null");
  }
  return {};
}

result<void> changeset_applier::add_new_column(const instruction& i, const schema_class& owner) {
  schema_column added;
  added.name = name(i.field);
  added.type = i.type;
  added.collection = i.collection;
  added.nullable = effective_nullability(i);
  if (added.name.size() > max_field_name_size) {
    return apply_error("a field name has at most 63 bytes");
  }
  if (i.type < value_type::null) {
    return apply_error(std::string("a column cannot be of type ") + type_name(i.type));
  }
  if (i.collection == collection_type::dictionary && i.key_type != value_type::string) {
    return apply_error("the keys of a dictionary must be of type String");
  }
  if (i.type == value_type::link) {
    const auto* target = class_named(i.target_class);
    if (target == nullptr) {
      return apply_error("there is no class " + quoted(name(i.target_class)) + " to link to");
    }
    if (target->kind == class_kind::asymmetric) {
      return apply_error("nothing can link to an asymmetric class");
    }
    if (target->kind == class_kind::embedded && i.collection == collection_type::set) {
      return apply_error("there are no sets of embedded objects");
    }
    added.target = target->id;
  }
  schema_.add_column(owner, std::move(added));
  forget_schema();
  return {};
}

result<void> changeset_applier::erase_column(const instruction& i) {
  const auto* owner = class_named(i.class_name);
  if (owner == nullptr) {
    return apply_error("there is no class of this name");
  }
  const auto column_name = name(i.field);
  if (owner->has_key() && column_name == owner->key_field) {
    return apply_error("the primary key cannot be removed");
  }
  const auto* column = owner->find(column_name);
  if (column == nullptr) {
    return apply_error("there is no field of this name");
  }
  if (!allow_destructive_) {
    return schema_error("this server does not let columns be removed", 225);
  }
  // Column ids are never given again, so objects need not be touched: what is left in
  // them goes when they are changed next.
  schema_.erase_column(*owner, *column);
  forget_schema();
  return {};
}

} // namespace ros::sync
