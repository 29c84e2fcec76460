// From JSON to the parsed form.
#include "vectors/vector_changeset.hpp"
#include "vectors/vector_json.hpp"
#include "vectors/vector_names.hpp"

#include <charconv>
#include <cstring>
#include <stdexcept>

namespace ros::vectors {
namespace {

using namespace sync;

interned intern(changeset& table, std::string_view content) {
  const auto found = std::ranges::find(table.strings, content);
  if (found != table.strings.end()) {
    return {static_cast<std::uint32_t>(found - table.strings.begin())};
  }
  table.buffers.emplace_back(std::string(content));
  table.strings.push_back(table.buffers.back().view());
  table.virtual_size += content.size();
  return {static_cast<std::uint32_t>(table.strings.size() - 1)};
}

interned intern(changeset& table, const json::value& v) {
  return intern(table, to_text(v));
}

std::uint32_t to_uint32(const json::value& v) {
  return json::value_to<std::uint32_t>(v);
}

template <class Bits>
Bits bits_from_hex(const json::value& v) {
  const std::string raw = from_hex(v.as_string());
  if (raw.size() != sizeof(Bits)) {
    throw std::runtime_error("wrong number of bytes");
  }
  Bits bits = 0;
  for (std::size_t i = 0; i < sizeof(Bits); ++i) {
    bits |= static_cast<Bits>(static_cast<std::uint8_t>(raw[i])) << (8 * i);
  }
  return bits;
}

template <class Id>
Id id_from_hex(const json::value& v) {
  const std::string raw = from_hex(v.as_string());
  Id id;
  if (raw.size() != id.raw.size()) {
    throw std::runtime_error("wrong number of bytes");
  }
  std::memcpy(id.raw.data(), raw.data(), raw.size());
  return id;
}

std::uint64_t from_hex16(const json::value& v) {
  std::uint64_t n = 0;
  for (const char c : from_hex(v.as_string())) {
    n = (n << 8) | static_cast<std::uint8_t>(c);
  }
  return n;
}

__extension__ using uint128 = unsigned __int128;

decimal128 decimal_from_json(const json::array& parts) {
  uint128 coefficient = 0;
  for (const char c : parts.at(0).as_string()) {
    coefficient = coefficient * 10 + static_cast<unsigned>(c - '0');
  }
  return {static_cast<std::uint64_t>(coefficient >> 64), static_cast<std::uint64_t>(coefficient),
          json::value_to<std::int32_t>(parts.at(1)), parts.at(2).as_bool()};
}

text text_from(changeset& table, std::string content) {
  table.buffers.emplace_back(std::move(content));
  const std::string_view view = table.buffers.back().view();
  const text result{view, table.virtual_size};
  table.virtual_size += view.size();
  return result;
}

/// Values that are an object with one member.
value tagged_value(changeset& table, std::string_view tag, const json::value& v) {
  if (tag == "$int") {
    return {value_type::integer, to_int64(json::object{{tag, v}})};
  }
  if (tag == "$rawstr") {
    return {value_type::string, text_from(table, from_hex(v.as_string()))};
  }
  if (tag == "$bin") {
    return {value_type::binary, text_from(table, from_hex(v.as_string()))};
  }
  if (tag == "$ts") {
    const json::array& parts = v.as_array();
    return {value_type::timestamp,
            timestamp{to_int64(parts.at(0)), json::value_to<std::int32_t>(parts.at(1))}};
  }
  if (tag == "$float") {
    return {value_type::float32, float32{bits_from_hex<std::uint32_t>(v)}};
  }
  if (tag == "$double") {
    return {value_type::float64, float64{bits_from_hex<std::uint64_t>(v)}};
  }
  if (tag == "$dec") {
    return {value_type::decimal, decimal_from_json(v.as_array())};
  }
  if (tag == "$link") {
    const interned target = intern(table, v.as_array().at(0));
    return {value_type::link, link{target, key_from_json(table, v.as_array().at(1))}};
  }
  if (tag == "$oid") {
    return {value_type::object_id, id_from_hex<object_id>(v)};
  }
  if (tag == "$uuid") {
    return {value_type::uuid, id_from_hex<uuid>(v)};
  }
  if (tag == "$new") {
    return {code_of(container_names, v.as_string()), {}};
  }
  if (tag == "$erased") {
    return {value_type::erased, {}};
  }
  throw std::runtime_error("unknown value " + std::string(tag));
}

void read_table(changeset& table, instruction& in, const json::value& v) {
  if (v.is_string()) {
    in.kind = class_kind::embedded;
    return;
  }
  const json::array& parts = v.as_array();
  in.kind = parts.at(0).as_string() == "top" ? class_kind::top_level : class_kind::asymmetric;
  in.field = intern(table, parts.at(1));
  in.type = code_of(type_names, parts.at(2).as_string());
  in.nullable = parts.at(3).as_bool();
}

void read_column(changeset& table, instruction& in, const json::object& column) {
  in.type = code_of(type_names, column.at("type").as_string());
  in.collection = code_of(collection_names, column.at("coll").as_string());
  in.nullable = column.at("null").as_bool();
  if (const json::value* const target = column.if_contains("target")) {
    in.target_class = intern(table, *target);
  }
  if (const json::value* const key = column.if_contains("key")) {
    in.key_type = code_of(type_names, key->as_string());
  }
}

void read_path(changeset& table, instruction& in, const json::array& path) {
  in.field = intern(table, path.at(0));
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (path[i].is_number()) {
      in.path.push_back({true, to_uint32(path[i])});
    } else {
      in.path.push_back({false, intern(table, path[i]).index});
    }
  }
}

/// What follows the path of a path instruction.
void read_operands(changeset& table, instruction& in, const json::array& v) {
  switch (in.op) {
  case opcode::array_move:
    in.to_index = to_uint32(v.at(4));
    break;
  case opcode::clear:
    in.collection = code_of(collection_names, v.at(4).as_string());
    return;
  case opcode::array_erase:
    break;
  default:
    in.value = value_from_json(table, v.at(4));
  }
  if (const json::object* const last = v.back().if_object()) {
    if (const json::value* const prior_size = last->if_contains("n")) {
      in.prior_size = to_uint32(*prior_size);
    } else if (const json::value* const is_default = last->if_contains("def")) {
      in.is_default = is_default->as_bool();
    }
  }
}

instruction instruction_from_json(changeset& table, const json::array& v) {
  instruction in;
  in.op = code_of(opcode_names, v.at(0).as_string());
  in.class_name = intern(table, v.at(1));
  if (in.op == opcode::add_table) {
    read_table(table, in, v.at(2));
  } else if (in.op == opcode::add_column) {
    in.field = intern(table, v.at(2));
    read_column(table, in, v.at(3).as_object());
  } else if (in.op == opcode::erase_column) {
    in.field = intern(table, v.at(2));
  } else if (in.op != opcode::erase_table) {
    in.key = key_from_json(table, v.at(2));
    if (is_path_instruction(in.op)) {
      read_path(table, in, v.at(3).as_array());
      read_operands(table, in, v);
    }
  }
  return in;
}

} // namespace

std::string changeset_bytes(const json::value& v) {
  return from_hex(v.as_object().at("hex").as_string());
}

object_key key_from_json(changeset& table, const json::value& v) {
  if (v.is_null()) {
    return {};
  }
  if (const json::value* const parts = only_member(v, "$gk")) {
    return global_key{from_hex16(parts->as_array().at(0)), from_hex16(parts->as_array().at(1))};
  }
  if (const json::value* const hex = only_member(v, "$oid")) {
    return id_from_hex<object_id>(*hex);
  }
  if (const json::value* const hex = only_member(v, "$uuid")) {
    return id_from_hex<uuid>(*hex);
  }
  if (v.is_string() || only_member(v, "$rawstr") != nullptr) {
    return intern(table, v);
  }
  return to_int64(v);
}

value value_from_json(changeset& table, const json::value& v) {
  switch (v.kind()) {
  case json::kind::null:
    return {};
  case json::kind::bool_:
    return {value_type::boolean, v.get_bool()};
  case json::kind::string:
    return {value_type::string, text_from(table, std::string(v.get_string()))};
  case json::kind::object:
    return tagged_value(table, v.get_object().begin()->key(), v.get_object().begin()->value());
  default:
    return {value_type::integer, to_int64(v)};
  }
}

changeset changeset_from_json(const json::value& v) {
  changeset changes;
  for (const json::value& s : v.as_object().at("strings").as_array()) {
    intern(changes, s);
  }
  for (const json::value& in : v.as_object().at("ins").as_array()) {
    changes.instructions.push_back(instruction_from_json(changes, in.as_array()));
  }
  return changes;
}

} // namespace ros::vectors
