// The route table of the HTTP SERVICE: which handler answers which request. Read it
// in http_routes.cpp; the sections are those of http-api.md.
#pragma once

#include "http_call.hpp"

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace ros::actors {

class http_service_state;

/// Answers a request now or later.
using http_handler = void (*)(http_service_state& service, http_call call);

/// What a handler wants done before it is called (2.1). All but `nothing` have the body
/// of a request that changes something parsed as a JSON object.
enum class route_needs {
  nothing,
  body,            ///< anybody may call
  body_and_caller, ///< anybody, but a token in the Authorization header must be good
  user,            ///< a token of a user, or the admin token
  self_or_admin,   ///< the same of the user that the path names "{user}", or an administrator
  administrator,   ///< the admin token, or a refresh token of an administrator
};

struct http_route {
  std::string_view method;
  std::string_view pattern; ///< "{name}" stands for one segment
  route_needs needs;
  http_handler handler;
};

struct route_match {
  const http_route* route = nullptr;
  std::map<std::string, std::string> parameters; ///< decoded
  std::string allow;                             ///< methods of the path, if there are only others
};

[[nodiscard]] std::span<const http_route> http_routes();

/// Looks up a path as of route_path(). HEAD counts as GET.
[[nodiscard]] route_match find_route(std::span<const http_route> routes, std::string_view method,
                                     std::string_view path);

/// Which API a path belongs to.
[[nodiscard]] api_face face_of_path(std::string_view path);

/// Bytes of body that a request may have (1.4); for the listeners.
[[nodiscard]] std::size_t body_limit(std::string_view method, std::string_view target);

/// Whether browsers of other origins may call it (1.3).
[[nodiscard]] bool is_cross_origin_path(std::string_view path);

} // namespace ros::actors
