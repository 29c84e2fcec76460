// Opening, locking, layout versions, and what a write refuses.
#include "storage/admin_store.hpp"
#include "storage/database.hpp"
#include "support/damage.hpp"
#include "support/scratch_directory.hpp"
#include "support/storage_samples.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace ros::storage {
namespace {

using namespace test;

void write_text(const std::string& path, const std::string& text) {
  std::ofstream{path, std::ios::binary} << text;
}

std::string read_text(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

error failure_of(const std::string& root) {
  auto db = database::open(root);
  if (db)
    return {ec::io, "opened"};
  return db.error();
}

TEST(database, a_new_root_gets_a_layout_version_and_a_node_id_that_stays) {
  scratch_directory root;
  auto id = open_database(root.path())->node_id();
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ(read_text(root / "VERSION"), "2\n");
  EXPECT_EQ(open_database(root.path())->node_id(), id);
  scratch_directory other;
  EXPECT_NE(open_database(other.path())->node_id(), id);
}

TEST(database, a_root_that_does_not_exist_is_refused_and_not_created) {
  scratch_directory root;
  const auto failure = failure_of(root / "missing");
  EXPECT_EQ(failure.code, ec::io);
  EXPECT_NE(failure.message.find(root / "missing"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(root / "missing"));
}

TEST(database, a_second_opening_is_refused_and_names_the_process) {
  scratch_directory root;
  auto db = open_database(root.path());
  const auto failure = failure_of(root.path());
  EXPECT_EQ(failure.code, ec::locked);
  EXPECT_NE(failure.message.find("process " + std::to_string(::getpid())), std::string::npos)
      << failure.message;
  db.reset();
  EXPECT_NE(open_database(root.path()), nullptr);
}

TEST(database, a_newer_layout_is_refused_and_left_alone) {
  scratch_directory root;
  open_database(root.path()).reset();
  write_text(root / "VERSION", "3\n");
  const auto failure = failure_of(root.path());
  EXPECT_EQ(failure.code, ec::newer_layout);
  EXPECT_NE(failure.message.find("newer release"), std::string::npos);
  EXPECT_EQ(read_text(root / "VERSION"), "3\n");
  write_text(root / "VERSION", "2\n");
  EXPECT_NE(open_database(root.path()), nullptr);
}

/// Layout 1 had shorter Realm records, which end with the path.
TEST(database, what_layout_1_wrote_is_read_and_becomes_layout_2) {
  scratch_directory root;
  sample_realm realm = make_sample_realm(5);
  realm.record.history_bytes = 1234;
  {
    auto db = open_database(root.path());
    ASSERT_TRUE(write_one(*db, next_sample_entry(realm, 20)));
    auto rows = rows_below(*db, family::realms, {});
    ASSERT_EQ(rows.size(), 1u);
    auto& old = rows.front().second;
    constexpr std::size_t newer_fields = 5; // a byte each, being 0
    ASSERT_EQ(old.substr(old.size() - newer_fields), std::string(newer_fields, '\0'));
    old.resize(old.size() - newer_fields);
    old.front() = 1;
    put_rows(*db, family::realms, rows);
  }
  write_text(root / "VERSION", "1\n");
  const auto db = open_database(root.path());
  EXPECT_EQ(read_text(root / "VERSION"), "2\n");
  realm.record.cumulative_size = realm.record.history_bytes;
  EXPECT_EQ(check_sample_realm(*db, 5), realm.record);
}

TEST(database, a_layout_version_that_is_no_number_is_refused) {
  scratch_directory root;
  for (const char* text : {"", "x", "1x", "0", "99999999999999999999"}) {
    write_text(root / "VERSION", text);
    EXPECT_EQ(failure_of(root.path()).code, ec::corrupt) << text;
  }
}

TEST(database, temporary_files_go_at_start_and_links_are_not_followed) {
  scratch_directory root, elsewhere;
  write_text(elsewhere / "precious", "x");
  std::filesystem::create_directories(root / "tmp/deep");
  write_text(root / "tmp/deep/file", "x");
  std::filesystem::create_directory_symlink(elsewhere.path(), root / "tmp/link");
  open_database(root.path()).reset();
  EXPECT_TRUE(std::filesystem::is_empty(root / "tmp"));
  EXPECT_TRUE(std::filesystem::exists(elsewhere / "precious"));

  scratch_directory linked;
  std::filesystem::create_directory_symlink(elsewhere.path(), linked / "store");
  EXPECT_NE(failure_of(linked.path()).message.find("symbolic link"), std::string::npos);
}

TEST(database, files_of_others_are_reported_and_left_alone) {
  scratch_directory root;
  write_text(root / "notes.txt", "mine");
  write_text(root / "ports.json", "{}");
  auto db = open_database(root.path());
  EXPECT_EQ(db->unknown_files(), std::vector<std::string>{"notes.txt"});
  EXPECT_EQ(read_text(root / "notes.txt"), "mine");
}

TEST(database, an_entry_must_follow_the_last_one_of_its_realm) {
  scratch_directory root;
  auto db = open_database(root.path());
  auto realm = make_sample_realm(1);
  const auto first = next_sample_entry(realm), second = next_sample_entry(realm),
             third = next_sample_entry(realm);
  EXPECT_FALSE(write_one(*db, second));
  EXPECT_EQ(check_sample_realm(*db, 1).sequence, 0u);
  EXPECT_TRUE(write_one(*db, first));
  EXPECT_FALSE(write_one(*db, first)) << "no entry twice";
  EXPECT_FALSE(write_one(*db, third));
  EXPECT_TRUE(write_one(*db, second));
  EXPECT_TRUE(write_one(*db, third));
  EXPECT_EQ(check_sample_realm(*db, 1).sequence, 3u);
}

TEST(database, a_refused_entry_does_not_keep_others_of_the_group_out) {
  scratch_directory root;
  auto db = open_database(root.path());
  auto a = make_sample_realm(1), b = make_sample_realm(2);
  std::vector<log_entry> group;
  group.push_back(next_sample_entry(a));
  group.push_back(next_sample_entry(a));
  std::ignore = next_sample_entry(b);
  group.push_back(next_sample_entry(b)); // its first one is missing
  group.push_back(next_sample_entry(a));
  group.push_back(group[0]);
  std::vector<bool> refused;
  ASSERT_TRUE(db->write(group, refused).has_value());
  EXPECT_EQ(refused, (std::vector<bool>{false, false, true, false, true}));
  EXPECT_EQ(check_sample_realm(*db, 1).sequence, 3u);
  EXPECT_EQ(check_sample_realm(*db, 2).sequence, 0u);
}

TEST(database, entries_that_reach_outside_their_realm_are_refused) {
  scratch_directory root;
  auto db = open_database(root.path());
  const auto refuse = [&](log_entry entry, const char* why) {
    std::vector<bool> refused;
    ASSERT_TRUE(db->write(std::span{&entry, 1}, refused).has_value());
    EXPECT_TRUE(refused[0]) << why;
  };
  auto realm = make_sample_realm(1);
  const auto good = next_sample_entry(realm);
  auto bad = good;
  bad.realm_id = 2;
  refuse(bad, "rows of another Realm");
  bad = good;
  bad.shard = 9;
  refuse(bad, "rows of another shard");
  bad = good;
  bad.layout = 2;
  refuse(bad, "a layout nobody knows");
  bad = make_admin_entry(1, {{"u/x", "root"}});
  bad.shard = realm.shard;
  bad.realm_id = realm.id;
  refuse(bad, "rows of the admin Realm");
  bad = good;
  bad.batch = {};
  refuse(bad, "nothing at all");
  EXPECT_TRUE(write_one(*db, good));
}

TEST(database, no_damaged_batch_is_applied_in_part) {
  scratch_directory root;
  auto db = open_database(root.path(), {.fsync = false});
  auto realm = make_sample_realm(1);
  const auto good = next_sample_entry(realm, 2);
  const auto intact = std::string{good.batch.view()};
  std::vector<bool> refused;
  for (std::size_t size = 0; size < intact.size(); ++size) {
    auto bad = good;
    bad.batch = sync::bytes{intact.substr(0, size)};
    ASSERT_TRUE(db->write(std::span{&bad, 1}, refused).has_value());
    ASSERT_TRUE(refused[0]) << "cut to " << size;
  }
  EXPECT_EQ(check_sample_realm(*db, 1).sequence, 0u);
  realm_store store{*db, realm.shard, realm.id};
  std::ignore = store.scan(sync::state_column::objects, "", "", [](auto key, auto) {
    ADD_FAILURE() << "half an entry: " << key;
    return true;
  });
  // Flipped bytes: whatever is taken has its Realm's keys only, and the process lives.
  for (std::size_t i = 0; i < intact.size(); ++i) {
    auto bytes = intact;
    bytes[i] = static_cast<char>(bytes[i] ^ 0x55);
    auto bad = good;
    bad.batch = sync::bytes{bytes};
    ASSERT_TRUE(db->write(std::span{&bad, 1}, refused).has_value());
  }
  EXPECT_EQ(check_sample_realm(*db, 2).sequence, 0u);
}

TEST(database, admin_rows_come_back_in_key_order_with_their_sequence) {
  scratch_directory root;
  auto db = open_database(root.path());
  const auto rows = [&] {
    std::string all;
    const auto sequence = visit_admin_rows(*db, [&](std::string_view key, std::string_view value) {
      all += std::string{key} + "=" + std::string{value} + " ";
    });
    return all + (sequence ? std::to_string(*sequence) : "error");
  };
  EXPECT_EQ(rows(), "0");
  ASSERT_TRUE(write_one(*db, make_admin_entry(1, {{"u/b", "2"}, {"a/a", "1"}, {"u/c", ""}})));
  EXPECT_EQ(rows(), "a/a=1 u/b=2 u/c= 1");
  ASSERT_TRUE(write_one(*db, make_admin_entry(2, {{"u/b", std::nullopt}, {"a/a", "9"}})));
  EXPECT_EQ(rows(), "a/a=9 u/c= 2");
  EXPECT_FALSE(write_one(*db, make_admin_entry(2, {{"x", "y"}})));
  db.reset();
  db = open_database(root.path());
  EXPECT_EQ(rows(), "a/a=9 u/c= 2");
}

TEST(shards, a_path_has_the_same_shard_for_ever) {
  EXPECT_EQ(shard_of("/a"), 19u);
  EXPECT_EQ(shard_of("/default"), 3u);
  std::vector<int> load(default_shard_count);
  for (int i = 0; i < 6400; ++i)
    ++load[shard_of("/user" + std::to_string(i) + "/notes")];
  for (auto count : load) {
    EXPECT_GT(count, 50);
    EXPECT_LT(count, 160);
  }
}

} // namespace
} // namespace ros::storage
