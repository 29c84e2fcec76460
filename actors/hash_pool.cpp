#include "hash_pool.hpp"

#include "runtime/log.hpp"

#include <algorithm>

namespace ros::actors {

void hash_pool_state::start(const hash_pool_options& options, hash_worker_spawner spawn_worker) {
  options_ = options;
  spawn_worker_ = std::move(spawn_worker);
  for (unsigned i = 0; i < std::max(options_.workers, 1u); ++i)
    add_worker();
}

void hash_pool_state::add_worker() {
  auto worker = spawn_worker_();
  self_->monitor(worker);
  workers_.insert(worker);
  idle_.push_back(std::move(worker));
}

void hash_pool_state::submit(hash_job job, promise answer) {
  // Who has waited behind this many hashes has long given up.
  if (idle_.empty() && waiting_.size() >= options_.max_waiting) {
    answer.deliver(caf::make_error(ec::overloaded, std::string{"too many passwords wait"}));
    return;
  }
  waiting_.emplace_back(std::move(job), std::move(answer));
  work();
}

void hash_pool_state::work() {
  while (!idle_.empty() && !waiting_.empty()) {
    auto worker = std::move(idle_.back());
    idle_.pop_back();
    auto [job, answer] = std::move(waiting_.front());
    waiting_.pop_front();
    self_->request(worker, caf::infinite, std::move(job))
        .then(
            [this, worker, answer = answer](hash_result& result) mutable {
              answer.deliver(std::move(result));
              release(worker);
            },
            [this, worker, answer = answer](caf::error& reason) mutable {
              answer.deliver(std::move(reason));
              release(worker);
            });
  }
}

void hash_pool_state::release(const hash_worker_actor& worker) {
  if (workers_.contains(worker))
    idle_.push_back(worker);
  work();
}

void hash_pool_state::replace(const caf::actor_addr& ended) {
  auto is_ended = [&](const hash_worker_actor& worker) { return worker.address() == ended; };
  auto found = std::find_if(workers_.begin(), workers_.end(), is_ended);
  if (found == workers_.end())
    return;
  log::error("hash_pool lost a worker and starts another one");
  workers_.erase(found);
  std::erase_if(idle_, is_ended);
  add_worker();
  work();
}

void hash_pool_state::stop() {
  for (const auto& worker : workers_)
    self_->send_exit(worker, caf::exit_reason::user_shutdown);
  workers_.clear();
}

hash_pool_actor::behavior_type hash_pool(hash_pool_actor::stateful_pointer<hash_pool_state> self,
                                         hash_pool_options options,
                                         hash_worker_spawner spawn_worker) {
  self->state.start(options, std::move(spawn_worker));
  self->set_down_handler([self](const caf::down_msg& down) { self->state.replace(down.source); });
  self->set_exit_handler([self](const caf::exit_msg& exit) {
    self->state.stop();
    self->quit(exit.reason);
  });
  return {
      [self](hash_job& job) {
        auto answer = self->make_response_promise<hash_result>();
        self->state.submit(std::move(job), answer);
        return answer;
      },
  };
}

} // namespace ros::actors
