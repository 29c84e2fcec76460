#include "sync_service_routes.hpp"

#include <algorithm>
#include <cctype>

namespace ros::actors {

namespace {

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

/// The prefix itself, or something below it.
bool is_below(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

} // namespace

/// Of clients of io.realm.sync 18 and before.
constexpr std::string_view earliest_route = "/realm-object-server";

bool is_sync_route(std::string_view path, std::string_view route_prefix) {
  if (is_below(path, "/realm-sync") || is_below(path, route_prefix) || path == earliest_route)
    return true;
  constexpr std::string_view app_prefix = "/api/client/v2.0/app/";
  constexpr std::string_view app_suffix = "/realm-sync";
  if (!path.starts_with(app_prefix) || !path.ends_with(app_suffix) ||
      path.size() <= app_prefix.size() + app_suffix.size())
    return false;
  path.remove_prefix(app_prefix.size());
  path.remove_suffix(app_suffix.size());
  return path.find('/') == std::string_view::npos;
}

bool is_sync_upgrade(const runtime::http_request& request, std::string_view route_prefix) {
  if (is_sync_route(request.path(), route_prefix))
    return true;
  const auto offer = request.path() == "/" ? offered_subprotocols(request) : std::nullopt;
  return offer && offer->find("io.realm.sync") != std::string::npos;
}

boost::system::result<sync::negotiated, sync::negotiation_failure>
choose_protocol(const runtime::http_request& request) {
  const auto offer = offered_subprotocols(request).value_or("");
  const auto announced = request.header("X-Realm-Protocol-Version");
  auto choice = sync::negotiate(offer);
  if (!choice && announced && request.path() == earliest_route)
    return sync::negotiate_announced(*announced, offer);
  return choice;
}

std::string_view realm_in_route(std::string_view path, std::string_view route_prefix) {
  for (auto prefix : {route_prefix, std::string_view{"/realm-sync"}})
    if (is_below(path, prefix))
      return path.size() > prefix.size() + 1 ? path.substr(prefix.size() + 1) : std::string_view{};
  return {};
}

std::optional<std::string> offered_subprotocols(const runtime::http_request& request) {
  std::optional<std::string> offer;
  for (const auto& [name, value] : request.headers)
    if (equals_ignoring_case(name, "Sec-WebSocket-Protocol"))
      offer = offer ? *offer + ',' + value : value;
  return offer;
}

std::optional<std::string> upgrade_token(const runtime::http_request& request,
                                         const std::vector<std::string>& header_names) {
  if (auto token = request.query_parameter("baas_at"); token && !token->empty())
    return token;
  for (const auto& name : header_names)
    if (const auto value = request.header(name); value && !value->empty())
      return std::string{*value};
  return std::nullopt;
}

bool takes_401_as_fatal(const runtime::http_request& request) {
  constexpr std::string_view old = "RealmSync/10.";
  auto agent = request.header("User-Agent").value_or("");
  if (!agent.starts_with(old))
    return false;
  agent.remove_prefix(old.size());
  const auto minor = agent.substr(0, agent.find_first_not_of("0123456789"));
  return minor.size() == 1 && minor.front() <= '6';
}

} // namespace ros::actors
