#include "support/transaction.hpp"

#include "sync/changeset_codec.hpp"

namespace ros::test {

using sync::opcode;

sync::interned transaction::intern(const std::string& text) {
  auto [it, is_new] = interned_.emplace(text, static_cast<std::uint32_t>(changes_.strings.size()));
  if (is_new) {
    changes_.buffers.emplace_back(text);
    changes_.strings.push_back(changes_.buffers.back().view());
    changes_.virtual_size += text.size();
  }
  return {it->second};
}

sync::object_key transaction::intern_key(const key& k) {
  if (const auto* text = std::get_if<std::string>(&k.data))
    return intern(*text);
  if (const auto* number = std::get_if<std::int64_t>(&k.data))
    return *number;
  if (const auto* global = std::get_if<sync::global_key>(&k.data))
    return *global;
  return std::monostate();
}

sync::value transaction::make_value(const payload& p) {
  if (const auto* bare = std::get_if<sync::value_type>(&p.data))
    return {*bare, {}};
  if (const auto* number = std::get_if<std::int64_t>(&p.data))
    return {sync::value_type::integer, *number};
  if (const auto* flag = std::get_if<bool>(&p.data))
    return {sync::value_type::boolean, *flag};
  if (const auto* target = std::get_if<link_to>(&p.data)) {
    const auto class_name = intern(target->class_name);
    return {sync::value_type::link, sync::link{class_name, intern_key(target->target)}};
  }
  changes_.buffers.emplace_back(std::get<std::string>(p.data));
  const sync::text content{changes_.buffers.back().view(), changes_.virtual_size};
  changes_.virtual_size += content.content.size();
  return {sync::value_type::string, content};
}

sync::instruction& transaction::next(opcode op, const std::string& table) {
  sync::instruction& i = changes_.instructions.emplace_back();
  i.op = op;
  i.class_name = intern(table);
  return i;
}

sync::instruction& transaction::next(opcode op, const std::string& table, const key& object,
                                     const steps& path) {
  sync::instruction& i = next(op, table);
  i.key = intern_key(object);
  i.field = intern(std::get<std::string>(path.front().data));
  for (std::size_t at = 1; at < path.size(); ++at) {
    if (const auto* index = std::get_if<std::uint32_t>(&path[at].data))
      i.path.push_back({true, *index});
    else
      i.path.push_back({false, intern(std::get<std::string>(path[at].data)).index});
  }
  return i;
}

transaction& transaction::done() {
  known_.push_back(changes_.strings.size());
  return *this;
}

// -- schema -------------------------------------------------------------------

transaction& transaction::add_table(const std::string& name, const std::string& key_field,
                                    sync::value_type key_type, bool nullable) {
  sync::instruction& i = next(opcode::add_table, name);
  i.field = intern(key_field);
  i.type = key_type;
  i.nullable = nullable;
  return done();
}

transaction& transaction::add_table_without_key(const std::string& name) {
  return add_table(name, "", sync::value_type::global_key);
}

transaction& transaction::add_embedded_table(const std::string& name) {
  next(opcode::add_table, name).kind = sync::class_kind::embedded;
  return done();
}

transaction& transaction::erase_table(const std::string& name) {
  next(opcode::erase_table, name);
  return done();
}

transaction& transaction::add_column(const std::string& table, const std::string& field,
                                     sync::value_type type, sync::collection_type collection,
                                     bool nullable, const std::string& target) {
  sync::instruction& i = next(opcode::add_column, table);
  i.field = intern(field);
  i.type = type;
  i.collection = collection;
  i.nullable = nullable;
  if (type == sync::value_type::link)
    i.target_class = intern(target);
  if (collection == sync::collection_type::dictionary)
    i.key_type = sync::value_type::string;
  return done();
}

transaction& transaction::erase_column(const std::string& table, const std::string& field) {
  next(opcode::erase_column, table).field = intern(field);
  return done();
}

// -- objects and what lies below ----------------------------------------------

transaction& transaction::create(const std::string& table, const key& object) {
  next(opcode::create_object, table).key = intern_key(object);
  return done();
}

transaction& transaction::erase(const std::string& table, const key& object) {
  next(opcode::erase_object, table).key = intern_key(object);
  return done();
}

transaction& transaction::update(const std::string& table, const key& object, const steps& path,
                                 const payload& value, bool is_default) {
  sync::instruction& i = next(opcode::update, table, object, path);
  i.value = make_value(value);
  i.is_default = is_default;
  return done();
}

transaction& transaction::update_element(const std::string& table, const key& object,
                                         const steps& path, const payload& value,
                                         std::uint32_t size) {
  sync::instruction& i = next(opcode::update, table, object, path);
  i.value = make_value(value);
  i.prior_size = size;
  return done();
}

transaction& transaction::add_integer(const std::string& table, const key& object,
                                      const steps& path, std::int64_t delta) {
  next(opcode::add_integer, table, object, path).value = {sync::value_type::integer, delta};
  return done();
}

transaction& transaction::insert(const std::string& table, const key& object, const steps& path,
                                 const payload& value, std::uint32_t size) {
  sync::instruction& i = next(opcode::array_insert, table, object, path);
  i.value = make_value(value);
  i.prior_size = size;
  return done();
}

transaction& transaction::move(const std::string& table, const key& object, const steps& path,
                               std::uint32_t to, std::uint32_t size) {
  sync::instruction& i = next(opcode::array_move, table, object, path);
  i.to_index = to;
  i.prior_size = size;
  return done();
}

transaction& transaction::remove(const std::string& table, const key& object, const steps& path,
                                 std::uint32_t size) {
  next(opcode::array_erase, table, object, path).prior_size = size;
  return done();
}

transaction& transaction::clear(const std::string& table, const key& object, const steps& path,
                                sync::collection_type collection) {
  next(opcode::clear, table, object, path).collection = collection;
  return done();
}

transaction& transaction::set_insert(const std::string& table, const key& object, const steps& path,
                                     const payload& value) {
  sync::instruction& i = next(opcode::set_insert, table, object, path);
  i.value = make_value(value);
  return done();
}

transaction& transaction::set_erase(const std::string& table, const key& object, const steps& path,
                                    const payload& value) {
  sync::instruction& i = next(opcode::set_erase, table, object, path);
  i.value = make_value(value);
  return done();
}

// -- encoding -----------------------------------------------------------------

/// Only the codec knows the byte layout: what each instruction adds to the
/// encoding is what lies behind the definitions.
sync::bytes transaction::raw() const {
  static constexpr std::size_t erase_table_size = 2;
  auto definitions = [this](std::size_t count) {
    if (count == 0)
      return std::string();
    sync::changeset table;
    table.strings.assign(changes_.strings.begin(),
                         changes_.strings.begin() + static_cast<std::ptrdiff_t>(count));
    table.instructions.emplace_back().op = opcode::erase_table;
    std::string encoded = sync::encode_changeset(table);
    encoded.resize(encoded.size() - erase_table_size);
    return encoded;
  };
  std::string out;
  std::string before;
  for (std::size_t i = 0; i < changes_.instructions.size(); ++i) {
    const std::string known = definitions(known_[i]);
    sync::changeset single;
    single.strings.assign(changes_.strings.begin(),
                          changes_.strings.begin() + static_cast<std::ptrdiff_t>(known_[i]));
    single.instructions.push_back(changes_.instructions[i]);
    const std::string encoded = sync::encode_changeset(single);
    out.append(known, before.size());
    out.append(encoded, known.size());
    before = known;
  }
  return sync::bytes(std::move(out));
}

// -- reports ------------------------------------------------------------------

namespace {

std::string describe_key(const sync::changeset& c, const sync::object_key& k) {
  if (const auto* text = std::get_if<sync::interned>(&k))
    return '"' + std::string(c.string(*text)) + '"';
  if (const auto* number = std::get_if<std::int64_t>(&k))
    return std::to_string(*number);
  if (const auto* global = std::get_if<sync::global_key>(&k))
    return std::to_string(global->hi) + "-" + std::to_string(global->lo);
  return "null";
}

std::string describe_value(const sync::changeset& c, const sync::value& v) {
  if (const auto* number = std::get_if<std::int64_t>(&v.data))
    return std::to_string(*number);
  if (const auto* content = std::get_if<sync::text>(&v.data))
    return '"' + std::string(content->content) + '"';
  if (const auto* target = std::get_if<sync::link>(&v.data))
    return std::string(c.string(target->target_class)) + "[" + describe_key(c, target->target_key) +
           "]";
  return "type " + std::to_string(static_cast<int>(v.type));
}

std::string describe_place(const sync::changeset& c, const sync::instruction& i) {
  std::string place(c.string(i.class_name));
  if (i.op == opcode::create_object || i.op == opcode::erase_object)
    return place + "[" + describe_key(c, i.key) + "]";
  if (!sync::is_path_instruction(i.op))
    return i.op == opcode::add_table || i.op == opcode::erase_table
               ? place
               : place + "." + std::string(c.string(i.field));
  place += "[" + describe_key(c, i.key) + "]." + std::string(c.string(i.field));
  for (const auto& element : i.path)
    place += element.is_index ? "[" + std::to_string(element.number) + "]"
                              : "." + std::string(c.string({element.number}));
  return place;
}

} // namespace

std::string transaction::describe() const {
  static constexpr const char* names[] = {
      "add table",    "erase table", "create", "erase",  "update", "add",        "add column",
      "erase column", "insert",      "move",   "remove", "clear",  "set insert", "set erase"};
  std::string all;
  for (const sync::instruction& i : changes_.instructions) {
    all +=
        std::string("\n    ") + names[static_cast<int>(i.op)] + " " + describe_place(changes_, i);
    if (sync::is_path_instruction(i.op))
      all += " " + describe_value(changes_, i.value) + " n=" + std::to_string(i.prior_size) +
             " to=" + std::to_string(i.to_index) + (i.is_default ? " default" : "");
  }
  return all;
}

} // namespace ros::test
