#include "judge.hpp"

#include "runtime/encoding.hpp"
#include "runtime/log.hpp"

#include <boost/json/parse.hpp>

namespace json = boost::json;

namespace ros::actors {

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

std::string
form_encode(std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
  std::string out;
  for (const auto& [name, value] : members) {
    if (!out.empty())
      out += '&';
    out += runtime::percent_encode(name) + '=' + runtime::percent_encode(value);
  }
  return out;
}

caf::expected<json::object> read_answer(caf::expected<web_answer> answer, std::string_view who) {
  if (!answer)
    return std::move(answer.error());
  if (answer->status == 400 || answer->status == 401 || answer->status == 403)
    return refused();
  auto text = std::string{who} + " answers with status " + std::to_string(answer->status);
  if (answer->status == 200) {
    if (auto object = parse_object(answer->body))
      return std::move(*object);
    text = std::string{who} + " answers with something that is no JSON object";
  }
  log::warn("auth: {}", text);
  return unreachable(std::move(text));
}

} // namespace ros::actors
