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
    busy_.emplace(worker, std::move(answer));
    self_->request(worker, caf::infinite, std::move(job))
        .then([this, worker](hash_result& result) { finish(worker, std::move(result)); },
              [this, worker](caf::error& reason) { finish(worker, std::move(reason)); });
  }
}

void hash_pool_state::finish(const hash_worker_actor& worker, caf::expected<hash_result> outcome) {
  auto found = busy_.find(worker);
  if (found == busy_.end())
    return; // it ended, and its job has been answered
  if (outcome)
    found->second.deliver(std::move(*outcome));
  else
    found->second.deliver(std::move(outcome.error()));
  busy_.erase(found);
  idle_.push_back(worker);
  work();
}

void hash_pool_state::replace(const caf::actor_addr& ended) {
  log::error("hash_pool lost a worker and starts another one");
  auto is_ended = [&](const hash_worker_actor& worker) { return worker.address() == ended; };
  std::erase_if(idle_, is_ended);
  for (auto& [worker, answer] : busy_)
    if (is_ended(worker))
      answer.deliver(caf::make_error(ec::unavailable, std::string{"a hash worker was lost"}));
  std::erase_if(busy_, [&](const auto& entry) { return is_ended(entry.first); });
  add_worker();
  work();
}

void hash_pool_state::stop() {
  for (const auto& worker : idle_)
    self_->send_exit(worker, caf::exit_reason::user_shutdown);
  for (const auto& [worker, answer] : busy_)
    self_->send_exit(worker, caf::exit_reason::user_shutdown);
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
