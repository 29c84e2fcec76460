#include "object_fields.hpp"

#include <algorithm>

namespace ros::actors {

namespace {

template <class T>
std::optional<T> typed(const sync::read_object& object, std::string_view name) {
  const auto* value = find_property(object, name);
  const auto* held = value ? std::get_if<T>(&value->data) : nullptr;
  return held ? std::optional<T>{*held} : std::nullopt;
}

} // namespace

const sync::read_value* find_property(const sync::read_object& object, std::string_view name) {
  const auto at = std::ranges::find(object.fields, name, &sync::read_field::name);
  return at == object.fields.end() ? nullptr : &at->value;
}

std::optional<std::string> text_in(const sync::read_object& object, std::string_view name) {
  return typed<std::string>(object, name);
}
std::optional<bool> flag_in(const sync::read_object& object, std::string_view name) {
  return typed<bool>(object, name);
}
std::optional<std::int64_t> number_in(const sync::read_object& object, std::string_view name) {
  return typed<std::int64_t>(object, name);
}

std::optional<std::int64_t> ms_in(const sync::read_object& object, std::string_view name) {
  const auto held = typed<sync::timestamp>(object, name);
  if (!held)
    return std::nullopt;
  constexpr std::int64_t most = 1'000'000'000'000; // clients may write any date
  return std::clamp(held->seconds, -most, most) * 1000 + held->nanoseconds / 1'000'000;
}

sync::read_value date_value(std::int64_t unix_ms) {
  // Both parts have the same sign.
  return {sync::timestamp{unix_ms / 1000, static_cast<std::int32_t>(unix_ms % 1000 * 1'000'000)}};
}

} // namespace ros::actors
