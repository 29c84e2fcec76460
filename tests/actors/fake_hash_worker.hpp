// A HASH WORKER for tests: "hashes" readably and at once, or when the test says so.
#pragma once

#include "actors/auth_actors.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace ros::test {

/// The hash of "secret" is "H(secret)"; "old:H(secret)" is one whose cost is out of date.
class fake_hash_workers {
public:
  bool hold = false;    ///< jobs wait for release()
  std::size_t jobs = 0; ///< everything that came
  std::vector<caf::actor> workers;

  actors::hash_worker_actor spawn(caf::actor_system& system) {
    workers.push_back(system.spawn([this](caf::event_based_actor* self) -> caf::behavior {
      return {
          [this, self](const actors::hash_job& job) {
            ++jobs;
            auto answer = self->make_response_promise<actors::hash_result>();
            if (hold)
              held_.emplace_back(self, [job, answer]() mutable { answer.deliver(hash(job)); });
            else
              answer.deliver(hash(job));
            return answer;
          },
          [this, self](caf::flush_atom) {
            for (auto i = held_.begin(); i != held_.end(); ++i)
              if (i->first == self) {
                auto finish = std::move(i->second);
                held_.erase(i);
                return finish();
              }
          },
      };
    }));
    return caf::actor_cast<actors::hash_worker_actor>(workers.back());
  }

  [[nodiscard]] std::size_t held() const { return held_.size(); }
  /// Lets every held job finish, once the actors run.
  void release() {
    for (const auto& worker : workers)
      caf::anon_send(worker, caf::flush_atom_v);
  }

private:
  static actors::hash_result hash(const actors::hash_job& job) {
    const auto fresh = "H(" + job.password + ")";
    if (job.stored.empty())
      return {false, fresh};
    if (job.stored == "old:" + fresh)
      return {true, fresh};
    return {job.stored == fresh, {}};
  }

  std::deque<std::pair<caf::event_based_actor*, std::function<void()>>> held_;
};

} // namespace ros::test
