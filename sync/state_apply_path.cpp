// Finding what an instruction addresses (changesets.md 13.4).

#include "state_apply.hpp"
#include "state_default.hpp"

namespace ros::sync {

collection_editor changeset_applier::editor() {
  return {*pieces_, node_->row->removed};
}

result<place> changeset_applier::resolve(const instruction& i) {
  if (auto selected = select_object(i); !selected) {
    return selected.error();
  }
  if (node_ == nullptr || !node_->exists()) {
    return apply_error("there is no such object");
  }
  if (i.path.size() > max_path_length) {
    return apply_error("the path has more than " + std::to_string(max_path_length) + " elements");
  }
  auto& row = cache_.edit(*node_);
  if (!purged_) {
    if (auto purged = purge_erased_columns(row); !purged) {
      return purged.error();
    }
  }
  auto found = field_of(row.body, *class_, i.field);
  for (const auto& element : i.path) {
    if (!found) {
      return found;
    }
    found = step(*found, element);
  }
  return found;
}

result<place> changeset_applier::field_of(stored_object& owner, const schema_class& info,
                                          interned field) {
  auto& known = columns_[field.index];
  if (known.generation != generation_ || known.owner != &info) {
    const auto field_name = name(field);
    const auto* column = info.find(field_name);
    if (column == nullptr) {
      if (info.has_key() && field_name == info.key_field) {
        return apply_error("the primary key cannot be changed");
      }
      return apply_error("class " + info.name + " has no field \"" + std::string(field_name) + '"');
    }
    known = {generation_, &info, column};
  }
  place p;
  p.column = known.column;
  p.owner = &owner;
  return p;
}

result<place> changeset_applier::step(const place& from, path_element next) {
  const auto& column = *from.column;
  if (from.is_collection()) {
    if (column.collection == collection_type::set) {
      return apply_error("a path cannot lead into a set");
    }
    return step_into_collection(collection_of(from), column, next);
  }
  auto value = value_at(from);
  if (!value) {
    return value.error();
  }
  if (is_embedded(column)) {
    auto* object = std::get_if<shared<stored_object>>(*value);
    if (object == nullptr) {
      return apply_error("the path leads into an embedded object that is null");
    }
    if (next.is_index) {
      return apply_error("the path has an index where the field of an embedded object belongs");
    }
    return field_of(own(*object), *schema_.find(column.target), interned{next.number});
  }
  auto* collection = std::get_if<shared<stored_collection>>(*value);
  if (collection == nullptr) {
    return apply_error("the path leads into a value that is no collection");
  }
  return step_into_collection(own(*collection), column, next);
}

result<place> changeset_applier::step_into_collection(stored_collection& items,
                                                      const schema_column& column,
                                                      path_element next) {
  place p;
  p.column = &column;
  p.items = &items;
  if (items.kind == collection_type::list) {
    if (!next.is_index) {
      return apply_error("the path has a key where the index of a list belongs");
    }
    p.where = place::at::element;
    p.index = next.number;
    return p;
  }
  if (next.is_index) {
    return apply_error("the path has an index where the key of a dictionary belongs");
  }
  p.where = place::at::entry;
  p.key = name(interned{next.number});
  // Every client refuses such keys (13.4).
  if (p.key.starts_with('$') || p.key.find('.') != std::string_view::npos) {
    return apply_error("a dictionary key cannot begin with $ or contain a dot");
  }
  return p;
}

result<stored_value*> changeset_applier::value_at(const place& p) {
  switch (p.where) {
  case place::at::field: {
    if (find_field(*p.owner, p.column->id) == nullptr) {
      add_field(*p.owner, p.column->id) = default_value(*p.column);
    }
    return &add_field(*p.owner, p.column->id);
  }
  case place::at::element:
    if (p.index >= p.items->size) {
      return apply_error("index " + std::to_string(p.index) + " is outside a list of " +
                         std::to_string(p.items->size));
    }
    return editor().element(*p.items, p.index);
  case place::at::entry:
    break;
  }
  auto found = editor().find(*p.items, p.key);
  if (found && *found == nullptr) {
    return apply_error("the dictionary has no such key");
  }
  return found;
}

stored_collection& changeset_applier::collection_of(const place& p) {
  auto& value = add_field(*p.owner, p.column->id);
  auto* held = std::get_if<shared<stored_collection>>(&value);
  if (held == nullptr) {
    held = &value.emplace<shared<stored_collection>>(new stored_collection(p.column->collection));
  }
  return own(*held);
}

result<stored_collection*> changeset_applier::list_of(const instruction& i, const place& p) {
  if (p.where != place::at::element) {
    return apply_error("the path does not end in a list");
  }
  if (i.prior_size != p.items->size) {
    return apply_error("the list has " + std::to_string(p.items->size) +
                       " elements, the instruction expects " + std::to_string(i.prior_size));
  }
  return p.items;
}

} // namespace ros::sync
