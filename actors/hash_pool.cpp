#include "hash_pool.hpp"

#include <caf/typed_response_promise.hpp>

namespace ros::actors {

hash_pool_actor::behavior_type hash_pool(hash_pool_actor::stateful_pointer<hash_pool_state> self,
                                         hash_pool_options options,
                                         hash_worker_spawner spawn_worker) {
  auto& pool = self->state.pool;
  pool.start(options.workers, options.max_waiting, std::move(spawn_worker));
  self->set_down_handler([&pool](const caf::down_msg& down) { pool.replace(down.source); });
  self->set_exit_handler([self, &pool](const caf::exit_msg& exit) {
    pool.stop();
    self->quit(exit.reason);
  });
  return {
      [self, &pool](hash_job& job) {
        auto answer = self->make_response_promise<hash_result>();
        auto done = [answer](caf::expected<hash_result> outcome) mutable {
          if (outcome)
            answer.deliver(std::move(*outcome));
          else
            answer.deliver(std::move(outcome.error()));
        };
        // Who has waited behind this many hashes has long given up.
        if (!pool.submit(std::move(job), done))
          answer.deliver(caf::make_error(ec::overloaded, std::string{"too many passwords wait"}));
        return answer;
      },
  };
}

} // namespace ros::actors
