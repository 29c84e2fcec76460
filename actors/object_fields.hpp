// Properties of objects that the server reads for itself, whatever type a client gave them.
// Pure; for those who keep system Realms.
#pragma once

#include "sync/object_reader.hpp"
#include "sync/write_operation.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ros::actors {

/// nullptr if the object has no such property.
const sync::read_value* find_property(const sync::read_object& object, std::string_view name);
/// Nothing if the property is null, of another type or not there.
std::optional<std::string> text_in(const sync::read_object& object, std::string_view name);
std::optional<bool> flag_in(const sync::read_object& object, std::string_view name);
std::optional<std::int64_t> number_in(const sync::read_object& object, std::string_view name);
/// Unix milliseconds of a date.
std::optional<std::int64_t> ms_in(const sync::read_object& object, std::string_view name);

/// A date as a value.
sync::read_value date_value(std::int64_t unix_ms);

} // namespace ros::actors
