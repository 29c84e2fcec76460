#include "json_text.hpp"

#include <boost/json/parse.hpp>

namespace json = boost::json;

namespace ros::runtime {

std::optional<json::object> parse_object(std::string_view text) {
  boost::system::error_code failed;
  auto value = json::parse(text, failed);
  if (failed || !value.is_object())
    return std::nullopt;
  return std::move(value.get_object());
}

std::string string_member(const json::object& x, std::string_view name) {
  const auto* value = x.if_contains(name);
  return value && value->is_string() ? std::string{value->get_string()} : std::string{};
}

} // namespace ros::runtime
