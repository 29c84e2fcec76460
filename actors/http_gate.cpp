// Who may call a route (http-api.md 2.1, 10): the part of the HTTP SERVICE that looks at
// tokens before a handler sees the request.
#include "http_routes.hpp"
#include "http_service.hpp"

#include "auth_errors.hpp"

namespace ros::actors {

namespace {

using enum route_needs;

constexpr std::string_view cookie_name = "ros_session=";

/// Whether a request of this method changes something.
bool is_change(const http_call& call) {
  const auto& method = call.request().method;
  return method != "GET" && method != "HEAD";
}

bool requires_token(route_needs needs) {
  return needs == user || needs == self_or_admin || needs == administrator;
}

/// A request of another site that makes the browser send the dashboard's cookie cannot add
/// this header (10).
bool is_from_dashboard(const http_call& call) {
  return call.request().header("X-Requested-With") == "ros-dashboard";
}

bool is_admitted(route_needs needs, const http_call& call, const principal& x) {
  switch (needs) {
  case nothing:
  case body:
  case body_and_caller:
  case user:
    return true;
  case self_or_admin:
    return x.who.is_admin || call.parameter("user") == x.who.user_id;
  case administrator:
    break;
  }
  return x.who.is_admin;
}

} // namespace

std::optional<std::string> http_service_state::presented_token(const http_call& call) const {
  for (const auto& name : context_.options.authorization_headers)
    if (auto value = call.request().header(name); value && !value->empty())
      return std::string{*value};
  return std::nullopt;
}

std::optional<std::string> http_service_state::session_cookie(const http_call& call) {
  auto rest = call.request().header("Cookie").value_or("");
  while (!rest.empty()) {
    const auto pair = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const auto begin = std::min(pair.find_first_not_of(' '), pair.size());
    if (const auto x = pair.substr(begin); x.starts_with(cookie_name))
      return std::string{x.substr(cookie_name.size())};
  }
  return std::nullopt;
}

void http_service_state::admit(http_call call, const http_route& route) {
  const auto needs = route.needs;
  auto token = needs == nothing || needs == body ? std::nullopt : presented_token(call);
  if (!token && needs == administrator && (token = session_cookie(call)) && is_change(call) &&
      !is_from_dashboard(call))
    return call.refuse(problem(614));
  if (!token && requires_token(needs))
    return call.refuse(problem(611));
  if (!token)
    return enter(std::move(call), route);
  // Rights on one Realm make nobody an administrator of all.
  const auto kind = needs == administrator ? token_kind::refresh : token_kind::user;
  ask<principal>(
      context_.auth, authenticate{*token, kind, api_face::legacy}, call,
      [this, &route](http_call& checked, const principal& who) {
        if (!is_admitted(route.needs, checked, who))
          return checked.refuse(problem(614));
        checked.set_caller(who);
        enter(checked, route);
      },
      [](http_call& refused, const caf::error& e) { refused.refuse(caller_problem(e)); });
}

void http_service_state::enter(http_call call, const http_route& route) {
  if (route.needs != nothing && is_change(call) && !call.read_body())
    return;
  route.handler(*this, std::move(call));
}

} // namespace ros::actors
