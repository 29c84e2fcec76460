// A HASH WORKER: hashes passwords on a thread of its own, where tens of
// milliseconds and tens of megabytes hurt nobody. Owned by the HASH POOL.
#pragma once

#include "auth_actors.hpp"

#include "runtime/passwords.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace ros::actors {

struct hash_worker_state {
  static inline const char* name = "hash_worker";
};

/// Spawn it detached.
hash_worker_actor::behavior_type
hash_worker(hash_worker_actor::stateful_pointer<hash_worker_state> self,
            runtime::password_cost cost);

} // namespace ros::actors
