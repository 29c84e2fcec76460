#include "merge_values.hpp"

#include <bit>
#include <functional>

namespace ros::sync::merging {
namespace {

__extension__ using uint128 = unsigned __int128;

/// A decimal as a number: equal members exactly for equal numbers, except that
/// every NaN keeps its bits (merge-rules.md 9).
struct decimal_number {
  enum class kind : std::uint8_t { finite, infinite, nan };
  kind what = kind::finite;
  bool negative = false;
  std::int32_t exponent = 0;
  uint128 coefficient = 0;
  friend bool operator==(const decimal_number&, const decimal_number&) = default;
};

/// Reads the fixed split of changesets.md 2.4 as BID does: the two top bits of
/// the biased exponent select the special forms; what cannot be a 34-digit
/// coefficient counts as zero.
decimal_number normalize(const decimal128& d) {
  constexpr std::int32_t bias = 6176;
  constexpr std::int32_t first_special = 0x3000 - bias;
  constexpr std::int32_t first_infinity = 0x3c00 - bias;
  constexpr std::int32_t first_nan = 0x3e00 - bias;
  constexpr uint128 ten_to_17 = 100'000'000'000'000'000;
  constexpr uint128 limit = ten_to_17 * ten_to_17; // 10^34

  decimal_number n{.negative = d.negative,
                   .exponent = d.exponent,
                   .coefficient = (uint128{d.coefficient_hi} << 64) | d.coefficient_lo};
  if (d.exponent >= first_nan) {
    n.what = decimal_number::kind::nan;
    return n;
  }
  if (d.exponent >= first_infinity)
    return {.what = decimal_number::kind::infinite, .negative = d.negative};
  if (d.exponent >= first_special || n.coefficient >= limit || n.coefficient == 0)
    return {}; // zero has no sign and no exponent
  while (n.coefficient % 10 == 0) {
    n.coefficient /= 10;
    ++n.exponent;
  }
  return n;
}

bool same_key(const object_key& x, const source_changeset& in_x, const object_key& y,
              const source_changeset& in_y) {
  const auto* name_x = std::get_if<interned>(&x);
  const auto* name_y = std::get_if<interned>(&y);
  if (name_x && name_y)
    return in_x.string(*name_x) == in_y.string(*name_y);
  return !name_x && !name_y && x == y;
}

/// Types whose two comparisons are the same thing.
bool same_plain(const value& x, const value& y) {
  switch (x.type) {
  case value_type::float32:
    return std::bit_cast<float>(std::get<float32>(x.data).bits) ==
           std::bit_cast<float>(std::get<float32>(y.data).bits);
  case value_type::float64:
    return std::bit_cast<double>(std::get<float64>(x.data).bits) ==
           std::bit_cast<double>(std::get<float64>(y.data).bits);
  case value_type::decimal:
    return normalize(std::get<decimal128>(x.data)) == normalize(std::get<decimal128>(y.data));
  case value_type::integer:
    return std::get<std::int64_t>(x.data) == std::get<std::int64_t>(y.data);
  case value_type::boolean:
    return std::get<bool>(x.data) == std::get<bool>(y.data);
  case value_type::timestamp:
    return std::get<timestamp>(x.data) == std::get<timestamp>(y.data);
  case value_type::object_id:
    return std::get<object_id>(x.data) == std::get<object_id>(y.data);
  case value_type::uuid:
    return std::get<uuid>(x.data) == std::get<uuid>(y.data);
  default:
    return true; // null and the markers carry no content
  }
}

std::size_t combine(std::size_t seed, std::size_t more) {
  return (seed ^ more) * 0x9e3779b97f4a7c15u + (seed >> 29);
}

template <std::size_t N>
std::size_t hash_raw(const std::array<std::uint8_t, N>& raw) {
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(raw.data()), raw.size()});
}

std::size_t hash_key(const object_key& key, const source_changeset& in) {
  if (const auto* number = std::get_if<std::int64_t>(&key))
    return static_cast<std::size_t>(*number);
  if (const auto* name = std::get_if<interned>(&key))
    return std::hash<std::string_view>{}(in.string(*name));
  if (const auto* global = std::get_if<global_key>(&key))
    return combine(global->hi, global->lo);
  if (const auto* oid = std::get_if<object_id>(&key))
    return hash_raw(oid->raw);
  if (const auto* id = std::get_if<uuid>(&key))
    return hash_raw(id->raw);
  return 0;
}

std::size_t hash_content(const value& v, const source_changeset& in) {
  switch (v.type) {
  case value_type::integer:
    return static_cast<std::size_t>(std::get<std::int64_t>(v.data));
  case value_type::boolean:
    return std::get<bool>(v.data) ? 1 : 0;
  case value_type::string:
  case value_type::binary:
    return std::hash<std::string_view>{}(std::get<text>(v.data).content);
  case value_type::timestamp: {
    const auto& t = std::get<timestamp>(v.data);
    return combine(static_cast<std::size_t>(t.seconds), static_cast<std::size_t>(t.nanoseconds));
  }
  case value_type::float32: // std::hash gives both zeros one hash
    return std::hash<float>{}(std::bit_cast<float>(std::get<float32>(v.data).bits));
  case value_type::float64:
    return std::hash<double>{}(std::bit_cast<double>(std::get<float64>(v.data).bits));
  case value_type::decimal: {
    const auto n = normalize(std::get<decimal128>(v.data));
    return combine(static_cast<std::size_t>(n.coefficient), static_cast<std::size_t>(n.exponent));
  }
  case value_type::link: {
    const auto& l = std::get<link>(v.data);
    return combine(std::hash<std::string_view>{}(in.string(l.target_class)),
                   hash_key(l.target_key, in));
  }
  case value_type::object_id:
    return hash_raw(std::get<object_id>(v.data).raw);
  case value_type::uuid:
    return hash_raw(std::get<uuid>(v.data).raw);
  default:
    return 0;
  }
}

} // namespace

bool same_value(const value& x, const source_changeset& in_x, const value& y,
                const source_changeset& in_y) {
  if (x.type != y.type)
    return false;
  if (x.type == value_type::string || x.type == value_type::binary)
    return std::get<text>(x.data).content == std::get<text>(y.data).content;
  if (x.type == value_type::link) {
    const auto& link_x = std::get<link>(x.data);
    const auto& link_y = std::get<link>(y.data);
    return in_x.string(link_x.target_class) == in_y.string(link_y.target_class) &&
           same_key(link_x.target_key, in_x, link_y.target_key, in_y);
  }
  return same_plain(x, y);
}

bool same_token(const value& x, const value& y) {
  if (x.type != y.type)
    return false;
  if (x.type == value_type::string || x.type == value_type::binary) {
    const auto& text_x = std::get<text>(x.data);
    const auto& text_y = std::get<text>(y.data);
    return text_x.offset == text_y.offset && text_x.content.size() == text_y.content.size();
  }
  if (x.type == value_type::link)
    return std::get<link>(x.data) == std::get<link>(y.data); // compares intern indexes
  return same_plain(x, y);
}

std::uint32_t hash_value(const value& v, const source_changeset& in) {
  const auto h = combine(hash_content(v, in), static_cast<std::size_t>(v.type));
  return static_cast<std::uint32_t>(h ^ (h >> 32));
}

} // namespace ros::sync::merging
