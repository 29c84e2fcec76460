// Small helpers for JSON that somebody else wrote. Pure.
#pragma once

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace ros::runtime {

/// The object that a JSON text is; nothing if it is none.
std::optional<boost::json::object> parse_object(std::string_view text);
/// A string member; "" if it is absent or of another type.
std::string string_member(const boost::json::object& x, std::string_view name);

} // namespace ros::runtime
