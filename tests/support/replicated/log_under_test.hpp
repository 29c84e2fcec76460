// The two implementations of the log seam behind one face, so that a test of whoever
// writes through it runs on both:
//
//   struct realm_test : testing::TestWithParam<log_kind> {
//     actor_world world;
//     log_under_test log{world.system(), GetParam()};   // after the actor system
//     ... spawn(realm, log.db(), log.log(), ...)
//   };
//   INSTANTIATE_TEST_SUITE_P(logs, realm_test, testing::Values(log_kind::one_copy,
//                            log_kind::three_copies), log_kind_name);
//
// Without faults the three copies answer within world.run(): no time has to pass. Whoever
// writes must have ended before the log goes.
#pragma once

#include "cluster/log_writer.hpp"
#include "replicated_log.hpp"
#include "runtime/clock.hpp"

#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace ros::test {

enum class log_kind { one_copy, three_copies };

inline std::string log_kind_name(const ::testing::TestParamInfo<log_kind>& info) {
  return info.param == log_kind::one_copy ? "one_copy" : "three_copies";
}

class log_under_test {
public:
  log_under_test(caf::actor_system& system, log_kind kind, storage::database_options options = {})
      : system_(system), options_(options) {
    if (kind == log_kind::three_copies)
      three_ =
          std::make_unique<replicated_log>(system, replicated_log_options{.database = options});
    else
      open();
  }
  ~log_under_test() { close(); }
  log_under_test(const log_under_test&) = delete;
  log_under_test& operator=(const log_under_test&) = delete;

  /// Where the writer's node reads: with three copies, the leader's database.
  [[nodiscard]] storage::database& db() const {
    return three_ ? three_->db(three_->leader()) : *db_;
  }
  /// Where the writer's node sends entries.
  [[nodiscard]] cluster::shard_log_actor log() const {
    return three_ ? three_->log(three_->leader()) : cluster::shard_log_actor{one_};
  }

  /// The server's process ends and starts again: what was not durable is gone. With three
  /// copies another one leads afterwards. db() and log() are new; no writer may be left.
  void restart() {
    if (three_) {
      const auto old = three_->leader();
      three_->appoint((old + 1) % three_->copies());
      three_->restart(old);
      return;
    }
    close();
    open();
  }

  /// The copies, or null: for faults and leader changes.
  [[nodiscard]] replicated_log* copies() const { return three_.get(); }

private:
  void open() {
    auto db = storage::database::open(root_.path(), options_);
    ASSERT_TRUE(db.has_value()) << db.error().message;
    db_ = std::move(*db);
    one_ = system_.spawn(cluster::log_writer, db_.get(), &runtime::system_clock(),
                         cluster::default_group_bytes);
  }
  void close() {
    if (!one_)
      return;
    caf::anon_send_exit(one_, caf::exit_reason::user_shutdown);
    dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler()).run();
    one_ = nullptr;
    db_.reset();
  }

  caf::actor_system& system_;
  storage::database_options options_;
  scratch_directory root_;
  std::unique_ptr<storage::database> db_;
  cluster::log_writer_actor one_;
  std::unique_ptr<replicated_log> three_;
};

} // namespace ros::test
