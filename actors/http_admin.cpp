#include "http_admin_json.hpp"
#include "http_handlers.hpp"

#include "runtime/dates.hpp"

#include <boost/json/array.hpp>

#include <map>
#include <string_view>

// The administration API (http-api.md 10). The route table has admitted
// administrators only.

namespace json = boost::json;

namespace ros::actors {

namespace {

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

/// Of the Realms of one page, those that are open or quarantined, by path.
using states = std::map<std::string, realm_status>;

json::object row_of(const realm_record& x, const states& open) {
  json::object out{{"path", x.path},
                   {"owner", x.owner.empty() ? json::value{} : json::value(x.owner)},
                   {"created_at", runtime::to_iso8601(x.created_ms)}};
  const auto found = open.find(x.path);
  out["state"] = found == open.end() ? "closed" : name_of(found->second.condition);
  if (found != open.end() && found->second.condition == realm_condition::quarantined)
    out["reason"] = found->second.reason;
  return out;
}

/// With `state` in the query: those of the directory that are in it now.
void answer_page(http_call& call, const realm_page& page, const states& open) {
  const auto state = call.request().query_parameter("state").value_or("");
  json::array rows;
  for (const auto& realm : page.realms) {
    auto row = row_of(realm, open);
    if (state.empty() || row.at("state").as_string() == state)
      rows.push_back(std::move(row));
  }
  call.answer(200,
              {{"total", state.empty() ? page.total : rows.size()}, {"realms", std::move(rows)}});
}

/// Realms that are quarantined are few, and an operator wants to see them all.
void answer_quarantined(http_call& call, const std::vector<realm_status>& all) {
  json::array rows;
  for (const auto& x : all)
    if (x.condition == realm_condition::quarantined)
      rows.push_back(
          json::object{{"path", x.path}, {"state", "quarantined"}, {"reason", x.reason}});
  call.answer(200, {{"total", rows.size()}, {"realms", std::move(rows)}});
}

void unavailable(http_call& call, const caf::error&) {
  call.refuse(problem(802));
}

} // namespace

void get_realms(http_service_state& service, http_call call) {
  auto page = page_of(call);
  if (!page)
    return;
  service.ask<std::vector<realm_status>>(
      service.context().registry, list_atom_v, std::move(call),
      [&service, page = std::move(*page)](http_call& go, const std::vector<realm_status>& all) {
        if (go.request().query_parameter("state") == "quarantined")
          return answer_quarantined(go, all);
        states open;
        for (const auto& x : all)
          open.emplace(x.path, x);
        ask_admin<realm_page>(service, go, list_realms{page, {}},
                              [open = std::move(open)](http_call& done, const realm_page& x) {
                                answer_page(done, x, open);
                              });
      },
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
