// The NAME PROVIDERS "nickname" and "debug": whoever says a name is its user (http-api.md
// 4.5). For trials; off unless the configuration says otherwise. Owned by the node.
#pragma once

#include "auth_actors.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <string>

namespace ros::actors {

struct name_provider_state {
  static inline const char* name = "name_provider";
};

/// `provider`: the name under which accounts are stored.
auth_provider_actor::behavior_type
name_provider(auth_provider_actor::stateful_pointer<name_provider_state> self, std::string provider,
              admin_realm_actor admin_realm);

} // namespace ros::actors
