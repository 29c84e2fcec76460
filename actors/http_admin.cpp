#include "http_handlers.hpp"
#include "http_service.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

// The administration API (http-api.md 10). The route table has admitted
// administrators only.

namespace json = boost::json;

namespace ros::actors {

namespace {

constexpr std::size_t most_rows = 500;
constexpr std::size_t usual_rows = 100;

std::string_view name_of(realm_condition x) {
  switch (x) {
  case realm_condition::open:
    return "open";
  case realm_condition::closing:
    return "closing";
  case realm_condition::quarantined:
    break;
  }
  return "quarantined";
}

json::object to_json(const realm_status& x) {
  json::object out{{"path", x.path}, {"state", name_of(x.condition)}};
  if (x.condition == realm_condition::quarantined)
    out["reason"] = x.reason;
  return out;
}

/// A number in the query; `otherwise` if there is none, nothing if it is no number.
std::optional<std::size_t> number(const http_call& call, std::string_view name,
                                  std::size_t otherwise) {
  auto text = call.request().query_parameter(name);
  if (!text)
    return otherwise;
  std::size_t value = 0;
  const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (fault != std::errc{} || end != text->data() + text->size())
    return std::nullopt;
  return value;
}

/// The part of the list that the query asks for: `search` in the path, `state`, `offset`
/// and `limit`.
void answer_page(http_call& call, std::vector<realm_status> all) {
  const auto offset = number(call, "offset", 0), limit = number(call, "limit", usual_rows);
  if (!offset || !limit)
    return call.refuse(problem(601, offset ? "limit" : "offset", "is not a number"));
  const auto search = call.request().query_parameter("search").value_or("");
  const auto state = call.request().query_parameter("state").value_or("");
  std::erase_if(all, [&](const realm_status& x) {
    return x.path.find(search) == std::string::npos ||
           (!state.empty() && state != name_of(x.condition));
  });
  json::array rows;
  for (auto i = *offset; i < all.size() && rows.size() < std::min(*limit, most_rows); ++i)
    rows.push_back(to_json(all[i]));
  call.answer(200, {{"total", all.size()}, {"realms", std::move(rows)}});
}

void unavailable(http_call& call, const caf::error&) {
  call.refuse(problem(802));
}

} // namespace

void get_realms(http_service_state& service, http_call call) {
  service.ask<std::vector<realm_status>>(
      service.context().registry, list_atom_v, call,
      [](http_call& done, const std::vector<realm_status>& all) { answer_page(done, all); },
      unavailable);
}

void post_release(http_service_state& service, http_call call) {
  auto path = call.parameter("path");
  service.ask_for<bool>(
      service.context().registry, call,
      [path](http_call& done, bool was_quarantined) {
        if (was_quarantined)
          done.answer(200, {{"path", path}, {"state", "released"}});
        else
          done.refuse(plain_problem(404, "No Realm of this path is quarantined."));
      },
      unavailable, restore_atom_v, path);
}

} // namespace ros::actors
