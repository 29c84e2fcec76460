// Dates as text, as clients write and read them (http-api.md 2.2, 6.4). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ros::runtime {

/// ISO 8601 in UTC with milliseconds and "Z", e.g. "2017-06-02T19:07:17.703Z".
std::string to_iso8601(std::int64_t unix_ms);

/// Unix milliseconds of ISO 8601 text with or without fraction and zone (none: UTC), or of
/// Java's Date.toString(), e.g. "Mon Jun 05 12:00:00 GMT 2017" (zones GMT, UTC, Z and
/// numbers such as "GMT+02:00"). Nothing if the text is no such date.
std::optional<std::int64_t> parse_date(std::string_view text);

} // namespace ros::runtime
