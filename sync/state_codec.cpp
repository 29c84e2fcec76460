#include "state_codec.hpp"

namespace ros::sync {

namespace {

void append_tag(std::string& out, row_tag t) {
  out.push_back(static_cast<char>(t));
}

void append_signed(std::string& out, std::int64_t number) {
  append_number(out,
                static_cast<std::uint64_t>(number) << 1 ^ static_cast<std::uint64_t>(number >> 63));
}

template <std::size_t Size>
void append_raw(std::string& out, const std::array<std::uint8_t, Size>& raw) {
  out.append(reinterpret_cast<const char*>(raw.data()), Size);
}

void append_body(std::string& out, const stored_object& object) {
  append_number(out, object.fields.size());
  for (const auto& field : object.fields) {
    append_number(out, field.column);
    append_value(out, field.value);
  }
}

void append_entries(std::string& out, const piece& content, collection_type kind) {
  for (std::size_t i = 0; i < content.values.size(); ++i) {
    if (kind == collection_type::dictionary) {
      append_text(out, content.keys[i]);
    }
    append_value(out, content.values[i]);
  }
}

void append_collection(std::string& out, const stored_collection& collection) {
  const auto kind = static_cast<char>(collection.kind);
  const auto& slots = collection.slots;
  if (slots.empty() || (slots.size() == 1 && slots.front().id == 0)) {
    out.push_back(static_cast<char>(kind + static_cast<char>(row_tag::inline_collection)));
    append_number(out, collection.size);
    if (!slots.empty()) {
      append_entries(out, *slots.front().content, collection.kind);
    }
    return;
  }
  out.push_back(static_cast<char>(kind + static_cast<char>(row_tag::pieced_collection)));
  append_number(out, slots.size());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    append_number(out, slots[i].id);
    append_number(out, slots[i].count);
    append_number(out, slots[i].bytes);
    out.push_back(slots[i].nested ? 1 : 0);
    if (collection.is_map()) {
      append_text(out, collection.separators[i]);
    }
  }
}

struct value_appender {
  std::string& out;

  void operator()(std::monostate) const { append_tag(out, row_tag::null); }
  void operator()(std::int64_t x) const {
    append_tag(out, row_tag::integer);
    append_signed(out, x);
  }
  void operator()(bool x) const { append_tag(out, x ? row_tag::yes : row_tag::no); }
  void operator()(const stored_string& x) const {
    append_tag(out, row_tag::string);
    append_text(out, x.text);
  }
  void operator()(const stored_binary& x) const {
    append_tag(out, row_tag::binary);
    append_text(out, x.data);
  }
  void operator()(const timestamp& x) const {
    append_tag(out, row_tag::timestamp);
    append_signed(out, x.seconds);
    append_signed(out, x.nanoseconds);
  }
  void operator()(float32 x) const {
    append_tag(out, row_tag::float32);
    append_big_endian(out, x.bits, 4);
  }
  void operator()(float64 x) const {
    append_tag(out, row_tag::float64);
    append_big_endian(out, x.bits, 8);
  }
  void operator()(const decimal128& x) const {
    append_tag(out, row_tag::decimal);
    append_number(out, x.coefficient_hi);
    append_number(out, x.coefficient_lo);
    append_signed(out, x.exponent);
    out.push_back(x.negative ? 1 : 0);
  }
  void operator()(const stored_link& x) const {
    append_tag(out, row_tag::link);
    append_number(out, x.table);
    append_text(out, x.key);
  }
  void operator()(const object_id& x) const {
    append_tag(out, row_tag::object_id);
    append_raw(out, x.raw);
  }
  void operator()(const uuid& x) const {
    append_tag(out, row_tag::uuid);
    append_raw(out, x.raw);
  }
  void operator()(const shared<stored_object>& x) const {
    append_tag(out, row_tag::object);
    append_body(out, *x);
  }
  void operator()(const shared<stored_collection>& x) const { append_collection(out, *x); }
};

} // namespace

void append_number(std::string& out, std::uint64_t number) {
  while (number >= 0x80) {
    out.push_back(static_cast<char>(0x80 | (number & 0x7f)));
    number >>= 7;
  }
  out.push_back(static_cast<char>(number));
}

void append_text(std::string& out, std::string_view text) {
  append_number(out, text.size());
  out.append(text);
}

void append_value(std::string& out, const stored_value& value) {
  std::visit(value_appender{out}, value);
}

std::string encode_row(const stored_row& row) {
  std::string out(1, row_version);
  append_number(out, row.last_piece);
  append_body(out, row.body);
  return out;
}

std::string encode_piece(const piece& content, collection_type kind) {
  std::string out(1, row_version);
  append_number(out, content.values.size());
  append_entries(out, content, kind);
  return out;
}

} // namespace ros::sync
