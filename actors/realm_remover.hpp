// The REALM REMOVER: removes the data of deleted Realms, one at a time and on a thread of
// its own, since giving the space back can take seconds. Asked by the ADMIN REALM, which
// asks again until it succeeds; owned by the NODE.
#pragma once

#include "actors.hpp"
#include "auth_actors.hpp"

#include "cluster/shard_log.hpp"
#include "storage/database.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace ros::actors {

/// What it works with. The database outlives it.
struct realm_remover_links {
  storage::database* db = nullptr;
  cluster::shard_log_actor log;
  realm_registry_actor registry;
};

struct realm_remover_state {
  static inline const char* name = "realm_remover";
};

/// Spawn it detached.
realm_remover_actor::behavior_type
realm_remover(realm_remover_actor::stateful_pointer<realm_remover_state> self,
              realm_remover_links links);

} // namespace ros::actors
