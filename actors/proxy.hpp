// The PROXY: first look at what arrives at one listener, and hand-over to the service
// it is for (http-api.md 1.1). One per listener: the public ones and the two back
// ends, which differ only in what they serve. Owned by the node.
#pragma once

#include "actors.hpp"
#include "http_actors.hpp"
#include "proxy_origin.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <string>
#include <vector>

namespace ros::actors {

enum class listener_role {
  everything, ///< proxy and http service: one exposed port is enough for any client
  sync,       ///< sync service: sync connections and GET /health
};

struct proxy_options {
  listener_role role = listener_role::everything;
  bool secure = false;                      ///< the listener speaks TLS
  std::vector<std::string> trusted_proxies; ///< CIDR; those that do not parse count for nothing
  std::string sync_route_prefix = "/realm-sync";
  /// host[:port] under which this server may be addressed in absolute-form targets,
  /// besides the loopback names.
  std::vector<std::string> own_hosts;
};

struct proxy_state {
  static inline const char* name = "proxy";

  /// Declared so that CAF does not take this for an aggregate that the actor's own
  /// pointer initialises.
  proxy_state() = default;

  http_service_actor http;
  sync_service_actor sync;
  proxy_options options;
  std::vector<address_range> trusted;

  /// Whether the request asks for another server: CONNECT, or an absolute-form target.
  [[nodiscard]] bool is_foreign(const runtime::http_request& request) const;
  [[nodiscard]] bool is_for_sync(const runtime::http_request& request) const;
  [[nodiscard]] bool serves(const runtime::http_request& request) const;
};

proxy_actor::behavior_type proxy(proxy_actor::stateful_pointer<proxy_state> self,
                                 http_service_actor http, sync_service_actor sync,
                                 proxy_options options);

} // namespace ros::actors
