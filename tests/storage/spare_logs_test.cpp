// Write-ahead logs made ahead: what is written over the zeros, and what comes next.
#include "runtime/clock.hpp"
#include "storage/database.hpp"
#include "storage/spare_logs.hpp"
#include "support/scratch_directory.hpp"
#include "support/storage_samples.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace ros::storage {
namespace {

using namespace test;
namespace fs = std::filesystem;

constexpr std::size_t size = 240u << 10;

std::string content(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>{in}, {}};
}

struct set_clock final : runtime::clock {
  std::int64_t us = 0;
  [[nodiscard]] std::int64_t unix_ms() const override { return us / 1000; }
  [[nodiscard]] std::int64_t steady_ms() const override { return us / 1000; }
  [[nodiscard]] std::int64_t steady_us() const override { return us; }
};

struct spare_logs_test : testing::Test {
  scratch_directory directory;
  set_clock clock;
  std::shared_ptr<spare_logs> logs =
      std::make_shared<spare_logs>(rocksdb::FileSystem::Default(), directory.path(), size, clock);

  std::unique_ptr<rocksdb::FSWritableFile> open(const std::string& name) {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    EXPECT_TRUE(logs->NewWritableFile(directory.path() + "/" + name, {}, &file, nullptr).ok());
    return file;
  }
  [[nodiscard]] std::string content_of(const std::string& name) const {
    return content(directory.path() + "/" + name);
  }
};

TEST_F(spare_logs_test, a_log_replaces_zeros_that_are_there_already) {
  const auto log = open("1.log");
  ASSERT_TRUE(log->Append("abc", {}, nullptr).ok());
  const auto now = content_of("1.log");
  EXPECT_EQ(now.size(), size / 6);
  EXPECT_EQ(now.substr(0, 4), std::string("abc\0", 4));
  EXPECT_EQ(now.find_first_not_of('\0', 3), std::string::npos);
}

TEST_F(spare_logs_test, the_next_one_is_made_when_a_log_is_really_used) {
  const auto first = open("1.log");
  ASSERT_TRUE(first->Append(std::string(size / 24 - 1, 'x'), {}, nullptr).ok());
  EXPECT_FALSE(logs->settle());
  clock.us += 100'000;
  ASSERT_TRUE(first->Append("x", {}, nullptr).ok());
  EXPECT_TRUE(logs->settle());
  const auto second = open("2.log");
  EXPECT_TRUE(content_of("2.log") == std::string(size, '\0'));
}

TEST_F(spare_logs_test, a_log_that_fills_too_fast_gets_no_successor_until_it_slows_down) {
  const auto first = open("1.log");
  const std::string part(size / 24, 'x');
  for (int i = 0; i < 10; ++i) {
    clock.us += 99'000;
    ASSERT_TRUE(first->Append(part, {}, nullptr).ok());
    EXPECT_FALSE(logs->settle());
  }
  clock.us += 100'000;
  ASSERT_TRUE(first->Append(part, {}, nullptr).ok());
  EXPECT_TRUE(logs->settle());
}

TEST_F(spare_logs_test, without_a_spare_a_log_grows_as_usual) {
  const auto first = open("1.log");
  const auto second = open("2.log");
  ASSERT_TRUE(second->Append("abc", {}, nullptr).ok());
  EXPECT_EQ(content_of("2.log"), "abc");
}

TEST_F(spare_logs_test, other_files_are_left_alone) {
  const auto table = open("1.sst");
  EXPECT_EQ(content_of("1.sst"), "");
  EXPECT_TRUE(logs->settle());
}

TEST_F(spare_logs_test, nothing_is_left_behind) {
  logs.reset();
  EXPECT_TRUE(fs::is_empty(directory.path()));
}

TEST(spare_logs, a_directory_that_is_not_there_costs_speed_only) {
  scratch_directory directory;
  spare_logs logs{rocksdb::FileSystem::Default(), directory.path() + "/missing", size,
                  runtime::system_clock()};
  std::unique_ptr<rocksdb::FSWritableFile> log;
  ASSERT_TRUE(logs.NewWritableFile(directory.path() + "/1.log", {}, &log, nullptr).ok());
  EXPECT_TRUE(log->Append("abc", {}, nullptr).ok());
}

TEST(spare_logs, a_killed_server_finds_everything_in_front_of_the_zeros) {
  scratch_directory root, copy;
  const auto db = open_database(root.path(), {.spare_log_bytes = size});
  ASSERT_NE(db, nullptr);
  auto realm = make_sample_realm(1);
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(write_one(*db, next_sample_entry(realm)));
  // What is on the disk now is what a killed process leaves.
  fs::copy(root.path() + "/store", copy.path() + "/store", fs::copy_options::recursive);
  fs::copy(root.path() + "/VERSION", copy.path() + "/VERSION");
  const auto again = open_database(copy.path());
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(check_sample_realm(*again, 1).sequence, realm.record.sequence);
}

} // namespace
} // namespace ros::storage
