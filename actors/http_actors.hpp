// The interface of the HTTP SERVICE. Process-local: requests carry sockets.
#pragma once

#include "actors.hpp"

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

namespace ros::actors {

/// The HTTP SERVICE: the REST routes of both APIs, health and pages.
using http_service_actor = caf::typed_actor<
    /// A request to answer (http-api.md 1.2).
    caf::reacts_to<plain_request>,
    /// An upgrade that is no sync connection: refused with 404.
    caf::reacts_to<upgrade_request>,
    /// Requests are answered 503 before this arrives.
    caf::reacts_to<ready_atom>,
    /// The server shuts down: from now on 503 again.
    caf::replies_to<stop_atom>::with<bool>>;

} // namespace ros::actors
