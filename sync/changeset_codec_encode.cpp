// The canonical encoding of changesets (changesets.md 7.1).
#include "changeset_codec.hpp"
#include "varint.hpp"

#include <algorithm>
#include <cstring>

namespace ros::sync {
namespace {

constexpr char definition_opcode = 63;

/// The longest thing written in one go: a decimal, 17 + 5 + 1 bytes.
constexpr std::size_t max_item_size = 32;

/// Appends to a string that is kept larger than what is written, so that the
/// many small items cost no bookkeeping.
class writer {
public:
  explicit writer(std::size_t expected_size) { out_.resize(expected_size + max_item_size); }

  std::string finish() && {
    out_.resize(size_);
    if (out_.capacity() / 2 > size_) {
      out_.shrink_to_fit(); // merging removed most of it
    }
    return std::move(out_);
  }

  void byte(char c) {
    *room(1) = c;
    ++size_;
  }
  template <class Enum>
  void code(Enum e) {
    number(static_cast<std::int64_t>(e));
  }
  void number(std::int64_t n) {
    char* const at = room(max_varint64_size);
    size_ += static_cast<std::size_t>(write_signed_varint(at, n) - at);
  }
  void unsigned_number(std::uint64_t n) {
    char* const at = room(max_varint64_size);
    size_ += static_cast<std::size_t>(write_varint(at, n) - at);
  }
  void raw(const void* data, std::size_t size) {
    if (size != 0) {
      std::memcpy(room(size), data, size);
      size_ += size;
    }
  }
  void byte_string(std::string_view content) {
    unsigned_number(content.size());
    raw(content.data(), content.size());
  }
  template <class Bits>
  void little_endian(Bits bits) {
    for (std::size_t i = 0; i < sizeof(Bits); ++i) {
      byte(static_cast<char>(static_cast<std::uint8_t>(bits >> (8 * i))));
    }
  }
  void boolean(bool b) { byte(b ? '\1' : '\0'); }
  void string(interned i) { unsigned_number(i.index); }

private:
  char* room(std::size_t size) {
    if (out_.size() - size_ < size) {
      out_.resize(std::max(out_.size() * 2, size_ + size + max_item_size));
    }
    return out_.data() + size_;
  }

  std::string out_;
  std::size_t size_ = 0;
};

void write_decimal(writer& out, const decimal128& number) {
  std::uint64_t hi = number.coefficient_hi;
  std::uint64_t lo = number.coefficient_lo;
  while (hi != 0 || lo >= 0x40) {
    out.byte(static_cast<char>(0x80U | (lo & 0x7fU)));
    lo = (lo >> 7) | (hi << 57);
    hi >>= 7;
  }
  out.byte(static_cast<char>(lo));
  out.number(number.exponent);
  out.boolean(number.negative);
}

struct key_writer {
  writer& out;

  void operator()(std::monostate) const { out.code(value_type::null); }
  void operator()(std::int64_t n) const {
    out.code(value_type::integer);
    out.number(n);
  }
  void operator()(interned i) const {
    out.code(value_type::string);
    out.string(i);
  }
  void operator()(const global_key& k) const {
    out.code(value_type::global_key);
    out.unsigned_number(k.hi);
    out.unsigned_number(k.lo);
  }
  void operator()(const object_id& id) const {
    out.code(value_type::object_id);
    out.raw(id.raw.data(), id.raw.size());
  }
  void operator()(const uuid& id) const {
    out.code(value_type::uuid);
    out.raw(id.raw.data(), id.raw.size());
  }
};

void write_key(writer& out, const object_key& key) {
  std::visit(key_writer{out}, key);
}

/// Writes what follows the type code of a value.
struct data_writer {
  writer& out;

  void operator()(std::monostate) const {}
  void operator()(std::int64_t n) const { out.number(n); }
  void operator()(bool b) const { out.boolean(b); }
  void operator()(const text& t) const { out.byte_string(t.content); }
  void operator()(const timestamp& t) const {
    out.number(t.seconds);
    out.number(t.nanoseconds);
  }
  void operator()(float32 f) const { out.little_endian(f.bits); }
  void operator()(float64 f) const { out.little_endian(f.bits); }
  void operator()(const decimal128& d) const { write_decimal(out, d); }
  void operator()(const link& l) const {
    out.string(l.target_class);
    write_key(out, l.target_key);
  }
  void operator()(const object_id& id) const { out.raw(id.raw.data(), id.raw.size()); }
  void operator()(const uuid& id) const { out.raw(id.raw.data(), id.raw.size()); }
};

void write_value(writer& out, const value& payload) {
  out.code(payload.type);
  std::visit(data_writer{out}, payload.data);
}

void write_path(writer& out, const path_type& path) {
  out.unsigned_number(path.size());
  for (const path_element& element : path) {
    if (!element.is_index) {
      out.number(-1);
    }
    out.unsigned_number(element.number);
  }
}

void write_add_table(writer& out, const instruction& in) {
  out.code(in.kind);
  if (in.kind != class_kind::embedded) {
    out.string(in.field);
    out.code(in.type);
    out.boolean(in.nullable);
  }
}

void write_add_column(writer& out, const instruction& in) {
  out.string(in.field);
  out.code(in.type);
  out.boolean(in.nullable);
  out.code(in.collection);
  if (in.type == value_type::link) {
    out.string(in.target_class);
  }
  if (in.collection == collection_type::dictionary) {
    out.code(in.key_type);
  }
}

void write_path_instruction(writer& out, const instruction& in) {
  write_key(out, in.key);
  out.string(in.field);
  write_path(out, in.path);
  switch (in.op) {
  case opcode::update:
    write_value(out, in.value);
    if (is_array_update(in)) {
      out.unsigned_number(in.prior_size);
    } else {
      out.boolean(in.is_default);
    }
    break;
  case opcode::add_integer:
    std::visit(data_writer{out}, in.value.data);
    break;
  case opcode::array_insert:
    write_value(out, in.value);
    out.unsigned_number(in.prior_size);
    break;
  case opcode::array_move:
    out.unsigned_number(in.to_index);
    out.unsigned_number(in.prior_size);
    break;
  case opcode::array_erase:
    out.unsigned_number(in.prior_size);
    break;
  case opcode::clear:
    out.code(in.collection);
    break;
  default: // set_insert, set_erase
    write_value(out, in.value);
  }
}

void write_instruction(writer& out, const instruction& in) {
  out.code(in.op);
  out.string(in.class_name);
  switch (in.op) {
  case opcode::add_table:
    write_add_table(out, in);
    break;
  case opcode::erase_table:
    break;
  case opcode::create_object:
  case opcode::erase_object:
    write_key(out, in.key);
    break;
  case opcode::add_column:
    write_add_column(out, in);
    break;
  case opcode::erase_column:
    out.string(in.field);
    break;
  default:
    write_path_instruction(out, in);
  }
}

/// What the encoding will probably take: for a parsed changeset that came in
/// canonical form, exactly enough.
std::size_t expected_size(const changeset& changes) {
  std::size_t size = 0;
  for (const bytes& buffer : changes.buffers) {
    size += buffer.size();
  }
  return size;
}

} // namespace

std::string encode_changeset(const changeset& changes) {
  if (changes.instructions.empty()) {
    return {};
  }
  writer out(expected_size(changes));
  for (std::size_t i = 0; i < changes.strings.size(); ++i) {
    out.byte(definition_opcode);
    out.unsigned_number(i);
    out.byte_string(changes.strings[i]);
  }
  for (const instruction& in : changes.instructions) {
    write_instruction(out, in);
  }
  return std::move(out).finish();
}

} // namespace ros::sync
