#include "server_transaction.hpp"

#include "server_transaction_values.hpp"
#include "types.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <utility>

namespace ros::sync {

namespace {

/// About what an instruction takes besides the texts it holds.
constexpr std::size_t instruction_bytes = 32;

class transaction_maker {
public:
  explicit transaction_maker(object_state& state) : state_(state) {}

  result<void> run(const write_operation& operation) {
    steps_.emplace_back();
    if (auto done = std::visit([this](const auto& x) { return prepare(x); }, operation); !done)
      return done;
    return apply_step();
  }

  server_changes finish() { return {total_.changes(), std::move(made_)}; }

private:
  result<void> prepare(const declare_class& x);
  result<void> prepare(const declare_property& x);
  result<void> prepare(const put_object& x);
  result<void> prepare(const erase_object& x);
  result<void> prepare(const edit_collection& x);

  result<void> apply_step();
  object_reader& reader() { return reader_ ? *reader_ : reader_.emplace(state_); }
  result<const class_info*> find_class(std::string_view name);
  result<const class_info*> object_class(const std::string& name);
  result<const column_info*> column_of(const class_info& info, const std::string& name);
  result<primary_key> resolve(const std::string& class_name, const primary_key& key);
  changeset_assembler& step() { return steps_.back(); }
  value_writer values();
  instruction& add(opcode op, const std::string& class_name);

  object_state& state_;
  std::optional<object_reader> reader_; ///< of the state as it is now
  std::optional<std::map<std::string, class_info, std::less<>>> classes_;
  std::map<std::pair<std::string, std::uint64_t>, global_key> chosen_;
  std::map<std::string, std::uint64_t> next_key_;
  std::vector<global_key> made_;
  // One for each operation, so that what the whole takes over from them stays where it is.
  std::deque<changeset_assembler> steps_;
  changeset_assembler total_;
  std::size_t bytes_ = 0;
};

result<void> transaction_maker::apply_step() {
  const auto& changes = step().changes();
  if (changes.instructions.empty()) {
    steps_.pop_back();
    return {};
  }
  for (const auto& x : changes.buffers)
    bytes_ += x.size();
  bytes_ += changes.instructions.size() * instruction_bytes;
  if (bytes_ > max_transaction_bytes)
    return bad_operation("the transaction is too large");
  if (auto applied = state_.apply(changes); !applied)
    return applied;
  reader_.reset();
  for (const auto& i : changes.instructions) {
    if (i.op == opcode::add_table || i.op == opcode::add_column)
      classes_.reset();
    total_.add(changes, i);
  }
  return {};
}

instruction& transaction_maker::add(opcode op, const std::string& class_name) {
  instruction i;
  i.op = op;
  i.class_name = step().intern(class_name);
  return step().add(std::move(i));
}

result<const class_info*> transaction_maker::find_class(std::string_view name) {
  if (!classes_) {
    auto all = reader().classes();
    if (!all)
      return all.error();
    classes_.emplace();
    for (auto& x : *all) {
      auto known = x.name;
      classes_->emplace(std::move(known), std::move(x));
    }
  }
  const auto found = classes_->find(name);
  return found != classes_->end() ? &found->second : nullptr;
}

result<const class_info*> transaction_maker::object_class(const std::string& name) {
  auto found = find_class(name);
  if (found && *found == nullptr)
    return bad_operation("there is no class " + name);
  if (found && (*found)->kind != class_kind::top_level)
    return bad_operation("objects of class " + name + " are not addressed by key");
  return found;
}

result<const column_info*> transaction_maker::column_of(const class_info& info,
                                                        const std::string& name) {
  const auto at = std::find_if(info.columns.begin(), info.columns.end(),
                               [&](const auto& x) { return x.name == name; });
  if (at == info.columns.end())
    return bad_operation("class " + info.name + " has no property " + name);
  return &*at;
}

/// Gives an object without key its own (put_object::key).
result<primary_key> transaction_maker::resolve(const std::string& class_name,
                                               const primary_key& key) {
  const auto* local = std::get_if<global_key>(&key);
  if (local == nullptr || local->hi != 0)
    return key;
  auto& chosen = chosen_[{class_name, local->lo}];
  if (chosen.hi == 0) {
    auto next = reader().next_server_key(class_name);
    if (!next)
      return next.error();
    auto& counter = next_key_[class_name];
    counter = std::max(counter, *next);
    chosen = {server_file_ident, counter++};
    made_.push_back(chosen);
  }
  return primary_key{chosen};
}

value_writer transaction_maker::values() {
  return {step(), [this](std::string_view name) { return find_class(name); },
          [this](const read_link& x) { return resolve(x.target_class, x.target_key); }};
}

// -- operations -------------------------------------------------------------------

result<void> transaction_maker::prepare(const declare_class& x) {
  auto present = find_class(x.name);
  if (!present)
    return present.error();
  const bool has_key = x.kind != class_kind::embedded && x.key_type != value_type::global_key;
  if (const auto* info = *present) {
    const bool same = info->kind == x.kind &&
                      (has_key ? info->key_field == x.key_field && info->key_type == x.key_type &&
                                     info->key_nullable == x.key_nullable
                               : info->key_field.empty());
    return same ? result<void>{} : bad_operation("class " + x.name + " exists and is another");
  }
  auto& i = add(opcode::add_table, x.name);
  i.kind = x.kind;
  i.type = x.kind == class_kind::embedded ? value_type::null : x.key_type;
  if (x.kind != class_kind::embedded)
    i.field = step().intern(has_key ? x.key_field : std::string{});
  i.nullable = has_key && x.key_nullable;
  return {};
}

result<void> transaction_maker::prepare(const declare_property& x) {
  auto present = find_class(x.class_name);
  if (!present)
    return present.error();
  if (*present == nullptr)
    return bad_operation("there is no class " + x.class_name);
  const bool is_mixed = x.type == value_type::null;
  const bool is_link = x.type == value_type::link;
  const bool links_null =
      x.collection == collection_type::single || x.collection == collection_type::dictionary;
  const bool nullable = is_mixed || (is_link ? links_null : x.nullable);
  if (auto column = column_of(**present, x.name)) {
    const auto& is = **column;
    const bool same = is.type == x.type && is.collection == x.collection &&
                      is.nullable == nullable && is.target_class == x.target_class;
    return same ? result<void>{}
                : bad_operation("property " + x.class_name + '.' + x.name +
                                " exists and is of another type");
  }
  auto& i = add(opcode::add_column, x.class_name);
  i.field = step().intern(x.name);
  i.type = x.type;
  i.collection = x.collection;
  i.nullable = nullable;
  if (x.collection == collection_type::dictionary)
    i.key_type = value_type::string;
  if (is_link)
    i.target_class = step().intern(x.target_class);
  return {};
}

result<void> transaction_maker::prepare(const put_object& x) {
  auto info = object_class(x.class_name);
  if (!info)
    return info.error();
  auto key = resolve(x.class_name, x.key);
  if (!key)
    return key.error();
  const bool has_collections = std::any_of(x.fields.begin(), x.fields.end(), [](const auto& f) {
    return !std::holds_alternative<std::monostate>(f.value.data) &&
           f.value.data.index() >= read_value{read_object{}}.data.index();
  });
  auto present =
      reader().find(x.class_name, *key, has_collections ? read_window{} : read_window{0, 0});
  if (!present)
    return present.error();
  if (!*present && x.must_exist)
    return bad_operation("there is no such object");
  value_writer::target at{step().intern(x.class_name), step().intern_key(*key), {}};
  if (!*present)
    add(opcode::create_object, x.class_name).key = at.key;
  auto writer = values();
  for (const auto& field : x.fields) {
    auto column = column_of(**info, field.name);
    if (!column)
      return column.error();
    at.field = step().intern(field.name);
    const auto* before =
        *present
            ? &(*present)->fields[static_cast<std::size_t>(*column - (*info)->columns.data())].value
            : nullptr;
    if (auto done = writer.write(at, **column, before, field.value); !done)
      return done;
  }
  return {};
}

result<void> transaction_maker::prepare(const erase_object& x) {
  auto info = object_class(x.class_name);
  if (!info)
    return info.error();
  auto key = resolve(x.class_name, x.key);
  if (!key)
    return key.error();
  auto present = reader().find(x.class_name, *key, {0, 0});
  if (!present)
    return present.error();
  if (*present) {
    auto& i = add(opcode::erase_object, x.class_name);
    i.key = step().intern_key(*key);
  }
  return {};
}

result<void> transaction_maker::prepare(const edit_collection& x) {
  auto info = object_class(x.class_name);
  if (!info)
    return info.error();
  auto column = column_of(**info, x.field);
  if (!column)
    return column.error();
  auto key = resolve(x.class_name, x.key);
  if (!key)
    return key.error();
  const bool by_index = (*column)->collection == collection_type::list;
  auto present =
      reader().find(x.class_name, *key, by_index ? read_window{x.index, 1} : read_window{});
  if (!present)
    return present.error();
  if (!*present)
    return bad_operation("there is no such object");
  const auto& value =
      (*present)->fields[static_cast<std::size_t>(*column - (*info)->columns.data())].value;
  const auto* items = std::get_if<read_collection>(&value.data);
  if (items == nullptr)
    return bad_operation("property " + x.field + " is no collection");
  const value_writer::target at{step().intern(x.class_name), step().intern_key(*key),
                                step().intern(x.field)};
  return values().edit(at, **column, *items, x);
}

} // namespace

result<server_changes> apply_operations(object_state& state,
                                        std::span<const write_operation> operations) {
  if (operations.size() > max_operations)
    return bad_operation("the transaction has too many operations");
  transaction_maker maker{state};
  for (std::size_t n = 0; n < operations.size(); ++n) {
    if (auto done = maker.run(operations[n]); !done) {
      auto e = done.error();
      e.message = "operation " + std::to_string(n) + ": " + e.message;
      return e;
    }
  }
  return maker.finish();
}

} // namespace ros::sync
