// From the parsed form to JSON.
#include "sync/changeset_codec.hpp"
#include "vectors/vector_changeset.hpp"
#include "vectors/vector_json.hpp"
#include "vectors/vector_names.hpp"

namespace ros::vectors {
namespace {

using namespace sync;

template <class Bits>
std::string wire_hex(Bits bits) {
  std::string raw;
  for (std::size_t i = 0; i < sizeof(Bits); ++i) {
    raw += static_cast<char>(static_cast<std::uint8_t>(bits >> (8 * i)));
  }
  return to_hex(raw);
}

template <class Id>
std::string id_hex(const Id& id) {
  return to_hex({reinterpret_cast<const char*>(id.raw.data()), id.raw.size()});
}

std::string hex16(std::uint64_t n) {
  std::string raw;
  for (int shift = 56; shift >= 0; shift -= 8) {
    raw += static_cast<char>(static_cast<std::uint8_t>(n >> shift));
  }
  return to_hex(raw);
}

__extension__ using uint128 = unsigned __int128;

std::string coefficient_text(const decimal128& number) {
  uint128 rest = (uint128{number.coefficient_hi} << 64) | number.coefficient_lo;
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  return digits;
}

struct key_converter {
  const changeset& table;

  json::value operator()(std::monostate) const { return nullptr; }
  json::value operator()(std::int64_t n) const { return from_int64(n); }
  json::value operator()(interned i) const { return from_text(table.string(i)); }
  json::value operator()(const global_key& k) const {
    return json::object{{"$gk", json::array{hex16(k.hi), hex16(k.lo)}}};
  }
  json::value operator()(const object_id& id) const { return json::object{{"$oid", id_hex(id)}}; }
  json::value operator()(const uuid& id) const { return json::object{{"$uuid", id_hex(id)}}; }
};

struct data_converter {
  const changeset& table;
  value_type type;

  json::value operator()(std::monostate) const {
    switch (type) {
    case value_type::null:
      return nullptr;
    case value_type::erased:
      return json::object{{"$erased", 1}};
    default:
      return json::object{{"$new", name_of(container_names, type)}};
    }
  }
  json::value operator()(std::int64_t n) const { return from_int64(n); }
  json::value operator()(bool b) const { return b; }
  json::value operator()(const text& t) const {
    return type == value_type::binary ? json::object{{"$bin", to_hex(t.content)}}
                                      : from_text(t.content);
  }
  json::value operator()(const timestamp& t) const {
    return json::object{{"$ts", json::array{from_int64(t.seconds), t.nanoseconds}}};
  }
  json::value operator()(float32 f) const { return json::object{{"$float", wire_hex(f.bits)}}; }
  json::value operator()(float64 f) const { return json::object{{"$double", wire_hex(f.bits)}}; }
  json::value operator()(const decimal128& d) const {
    return json::object{{"$dec", json::array{coefficient_text(d), d.exponent, d.negative}}};
  }
  json::value operator()(const link& l) const {
    return json::object{{"$link", json::array{from_text(table.string(l.target_class)),
                                              key_to_json(table, l.target_key)}}};
  }
  json::value operator()(const object_id& id) const { return json::object{{"$oid", id_hex(id)}}; }
  json::value operator()(const uuid& id) const { return json::object{{"$uuid", id_hex(id)}}; }
};

json::array path_to_json(const changeset& table, const instruction& in) {
  json::array path{from_text(table.string(in.field))};
  for (const path_element& element : in.path) {
    path.push_back(element.is_index ? json::value(element.number)
                                    : from_text(table.string({element.number})));
  }
  return path;
}

json::value table_to_json(const changeset& table, const instruction& in) {
  if (in.kind == class_kind::embedded) {
    return "embedded";
  }
  return json::array{in.kind == class_kind::top_level ? "top" : "asymmetric",
                     from_text(table.string(in.field)), name_of(type_names, in.type), in.nullable};
}

json::object column_to_json(const changeset& table, const instruction& in) {
  json::object column{{"type", name_of(type_names, in.type)},
                      {"coll", name_of(collection_names, in.collection)},
                      {"null", in.nullable}};
  if (in.type == value_type::link) {
    column["target"] = from_text(table.string(in.target_class));
  }
  if (in.collection == collection_type::dictionary) {
    column["key"] = name_of(type_names, in.key_type);
  }
  return column;
}

/// What follows the path of a path instruction.
void append_operands(json::array& out, const changeset& table, const instruction& in) {
  const json::object prior_size{{"n", in.prior_size}};
  switch (in.op) {
  case opcode::update:
    out.push_back(value_to_json(table, in.value));
    out.push_back(is_array_update(in) ? prior_size : json::object{{"def", in.is_default}});
    break;
  case opcode::array_insert:
    out.push_back(value_to_json(table, in.value));
    out.push_back(prior_size);
    break;
  case opcode::array_move:
    out.push_back(in.to_index);
    out.push_back(prior_size);
    break;
  case opcode::array_erase:
    out.push_back(prior_size);
    break;
  case opcode::clear:
    out.push_back(json::string(name_of(collection_names, in.collection)));
    break;
  default: // add_integer, set_insert, set_erase
    out.push_back(value_to_json(table, in.value));
  }
}

} // namespace

json::value key_to_json(const changeset& table, const object_key& key) {
  return std::visit(key_converter{table}, key);
}

json::value value_to_json(const changeset& table, const value& payload) {
  return std::visit(data_converter{table, payload.type}, payload.data);
}

json::array instruction_to_json(const changeset& changes, const instruction& in) {
  json::array out{name_of(opcode_names, in.op), from_text(changes.string(in.class_name))};
  if (in.op == opcode::add_table) {
    out.push_back(table_to_json(changes, in));
  } else if (in.op == opcode::add_column) {
    out.push_back(from_text(changes.string(in.field)));
    out.push_back(column_to_json(changes, in));
  } else if (in.op == opcode::erase_column) {
    out.push_back(from_text(changes.string(in.field)));
  } else if (in.op != opcode::erase_table) {
    out.push_back(key_to_json(changes, in.key));
    if (is_path_instruction(in.op)) {
      out.push_back(path_to_json(changes, in));
      append_operands(out, changes, in);
    }
  }
  return out;
}

json::object changeset_to_json(const changeset& changes) {
  json::array strings;
  for (const std::string_view s : changes.strings) {
    strings.push_back(from_text(s));
  }
  json::array instructions;
  for (const instruction& in : changes.instructions) {
    instructions.push_back(instruction_to_json(changes, in));
  }
  return {{"strings", std::move(strings)}, {"ins", std::move(instructions)}};
}

void check_changeset(const json::value& v, checks& c) {
  const auto parsed = parse_changeset(bytes(changeset_bytes(v)));
  if (!parsed) {
    c.fail("a changeset does not decode: " + parsed.error().message);
    return;
  }
  const json::object decoded = changeset_to_json(*parsed);
  for (const std::string_view part : {"strings", "ins"}) {
    if (const json::value* const wanted = v.as_object().if_contains(part)) {
      c.expect_json(part, decoded.at(part), *wanted);
    }
  }
}

} // namespace ros::vectors
