#include "support/client_changeset.hpp"

#include "sync/changeset_codec.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <variant>

namespace ros::test {

using sync::opcode;

namespace {

// -- raw form -----------------------------------------------------------------

std::size_t needed(sync::interned name) {
  return name.index + std::size_t{1};
}

std::size_t needed(const sync::object_key& key) {
  const auto* text = std::get_if<sync::interned>(&key);
  return text ? needed(*text) : 0;
}

/// How much of the intern table an instruction refers to.
std::size_t needed(const sync::instruction& i) {
  std::size_t count =
      std::max({needed(i.class_name), needed(i.field), needed(i.key), needed(i.target_class)});
  for (const auto& element : i.path)
    count = std::max(count, element.is_index ? 0 : needed(sync::interned{element.number}));
  if (const auto* target = std::get_if<sync::link>(&i.value.data))
    count = std::max({count, needed(target->target_class), needed(target->target_key)});
  return count;
}

/// The encoding of one instruction with the first `names` strings. Only the codec
/// knows the byte layout: definitions are what stands in front of the instruction.
std::string encode(const sync::changeset& changes, std::size_t names, sync::instruction single) {
  sync::changeset part;
  part.strings.assign(changes.strings.begin(),
                      changes.strings.begin() + static_cast<std::ptrdiff_t>(names));
  part.instructions.push_back(std::move(single));
  return sync::encode_changeset(part);
}

std::string definitions(const sync::changeset& changes, std::size_t names) {
  static constexpr std::size_t erase_table_size = 2;
  sync::instruction shortest;
  shortest.op = opcode::erase_table;
  std::string encoded = encode(changes, names, shortest);
  encoded.resize(encoded.size() - erase_table_size);
  return encoded;
}

// -- reports ------------------------------------------------------------------

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
  // Piece by piece: GCC 12 warns of sums of literals and strings.
  const bool is_path = sync::is_path_instruction(i.op);
  if (is_path || i.op == opcode::create_object || i.op == opcode::erase_object)
    (place += '[').append(describe_key(c, i.key)) += ']';
  if (is_path || i.op == opcode::add_column || i.op == opcode::erase_column)
    (place += '.').append(c.string(i.field));
  if (!is_path)
    return place;
  for (const auto& element : i.path)
    if (element.is_index)
      (place += '[').append(std::to_string(element.number)) += ']';
    else
      (place += '.').append(c.string({element.number}));
  return place;
}

} // namespace

sync::bytes client_bytes(const sync::changeset& changes) {
  std::string out;
  std::string before;
  std::size_t names = 0;
  for (const sync::instruction& i : changes.instructions) {
    names = std::max(names, needed(i));
    const std::string known = definitions(changes, names);
    out.append(known, before.size());
    out.append(encode(changes, names, i), known.size());
    before = known;
  }
  return sync::bytes(std::move(out));
}

std::string describe(const sync::changeset& changes) {
  static constexpr const char* names[] = {
      "add table",    "erase table", "create", "erase",  "update", "add",        "add column",
      "erase column", "insert",      "move",   "remove", "clear",  "set insert", "set erase"};
  std::string all;
  for (const sync::instruction& i : changes.instructions) {
    (((all += "\n    ") += names[static_cast<int>(i.op)]) += ' ') += describe_place(changes, i);
    if (!sync::is_path_instruction(i.op))
      continue;
    (all += ' ') += describe_value(changes, i.value);
    (all += " n=") += std::to_string(i.prior_size);
    (all += " to=") += std::to_string(i.to_index);
    if (i.is_default)
      all += " default";
  }
  return all;
}

} // namespace ros::test
