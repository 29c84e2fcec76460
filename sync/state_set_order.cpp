#include "state_set_order.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <optional>

namespace ros::sync {

namespace {

__extension__ using wide = unsigned __int128;

// First bytes of keys. Only integers are sorted by size; the order of other numbers
// is arbitrary, what counts is that equal ones meet.
enum class rank : char {
  null,
  boolean,
  integer,
  number,
  not_a_number,
  negative_infinity,
  positive_infinity,
  string,
  binary,
  timestamp,
  object_id,
  uuid,
  link,
};

constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;

std::string ranked(rank r) {
  return {static_cast<char>(r)};
}

std::string signed_key(rank r, std::int64_t number) {
  std::string key = ranked(r);
  append_big_endian(key, static_cast<std::uint64_t>(number) ^ sign_bit, 8);
  return key;
}

/// (-1)^negative * unit * 2^twos * 5^fives; unique once unit has neither factor.
struct factored {
  bool negative = false;
  wide unit = 0;
  int twos = 0;
  int fives = 0;
};

void reduce(factored& number) {
  while ((number.unit & 1) == 0) {
    number.unit >>= 1;
    ++number.twos;
  }
  while (number.unit % 5 == 0) {
    number.unit /= 5;
    ++number.fives;
  }
}

/// The number as a 64-bit integer, if it is one.
std::optional<std::int64_t> as_integer(const factored& number) {
  if (number.twos < 0 || number.fives < 0 || number.twos > 63 || number.fives > 27 ||
      number.unit > sign_bit) {
    return std::nullopt;
  }
  wide magnitude = number.unit;
  for (int i = 0; i < number.fives; ++i) {
    magnitude *= 5;
    if (magnitude > sign_bit) {
      return std::nullopt;
    }
  }
  if ((magnitude << number.twos) > sign_bit) {
    return std::nullopt;
  }
  magnitude <<= number.twos;
  if (number.negative) {
    return static_cast<std::int64_t>(~static_cast<std::uint64_t>(magnitude) + 1);
  }
  return magnitude == sign_bit ? std::nullopt : std::optional(static_cast<std::int64_t>(magnitude));
}

std::string number_key(factored number) {
  if (number.unit == 0) {
    return signed_key(rank::integer, 0);
  }
  reduce(number);
  if (const auto integer = as_integer(number)) {
    return signed_key(rank::integer, *integer);
  }
  std::string key = ranked(rank::number);
  key.push_back(number.negative ? 1 : 0);
  append_big_endian(key, static_cast<std::uint32_t>(number.twos), 4);
  append_big_endian(key, static_cast<std::uint32_t>(number.fives), 4);
  append_big_endian(key, static_cast<std::uint64_t>(number.unit >> 64), 8);
  append_big_endian(key, static_cast<std::uint64_t>(number.unit), 8);
  return key;
}

std::string double_key(double number) {
  if (std::isnan(number)) {
    return ranked(rank::not_a_number);
  }
  if (std::isinf(number)) {
    return ranked(number < 0 ? rank::negative_infinity : rank::positive_infinity);
  }
  int exponent = 0;
  const double fraction = std::frexp(std::fabs(number), &exponent);
  constexpr int digits = std::numeric_limits<double>::digits;
  return number_key({std::signbit(number), static_cast<std::uint64_t>(std::ldexp(fraction, digits)),
                     exponent - digits, 0});
}

std::string decimal_key(const decimal128& number) {
  // The biased exponent's upper bits name special values (changesets.md 2.4).
  const int biased = number.exponent + 6176;
  if (biased >> 9 == 31) {
    return ranked(rank::not_a_number);
  }
  if (biased >> 9 == 30) {
    return ranked(number.negative ? rank::negative_infinity : rank::positive_infinity);
  }
  wide coefficient = static_cast<wide>(number.coefficient_hi) << 64 | number.coefficient_lo;
  wide limit = 1;
  for (int i = 0; i < 34; ++i) {
    limit *= 10;
  }
  if (biased >> 12 == 3 || coefficient >= limit) {
    coefficient = 0; // not canonical: IEEE 754 reads it as zero
  }
  return number_key({number.negative, coefficient, number.exponent, number.exponent});
}

template <std::size_t Size>
std::string raw_key(rank r, const std::array<std::uint8_t, Size>& raw) {
  return ranked(r).append(reinterpret_cast<const char*>(raw.data()), Size);
}

struct key_maker {
  std::string operator()(std::monostate) const { return ranked(rank::null); }
  std::string operator()(std::int64_t x) const { return signed_key(rank::integer, x); }
  std::string operator()(bool x) const {
    return ranked(rank::boolean) + static_cast<char>(x ? 1 : 0);
  }
  std::string operator()(const stored_string& x) const { return ranked(rank::string) + x.text; }
  std::string operator()(const stored_binary& x) const { return ranked(rank::binary) + x.data; }
  std::string operator()(const timestamp& x) const {
    std::string key = signed_key(rank::timestamp, x.seconds);
    append_big_endian(key, static_cast<std::uint32_t>(x.nanoseconds) ^ 0x80000000U, 4);
    return key;
  }
  std::string operator()(float32 x) const { return double_key(std::bit_cast<float>(x.bits)); }
  std::string operator()(float64 x) const { return double_key(std::bit_cast<double>(x.bits)); }
  std::string operator()(const decimal128& x) const { return decimal_key(x); }
  std::string operator()(const stored_link& x) const {
    std::string key = ranked(rank::link);
    append_big_endian(key, x.table, 4);
    return key + x.key;
  }
  std::string operator()(const object_id& x) const { return raw_key(rank::object_id, x.raw); }
  std::string operator()(const uuid& x) const { return raw_key(rank::uuid, x.raw); }
  std::string operator()(const shared<stored_object>&) const { return {}; }
  std::string operator()(const shared<stored_collection>&) const { return {}; }
};

} // namespace

std::string set_order_key(const stored_value& element) {
  return std::visit(key_maker{}, element);
}

} // namespace ros::sync
