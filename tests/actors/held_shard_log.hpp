// A SHARD LOG for tests that writes to a real database when the test says so.
#pragma once

#include "cluster/shard_log.hpp"
#include "storage/database.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <utility>
#include <vector>

namespace ros::test {

/// What the test sees of the log and does to it.
class held_shard_log {
public:
  explicit held_shard_log(storage::database& database) : database_(database) {}

  bool hold = false;                       ///< entries wait for release()
  bool full = false;                       ///< entries are refused: no space
  bool lose_answer = false;                ///< entries are written, and the writer hears of failure
  std::vector<storage::log_entry> entries; ///< everything that came

  [[nodiscard]] std::size_t held() const { return held_.size(); }
  /// Lets the oldest held entry go its way, once the actors run.
  void release() { caf::anon_send(actor_, caf::flush_atom_v); }

  /// Starts the actor of this log.
  cluster::shard_log_actor spawn(caf::actor_system& system) {
    actor_ = system.spawn([this](caf::event_based_actor* self) -> caf::behavior {
      return {
          [this, self](const storage::log_entry& entry) {
            auto answer = self->make_response_promise<bool>();
            take(entry, answer);
            return answer;
          },
          [this](caf::flush_atom) {
            auto [entry, answer] = std::move(held_.front());
            held_.pop_front();
            finish(entry, std::move(answer));
          },
      };
    });
    return caf::actor_cast<cluster::shard_log_actor>(actor_);
  }

  void stop() { caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown); }

private:
  using promise = caf::typed_response_promise<bool>;

  void take(const storage::log_entry& entry, promise answer) {
    entries.push_back(entry);
    if (hold)
      held_.emplace_back(entry, std::move(answer));
    else
      finish(entry, std::move(answer));
  }

  void finish(const storage::log_entry& entry, promise answer) {
    if (full) {
      answer.deliver(caf::make_error(cluster::ec::no_space));
      return;
    }
    std::vector<bool> refused;
    auto written = database_.write({&entry, 1}, refused);
    if (!written || lose_answer)
      answer.deliver(caf::make_error(cluster::ec::io));
    else if (refused.front())
      answer.deliver(caf::make_error(cluster::ec::refused));
    else
      answer.deliver(true);
  }

  storage::database& database_;
  caf::actor actor_;
  std::deque<std::pair<storage::log_entry, promise>> held_;
};

} // namespace ros::test
