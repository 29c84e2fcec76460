// The ANONYMOUS PROVIDER: every log-in is a new user (http-api.md 4.5). Owned by the
// node; there while either API allows it.
#pragma once

#include "auth_actors.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace ros::actors {

struct anonymous_provider_state {
  static inline const char* name = "anonymous_provider";
};

auth_provider_actor::behavior_type
anonymous_provider(auth_provider_actor::stateful_pointer<anonymous_provider_state> self,
                   admin_realm_actor admin_realm);

} // namespace ros::actors
