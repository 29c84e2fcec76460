// The HASH POOL: hands password hashes to a fixed number of HASH WORKERs, at most
// one to each at a time, and lets a bounded number of others wait. Owned by the node.
#pragma once

#include "auth_actors.hpp"

#include <caf/expected.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <vector>

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
  using promise = caf::typed_response_promise<hash_result>;

  explicit hash_pool_state(self_pointer self) : self_(self) {}
  void start(const hash_pool_options& options, hash_worker_spawner spawn_worker);
  void submit(hash_job job, promise answer);
  /// Replaces a worker that ended.
  void replace(const caf::actor_addr& worker);
  void stop();

private:
  void add_worker();
  void work();
  /// The worker has done its job, with this outcome.
  void finish(const hash_worker_actor& worker, caf::expected<hash_result> outcome);

  self_pointer self_;
  hash_pool_options options_;
  hash_worker_spawner spawn_worker_;
  std::vector<hash_worker_actor> idle_;
  std::map<hash_worker_actor, promise> busy_; ///< whom each worker works for
  std::deque<std::pair<hash_job, promise>> waiting_;
};

hash_pool_actor::behavior_type hash_pool(hash_pool_actor::stateful_pointer<hash_pool_state> self,
                                         hash_pool_options options,
                                         hash_worker_spawner spawn_worker);

} // namespace ros::actors
