// The reading half of state_codec.hpp.

#include "state_codec.hpp"
#include "state_set_order.hpp"

#include <algorithm>

namespace ros::sync {

namespace {

std::int64_t unzigzag(std::uint64_t number) {
  return static_cast<std::int64_t>(number >> 1 ^ (~(number & 1) + 1));
}

/// Whether the last of the keys is where searching expects it.
bool is_ascending(const std::vector<std::string>& keys) {
  return keys.size() < 2 || keys[keys.size() - 2] < keys.back();
}

/// Decodes values; the depth bounds the stack that damaged bytes can cost.
class value_decoder {
public:
  explicit value_decoder(std::string_view in) : in_(in) {}

  stored_value value();
  void body(stored_object& object);
  void entries(piece& content, collection_type kind, std::uint64_t count);
  row_reader& in() { return in_; }

private:
  template <std::size_t Size>
  void raw(std::array<std::uint8_t, Size>& out) {
    const auto bytes = in_.raw(Size);
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(out.data()));
  }
  stored_value scalar(row_tag t);
  shared<stored_collection> inline_collection(collection_type kind);
  shared<stored_collection> pieced_collection(collection_type kind);

  row_reader in_;
  std::size_t depth_ = 0;
};

stored_value value_decoder::value() {
  // An embedded object and the collection it is in are two levels, and so are two
  // elements of a path.
  if (depth_ > max_path_length + 2) {
    in_.fail();
    return {};
  }
  ++depth_;
  stored_value out;
  const auto t = in_.byte();
  if (t > 16 && t <= 19) {
    out = pieced_collection(static_cast<collection_type>(t - 16));
  } else if (t > 13 && t <= 16) {
    out = inline_collection(static_cast<collection_type>(t - 13));
  } else if (t == static_cast<std::uint8_t>(row_tag::object)) {
    shared<stored_object> object(new stored_object);
    body(*object);
    out = std::move(object);
  } else {
    out = scalar(static_cast<row_tag>(t));
  }
  --depth_;
  return out;
}

stored_value value_decoder::scalar(row_tag t) {
  switch (t) {
  case row_tag::null:
    return {};
  case row_tag::integer:
    return unzigzag(in_.number());
  case row_tag::no:
  case row_tag::yes:
    return t == row_tag::yes;
  case row_tag::string:
    return stored_string{std::string(in_.text())};
  case row_tag::binary:
    return stored_binary{std::string(in_.text())};
  case row_tag::timestamp: {
    const auto seconds = unzigzag(in_.number());
    return timestamp{seconds, static_cast<std::int32_t>(unzigzag(in_.number()))};
  }
  case row_tag::float32: {
    const auto raw = in_.raw(4);
    return float32{raw.empty() ? 0 : static_cast<std::uint32_t>(read_big_endian(raw, 4))};
  }
  case row_tag::float64: {
    const auto raw = in_.raw(8);
    return float64{raw.empty() ? 0 : read_big_endian(raw, 8)};
  }
  case row_tag::decimal: {
    decimal128 x;
    x.coefficient_hi = in_.number();
    x.coefficient_lo = in_.number();
    x.exponent = static_cast<std::int32_t>(unzigzag(in_.number()));
    x.negative = in_.byte() != 0;
    return x;
  }
  case row_tag::link: {
    const auto table = static_cast<table_id>(in_.number());
    return stored_link{table, std::string(in_.text())};
  }
  case row_tag::object_id: {
    object_id id;
    raw(id.raw);
    return id;
  }
  case row_tag::uuid: {
    uuid id;
    raw(id.raw);
    return id;
  }
  default:
    in_.fail();
    return {};
  }
}

void value_decoder::body(stored_object& object) {
  const auto count = in_.number();
  object.fields.reserve(std::min<std::uint64_t>(count, in_.left() / 2));
  for (std::uint64_t i = 0; i < count && in_.ok(); ++i) {
    const auto column = static_cast<column_id>(in_.number());
    if (!object.fields.empty() && object.fields.back().column >= column) {
      in_.fail();
      return;
    }
    object.fields.push_back({column, value()});
  }
}

void value_decoder::entries(piece& content, collection_type kind, std::uint64_t count) {
  const auto room = std::min<std::uint64_t>(count, in_.left());
  content.values.reserve(room);
  content.keys.reserve(kind == collection_type::list ? 0 : room);
  for (std::uint64_t i = 0; i < count && in_.ok(); ++i) {
    if (kind == collection_type::dictionary) {
      content.keys.emplace_back(in_.text());
    }
    content.values.push_back(value());
    if (kind == collection_type::set) {
      content.keys.push_back(set_order_key(content.values.back()));
    }
    if (!is_ascending(content.keys)) {
      in_.fail();
    }
  }
}

shared<stored_collection> value_decoder::inline_collection(collection_type kind) {
  shared<stored_collection> collection(new stored_collection(kind));
  const auto count = in_.number();
  if (count == 0) {
    return collection;
  }
  const auto before = in_.left();
  piece_slot slot;
  slot.content = new piece;
  entries(*slot.content, kind, count);
  slot.count = static_cast<std::uint32_t>(count);
  slot.bytes = static_cast<std::uint32_t>(before - in_.left());
  collection->size = count;
  collection->slots.push_back(std::move(slot));
  if (collection->is_map()) {
    collection->separators.emplace_back();
  }
  return collection;
}

shared<stored_collection> value_decoder::pieced_collection(collection_type kind) {
  shared<stored_collection> collection(new stored_collection(kind));
  const auto count = in_.number();
  collection->slots.reserve(std::min<std::uint64_t>(count, in_.left() / 4));
  for (std::uint64_t i = 0; i < count && in_.ok(); ++i) {
    piece_slot slot;
    slot.id = in_.number();
    slot.count = static_cast<std::uint32_t>(in_.number());
    slot.bytes = static_cast<std::uint32_t>(in_.number());
    slot.nested = in_.byte() != 0;
    if (slot.id == 0 || slot.count == 0) {
      in_.fail();
    }
    collection->size += slot.count;
    collection->slots.push_back(std::move(slot));
    if (collection->is_map()) {
      collection->separators.emplace_back(in_.text());
      if (!is_ascending(collection->separators) || !collection->separators.front().empty()) {
        in_.fail();
      }
    }
  }
  return collection;
}

} // namespace

std::uint64_t row_reader::number() {
  std::uint64_t number = 0;
  for (int shift = 0; shift < 64 && !in_.empty(); shift += 7) {
    const auto next = static_cast<std::uint8_t>(in_.front());
    in_.remove_prefix(1);
    number |= static_cast<std::uint64_t>(next & 0x7f) << shift;
    if ((next & 0x80) == 0) {
      return number;
    }
  }
  ok_ = false;
  in_ = {};
  return 0;
}

std::string_view row_reader::raw(std::size_t size) {
  if (size > in_.size()) {
    ok_ = false;
    in_ = {};
    return {};
  }
  const auto out = in_.substr(0, size);
  in_.remove_prefix(size);
  return out;
}

std::string_view row_reader::text() {
  return raw(static_cast<std::size_t>(number()));
}

std::uint8_t row_reader::byte() {
  const auto one = raw(1);
  return one.empty() ? 0 : static_cast<std::uint8_t>(one.front());
}

shared<stored_row> decode_row(std::string_view in) {
  value_decoder decoder(in);
  shared<stored_row> row(new stored_row);
  if (decoder.in().byte() != row_version) {
    return nullptr;
  }
  row->exists = true;
  row->last_piece = decoder.in().number();
  decoder.body(row->body);
  return decoder.in().done() ? row : nullptr;
}

shared<piece> decode_piece(std::string_view in, collection_type kind) {
  value_decoder decoder(in);
  shared<piece> content(new piece);
  if (decoder.in().byte() != row_version) {
    return nullptr;
  }
  const auto count = decoder.in().number();
  decoder.entries(*content, kind, count);
  if (!decoder.in().done()) {
    return nullptr;
  }
  content->footprint = static_cast<std::uint32_t>(footprint(*content));
  return content;
}

} // namespace ros::sync
