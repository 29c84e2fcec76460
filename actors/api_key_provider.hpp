// The API KEY PROVIDER: a user's own keys let in (http-api.md 9.3, 9.6). Owned by the node.
#pragma once

#include "auth_actors.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace ros::actors {

struct api_key_provider_state {
  static inline const char* name = "api_key_provider";
};

auth_provider_actor::behavior_type
api_key_provider(auth_provider_actor::stateful_pointer<api_key_provider_state> self,
                 admin_realm_actor admin_realm);

} // namespace ros::actors
