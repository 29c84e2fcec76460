#include "judge.hpp"

#include "runtime/encoding.hpp"
#include "runtime/log.hpp"

namespace json = boost::json;

namespace ros::actors {

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
