// The two forms of a log line (operations.md 5) as pure functions. Internal to
// runtime/log*.cpp and its tests.
#pragma once

#include "log.hpp"

namespace ros::log {

/// One event as text or as a JSON object, line end included. Control characters and, in JSON,
/// bytes that are no UTF-8 are made harmless: clients choose parts of `text`.
std::string make_line(format style, level l, std::int64_t unix_ms, std::string_view text);

} // namespace ros::log
