// The HASH POOL: hands password hashes to a fixed number of HASH WORKERs, at most
// one to each at a time, and lets a bounded number of others wait. Owned by the node.
#pragma once

#include "auth_actors.hpp"
#include "worker_pool.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <functional>

namespace ros::actors {

/// Starts a worker.
using hash_worker_spawner = std::function<hash_worker_actor()>;

struct hash_pool_options {
  unsigned workers = 2;          ///< 1 ..; performance.password_workers
  std::size_t max_waiting = 256; ///< jobs beyond those being worked on
};

class hash_pool_state {
public:
  static inline const char* name = "hash_pool";
  using self_pointer = hash_pool_actor::stateful_pointer<hash_pool_state>;

  explicit hash_pool_state(self_pointer self) : pool(self) {}

  worker_pool<self_pointer, hash_worker_actor, hash_job, hash_result> pool;
};

hash_pool_actor::behavior_type hash_pool(hash_pool_actor::stateful_pointer<hash_pool_state> self,
                                         hash_pool_options options,
                                         hash_worker_spawner spawn_worker);

} // namespace ros::actors
