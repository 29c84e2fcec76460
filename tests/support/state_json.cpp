#include "support/state_json.hpp"

#include "sync/utf8.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace ros::test {

namespace {

namespace json = boost::json;

std::string hex(std::string_view raw) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : raw) {
    out.push_back(digits[static_cast<std::uint8_t>(c) >> 4]);
    out.push_back(digits[static_cast<std::uint8_t>(c) & 15]);
  }
  return out;
}

template <std::size_t Size>
std::string hex(const std::array<std::uint8_t, Size>& raw) {
  return hex(std::string_view(reinterpret_cast<const char*>(raw.data()), Size));
}

/// Lowest byte first, as on the wire.
template <class Unsigned>
std::string little_endian_hex(Unsigned bits) {
  std::string raw;
  for (std::size_t i = 0; i < sizeof bits; ++i) {
    raw.push_back(static_cast<char>(bits >> (8 * i)));
  }
  return hex(raw);
}

std::string big_endian_hex(std::uint64_t bits) {
  std::string raw;
  for (int shift = 56; shift >= 0; shift -= 8) {
    raw.push_back(static_cast<char>(bits >> shift));
  }
  return hex(raw);
}

json::value number(std::int64_t value) {
  constexpr std::int64_t largest = (std::int64_t{1} << 53) - 1;
  if (value >= -largest && value <= largest) {
    return value;
  }
  return json::object{{"$int", std::to_string(value)}};
}

json::value text(std::string_view value) {
  if (sync::is_utf8(value)) {
    return json::string(value);
  }
  return json::object{{"$rawstr", hex(value)}};
}

/// The digits of a coefficient below 2^113.
std::string decimal_digits(std::uint64_t hi, std::uint64_t lo) {
  __extension__ using wide = unsigned __int128;
  wide rest = static_cast<wide>(hi) << 64 | lo;
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

struct key_writer {
  json::value operator()(std::monostate) const { return nullptr; }
  json::value operator()(std::int64_t key) const { return number(key); }
  json::value operator()(const std::string& key) const { return text(key); }
  json::value operator()(const sync::global_key& key) const {
    return json::object{{"$gk", json::array{big_endian_hex(key.hi), big_endian_hex(key.lo)}}};
  }
  json::value operator()(const sync::object_id& key) const {
    return json::object{{"$oid", hex(key.raw)}};
  }
  json::value operator()(const sync::uuid& key) const {
    return json::object{{"$uuid", hex(key.raw)}};
  }
};

json::value write_value(const sync::read_value& value);

json::object write_fields(const sync::read_object& object) {
  json::object fields;
  for (const auto& field : object.fields) {
    fields[field.name] = write_value(field.value);
  }
  return fields;
}

struct value_writer : key_writer {
  using key_writer::operator();
  json::value operator()(bool value) const { return value; }
  json::value operator()(const sync::read_binary& value) const {
    return json::object{{"$bin", hex(value.data)}};
  }
  json::value operator()(const sync::timestamp& value) const {
    return json::object{{"$ts", json::array{number(value.seconds), value.nanoseconds}}};
  }
  // The vectors do not tell -0 from 0.
  json::value operator()(sync::float32 value) const {
    const auto bits = value.bits == 0x80000000U ? 0U : value.bits;
    return json::object{{"$float", little_endian_hex(bits)}};
  }
  json::value operator()(sync::float64 value) const {
    const auto bits = value.bits == std::uint64_t{1} << 63 ? 0U : value.bits;
    return json::object{{"$double", little_endian_hex(bits)}};
  }
  json::value operator()(const sync::decimal128& value) const {
    return json::object{
        {"$dec", json::array{decimal_digits(value.coefficient_hi, value.coefficient_lo),
                             value.exponent, value.negative}}};
  }
  json::value operator()(const sync::read_link& link) const {
    json::object out{
        {"$link", json::array{text(link.target_class), std::visit(key_writer{}, link.target_key)}}};
    if (link.dead) {
      out["dead"] = 1;
    }
    return out;
  }
  json::value operator()(const sync::read_object& object) const {
    return json::object{{"$obj", write_fields(object)}};
  }
  json::value operator()(const sync::read_collection& collection) const {
    if (collection.kind == sync::collection_type::dictionary) {
      json::object entries;
      for (const auto& entry : collection.entries) {
        entries[entry.key] = write_value(entry.value);
      }
      return json::object{{"$dict", std::move(entries)}};
    }
    json::array elements;
    for (const auto& entry : collection.entries) {
      elements.push_back(write_value(entry.value));
    }
    if (collection.kind == sync::collection_type::list) {
      return elements;
    }
    std::sort(elements.begin(), elements.end(), [](const json::value& a, const json::value& b) {
      return json::serialize(a) < json::serialize(b);
    });
    return json::object{{"$set", std::move(elements)}};
  }
};

json::value write_value(const sync::read_value& value) {
  return std::visit(value_writer{}, value.data);
}

std::string type_name(sync::value_type type) {
  static constexpr const char* names[] = {"Mixed",   "Int",       "Bool",     "String",
                                          "Binary",  "Timestamp", "Float",    "Double",
                                          "Decimal", "Link",      "ObjectId", "UUID"};
  return type == sync::value_type::global_key ? "GlobalKey" : names[static_cast<int>(type)];
}

json::object write_column(const sync::column_info& column) {
  static constexpr const char* collections[] = {"single", "list", "dict", "set"};
  json::object out{{"type", type_name(column.type)},
                   {"coll", collections[static_cast<int>(column.collection)]},
                   {"null", column.nullable}};
  if (column.type == sync::value_type::link) {
    out["target"] = column.target_class;
  }
  return out;
}

template <class T>
T checked(sync::result<T> outcome) {
  if (!outcome) {
    throw std::runtime_error("reading the state: " + outcome.error().message);
  }
  if constexpr (!std::is_void_v<T>) {
    return std::move(*outcome);
  }
}

} // namespace

json::object state_to_json(sync::object_reader reader) {
  json::object state;
  for (const auto& info : checked(reader.classes())) {
    json::array objects;
    checked(reader.visit(info.name, nullptr,
                         [&](const sync::primary_key& key, const sync::read_object& object) {
                           objects.push_back(json::object{{"pk", std::visit(key_writer{}, key)},
                                                          {"f", write_fields(object)}});
                           return true;
                         }));
    if (!objects.empty()) {
      state[info.name] = std::move(objects);
    }
  }
  return state;
}

json::value value_to_json(const sync::read_value& value) {
  return write_value(value);
}

json::object schema_to_json(sync::object_reader reader) {
  static constexpr const char* kinds[] = {"top", "embedded", "asymmetric"};
  json::object schema;
  for (const auto& info : checked(reader.classes())) {
    json::object out{{"kind", kinds[static_cast<int>(info.kind)]}};
    if (info.kind != sync::class_kind::embedded && info.key_type != sync::value_type::global_key) {
      out["pk"] = json::array{info.key_field, type_name(info.key_type), info.key_nullable};
    }
    json::object fields;
    for (const auto& column : info.columns) {
      fields[column.name] = write_column(column);
    }
    out["fields"] = std::move(fields);
    schema[info.name] = std::move(out);
  }
  return schema;
}

} // namespace ros::test
