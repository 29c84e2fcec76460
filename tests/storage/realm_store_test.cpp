// What goes in through log entries comes out through realm_store.
#include "storage/realm_removal.hpp"
#include "storage/realm_store.hpp"
#include "support/scratch_directory.hpp"
#include "support/storage_samples.hpp"

#include <gtest/gtest.h>

namespace ros::storage {
namespace {

using namespace test;

struct realm_store_test : testing::Test {
  scratch_directory root;
  std::unique_ptr<database> db = open_database(root.path(), {.fsync = false});

  void reopen() {
    db.reset();
    db = open_database(root.path(), {.fsync = false});
  }

  /// Writes `changes` as the next entry of `realm`.
  bool write(sample_realm& realm, const sync::integrated& changes) {
    realm_entry_builder builder{realm.shard, realm.id};
    builder.add(changes);
    ++realm.record.sequence;
    return write_one(*db, builder.finish(realm.record));
  }

  static std::string reciprocal_of(realm_store& store, sync::file_ident client,
                                   sync::version_type version) {
    const auto found = store.reciprocal(client, version);
    if (!found)
      return "error";
    return *found ? "[" + std::string{(*found)->view()} + "]" : "none";
  }
};

TEST_F(realm_store_test, a_realm_never_written_to_is_empty) {
  realm_store store{*db, 3, 99};
  EXPECT_EQ(*store.refresh(), realm_record{});
  EXPECT_EQ(store.head(), 0u);
  EXPECT_FALSE(store.read(1).has_value());
  EXPECT_FALSE(store.client_file(2)->has_value());
  EXPECT_FALSE(store.block_summary(0).has_value());
}

TEST_F(realm_store_test, everything_of_an_entry_is_read_back_also_after_reopening) {
  auto realm = make_sample_realm(5);
  realm.record.next_ident = 9;
  realm.record.horizon = 4;
  realm.record.feature_level = 3;
  realm.record.history_bytes = 12345;
  ASSERT_TRUE(write_one(*db, next_sample_entry(realm, 20)));
  EXPECT_EQ(check_sample_realm(*db, 5), realm.record);
  reopen();
  EXPECT_EQ(check_sample_realm(*db, 5), realm.record);
}

TEST_F(realm_store_test, one_version_is_read_with_all_its_members) {
  auto realm = make_sample_realm(5);
  ASSERT_TRUE(write_one(*db, next_sample_entry(realm, 3)));
  realm_store store{*db, realm.shard, realm.id};
  ASSERT_TRUE(store.refresh().has_value());
  const auto found = store.read(2);
  ASSERT_TRUE(found.has_value());
  const auto expected = sample_history(5, 2);
  EXPECT_EQ(found->timestamp, expected.timestamp);
  EXPECT_EQ(found->original_size, expected.original_size);
  EXPECT_EQ(found->cumulative_size, expected.cumulative_size);
  EXPECT_EQ(found->data, expected.data);
  EXPECT_FALSE(store.read(0).has_value());
  EXPECT_FALSE(store.read(4).has_value());
}

TEST_F(realm_store_test, a_visit_without_data_leaves_changesets_alone) {
  auto realm = make_sample_realm(5);
  ASSERT_TRUE(write_one(*db, next_sample_entry(realm, 10)));
  realm_store store{*db, realm.shard, realm.id};
  ASSERT_TRUE(store.refresh().has_value());
  std::vector<sync::version_type> seen;
  const auto visited = store.visit(3, 9, false, [&](const sync::history_entry& x) {
    EXPECT_TRUE(x.data.empty());
    EXPECT_EQ(x.summary, sample_history(5, x.version).summary);
    EXPECT_EQ(x.original_size, sample_history(5, x.version).original_size);
    seen.push_back(x.version);
    return x.version != 6;
  });
  EXPECT_TRUE(visited.has_value());
  EXPECT_EQ(seen, (std::vector<sync::version_type>{3, 4, 5, 6}));
  EXPECT_TRUE(store.visit(5, 4, true, [](const auto&) { return true; }).has_value());
  EXPECT_FALSE(store.visit(9, 11, true, [](const auto&) { return true; }).has_value());
}

TEST_F(realm_store_test, a_missing_version_is_damage_unless_it_is_below_the_horizon) {
  auto realm = make_sample_realm(5);
  ASSERT_TRUE(write_one(*db, next_sample_entry(realm, 4)));
  realm.record.head.version = 6; // 5 and 6 are never written
  ASSERT_TRUE(write_one(*db, next_sample_entry(realm, 4)));
  realm_store store{*db, realm.shard, realm.id};
  ASSERT_TRUE(store.refresh().has_value());
  const auto seen = [&](sync::version_type first, sync::version_type last) {
    std::string all;
    const auto visited = store.visit(first, last, true, [&](const sync::history_entry& x) {
      all += std::to_string(x.version) + " ";
      return true;
    });
    return visited ? all : "damaged";
  };
  EXPECT_EQ(seen(1, 4), "1 2 3 4 ");
  EXPECT_EQ(seen(1, 10), "damaged");
  EXPECT_EQ(seen(4, 5), "damaged");
  EXPECT_EQ(seen(7, 10), "7 8 9 10 ");
  realm.record.horizon = 6;
  ASSERT_TRUE(write_one(*db, next_sample_entry(realm, 1)));
  ASSERT_TRUE(store.refresh().has_value());
  EXPECT_EQ(seen(1, 11), "1 2 3 4 7 8 9 10 11 ");
  EXPECT_EQ(seen(5, 6), "");
}

TEST_F(realm_store_test, the_head_is_that_of_the_last_refresh) {
  auto realm = make_sample_realm(5);
  realm_store store{*db, realm.shard, realm.id};
  ASSERT_TRUE(write_one(*db, next_sample_entry(realm, 2)));
  EXPECT_EQ(store.head(), 0u);
  ASSERT_TRUE(store.refresh().has_value());
  EXPECT_EQ(store.head(), 2u);
}

TEST_F(realm_store_test, neighbouring_realms_do_not_see_each_other) {
  auto a = make_sample_realm(5), b = make_sample_realm(6), c = make_sample_realm(5 + 64);
  for (auto* realm : {&a, &b, &c})
    ASSERT_TRUE(write_one(*db, next_sample_entry(*realm, 5)));
  for (auto id : {5, 6, 69})
    EXPECT_EQ(check_sample_realm(*db, id).head.version, 5u);
}

TEST_F(realm_store_test, block_summaries_are_there_once_a_block_is_complete) {
  auto realm = make_sample_realm(5);
  ASSERT_TRUE(write_one(*db, next_sample_entry(realm, 255)));
  realm_store store{*db, realm.shard, realm.id};
  ASSERT_TRUE(store.refresh().has_value());
  EXPECT_FALSE(store.block_summary(0).has_value());
  ASSERT_TRUE(write_one(*db, next_sample_entry(realm, 2)));
  EXPECT_EQ(store.block_summary(0)->view(), sample_bytes(5, 256, 'b', 30).view());
  EXPECT_FALSE(store.block_summary(1).has_value());
}

TEST_F(realm_store_test, block_summaries_are_the_same_in_whatever_order_they_are_read) {
  auto realm = make_sample_realm(5), neighbour = make_sample_realm(5 + 64);
  ASSERT_TRUE(write_one(*db, next_sample_entry(neighbour, 256 * 3)));
  ASSERT_TRUE(write_one(*db, next_sample_entry(realm, 256 * 70)));
  realm_store store{*db, realm.shard, realm.id};
  ASSERT_TRUE(store.refresh().has_value());
  const auto check = [&](std::uint64_t block) {
    const auto found = store.block_summary(block);
    ASSERT_EQ(found.has_value(), block < realm.record.head.version / 256) << block;
    if (found) {
      EXPECT_EQ(found->view(), sample_bytes(5, (block + 1) * 256, 'b', 30).view());
    }
  };
  for (std::uint64_t block = 0; block < 75; ++block)
    check(block);
  for (std::uint64_t block : {70, 3, 4, 5, 4, 5, 6, 69, 70, 71, 0, 1})
    check(block);
  ASSERT_TRUE(write_one(*db, next_sample_entry(realm, 256)));
  for (std::uint64_t block = 68; block < 73; ++block)
    check(block);
}

TEST_F(realm_store_test, reciprocals_are_stored_overwritten_and_trimmed_per_client) {
  auto realm = make_sample_realm(5);
  realm_store store{*db, realm.shard, realm.id};
  sync::integrated first;
  for (sync::version_type v = 1; v <= 4; ++v) {
    first.reciprocals.push_back({2, v, sync::bytes{"two" + std::to_string(v)}});
    first.reciprocals.push_back({3, v, sync::bytes{"three" + std::to_string(v)}});
  }
  first.reciprocals.push_back({2, 3, sync::bytes{}});
  ASSERT_TRUE(write(realm, first));
  EXPECT_EQ(reciprocal_of(store, 2, 1), "[two1]");
  EXPECT_EQ(reciprocal_of(store, 2, 3), "[]") << "empty bytes are not the same as none";
  EXPECT_EQ(reciprocal_of(store, 2, 5), "none");

  sync::integrated second;
  second.reciprocals.push_back({2, 5, sync::bytes{"two5"}});
  second.reciprocals.push_back({2, 2, sync::bytes{"again"}});
  second.trims.push_back({2, 2});
  ASSERT_TRUE(write(realm, second));
  EXPECT_EQ(reciprocal_of(store, 2, 1), "none");
  EXPECT_EQ(reciprocal_of(store, 2, 2), "none") << "trims come after what the entry stores";
  EXPECT_EQ(reciprocal_of(store, 2, 3), "[]");
  EXPECT_EQ(reciprocal_of(store, 2, 5), "[two5]");
  EXPECT_EQ(reciprocal_of(store, 3, 1), "[three1]");
  reopen();
  realm_store again{*db, realm.shard, realm.id};
  EXPECT_EQ(reciprocal_of(again, 2, 2), "none");
  EXPECT_EQ(reciprocal_of(again, 3, 4), "[three4]");
}

TEST_F(realm_store_test, a_trim_removes_many_reciprocals_and_does_so_again) {
  auto realm = make_sample_realm(5);
  realm_store store{*db, realm.shard, realm.id};
  for (sync::version_type base = 0; base < 3; ++base) {
    sync::integrated changes;
    for (sync::version_type v = 1; v <= 300; ++v)
      changes.reciprocals.push_back({2, base * 300 + v, sync::bytes{"x"}});
    ASSERT_TRUE(write(realm, changes));
    sync::integrated trim;
    trim.trims.push_back({2, base * 300 + 299});
    ASSERT_TRUE(write(realm, trim));
    for (sync::version_type v = 1; v <= 299; ++v)
      ASSERT_EQ(reciprocal_of(store, 2, base * 300 + v), "none");
    EXPECT_EQ(reciprocal_of(store, 2, base * 300 + 300), "[x]");
  }
}

TEST_F(realm_store_test, a_reciprocal_stored_below_an_earlier_trim_is_trimmed_too) {
  auto realm = make_sample_realm(5);
  realm_store store{*db, realm.shard, realm.id};
  sync::integrated trim;
  trim.trims.push_back({2, 50});
  ASSERT_TRUE(write(realm, trim));
  sync::integrated late;
  late.reciprocals.push_back({2, 10, sync::bytes{"late"}});
  ASSERT_TRUE(write(realm, late));
  EXPECT_EQ(reciprocal_of(store, 2, 10), "[late]");
  ASSERT_TRUE(write(realm, trim));
  EXPECT_EQ(reciprocal_of(store, 2, 10), "none");
}

TEST_F(realm_store_test, state_is_scanned_by_prefix_from_a_key_in_byte_order) {
  auto realm = make_sample_realm(5);
  sync::integrated changes;
  for (const char* key : {"a", "b/1", "b/2", "b/\xff", "c"})
    changes.state.push_back({sync::state_column::objects, key, std::string{"v"} + key});
  changes.state.push_back({sync::state_column::schema, "b/3", "schema"});
  ASSERT_TRUE(write(realm, changes));
  realm_store store{*db, realm.shard, realm.id};
  const auto keys = [&](std::string_view prefix, std::string_view from) {
    std::string all;
    EXPECT_TRUE(store
                    .scan(sync::state_column::objects, prefix, from,
                          [&](std::string_view key, std::string_view value) {
                            EXPECT_EQ(value, "v" + std::string{key});
                            all += std::string{key} + " ";
                            return true;
                          })
                    .has_value());
    return all;
  };
  EXPECT_EQ(keys("", ""), "a b/1 b/2 b/\xff c ");
  EXPECT_EQ(keys("b/", ""), "b/1 b/2 b/\xff ");
  EXPECT_EQ(keys("b/", "b/2"), "b/2 b/\xff ");
  EXPECT_EQ(keys("b/", "a"), "b/1 b/2 b/\xff ");
  EXPECT_EQ(keys("b/", "c"), "");

  sync::integrated removal;
  removal.state.push_back({sync::state_column::objects, "b/1", std::nullopt});
  ASSERT_TRUE(write(realm, removal));
  EXPECT_FALSE(store.get(sync::state_column::objects, "b/1")->has_value());
  EXPECT_EQ(**store.get(sync::state_column::objects, "b/2"), "vb/2");
  EXPECT_EQ(keys("b/", ""), "b/2 b/\xff ");
}

TEST_F(realm_store_test, client_files_are_visited_in_order_of_ident) {
  const auto realm = make_sample_realm(5);
  realm_entry_builder builder{realm.shard, realm.id};
  sync::client_file file;
  file.salt = 77;
  file.progress = {5, 6};
  file.reported = {3, 4};
  file.locked_version = 2;
  file.user_id = "somebody";
  file.last_seen_ms = 1'700'000'000'000;
  file.contributed = file.live = file.expired = true;
  for (sync::file_ident ident : {300, 2, 17})
    builder.put_client_file(ident, file);
  auto record = realm.record;
  record.sequence = 1;
  ASSERT_TRUE(write_one(*db, builder.finish(record)));
  realm_store store{*db, realm.shard, realm.id};
  EXPECT_EQ(**store.client_file(17), file);
  std::vector<sync::file_ident> seen;
  EXPECT_TRUE(store
                  .visit_client_files([&](sync::file_ident ident, const sync::client_file& x) {
                    EXPECT_EQ(x, file);
                    seen.push_back(ident);
                    return ident != 17;
                  })
                  .has_value());
  EXPECT_EQ(seen, (std::vector<sync::file_ident>{2, 17}));
}

TEST_F(realm_store_test, thousands_of_entries_of_many_realms_survive_reopening) {
  constexpr std::uint64_t realms = 40, rounds = 100;
  std::vector<sample_realm> all;
  for (std::uint64_t id = 1; id <= realms; ++id)
    all.push_back(make_sample_realm(id));
  for (std::uint64_t round = 0; round < rounds; ++round) {
    std::vector<log_entry> group;
    for (auto& realm : all)
      group.push_back(next_sample_entry(realm, 1 + (round + realm.id) % 4));
    std::vector<bool> refused;
    ASSERT_TRUE(db->write(group, refused).has_value());
    EXPECT_EQ(std::count(refused.begin(), refused.end(), true), 0);
    if (round % 30 == 29)
      reopen();
  }
  reopen();
  for (auto& realm : all) {
    EXPECT_EQ(check_sample_realm(*db, realm.id), realm.record);
    ASSERT_TRUE(write_one(*db, next_sample_entry(realm))) << "goes on where it was";
  }
}

TEST_F(realm_store_test, a_removed_realm_leaves_nothing_behind_and_cannot_be_written_any_more) {
  auto gone = make_sample_realm(5);
  auto kept = make_sample_realm(6);
  ASSERT_TRUE(write_one(*db, next_sample_entry(gone, 300))); // a complete block
  ASSERT_TRUE(write_one(*db, next_sample_entry(kept, 20)));
  const auto late = next_sample_entry(gone, 1);
  auto removal = make_removal_entry(*db, gone.shard, gone.id);
  ASSERT_TRUE(removal.has_value());
  ASSERT_TRUE(removal->has_value());
  ASSERT_TRUE(write_one(*db, **removal));
  EXPECT_FALSE(write_one(*db, late)) << "it was on its way when the Realm was deleted";
  for (int round = 0; round < 2; ++round) {
    realm_store store{*db, gone.shard, gone.id};
    ASSERT_TRUE(store.refresh().has_value());
    EXPECT_EQ(store.head(), 0u);
    EXPECT_FALSE(store.read(1).has_value());
    EXPECT_FALSE(store.block_summary(0).has_value());
    int rows = 0;
    ASSERT_TRUE(store.visit_client_files([&](auto, const auto&) { return ++rows != 0; }));
    for (auto column : {sync::state_column::objects, sync::state_column::schema})
      ASSERT_TRUE(store.scan(column, "", "", [&](auto, auto) { return ++rows != 0; }));
    EXPECT_EQ(rows, 0);
    EXPECT_EQ(check_sample_realm(*db, 6), kept.record);
    auto again = make_removal_entry(*db, gone.shard, gone.id);
    ASSERT_TRUE(again.has_value());
    EXPECT_FALSE(again->has_value());
    ASSERT_TRUE(db->reclaim(gone.shard, gone.id).has_value());
    reopen();
  }
  auto never = make_removal_entry(*db, 7, 1234);
  ASSERT_TRUE(never.has_value());
  EXPECT_FALSE(never->has_value());
}

} // namespace
} // namespace ros::storage
