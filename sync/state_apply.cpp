#include "state_apply.hpp"

namespace ros::sync {

namespace {

const char* opcode_name(opcode op) noexcept {
  static constexpr const char* names[] = {
      "AddTable",   "EraseTable", "CreateObject", "EraseObject", "Update",
      "AddInteger", "AddColumn",  "EraseColumn",  "ArrayInsert", "ArrayMove",
      "ArrayErase", "Clear",      "SetInsert",    "SetErase"};
  return names[static_cast<std::size_t>(op)];
}

} // namespace

error apply_error(std::string sentence) {
  return {ec::apply_failure, std::move(sentence), 212};
}

error schema_error(std::string sentence, int protocol_code) {
  return {ec::schema_conflict, std::move(sentence), protocol_code};
}

const char* type_name(value_type type) noexcept {
  static constexpr const char* names[] = {
      "Set",   "List",   "Erased",  "Dictionary", "ObjectValue", "GlobalKey",
      "Mixed", "Int",    "Bool",    "String",     "Binary",      "Timestamp",
      "Float", "Double", "Decimal", "Link",       "ObjectId",    "UUID"};
  const int index = static_cast<int>(type) + 6;
  return index >= 0 && index < 18 ? names[index] : "unknown type";
}

const char* collection_name(collection_type kind) noexcept {
  static constexpr const char* names[] = {"single value", "list", "dictionary", "set"};
  const auto index = static_cast<std::size_t>(kind);
  return index < 4 ? names[index] : "unknown collection";
}

changeset_applier::changeset_applier(state_schema& schema, object_cache& cache,
                                     bool allow_destructive, const changeset& changes)
    : schema_(schema), cache_(cache), allow_destructive_(allow_destructive), changes_(changes),
      classes_(changes.strings.size()), columns_(changes.strings.size()) {}

result<void> changeset_applier::run() {
  for (const auto& i : changes_.instructions) {
    if (auto applied = apply(i); !applied) {
      error e = applied.error();
      const auto position = &i - changes_.instructions.data();
      e.message =
          "instruction " + std::to_string(position) + " (" + describe(i) + "): " + e.message;
      return e;
    }
  }
  return {};
}

result<void> changeset_applier::apply(const instruction& i) {
  switch (i.op) {
  case opcode::add_table:
    return add_table(i);
  case opcode::erase_table:
    return erase_table(i);
  case opcode::create_object:
    return create_object(i);
  case opcode::erase_object:
    return erase_object(i);
  case opcode::update:
    return update(i);
  case opcode::add_integer:
    return add_integer(i);
  case opcode::add_column:
    return add_column(i);
  case opcode::erase_column:
    return erase_column(i);
  case opcode::array_insert:
    return array_insert(i);
  case opcode::array_move:
    return array_move(i);
  case opcode::array_erase:
    return array_erase(i);
  case opcode::clear:
    return clear(i);
  case opcode::set_insert:
    return set_insert(i);
  case opcode::set_erase:
    return set_erase(i);
  }
  return apply_error("unknown instruction");
}

const schema_class* changeset_applier::class_named(interned string) const {
  auto& known = classes_[string.index];
  if (known.generation != generation_) {
    known = {generation_, schema_.find(name(string))};
  }
  return known.info;
}

void changeset_applier::forget_schema() {
  ++generation_;
  selected_by_ = nullptr;
}

// -- objects ----------------------------------------------------------------------

result<const schema_class*> changeset_applier::object_class(interned class_name) const {
  const auto* info = class_named(class_name);
  if (info == nullptr) {
    return apply_error("there is no class of this name");
  }
  if (info->kind == class_kind::embedded) {
    return apply_error("objects of an embedded class are addressed through their owner only");
  }
  return info;
}

result<void> changeset_applier::check_key(const object_key& key, const schema_class& owner) const {
  if (std::holds_alternative<std::monostate>(key) && owner.has_key()) {
    return owner.key_nullable ? result<void>()
                              : apply_error("the primary key of the class cannot be null");
  }
  if (key_type(key) != owner.key_type) {
    return apply_error(std::string("the key is of type ") +
                       (key.index() == 0 ? "Null" : type_name(key_type(key))) + ", keys of class " +
                       owner.name + " are of type " + type_name(owner.key_type));
  }
  return {};
}

result<void> changeset_applier::select_object(const instruction& i) {
  if (selected_by_ != nullptr && selected_by_->class_name == i.class_name &&
      selected_by_->key == i.key) {
    return {};
  }
  selected_by_ = nullptr;
  auto info = object_class(i.class_name);
  if (!info) {
    return info.error();
  }
  class_ = *info;
  row_key_.clear();
  append_big_endian(row_key_, class_->id, 4);
  row_key_.push_back(0);
  append_key(row_key_, i.key, changes_);
  auto found = cache_.find(row_key_);
  if (!found) {
    return found.error();
  }
  node_ = *found;
  purged_ = false;
  pieces_.reset();
  if (node_ != nullptr) {
    pieces_.emplace(cache_, *node_);
    selected_by_ = &i;
  }
  return {};
}

result<void> changeset_applier::create_object(const instruction& i) {
  if (auto selected = select_object(i); !selected) {
    return selected;
  }
  if (auto checked = check_key(i.key, *class_); !checked) {
    return checked;
  }
  if (const auto* key = std::get_if<global_key>(&i.key)) {
    // Clients map keys into 62 bits and would take larger ones for others (11).
    if (key->hi >= std::uint64_t{1} << 30 || key->lo >= std::uint64_t{1} << 32) {
      return apply_error("the GlobalKey is too large for clients");
    }
    if (key->hi == 1) {
      schema_.note_server_key(class_->id, key->lo);
    }
  }
  if (node_ != nullptr && node_->exists()) {
    return {};
  }
  if (node_ == nullptr) {
    node_ = &cache_.add(row_key_);
    pieces_.emplace(cache_, *node_);
    selected_by_ = &i;
  }
  cache_.edit(*node_).exists = true;
  return {};
}

result<void> changeset_applier::erase_object(const instruction& i) {
  if (auto selected = select_object(i); !selected) {
    return selected;
  }
  if (auto checked = check_key(i.key, *class_); !checked) {
    return checked;
  }
  if (node_ == nullptr || !node_->exists()) {
    return {};
  }
  auto& row = cache_.edit(*node_);
  if (auto released = editor().release(row.body); !released) {
    return released;
  }
  row.exists = false;
  row.body.fields.clear();
  return {};
}

result<void> changeset_applier::purge_erased_columns(stored_row& row) {
  purged_ = true;
  if (!class_->has_erased_columns()) {
    return {};
  }
  auto edit = editor();
  for (auto at = row.body.fields.begin(); at != row.body.fields.end();) {
    if (class_->owns(at->column)) {
      ++at;
      continue;
    }
    if (auto released = edit.release(at->value); !released) {
      return released;
    }
    at = row.body.fields.erase(at);
  }
  return {};
}

// -- messages -----------------------------------------------------------------------

std::string changeset_applier::describe(const instruction& i) const {
  std::string out = opcode_name(i.op);
  out += ' ';
  out += name(i.class_name);
  if (i.op == opcode::add_column || i.op == opcode::erase_column) {
    return out.append(1, '.').append(name(i.field));
  }
  if (i.op == opcode::add_table || i.op == opcode::erase_table) {
    return out;
  }
  out += '[' + describe_key(own_key(i.key, changes_)) + ']';
  if (!is_path_instruction(i.op)) {
    return out;
  }
  out.append(1, '.').append(name(i.field));
  constexpr std::size_t longest = 400;
  for (const auto& element : i.path) {
    if (out.size() > longest) {
      return out + "...";
    }
    out += element.is_index ? '[' + std::to_string(element.number) + ']'
                            : '[' + describe_key(std::string(name(interned{element.number}))) + ']';
  }
  return out;
}

} // namespace ros::sync
