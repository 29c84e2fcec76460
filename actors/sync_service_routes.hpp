// Which upgrade requests are sync connections, and what of a request says who asks
// (http-api.md 8.1 to 8.3). Pure, used by the SYNC SERVICE and the PROXY.
#pragma once

#include "runtime/net.hpp"
#include "sync/negotiation.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ros::actors {

/// Whether an upgrade of this path is for the SYNC SERVICE. `route_prefix` is
/// network.sync.route_prefix.
bool is_sync_route(std::string_view path, std::string_view route_prefix);

/// The same for the whole request: io.realm.sync is welcome at "/" too.
bool is_sync_upgrade(const runtime::http_request& request, std::string_view route_prefix);

/// What the connection is to speak: as offered, or as announced by clients of
/// io.realm.sync 18 in a header of their own.
boost::system::result<sync::negotiated, sync::negotiation_failure>
choose_protocol(const runtime::http_request& request);

/// The Realm that the path of an upgrade names behind `/realm-sync/` or the prefix, as it
/// stands there; empty if none.
std::string_view realm_in_route(std::string_view path, std::string_view route_prefix);

/// All values of Sec-WebSocket-Protocol as one list; nothing if there is none.
std::optional<std::string> offered_subprotocols(const runtime::http_request& request);

/// The token, or whole Authorization value: `baas_at` first, then the headers of
/// these names. Nothing if there is none.
std::optional<std::string> upgrade_token(const runtime::http_request& request,
                                         const std::vector<std::string>& header_names);

/// Whether the client is of a release that takes 401 for the end (core 10.0 to 10.6).
bool takes_401_as_fatal(const runtime::http_request& request);

} // namespace ros::actors
