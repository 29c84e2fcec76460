// The store on a file system that dies at every step, runs full, or fails a sync.
#include "storage/database.hpp"
#include "storage/database_impl.hpp"
#include "support/crash/crash_file_system.hpp"
#include "support/scratch_directory.hpp"
#include "support/storage_samples.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <random>
#include <thread>

namespace ros::storage {
namespace {

using namespace test;

/// What a scenario was told to be durable, by Realm.
struct told {
  std::array<std::uint64_t, 4> tried{};
  std::array<std::uint64_t, 4> acknowledged{};
};

/// Writes groups of entries of three Realms; flushes the tables in between, so that table
/// files, manifest and log changes are steps too. Ends at the first failure.
told write_scenario(const std::string& root, const database_options& options) {
  told result;
  auto opened = database::open(root, options);
  if (!opened)
    return result;
  auto& db = **opened;
  for (int round = 0; round < 6; ++round) {
    std::vector<log_entry> group;
    for (std::uint64_t id = 1; id <= 3; ++id) {
      auto realm = make_sample_realm(id);
      realm_store store{db, realm.shard, id};
      auto record = store.refresh();
      if (!record)
        return result;
      realm.record = *record;
      group.push_back(next_sample_entry(realm, 1 + (round + id) % 3));
      result.tried[id] = realm.record.sequence;
    }
    std::vector<bool> refused;
    if (!db.write(group, refused))
      return result;
    result.acknowledged = result.tried;
    if (round == 2)
      for (auto x : {family::history, family::objects, family::realms})
        if (!db.get().flush(x))
          return result;
  }
  return result;
}

/// Opens after a crash: everything acknowledged is there, whole, and nothing beyond what
/// was tried; and the store goes on.
void check_after_crash(const std::string& root, const told& x) {
  auto db = open_database(root);
  ASSERT_NE(db, nullptr);
  for (std::uint64_t id = 1; id <= 3; ++id) {
    auto realm = make_sample_realm(id);
    realm.record = check_sample_realm(*db, id);
    EXPECT_GE(realm.record.sequence, x.acknowledged[id]) << "lost";
    EXPECT_LE(realm.record.sequence, std::max(x.tried[id], x.acknowledged[id]));
    EXPECT_TRUE(write_one(*db, next_sample_entry(realm, 2)));
    EXPECT_EQ(check_sample_realm(*db, id).sequence, realm.record.sequence);
  }
}

/// Nightly runs set ROS_KILLS and take their time.
bool thorough() {
  return std::getenv("ROS_KILLS") != nullptr;
}

struct crash_at_every_step : testing::TestWithParam<unsynced> {
  void die_at_every_step(std::uint64_t stride, std::size_t spare_log_bytes);
};

void crash_at_every_step::die_at_every_step(std::uint64_t stride, std::size_t spare_log_bytes) {
  auto step = 1 + static_cast<std::uint64_t>(GetParam());
  for (bool crashed = true; crashed; step += stride) {
    SCOPED_TRACE("step " + std::to_string(step));
    scratch_directory root, trash;
    crash_env faults{trash.path(), step};
    faults.files->crash_at(step);
    const auto x =
        write_scenario(root.path(), {.spare_log_bytes = spare_log_bytes, .env = faults.env.get()});
    crashed = faults.files->crashed();
    faults.files->lose_power(GetParam());
    check_after_crash(root.path(), x);
    if (HasFailure())
      return;
  }
  EXPECT_GT(step, 100u) << "the scenario has become trivial";
}

// The three ways of losing power share the steps, unless there is time for all.
TEST_P(crash_at_every_step, loses_nothing_acknowledged_and_leaves_no_half_entry) {
  die_at_every_step(thorough() ? 1 : 3, 0);
}

TEST_P(crash_at_every_step, also_with_logs_made_ahead) {
  constexpr std::size_t more_than_the_scenario_writes = 768u << 10;
  die_at_every_step(thorough() ? 1 : 3, more_than_the_scenario_writes);
}

TEST_P(crash_at_every_step, also_while_recovering_from_an_earlier_crash) {
  for (std::uint64_t seed = 1; seed <= (thorough() ? 100 : 8); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random{seed};
    scratch_directory root, trash;
    crash_env faults{trash.path(), seed};
    told x;
    for (int crash = 0; crash < 4; ++crash) {
      faults.files->crash_at(20 + random() % 150);
      const auto y = write_scenario(root.path(), {.env = faults.env.get()});
      for (std::uint64_t id = 1; id <= 3; ++id) {
        x.acknowledged[id] = std::max(x.acknowledged[id], y.acknowledged[id]);
        x.tried[id] = std::max(x.tried[id], y.tried[id]);
      }
      faults.files->lose_power(GetParam());
    }
    check_after_crash(root.path(), x);
    if (HasFailure())
      return;
  }
}

std::string unsynced_name(const testing::TestParamInfo<unsynced>& info) {
  constexpr std::array names{"dropped", "kept", "torn"};
  return names[static_cast<std::size_t>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(unsynced_bytes, crash_at_every_step,
                         testing::Values(unsynced::dropped, unsynced::kept, unsynced::torn),
                         unsynced_name);

struct fault_test : testing::Test {
  scratch_directory root, trash;
  crash_env faults{trash.path()};
  std::unique_ptr<database> db = open_database(root.path(), {.env = faults.env.get()});

  ec write_fails(const log_entry& entry) {
    std::vector<bool> refused;
    const auto done = db->write(std::span{&entry, 1}, refused);
    EXPECT_FALSE(done.has_value());
    return done ? ec::refused_entry : done.error().code;
  }
  /// A restart of the machine: only what `how` leaves is on the disk.
  void lose_power(unsynced how) {
    faults.files->crash_at(0);
    db.reset();
    faults.files->lose_power(how);
    db = open_database(root.path(), {.env = faults.env.get()});
  }
};

TEST_F(fault_test, on_a_full_disk_writes_fail_reads_go_on_and_space_is_all_it_takes) {
  auto realm = make_sample_realm(1);
  ASSERT_TRUE(write_one(*db, next_sample_entry(realm, 10)));
  for (int round = 0; round < 3; ++round) {
    faults.files->set_full(true);
    for (int attempt = 0; attempt < 4; ++attempt) {
      auto next = realm;
      EXPECT_EQ(write_fails(next_sample_entry(next, 3)), ec::no_space);
      EXPECT_EQ(check_sample_realm(*db, 1), realm.record) << "nothing of it is visible";
    }
    faults.files->set_full(false);
    ASSERT_TRUE(write_one(*db, next_sample_entry(realm, 2))) << "works without reopening";
    EXPECT_EQ(check_sample_realm(*db, 1), realm.record);
  }
  for (auto how : {unsynced::dropped, unsynced::torn, unsynced::kept}) {
    lose_power(how);
    EXPECT_EQ(check_sample_realm(*db, 1), realm.record);
    ASSERT_TRUE(write_one(*db, next_sample_entry(realm)));
  }
}

TEST_F(fault_test, a_disk_that_runs_full_under_a_flush_is_overcome_too) {
  auto realm = make_sample_realm(1);
  ASSERT_TRUE(write_one(*db, next_sample_entry(realm, 10)));
  faults.files->set_full(true);
  EXPECT_FALSE(db->get().flush(family::history));
  auto next = realm;
  EXPECT_EQ(write_fails(next_sample_entry(next)), ec::no_space);
  faults.files->set_full(false);
  ASSERT_TRUE(write_one(*db, next_sample_entry(realm)));
  EXPECT_EQ(check_sample_realm(*db, 1), realm.record);
}

/// The dangerous one: the record of a failed write is in the log, whole, only its sync
/// failed. It must not come back beside the entry that took its place.
void replace_failed_entry(fault_test& test, sample_realm& realm, unsynced how) {
  auto lost = realm;
  test.faults.files->fail_sync(".log");
  EXPECT_EQ(test.write_fails(next_sample_entry(lost, 5)), ec::io);
  EXPECT_EQ(check_sample_realm(*test.db, 1), realm.record);
  ASSERT_TRUE(write_one(*test.db, next_sample_entry(realm, 2)));
  EXPECT_EQ(check_sample_realm(*test.db, 1), realm.record);
  test.lose_power(how);
  EXPECT_EQ(check_sample_realm(*test.db, 1), realm.record);
}

TEST_F(fault_test, an_entry_whose_sync_failed_does_not_come_back_beside_its_successor) {
  auto realm = make_sample_realm(1);
  ASSERT_TRUE(write_one(*db, next_sample_entry(realm, 3)));
  for (auto how : {unsynced::kept, unsynced::dropped, unsynced::torn})
    replace_failed_entry(*this, realm, how);
}

TEST_F(fault_test, nor_when_it_was_the_first_write_after_opening) {
  auto realm = make_sample_realm(1);
  ASSERT_TRUE(write_one(*db, next_sample_entry(realm, 3)));
  for (auto how : {unsynced::kept, unsynced::dropped, unsynced::torn}) {
    db.reset();
    db = open_database(root.path(), {.env = faults.env.get()});
    replace_failed_entry(*this, realm, how);
  }
}

TEST_F(fault_test, readers_in_other_threads_never_notice_that_the_store_is_opened_anew) {
  auto realm = make_sample_realm(1);
  ASSERT_TRUE(write_one(*db, next_sample_entry(realm, 30)));
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> reads{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i)
    readers.emplace_back([&] {
      for (realm_store store{*db, realm.shard, realm.id}; !stop; ++reads) {
        ASSERT_TRUE(store.refresh().has_value());
        const auto visited = store.visit(1, 30, true, [&](const sync::history_entry& x) {
          const auto again = store.read(x.version); // enters the gate a second time
          return again && again->summary == x.summary;
        });
        ASSERT_TRUE(visited.has_value()) << visited.error().message;
      }
    });
  for (int round = 0; round < 10; ++round) {
    const auto before = reads.load();
    auto lost = realm;
    faults.files->fail_sync(".log");
    EXPECT_EQ(write_fails(next_sample_entry(lost)), ec::io);
    EXPECT_TRUE(write_one(*db, next_sample_entry(realm)));
    while (reads == before)
      std::this_thread::yield();
  }
  stop = true;
  for (auto& x : readers)
    x.join();
  EXPECT_EQ(check_sample_realm(*db, 1), realm.record);
}

TEST_F(fault_test, any_mixture_of_faults_leaves_what_was_acknowledged) {
  for (std::uint64_t seed = 1; seed <= (thorough() ? 200 : 12); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random{seed};
    const auto id = 100 + seed;
    auto realm = make_sample_realm(id);
    for (int round = 0; round < 30; ++round) {
      const auto what = random() % 10;
      faults.files->set_full(what == 0);
      if (what == 1)
        faults.files->fail_sync(random() % 2 == 0 ? ".log" : ".sst");
      if (what == 2)
        std::ignore = db->get().flush(family::objects);
      if (what == 3) {
        lose_power(static_cast<unsynced>(random() % 3));
        ASSERT_NE(db, nullptr);
        const auto found = check_sample_realm(*db, id);
        ASSERT_GE(found.sequence, realm.record.sequence);
        ASSERT_LE(found.sequence, realm.record.sequence + 1); // a failed entry may be there, whole
        realm.record = found;
      }
      auto next = realm;
      std::vector<bool> refused;
      const auto entry = next_sample_entry(next, 1 + random() % 4);
      if (const auto done = db->write(std::span{&entry, 1}, refused)) {
        ASSERT_FALSE(refused[0]);
        realm = next;
      }
      const auto found = check_sample_realm(*db, id);
      ASSERT_EQ(found.sequence, realm.record.sequence);
      ASSERT_EQ(found.head, realm.record.head);
    }
    faults.files->set_full(false);
    faults.files->fail_sync({});
  }
}

} // namespace
} // namespace ros::storage
