#include "http_routes.hpp"

#include "http_handlers.hpp"

#include "runtime/encoding.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace ros::actors {

namespace {

using enum route_needs;

constexpr std::array table{
    // -- pages and status (6.6) --
    http_route{"GET", "/", nothing, &get_front_page},
    http_route{"GET", "/health", nothing, &get_health},
    http_route{"GET", "/api/ok", nothing, &get_ok},
    // -- legacy (4, 5) --
    http_route{"POST", "/auth", body_and_caller, &post_auth},
    http_route{"POST", "/auth/revoke", body, &post_revoke},
    // -- administration (10) --
    http_route{"GET", "/api/admin/v1/realms", administrator, &get_realms},
    http_route{"POST", "/api/admin/v1/realms/{path}/release", administrator, &post_release},
    // -- App Services (9) --
    http_route{"GET", "/api/client/v2.0/app/{app}/location", nothing, &get_location},
    http_route{"POST", "/api/client/v2.0/app/{app}/auth/providers/local-userpass/register", body,
               &post_register},
    http_route{"POST", "/api/client/v2.0/app/{app}/auth/providers/{provider}/login", body,
               &post_login},
    http_route{"POST", "/api/client/v2.0/app/{app}/functions/call", body, &post_function_call},
    http_route{"GET", "/api/client/v2.0/auth/profile", nothing, &get_profile},
    http_route{"POST", "/api/client/v2.0/auth/session", nothing, &post_session},
    http_route{"DELETE", "/api/client/v2.0/auth/session", nothing, &delete_session},
};

/// Takes the first segment off a path without its leading slash.
std::string_view next_segment(std::string_view& path) {
  auto end = std::min(path.find('/'), path.size());
  auto segment = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return segment;
}

/// The path's parts that the pattern names; nothing if it does not fit.
std::optional<std::map<std::string, std::string>> match(std::string_view pattern,
                                                        std::string_view path) {
  if (std::count(pattern.begin(), pattern.end(), '/') != std::count(path.begin(), path.end(), '/'))
    return std::nullopt;
  std::map<std::string, std::string> parameters;
  pattern.remove_prefix(1);
  path.remove_prefix(1);
  while (!pattern.empty()) {
    auto expected = next_segment(pattern), segment = next_segment(path);
    if (expected.starts_with('{')) {
      auto value = runtime::percent_decode(segment);
      if (!value || value->empty())
        return std::nullopt;
      parameters.emplace(expected.substr(1, expected.size() - 2), std::move(*value));
    } else if (expected != segment) {
      return std::nullopt;
    }
  }
  return path.empty() ? std::optional{std::move(parameters)} : std::nullopt;
}

/// The prefix itself, or something below it.
bool is_below(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

} // namespace

std::span<const http_route> http_routes() {
  return table;
}

route_match find_route(std::span<const http_route> routes, std::string_view method,
                       std::string_view path) {
  route_match result;
  for (const auto& route : routes) {
    auto parameters = match(route.pattern, path);
    if (!parameters)
      continue;
    if (route.method == method || (route.method == "GET" && method == "HEAD")) {
      result.route = &route;
      result.parameters = std::move(*parameters);
      return result;
    }
    if (!result.allow.empty())
      result.allow += ", ";
    result.allow += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  return result;
}

api_face face_of_path(std::string_view path) {
  return is_below(path, "/api/client") ? api_face::app_services : api_face::legacy;
}

bool is_cross_origin_path(std::string_view path) {
  constexpr std::array prefixes{"/auth",   "/permissions", "/realms",
                                "/health", "/stats",       "/api/client"};
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [path](const char* prefix) { return is_below(path, prefix); });
}

} // namespace ros::actors
