// An actor system under virtual time for tests: nothing runs before run(), timers fire
// only through advance().
#pragma once

#include "actors/actors.hpp"
#include "actors/auth_actors.hpp"
#include "actors/realm_data.hpp"
#include "actors/web_actors.hpp"
#include "cluster/shard_log.hpp"
#include "runtime/clock.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/error.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <variant>

namespace ros::test {

class actor_world {
public:
  caf::actor_system& system() { return system_; }

  /// Lets every actor run until nobody has a message left.
  void run() { scheduler().run(); }

  /// Moves virtual time on in steps of at most `step`, running what falls due.
  void advance(std::chrono::milliseconds time,
               std::chrono::milliseconds step = std::chrono::milliseconds{100}) {
    while (time.count() > 0) {
      auto part = std::min(time, step);
      scheduler().advance_time(part);
      scheduler().run();
      time -= part;
    }
    run();
  }

  /// Asks and runs until the answer is there: the value, or the error.
  template <class T, class Handle, class... Ts>
  caf::expected<T> ask(const Handle& whom, Ts&&... question) {
    caf::scoped_actor self{system_};
    auto pending = self->request(whom, caf::infinite, std::forward<Ts>(question)...);
    run();
    caf::expected<T> answer{caf::make_error(caf::sec::request_timeout)};
    if (self->mailbox().empty()) {
      ADD_FAILURE() << "no answer, and nobody has anything left to do";
      return answer;
    }
    pending.receive([&](T& x) { answer = std::move(x); },
                    [&](caf::error& e) { answer = std::move(e); });
    return answer;
  }

private:
  struct settings : caf::actor_system_config {
    settings() {
      set("scheduler.policy", caf::atom("testing"));
      set("logger.console-verbosity", caf::atom("quiet"));
      add_message_types<caf::id_block::ros_sync_atoms>();
      add_message_types<caf::id_block::ros_sync>();
      add_message_types<caf::id_block::ros_realm_data>();
      add_message_types<caf::id_block::ros_auth>();
      add_message_types<caf::id_block::ros_admin>();
      add_message_types<caf::id_block::ros_web>();
      add_message_types<caf::id_block::ros_cluster>();
    }
  };

  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }

  settings settings_;
  caf::actor_system system_{settings_};
};

/// A clock that stands still until it is told otherwise.
class manual_clock final : public runtime::clock {
public:
  std::int64_t unix_ms() const override { return unix_ms_; }
  std::int64_t steady_ms() const override { return steady_us_ / 1000; }
  std::int64_t steady_us() const override { return steady_us_; }

  void advance_ms(std::int64_t ms) {
    unix_ms_ += ms;
    steady_us_ += ms * 1000;
  }

private:
  std::int64_t unix_ms_ = 1'600'000'000'000;
  std::int64_t steady_us_ = 1'000'000;
};

/// Reproducible randomness.
class seeded_random final : public runtime::random_source {
public:
  explicit seeded_random(std::uint64_t seed = 1) : state_(seed) {}
  std::uint64_t next() override { // splitmix64
    if (before_next)
      before_next();
    auto z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::function<void()> before_next; ///< may throw

private:
  std::uint64_t state_;
};

} // namespace ros::test
