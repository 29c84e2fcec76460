// How a path finds its route, and what follows from a path alone.
#include "http_routes.hpp"

#include "runtime/encoding.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace ros::actors {

namespace {

constexpr std::size_t usual_body = 100 * 1024;
constexpr std::size_t import_body = 16u << 20;

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

std::size_t body_limit(std::string_view method, std::string_view target) {
  const auto path = route_path(target.substr(0, target.find('?')));
  const bool imports = is_below(path, "/api/admin/v1") && path.ends_with("/import");
  return method == "POST" && imports ? import_body : usual_body;
}

bool is_cross_origin_path(std::string_view path) {
  constexpr std::array prefixes{"/auth",   "/permissions", "/realms",
                                "/health", "/stats",       "/api/client"};
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [path](const char* prefix) { return is_below(path, prefix); });
}

} // namespace ros::actors
