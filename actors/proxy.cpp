#include "proxy.hpp"

#include "http_errors.hpp"
#include "sync_service_routes.hpp"

#include "runtime/log.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace ros::actors {

namespace {

/// "http://host/path" -> "host"; "" if the target is a plain path.
std::string_view authority_of(std::string_view target) {
  auto scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos)
    return {};
  target.remove_prefix(scheme + 3);
  return target.substr(0, target.find_first_of("/?"));
}

bool is_loopback(std::string_view authority) {
  for (std::string_view name : {"localhost", "127.0.0.1", "[::1]"})
    if (authority.starts_with(name) &&
        (authority.size() == name.size() || authority[name.size()] == ':'))
      return true;
  return false;
}

runtime::http_response refusal(unsigned status, const char* title) {
  return {status,
          {{"Content-Type", "application/json; charset=utf-8"}},
          boost::json::serialize(plain_problem(status, title).document())};
}

constexpr const char* no_general_proxy = "This server forwards no requests to others.";
constexpr const char* nothing_here = "There is nothing at this path.";
constexpr const char* back_end_gone = "The service behind this address is not running.";

} // namespace

bool proxy_state::is_foreign(const runtime::http_request& request) const {
  if (request.method == "CONNECT")
    return true;
  auto authority = authority_of(request.target);
  const auto& own = options.own_hosts;
  return !authority.empty() && !is_loopback(authority) &&
         std::find(own.begin(), own.end(), authority) == own.end();
}

bool proxy_state::is_for_sync(const runtime::http_request& request) const {
  return is_sync_upgrade(request, options.sync_route_prefix);
}

bool proxy_state::serves(const runtime::http_request& request) const {
  return options.role == listener_role::everything || request.path() == "/health";
}

proxy_actor::behavior_type proxy(proxy_actor::stateful_pointer<proxy_state> self,
                                 http_service_actor http, sync_service_actor sync,
                                 proxy_options options) {
  auto& state = self->state;
  state.http = std::move(http);
  state.sync = std::move(sync);
  for (const auto& text : options.trusted_proxies)
    if (auto range = address_range::parse(text))
      state.trusted.push_back(*range);
    else
      log::warn("proxy ignores {:?}, which is no range of addresses", text);
  state.options = std::move(options);
  self->monitor(state.http);
  self->monitor(state.sync);
  self->set_down_handler([self](const caf::down_msg& down) {
    if (self->state.http && down.source == self->state.http.address())
      self->state.http = nullptr;
    if (self->state.sync && down.source == self->state.sync.address())
      self->state.sync = nullptr;
  });
  return {
      [self](plain_request& request) {
        auto& state = self->state;
        const auto& http = request.exchange.request();
        if (state.is_foreign(http))
          return request.exchange.respond(refusal(400, no_general_proxy));
        if (!state.serves(http))
          return request.exchange.respond(refusal(404, nothing_here));
        if (!state.http)
          return request.exchange.respond(refusal(502, back_end_gone));
        request.origin = origin_of(http, state.trusted, state.options.secure);
        self->send(state.http, std::move(request));
      },
      [self](upgrade_request& request) {
        auto& state = self->state;
        const auto& http = request.offer.request();
        if (state.is_foreign(http))
          return request.offer.reject(refusal(400, no_general_proxy));
        const bool for_sync = state.is_for_sync(http);
        if (!for_sync && state.options.role == listener_role::sync)
          return request.offer.reject(refusal(404, nothing_here));
        if (for_sync ? !state.sync : !state.http)
          return request.offer.reject(refusal(502, back_end_gone));
        if (for_sync)
          self->send(state.sync, std::move(request));
        else
          self->send(state.http, std::move(request));
      },
  };
}

} // namespace ros::actors
