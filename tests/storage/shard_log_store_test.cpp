// One copy of a replicated log on disk.
#include "storage/shard_log_store.hpp"
#include "support/scratch_directory.hpp"
#include "support/storage_samples.hpp"

#include <gtest/gtest.h>

namespace ros::storage {
namespace {

using namespace test;

struct shard_log_store_test : testing::Test {
  scratch_directory root;
  std::unique_ptr<database> db = open_database(root.path(), {.fsync = false});
  std::unique_ptr<shard_log_store> log;
  sample_realm realm = make_sample_realm(1);

  shard_log_store_test() { restart(); }

  void restart() {
    log.reset();
    db.reset();
    db = open_database(root.path(), {.fsync = false});
    log = std::make_unique<shard_log_store>(*db, 4);
    const auto loaded = log->load();
    EXPECT_TRUE(loaded.has_value()) << loaded.error().message;
  }

  logged_entry next(std::uint64_t epoch, std::uint64_t index) {
    return {epoch, index, next_sample_entry(realm)};
  }
  bool append(std::vector<logged_entry> entries) { return log->append(entries).has_value(); }
};

TEST_F(shard_log_store_test, an_appended_entry_is_not_visible_before_it_is_applied) {
  ASSERT_TRUE(append({next(1, 1), next(1, 2), next(1, 3)}));
  EXPECT_EQ(log->last_index(), 3u);
  EXPECT_EQ(check_sample_realm(*db, 1).sequence, 0u);
  ASSERT_TRUE(log->apply(2).has_value());
  EXPECT_EQ(check_sample_realm(*db, 1).sequence, 2u);
  restart();
  EXPECT_EQ(log->last_index(), 3u);
  EXPECT_EQ(log->applied_index(), 2u);
  ASSERT_TRUE(log->apply(3).has_value());
  EXPECT_EQ(check_sample_realm(*db, 1).sequence, 3u);
  EXPECT_EQ(log->read(2)->epoch, 1u);
  EXPECT_FALSE(log->read(4).has_value());
}

TEST_F(shard_log_store_test, an_uncommitted_tail_is_cut_off_by_what_replaces_it) {
  ASSERT_TRUE(append({next(1, 1)}));
  auto before = realm;
  ASSERT_TRUE(append({next(1, 2), next(1, 3), next(1, 4)}));
  ASSERT_TRUE(log->apply(1).has_value());
  realm = before;
  ASSERT_TRUE(append({next(2, 2)}));
  EXPECT_EQ(log->last_index(), 2u);
  EXPECT_EQ(log->read(2)->epoch, 2u);
  EXPECT_FALSE(log->read(3).has_value());
  restart();
  EXPECT_EQ(log->last_index(), 2u);
  ASSERT_TRUE(log->apply(2).has_value());
  EXPECT_EQ(check_sample_realm(*db, 1).sequence, 2u);
}

TEST_F(shard_log_store_test, an_entry_that_does_not_follow_is_left_out_and_told) {
  const auto first = next(1, 1), skipped = next(1, 2), third = next(1, 3);
  auto moved = third;
  moved.index = 2;
  auto late = skipped;
  late.index = 3;
  ASSERT_TRUE(append({first, moved, late}));
  const auto left_out = log->apply(3);
  ASSERT_TRUE(left_out.has_value());
  EXPECT_EQ(*left_out, std::vector<std::uint64_t>{2});
  EXPECT_EQ(log->applied_index(), 3u);
  EXPECT_EQ(check_sample_realm(*db, 1).sequence, 2u);
}

TEST_F(shard_log_store_test, gaps_and_cutting_off_what_is_applied_are_refused) {
  EXPECT_FALSE(append({next(1, 2)}));
  realm = make_sample_realm(1);
  ASSERT_TRUE(append({next(1, 1), next(1, 2)}));
  ASSERT_TRUE(log->apply(1).has_value());
  EXPECT_FALSE(append({next(2, 1)}));
  EXPECT_FALSE(append({next(2, 4)}));
  EXPECT_FALSE(append({next(2, 3), next(2, 5)}));
  EXPECT_EQ(log->last_index(), 2u);
}

TEST_F(shard_log_store_test, an_epoch_is_remembered_and_never_goes_back) {
  ASSERT_TRUE(log->enter_epoch(5).has_value());
  ASSERT_TRUE(log->enter_epoch(3).has_value());
  restart();
  EXPECT_EQ(log->epoch(), 5u);
}

TEST_F(shard_log_store_test, logs_of_two_shards_do_not_mix) {
  ASSERT_TRUE(append({next(1, 1), next(1, 2)}));
  shard_log_store other{*db, 5}, before{*db, 3};
  ASSERT_TRUE(other.load().has_value());
  ASSERT_TRUE(before.load().has_value());
  EXPECT_EQ(other.last_index(), 0u);
  EXPECT_EQ(before.last_index(), 0u);
}

TEST_F(shard_log_store_test, an_entry_survives_encoding_and_a_damaged_one_is_told) {
  auto x = next(7, 9);
  x.entry.before_images = sync::bytes{"before"};
  const auto data = encode_logged_entry(x);
  const auto copy = decode_logged_entry(9, data);
  ASSERT_TRUE(copy.has_value());
  EXPECT_EQ(copy->epoch, 7u);
  EXPECT_EQ(copy->entry.batch, x.entry.batch);
  EXPECT_EQ(copy->entry.before_images, x.entry.before_images);
  EXPECT_EQ(copy->entry.sequence, x.entry.sequence);
  EXPECT_EQ(copy->entry.last_version, x.entry.last_version);
  for (std::size_t size = 0; size < data.size(); ++size)
    EXPECT_FALSE(decode_logged_entry(9, std::string_view{data}.substr(0, size)).has_value());
}

} // namespace
} // namespace ros::storage
