// An actor system for tests of the log seam: under virtual time, or with real threads
// where the disk is waited for.
#pragma once

#include "cluster/log_writer.hpp"
#include "cluster/shard_log.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <chrono>

namespace ros::test {

class log_world {
public:
  enum class time { virtual_time, real_time };

  explicit log_world(time kind = time::virtual_time) : settings_(kind), system_(settings_) {}

  caf::actor_system& system() { return system_; }

  /// Lets every actor run until nobody has a message left; virtual time stands still.
  void run() { coordinator().run(); }

  /// Lets one actor handle one message.
  void run_once() { coordinator().run_once(); }

  /// Moves virtual time on step by step, running what falls due.
  void advance(std::chrono::milliseconds time, std::chrono::milliseconds step) {
    for (; time.count() > 0; time -= step) {
      coordinator().advance_time(step);
      coordinator().run();
    }
  }

private:
  struct settings : caf::actor_system_config {
    explicit settings(time kind) {
      if (kind == time::virtual_time)
        set("scheduler.policy", caf::atom("testing"));
      set("scheduler.max-threads", std::size_t{2});
      set("logger.console-verbosity", caf::atom("quiet"));
      add_message_types<caf::id_block::ros_cluster>();
      add_message_types<caf::id_block::ros_log_writer>();
    }
  };

  caf::scheduler::test_coordinator& coordinator() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }

  settings settings_;
  caf::actor_system system_;
};

} // namespace ros::test
