// Hands jobs to a fixed number of workers, at most one to each at a time, and lets a bounded
// number of others wait. A part of actors that own such workers; their down handler calls
// replace(), their exit handler stop().
#pragma once

#include "errors.hpp"

#include "runtime/log.hpp"

#include <caf/actor_addr.hpp>
#include <caf/exit_reason.hpp>
#include <caf/expected.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ros::actors {

template <class Self, class Worker, class Job, class Result>
class worker_pool {
public:
  using spawner = std::function<Worker()>;
  using handler = std::function<void(caf::expected<Result>)>;

  explicit worker_pool(Self self) : self_(self) {}

  /// `workers`: 1 ..; `max_waiting`: jobs beyond those being worked on.
  void start(unsigned workers, std::size_t max_waiting, spawner spawn) {
    max_waiting_ = max_waiting;
    spawn_ = std::move(spawn);
    for (unsigned i = 0; i < std::max(workers, 1u); ++i)
      add_worker();
  }

  /// False: too many wait, and nothing happens.
  [[nodiscard]] bool submit(Job job, handler done) {
    if (idle_.empty() && waiting_.size() >= max_waiting_)
      return false;
    waiting_.emplace_back(std::move(job), std::move(done));
    work();
    return true;
  }

  /// Replaces a worker that ended; its job fails with ec::unavailable.
  void replace(const caf::actor_addr& ended) {
    log::error("{} lost a worker and starts another one", self_->state.name);
    auto is_ended = [&](const Worker& worker) { return worker.address() == ended; };
    std::erase_if(idle_, is_ended);
    handler unfinished;
    for (auto& [worker, done] : busy_)
      if (is_ended(worker))
        unfinished = std::move(done);
    std::erase_if(busy_, [&](const auto& entry) { return is_ended(entry.first); });
    add_worker();
    if (unfinished)
      unfinished(caf::make_error(ec::unavailable, std::string{"a worker was lost"}));
    work();
  }

  void stop() {
    for (const auto& worker : idle_)
      self_->send_exit(worker, caf::exit_reason::user_shutdown);
    for (const auto& [worker, done] : busy_)
      self_->send_exit(worker, caf::exit_reason::user_shutdown);
  }

private:
  void add_worker() {
    auto worker = spawn_();
    self_->monitor(worker);
    idle_.push_back(std::move(worker));
  }

  void work() {
    while (!idle_.empty() && !waiting_.empty()) {
      auto worker = std::move(idle_.back());
      idle_.pop_back();
      auto [job, done] = std::move(waiting_.front());
      waiting_.pop_front();
      busy_.emplace(worker, std::move(done));
      self_->request(worker, caf::infinite, std::move(job))
          .then([this, worker](Result& result) { finish(worker, std::move(result)); },
                [this, worker](caf::error& reason) { finish(worker, std::move(reason)); });
    }
  }

  void finish(const Worker& worker, caf::expected<Result> outcome) {
    auto found = busy_.find(worker);
    if (found == busy_.end())
      return; // it ended, and its job has been answered
    auto done = std::move(found->second);
    busy_.erase(found);
    idle_.push_back(worker);
    done(std::move(outcome));
    work();
  }

  Self self_;
  std::size_t max_waiting_ = 0;
  spawner spawn_;
  std::vector<Worker> idle_;
  std::map<Worker, handler> busy_; ///< for whom each worker works
  std::deque<std::pair<Job, handler>> waiting_;
};

} // namespace ros::actors
