// Group commit: who shares a sync, what is answered, what is counted.
#include "cluster/log_writer.hpp"
#include "runtime/clock.hpp"
#include "support/crash/crash_file_system.hpp"
#include "support/log_world.hpp"
#include "support/scratch_directory.hpp"
#include "support/storage_samples.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include <gtest/gtest.h>

#include <algorithm>

#include <atomic>
#include <thread>

namespace ros::cluster {
namespace {

using namespace test;

/// A clock that goes on by one millisecond whenever it is looked at.
class ticking_clock final : public runtime::clock {
public:
  std::int64_t unix_ms() const override { return steady_ms(); }
  std::int64_t steady_ms() const override { return steady_us() / 1000; }
  std::int64_t steady_us() const override { return now_ += 1000; }

private:
  mutable std::int64_t now_ = 0;
};

struct log_writer_test : testing::Test {
  scratch_directory root;
  std::unique_ptr<storage::database> db = open_database(root.path());
  ticking_clock clock;
  log_world world;
  caf::scoped_actor asker{world.system()};

  log_writer_actor spawn(std::size_t group_bytes = default_group_bytes) {
    return world.system().spawn(log_writer, db.get(), &clock, group_bytes);
  }

  ~log_writer_test() override { world.run(); }

  log_writer_status status_of(const log_writer_actor& log) {
    auto pending = asker->request(log, caf::infinite, caf::get_atom_v);
    world.run();
    log_writer_status found;
    pending.receive([&](const log_writer_status& x) { found = x; }, [](caf::error&) { FAIL(); });
    return found;
  }

  void end(const log_writer_actor& log) {
    asker->send_exit(log, caf::exit_reason::user_shutdown);
    world.run();
  }
};

/// The answers to requests in their order, as text.
template <class Pending>
std::string answers(std::vector<Pending>& pending) {
  std::string all;
  for (auto& x : pending)
    x.receive([&](bool yes) { all += yes ? "true " : "false "; },
              [&](caf::error& e) {
                all += e.category() == caf::atom("ros_shard")
                           ? to_string(static_cast<ec>(e.code())) + " "
                           : "other ";
              });
  return all;
}

TEST_F(log_writer_test, entries_of_many_realms_share_one_sync) {
  auto log = spawn();
  std::vector<decltype(asker->request(log, caf::infinite, storage::log_entry{}))> pending;
  for (std::uint64_t id = 1; id <= 20; ++id) {
    auto realm = make_sample_realm(id);
    pending.push_back(asker->request(log, caf::infinite, next_sample_entry(realm)));
  }
  world.run();
  for (std::uint64_t id = 1; id <= 20; ++id)
    EXPECT_EQ(check_sample_realm(*db, id).sequence, 1u);
  const auto all = answers(pending);
  EXPECT_EQ(std::count(all.begin(), all.end(), ' '), 20);
  EXPECT_EQ(all.find("false"), std::string::npos);
  const auto status = status_of(log);
  EXPECT_EQ(status.syncs, 1u);
  EXPECT_EQ(status.entries, 20u);
  EXPECT_GT(status.bytes, 20u * 40);
  EXPECT_EQ(status.last_sync_us, 1000u);
  EXPECT_EQ(status.failures + status.refused, 0u);
  end(log);
}

TEST_F(log_writer_test, a_group_is_bounded_in_bytes) {
  auto log = spawn(10'000);
  std::vector<decltype(asker->request(log, caf::infinite, storage::log_entry{}))> pending;
  for (std::uint64_t id = 1; id <= 8; ++id) {
    auto realm = make_sample_realm(id);
    pending.push_back(asker->request(log, caf::infinite, next_sample_entry(realm, 1, 4'000)));
  }
  auto big = make_sample_realm(9);
  pending.push_back(asker->request(log, caf::infinite, next_sample_entry(big, 1, 50'000)));
  world.run();
  EXPECT_EQ(answers(pending), "true true true true true true true true true ");
  const auto status = status_of(log);
  EXPECT_EQ(status.syncs, 5u) << "two entries at a time, and the big one alone";
  EXPECT_EQ(status.entries, 9u);
  end(log);
}

TEST_F(log_writer_test, an_entry_that_does_not_follow_is_refused_alone) {
  auto log = spawn();
  auto a = make_sample_realm(1), b = make_sample_realm(2);
  const auto first = next_sample_entry(a);
  std::vector<decltype(asker->request(log, caf::infinite, storage::log_entry{}))> pending;
  pending.push_back(asker->request(log, caf::infinite, next_sample_entry(a)));
  pending.push_back(asker->request(log, caf::infinite, next_sample_entry(b)));
  pending.push_back(asker->request(log, caf::infinite, first));
  world.run();
  EXPECT_EQ(answers(pending), "the entry does not follow true true ");
  EXPECT_EQ(status_of(log).refused, 1u);
  EXPECT_EQ(check_sample_realm(*db, 1).sequence, 1u);
  end(log);
}

TEST_F(log_writer_test, what_was_taken_in_is_written_and_answered_before_the_end) {
  auto log = spawn();
  auto realm = make_sample_realm(1);
  std::vector<decltype(asker->request(log, caf::infinite, storage::log_entry{}))> pending;
  pending.push_back(asker->request(log, caf::infinite, next_sample_entry(realm)));
  world.run_once();
  EXPECT_EQ(check_sample_realm(*db, 1).sequence, 0u);
  end(log);
  EXPECT_EQ(check_sample_realm(*db, 1).sequence, 1u);
  EXPECT_EQ(answers(pending), "true ");
}

TEST(log_writer, tells_a_failing_disk_to_everybody_in_the_group_and_overcomes_it) {
  scratch_directory root, trash;
  crash_env faults{trash.path()};
  auto db = open_database(root.path(), {.env = faults.env.get()});
  ticking_clock clock;
  log_world world;
  caf::scoped_actor asker{world.system()};
  auto log = world.system().spawn(log_writer, db.get(), &clock, default_group_bytes);
  const auto write_three = [&] {
    std::vector<decltype(asker->request(log, caf::infinite, storage::log_entry{}))> pending;
    for (std::uint64_t id = 1; id <= 3; ++id) {
      auto realm = make_sample_realm(id);
      realm.record = check_sample_realm(*db, id);
      pending.push_back(asker->request(log, caf::infinite, next_sample_entry(realm)));
    }
    world.run();
    return answers(pending);
  };
  EXPECT_EQ(write_three(), "true true true ");
  faults.files->set_full(true);
  EXPECT_EQ(write_three(), "the disk is full the disk is full the disk is full ");
  faults.files->set_full(false);
  EXPECT_EQ(write_three(), "true true true ");
  faults.files->fail_sync(".log");
  EXPECT_EQ(write_three(), "the disk failed the disk failed the disk failed ");
  EXPECT_EQ(write_three(), "true true true ");
  auto pending = asker->request(log, caf::infinite, caf::get_atom_v);
  world.run();
  pending.receive(
      [](const log_writer_status& status) {
        EXPECT_EQ(status.failures, 2u);
        EXPECT_EQ(status.entries, 9u);
      },
      [](caf::error&) { FAIL(); });
  asker->send_exit(log, caf::exit_reason::user_shutdown);
  world.run();
  for (std::uint64_t id = 1; id <= 3; ++id)
    EXPECT_EQ(check_sample_realm(*db, id).sequence, 3u);
}

TEST(log_writer, under_load_from_many_threads_syncs_are_shared_and_nothing_is_lost) {
  scratch_directory root;
  auto db = open_database(root.path());
  constexpr std::uint64_t realms = 16, entries = 50;
  {
    log_world world{log_world::time::real_time};
    auto log = world.system().spawn<caf::detached>(log_writer, db.get(), &runtime::system_clock(),
                                                   default_group_bytes);
    std::atomic<std::uint64_t> taken{0};
    std::vector<std::thread> writers;
    for (std::uint64_t id = 1; id <= realms; ++id)
      writers.emplace_back([&world, &log, &taken, id] {
        caf::scoped_actor self{world.system()};
        auto realm = make_sample_realm(id);
        for (std::uint64_t i = 0; i < entries; ++i)
          self->request(log, caf::infinite, next_sample_entry(realm))
              .receive([&](bool) { ++taken; }, [](caf::error&) {});
      });
    for (auto& x : writers)
      x.join();
    EXPECT_EQ(taken.load(), realms * entries);
    caf::scoped_actor self{world.system()};
    self->request(log, caf::infinite, caf::get_atom_v)
        .receive(
            [](const log_writer_status& status) {
              EXPECT_EQ(status.entries, realms * entries);
              EXPECT_LT(status.syncs, status.entries) << "nobody ever shared a sync";
            },
            [](caf::error&) { FAIL(); });
    self->send_exit(log, caf::exit_reason::user_shutdown);
  }
  db.reset();
  db = open_database(root.path());
  for (std::uint64_t id = 1; id <= realms; ++id)
    EXPECT_EQ(check_sample_realm(*db, id).sequence, entries);
}

TEST(log_entries, travel_between_processes_without_a_change) {
  log_world world;
  auto realm = make_sample_realm(3);
  auto entry = next_sample_entry(realm, 4);
  entry.before_images = sync::bytes{"images"};
  std::vector<char> wire;
  caf::binary_serializer out{world.system(), wire};
  ASSERT_FALSE(out(entry));
  storage::log_entry copy;
  caf::binary_deserializer in{world.system(), wire};
  ASSERT_FALSE(in(copy));
  EXPECT_EQ(copy.batch, entry.batch);
  EXPECT_EQ(copy.before_images, entry.before_images);
  EXPECT_EQ(copy.sequence, entry.sequence);
  EXPECT_EQ(copy.last_version, 4u);
  EXPECT_EQ(copy.realm_id, 3u);
}

} // namespace
} // namespace ros::cluster
