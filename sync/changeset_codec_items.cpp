// The items that instructions are made of: numbers, strings, keys, values, paths.
#include "changeset_codec.hpp"
#include "changeset_codec_parser.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

namespace ros::sync::codec {
namespace {

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;
constexpr int max_coefficient_size = 17;
constexpr std::int32_t exponent_bias = 6176;
constexpr std::int32_t max_biased_exponent = 16383;

const char* reason_of(varint_outcome outcome) {
  switch (outcome) {
  case varint_outcome::truncated:
    return "the input ends inside an integer";
  case varint_outcome::too_long:
    return "an integer has too many bytes";
  default:
    return "an integer is out of range";
  }
}

} // namespace

void parser::spend(std::size_t memory, const char* where) {
  if (memory > memory_left_)
    fail("more instructions than memory is allowed for", where);
  memory_left_ -= std::min(memory, memory_left_);
}

void parser::fail(const char* reason, const char* where) {
  if (!failed()) {
    reason_ = reason;
    failed_at_ = where;
  }
  at_ = end_;
}

std::uint64_t parser::unsigned_number(int max_size, std::uint64_t max) {
  const char* const start = at_;
  const varint number = read_varint(at_, end_, max_size);
  if (number.outcome != varint_outcome::ok) {
    fail(reason_of(number.outcome), start);
    return 0;
  }
  if (number.negative) {
    fail("a negative number where there can be none", start);
    return 0;
  }
  if (number.magnitude > max) {
    fail("an integer is out of range", start);
    return 0;
  }
  return number.magnitude;
}

std::int64_t parser::signed_number(int max_size, std::int64_t min, std::int64_t max) {
  const char* const start = at_;
  const varint number = read_varint(at_, end_, max_size);
  if (number.outcome != varint_outcome::ok) {
    fail(reason_of(number.outcome), start);
    return 0;
  }
  if (number.magnitude <= static_cast<std::uint64_t>(INT64_MAX)) {
    const auto magnitude = static_cast<std::int64_t>(number.magnitude);
    const std::int64_t result = number.negative ? ~magnitude : magnitude;
    if (result >= min && result <= max) {
      return result;
    }
  }
  fail("an integer is out of range", start);
  return 0;
}

std::string_view parser::fixed(std::size_t size) {
  if (static_cast<std::size_t>(end_ - at_) < size) {
    fail("the input ends inside a value", at_);
    return {};
  }
  const std::string_view result{at_, size};
  at_ += size;
  return result;
}

std::string_view parser::byte_string(std::size_t max_size) {
  const char* const start = at_;
  const std::uint64_t size = u64();
  if (size > max_size) {
    fail("a string is too long", start);
    return {};
  }
  if (size > static_cast<std::uint64_t>(end_ - at_)) {
    fail("the input ends inside a string", start);
    return {};
  }
  return fixed(static_cast<std::size_t>(size));
}

template <class Bits>
Bits parser::little_endian() {
  Bits bits = 0;
  int shift = 0;
  for (const char c : fixed(sizeof(Bits))) {
    bits |= static_cast<Bits>(static_cast<Bits>(static_cast<std::uint8_t>(c)) << shift);
    shift += 8;
  }
  return bits;
}

template <class Id>
Id parser::identifier() {
  Id id;
  const std::string_view raw = fixed(id.raw.size());
  if (!raw.empty()) {
    std::memcpy(id.raw.data(), raw.data(), raw.size());
  }
  return id;
}

timestamp parser::read_timestamp() {
  const char* const start = at_;
  const std::int64_t seconds = i64();
  const std::int64_t nanoseconds = i64();
  if (nanoseconds <= -nanoseconds_per_second || nanoseconds >= nanoseconds_per_second ||
      (seconds < 0 && nanoseconds > 0) || (seconds > 0 && nanoseconds < 0)) {
    fail("a timestamp is out of range or of mixed signs", start);
    return {};
  }
  return {seconds, static_cast<std::int32_t>(nanoseconds)};
}

decimal128 parser::read_decimal() {
  const char* const start = at_;
  decimal128 number;
  for (int group = 0, more = 1; more != 0; ++group) {
    if (group == max_coefficient_size || at_ == end_) {
      fail(at_ == end_ ? "the input ends inside a decimal" : "a decimal is out of range", start);
      return {};
    }
    const auto byte = static_cast<std::uint8_t>(*at_++);
    more = byte & 0x80U;
    const std::uint64_t bits = byte & 0x7fU;
    const int shift = 7 * group;
    if (shift < 64) {
      number.coefficient_lo |= bits << shift;
      number.coefficient_hi |= shift > 57 ? bits >> (64 - shift) : 0;
    } else {
      number.coefficient_hi |= bits << (shift - 64);
    }
  }
  number.exponent =
      static_cast<std::int32_t>(signed_number(max_varint32_size, INT32_MIN, INT32_MAX));
  if (number.coefficient_hi >> 49 != 0 || number.exponent < -exponent_bias ||
      number.exponent > max_biased_exponent - exponent_bias) {
    fail("a decimal is out of range", start);
    return {};
  }
  number.negative = boolean();
  return number;
}

void parser::definition() {
  const char* const start = at_ - 1;
  if (u32() != out_.strings.size()) {
    fail("a string is defined with an index that is not the next one", start);
    return;
  }
  const std::string_view content = byte_string(max_string_size);
  if (failed()) {
    return;
  }
  spend(sizeof(content) + sizeof(string_state), start);
  out_.strings.push_back(content);
  out_.virtual_size += content.size();
  states_.push_back(
      {static_cast<std::uint32_t>(std::min<std::ptrdiff_t>(start - begin_, UINT32_MAX))});
}

// A hash table would be quicker for honest input and quadratic for input made
// to collide; hashes sorted with the content as tie-break are neither.
void parser::refuse_repeated_strings() {
  const auto& strings = out_.strings;
  std::vector<std::pair<std::size_t, std::uint32_t>> order(strings.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    order[i] = {std::hash<std::string_view>{}(strings[i]), i};
  }
  std::ranges::sort(order, [&strings](const auto& a, const auto& b) {
    if (a.first != b.first) {
      return a.first < b.first;
    }
    const int content = strings[a.second].compare(strings[b.second]);
    return content != 0 ? content < 0 : a.second < b.second;
  });
  const auto repeated = [&strings](const auto& a, const auto& b) {
    return a.first == b.first && strings[a.second] == strings[b.second];
  };
  const auto found = std::ranges::adjacent_find(order, repeated);
  if (found != order.end()) {
    fail("a string is defined twice", begin_ + states_[std::next(found)->second].offset);
  }
}

interned parser::string_reference() {
  const char* const start = at_;
  const std::uint32_t index = u32();
  if (index >= out_.strings.size()) {
    fail("a string is used before its definition", start);
    return {};
  }
  return {index};
}

interned parser::class_name() {
  const char* const start = at_;
  const interned name = string_reference();
  if (failed() || states_[name.index].class_name_ok) {
    return name;
  }
  const std::string_view content = out_.string(name);
  if (content.empty() || content.size() > max_class_name_size || !is_utf8(content)) {
    fail("a class name is empty, too long or no UTF-8", start);
    return {};
  }
  states_[name.index].class_name_ok = true;
  return name;
}

// The name of a key is only compared, never addressed; the golden vectors have
// one that is no UTF-8 accepted.
interned parser::key_field_name() {
  const char* const start = at_;
  const interned name = string_reference();
  if (!failed() && out_.string(name).size() > max_field_name_size) {
    fail("a field name is too long", start);
  }
  return name;
}

interned parser::field_name() {
  const char* const start = at_;
  const interned name = string_reference();
  if (failed() || states_[name.index].field_name_ok) {
    return name;
  }
  const std::string_view content = out_.string(name);
  if (content.size() > max_field_name_size || !is_utf8(content)) {
    fail("a field name is too long or no UTF-8", start);
    return {};
  }
  states_[name.index].field_name_ok = true;
  return name;
}

value_type parser::type_code() {
  const char* const start = at_;
  const std::int64_t code = i64();
  if (code < static_cast<std::int64_t>(value_type::set) ||
      code > static_cast<std::int64_t>(value_type::uuid)) {
    fail("an unknown type code", start);
    return value_type::null;
  }
  return static_cast<value_type>(code);
}

collection_type parser::collection() {
  const char* const start = at_;
  const std::uint8_t code = u8();
  if (code > static_cast<std::uint8_t>(collection_type::set)) {
    fail("an unknown collection type", start);
    return collection_type::single;
  }
  return static_cast<collection_type>(code);
}

object_key parser::key() {
  const char* const start = at_;
  switch (type_code()) {
  case value_type::null:
    return {};
  case value_type::integer:
    return i64();
  case value_type::string:
    return string_reference();
  case value_type::global_key: {
    const std::uint64_t hi = u64();
    return global_key{hi, u64()};
  }
  case value_type::object_id:
    return identifier<object_id>();
  case value_type::uuid:
    return identifier<uuid>();
  default:
    fail("a type that cannot be a primary key", start);
    return {};
  }
}

text parser::string_payload(std::size_t max_size) {
  const std::string_view content = byte_string(max_size);
  const text result{content, out_.virtual_size};
  out_.virtual_size += content.size();
  return result;
}

value parser::payload() {
  const char* const start = at_;
  const value_type type = type_code();
  switch (type) {
  case value_type::null:
  case value_type::list:
  case value_type::dictionary:
  case value_type::erased:
  case value_type::object_value:
    return {type, {}};
  case value_type::integer:
    return {type, i64()};
  case value_type::boolean:
    return {type, boolean()};
  case value_type::string:
    return {type, string_payload(max_string_size)};
  case value_type::binary:
    return {type, string_payload(max_binary_size)};
  case value_type::timestamp:
    return {type, read_timestamp()};
  case value_type::float32:
    return {type, float32{little_endian<std::uint32_t>()}};
  case value_type::float64:
    return {type, float64{little_endian<std::uint64_t>()}};
  case value_type::decimal:
    return {type, read_decimal()};
  case value_type::link: {
    const interned target = class_name();
    return {type, link{target, key()}};
  }
  case value_type::object_id:
    return {type, identifier<object_id>()};
  case value_type::uuid:
    return {type, identifier<uuid>()};
  case value_type::set:
  case value_type::global_key:
    break;
  }
  fail("a type that cannot be a value", start);
  return {};
}

void parser::path(path_type& out) {
  for (std::uint32_t left = u32(); left != 0 && !failed(); --left) {
    spend(sizeof(path_element), at_);
    const std::int64_t element = signed_number(max_varint64_size, -1, UINT32_MAX);
    if (element >= 0) {
      out.push_back({true, static_cast<std::uint32_t>(element)});
    } else {
      out.push_back({false, string_reference().index});
    }
  }
}

} // namespace ros::sync::codec
