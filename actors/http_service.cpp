#include "http_service.hpp"

#include "http_routes.hpp"

#include "runtime/log.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace ros::actors {

namespace {

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// http-api.md 9: what may stand as an app id.
bool is_app_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return is_word(c) || c == '_' || c == '.' || c == '-';
  });
}

/// A host with or without port, and nothing that could break out of a URL or a page.
bool is_authority(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
    return is_word(c) || std::string_view{"-._:[]"}.find(c) != std::string_view::npos;
  });
}

} // namespace

void http_service_state::handle(plain_request request) {
  const auto& http = request.exchange.request();
  const auto path = route_path(http.path());
  http_call call{request, face_of_path(path), cors_headers(http, path)};
  guard(call, [&] {
    if (http.method == "OPTIONS")
      preflight(call, path);
    else if (!ready_)
      refuse_unready(call, path);
    else
      dispatch(call, path);
  });
}

void http_service_state::refuse_failed(http_call& call, std::string_view why) const {
  const auto id = context_.random->hex(16);
  log::error("http_service failed at {} {} ({}): {}", call.request().method, call.request().path(),
             id, why);
  auto failure = plain_problem(500, "The server failed.");
  failure.instance = id;
  if (call.face() == api_face::app_services)
    call.refuse(app_error{500, "InternalServerError", "internal server error, see " + id});
  else
    call.refuse(failure);
}

void http_service_state::dispatch(http_call call, std::string_view path) {
  const bool of_app = call.face() == api_face::app_services;
  auto match = find_route(http_routes(), call.request().method, path);
  if ((!match.route && match.allow.empty()) || (of_app && !context_.options.app_services))
    return call.refuse_plainly(404, "NotFound", "There is nothing at this path.");
  if (!match.route)
    return call.refuse_plainly(405, "MethodNotAllowed", "The method is not allowed here.",
                               {{"Allow", match.allow + ", OPTIONS"}});
  call.set_parameters(std::move(match.parameters));
  if (of_app && !accepts_app(call))
    return call.refuse(app_error{
        404, "AppNotFound", "cannot find app using Client App ID '" + call.parameter("app") + "'"});
  admit(std::move(call), *match.route);
}

/// http-api.md 1.3.
void http_service_state::preflight(http_call call, std::string_view path) const {
  if (!is_cross_origin_path(path)) {
    auto match = find_route(http_routes(), "OPTIONS", path);
    if (match.allow.empty())
      return call.refuse_plainly(404, "NotFound", "There is nothing at this path.");
    return call.answer_empty(204, {{"Allow", match.allow + ", OPTIONS"}});
  }
  http_headers allowed{{"Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE"},
                       {"Access-Control-Max-Age", "86400"}};
  if (auto wanted = call.request().header("Access-Control-Request-Headers"))
    allowed.emplace_back("Access-Control-Allow-Headers", *wanted);
  call.answer_empty(204, std::move(allowed));
}

/// The server starts or stops (1.1, 6.6).
void http_service_state::refuse_unready(http_call call, std::string_view path) const {
  if (path == "/health")
    call.answer_text(503, "text/plain; charset=utf-8", "not ready\n");
  else if (call.face() == api_face::app_services)
    call.refuse(app_error{503, "MaintenanceInProgress", "the server is starting or stopping"});
  else
    call.refuse(problem(802));
}

void http_service_state::refuse(upgrade_request request) {
  const auto path = route_path(request.offer.request().path());
  log::debug("http_service refuses an upgrade at {}", path);
  auto document = plain_problem(404, "There is no WebSocket at this path.").document();
  request.offer.reject({404,
                        {{"Content-Type", "application/json; charset=utf-8"}},
                        boost::json::serialize(document)});
}

bool http_service_state::accepts_app(const http_call& call) const {
  const auto& id = call.parameter("app");
  if (id.empty()) // the route names no app
    return true;
  const auto& allowed = context_.options.app_ids;
  return is_app_id(id) && (allowed.empty() || contains(allowed, id));
}

http_headers http_service_state::cors_headers(const runtime::http_request& request,
                                              std::string_view path) const {
  const auto& origins = context_.options.cors_origins;
  if (!is_cross_origin_path(path))
    return {};
  if (contains(origins, "*"))
    return {{"Access-Control-Allow-Origin", "*"}};
  http_headers headers{{"Vary", "Origin"}};
  auto origin = request.header("Origin");
  if (origin && contains(origins, *origin))
    headers.emplace_back("Access-Control-Allow-Origin", *origin);
  return headers;
}

std::optional<std::string> http_service_state::public_url(const http_call& call) const {
  if (auto url = context_.options.public_url; !url.empty()) {
    while (url.ends_with('/'))
      url.pop_back();
    return url;
  }
  auto host = call.request().header("Host");
  if (!host || !is_authority(*host))
    return std::nullopt;
  return (call.origin().secure ? "https://" : "http://") + std::string{*host};
}

http_service_actor::behavior_type
http_service(http_service_actor::stateful_pointer<http_service_state> self, http_context context) {
  self->state.start(std::move(context));
  return {
      [self](plain_request& request) { self->state.handle(std::move(request)); },
      [self](upgrade_request& request) { self->state.refuse(std::move(request)); },
      [self](ready_atom) { self->state.set_ready(true); },
      [self](stop_atom) {
        self->state.set_ready(false);
        return true;
      },
  };
}

} // namespace ros::actors
