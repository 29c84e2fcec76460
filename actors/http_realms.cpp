// The Realm directory at the legacy API (http-api.md 6.5).
#include "http_admin_json.hpp"
#include "http_handlers.hpp"
#include "system_realms.hpp"

#include "runtime/dates.hpp"

namespace json = boost::json;

namespace ros::actors {

namespace {

void answer_file(http_call& call, const std::string& path) {
  call.answer(200,
              {{"path", path}, {"exists", true}, {"realmType", "full"}, {"syncLabel", "default"}});
}

void create(http_service_state& service, http_call call, const std::string& path,
            std::optional<std::string> owner) {
  create_realm wish{call.caller().who, path, {}, initiator_of(call)};
  if (owner)
    wish.owner = std::move(*owner);
  service.ask<realm_record>(
      service.context().admin_realm, std::move(wish), std::move(call),
      [](http_call& done, const realm_record& x) { answer_file(done, x.path); },
      [path](http_call& refused, const caf::error& e) {
        if (e == auth_ec::realm_exists) // somebody else was faster
          return answer_file(refused, path);
        refused.refuse(admin_problem(e));
      });
}

} // namespace

void get_realm_file(http_service_state& service, http_call call) {
  auto path = realm_path_of(call, call.parameter("path"), "path");
  if (!path)
    return;
  const auto type = call.request().query_parameter("realmType").value_or("full");
  if (type != "full" && !type.empty())
    return call.refuse(problem(619));
  authorize_realm question{call.caller().who, *path};
  ask_admin<rights>(
      service, std::move(call), std::move(question),
      [&service, path = *path](http_call& known, rights may) {
        if (!may.any())
          return known.refuse(problem(614));
        service.ask<realm_record>(
            service.context().admin_realm, read_realm{path}, known,
            [](http_call& done, const realm_record& x) { answer_file(done, x.path); },
            [&service, path](http_call& absent, const caf::error& e) {
              const auto should = absent.request().query_parameter("shouldCreate").value_or("");
              if (e == auth_ec::realm_not_found && (should == "true" || should == "1"))
                return create(service, absent, path, absent.request().query_parameter("ownerId"));
              absent.refuse(admin_problem(e));
            });
      });
}

void delete_realm_file(http_service_state& service, http_call call) {
  auto path = realm_path_of(call, call.parameter("path"), "path");
  if (!path)
    return;
  if (!call.caller().who.is_admin && !service.context().options.allow_owner_delete)
    return call.refuse(problem(614));
  delete_realm wish{call.caller().who, std::move(*path), initiator_of(call)};
  ask_admin<realm_record>(service, std::move(call), std::move(wish),
                          [](http_call& done, const realm_record&) { done.answer(200, {}); });
}

void patch_realm_file(http_service_state&, http_call call) {
  const auto type = call.text("realmType").value_or("");
  if (type == "full")
    return call.answer(200, {});
  call.refuse(problem(803));
}

void list_realm_files(http_service_state& service, http_call call) {
  auto page = page_of(call);
  if (!page)
    return;
  ask_admin<realm_page>(
      service, std::move(call), list_realms{std::move(*page), {}},
      [](http_call& done, const realm_page& x) {
        json::array rows;
        for (const auto& realm : x.realms)
          rows.push_back(json::object{
              {"path", realm.path},
              {"owner", realm.owner.empty() ? json::value{} : json::value(realm.owner)},
              {"createdAt", runtime::to_iso8601(realm.created_ms)}});
        done.answer(200, {{"realms", std::move(rows)}, {"total", x.total}});
      });
}

} // namespace ros::actors
