#include "state_key.hpp"

#include <cstdio>

namespace ros::sync {

namespace {

// The order of these is the order of keys (vectors: "sorted by key").
constexpr char null_tag = 0;
constexpr char integer_tag = 1;
constexpr char string_tag = 2;
constexpr char object_id_tag = 3;
constexpr char uuid_tag = 4;
constexpr char global_key_tag = 5;

constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;

// A zero byte becomes 00 FF and 00 00 ends the string: order by bytes is kept and
// no string is the beginning of another.
void append_string(std::string& out, std::string_view text) {
  out.push_back(string_tag);
  for (;;) {
    const auto zero = text.find('\0');
    out.append(text.substr(0, zero));
    if (zero == std::string_view::npos) {
      break;
    }
    out.append("\0\xff", 2);
    text.remove_prefix(zero + 1);
  }
  out.append(2, '\0');
}

std::optional<std::string> take_string(std::string_view& in) {
  std::string text;
  for (;;) {
    const auto zero = in.find('\0');
    if (zero == std::string_view::npos || zero + 1 >= in.size()) {
      return std::nullopt;
    }
    text.append(in.substr(0, zero));
    const char next = in[zero + 1];
    in.remove_prefix(zero + 2);
    if (next == '\0') {
      return text;
    }
    if (next != '\xff') {
      return std::nullopt;
    }
    text.push_back('\0');
  }
}

template <std::size_t Size>
void append_raw(std::string& out, char tag, const std::array<std::uint8_t, Size>& raw) {
  out.push_back(tag);
  out.append(reinterpret_cast<const char*>(raw.data()), Size);
}

template <std::size_t Size>
bool take_raw(std::string_view& in, std::array<std::uint8_t, Size>& raw) {
  if (in.size() < Size) {
    return false;
  }
  in.copy(reinterpret_cast<char*>(raw.data()), Size);
  in.remove_prefix(Size);
  return true;
}

struct key_appender {
  std::string& out;
  void operator()(std::monostate) const { out.push_back(null_tag); }
  void operator()(std::int64_t number) const {
    out.push_back(integer_tag);
    append_big_endian(out, static_cast<std::uint64_t>(number) ^ sign_bit, 8);
  }
  void operator()(std::string_view text) const { append_string(out, text); }
  void operator()(const std::string& text) const { append_string(out, text); }
  void operator()(const global_key& key) const {
    out.push_back(global_key_tag);
    append_big_endian(out, key.hi, 8);
    append_big_endian(out, key.lo, 8);
  }
  void operator()(const object_id& key) const { append_raw(out, object_id_tag, key.raw); }
  void operator()(const uuid& key) const { append_raw(out, uuid_tag, key.raw); }
};

template <std::size_t Size>
std::string hex(const std::array<std::uint8_t, Size>& raw) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const auto byte : raw) {
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
  }
  return out;
}

} // namespace

void append_big_endian(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(number >> shift));
  }
}

std::uint64_t read_big_endian(std::string_view in, int bytes) noexcept {
  std::uint64_t number = 0;
  for (int i = 0; i < bytes; ++i) {
    number = number << 8 | static_cast<std::uint8_t>(in[static_cast<std::size_t>(i)]);
  }
  return number;
}

value_type key_type(const object_key& key) noexcept {
  static constexpr value_type types[] = {value_type::null,      value_type::integer,
                                         value_type::string,    value_type::global_key,
                                         value_type::object_id, value_type::uuid};
  return types[key.index()];
}

void append_key(std::string& out, const primary_key& key) {
  std::visit(key_appender{out}, key);
}

void append_key(std::string& out, const object_key& key, const changeset& names) {
  if (const auto* number = std::get_if<std::int64_t>(&key)) {
    key_appender{out}(*number);
  } else if (const auto* name = std::get_if<interned>(&key)) {
    key_appender{out}(names.string(*name));
  } else if (const auto* id = std::get_if<object_id>(&key)) {
    key_appender{out}(*id);
  } else if (const auto* unique = std::get_if<uuid>(&key)) {
    key_appender{out}(*unique);
  } else if (const auto* global = std::get_if<global_key>(&key)) {
    key_appender{out}(*global);
  } else {
    key_appender{out}(std::monostate{});
  }
}

std::string encode_key(const primary_key& key) {
  std::string out;
  append_key(out, key);
  return out;
}

std::optional<primary_key> take_key(std::string_view& in) {
  if (in.empty()) {
    return std::nullopt;
  }
  const char tag = in.front();
  in.remove_prefix(1);
  switch (tag) {
  case null_tag:
    return primary_key{};
  case integer_tag: {
    if (in.size() < 8) {
      return std::nullopt;
    }
    const auto number = static_cast<std::int64_t>(read_big_endian(in, 8) ^ sign_bit);
    in.remove_prefix(8);
    return primary_key{number};
  }
  case string_tag: {
    auto text = take_string(in);
    return text ? std::optional<primary_key>(std::move(*text)) : std::nullopt;
  }
  case object_id_tag: {
    object_id id;
    return take_raw(in, id.raw) ? std::optional<primary_key>(id) : std::nullopt;
  }
  case uuid_tag: {
    uuid id;
    return take_raw(in, id.raw) ? std::optional<primary_key>(id) : std::nullopt;
  }
  case global_key_tag: {
    if (in.size() < 16) {
      return std::nullopt;
    }
    const global_key key{read_big_endian(in, 8), read_big_endian(in.substr(8), 8)};
    in.remove_prefix(16);
    return primary_key{key};
  }
  default:
    return std::nullopt;
  }
}

std::string describe_key(const primary_key& key) {
  struct describer {
    std::string operator()(std::monostate) const { return "null"; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(const std::string& text) const {
      constexpr std::size_t longest = 60;
      return '"' + (text.size() > longest ? text.substr(0, longest) + "..." : text) + '"';
    }
    std::string operator()(const global_key& id) const {
      char text[40];
      const int length =
          std::snprintf(text, sizeof text, "{%llx-%llx}", static_cast<unsigned long long>(id.hi),
                        static_cast<unsigned long long>(id.lo));
      return {text, static_cast<std::size_t>(length)};
    }
    std::string operator()(const object_id& id) const { return hex(id.raw); }
    std::string operator()(const uuid& id) const { return hex(id.raw); }
  };
  return std::visit(describer{}, key);
}

primary_key own_key(const object_key& key, const changeset& names) {
  struct owner {
    const changeset& names;
    primary_key operator()(interned name) const { return std::string(names.string(name)); }
    primary_key operator()(std::monostate) const { return {}; }
    primary_key operator()(std::int64_t number) const { return number; }
    primary_key operator()(const global_key& id) const { return id; }
    primary_key operator()(const object_id& id) const { return id; }
    primary_key operator()(const uuid& id) const { return id; }
  };
  return std::visit(owner{names}, key);
}

std::string table_prefix(table_id table) {
  std::string out;
  append_big_endian(out, table, 4);
  return out;
}

std::string object_prefix(table_id table) {
  std::string out = table_prefix(table);
  out.push_back(0);
  return out;
}

std::string piece_row(std::string_view object_row, piece_id piece) {
  std::string out;
  out.reserve(object_row.size() + 8);
  out.append(object_row);
  out[4] = 1;
  append_big_endian(out, piece, 8);
  return out;
}

table_id table_of_row(std::string_view row) noexcept {
  return static_cast<table_id>(read_big_endian(row, 4));
}

} // namespace ros::sync
