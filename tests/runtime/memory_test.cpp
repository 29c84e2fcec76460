// Accounts of bytes, what the process may use, and how that is divided.
#include "runtime/memory.hpp"

#include "support/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace ros::runtime {
namespace {

constexpr std::uint64_t mebibyte = 1u << 20;

/// A file system root with control groups.
struct control_groups {
  void write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(root / path).parent_path());
    std::ofstream(root / path) << text;
  }
  test::scratch_directory root;
};

TEST(ByteBudget, holds_bytes_until_the_last_copy_goes) {
  const auto budget = std::make_shared<byte_budget>(100);
  auto first = budget->take(60);
  auto copy = first;
  EXPECT_TRUE(budget->is_tight());
  EXPECT_EQ(budget->take(50), nullptr);
  first.reset();
  EXPECT_EQ(budget->used(), 60u);
  copy.reset();
  EXPECT_EQ(budget->used(), 0u);
}

TEST(ByteBudget, lets_a_single_holder_into_an_empty_account) {
  const auto budget = std::make_shared<byte_budget>(100);
  const auto big = budget->take(1000);
  ASSERT_NE(big, nullptr);
  EXPECT_TRUE(budget->is_exhausted());
  EXPECT_EQ(budget->take(1), nullptr);
}

TEST(ByteBudget, counts_what_cannot_be_refused) {
  const auto budget = std::make_shared<byte_budget>(100);
  budget->add(150);
  EXPECT_TRUE(budget->is_exhausted());
  EXPECT_EQ(budget->take(1), nullptr);
  budget->give_back(150);
  EXPECT_FALSE(budget->is_tight());
  EXPECT_NE(budget->take(1), nullptr);
}

TEST(UsableMemory, is_the_tightest_limit_on_the_way_to_the_top) {
  control_groups x;
  x.write("proc/self/cgroup", "0::/system.slice/ros.service\n");
  EXPECT_GT(usable_memory(x.root.path()), 64 * mebibyte); // no limit: the machine
  x.write("sys/fs/cgroup/system.slice/ros.service/memory.max", "max\n");
  x.write("sys/fs/cgroup/system.slice/memory.max", "33554432\n");
  EXPECT_EQ(usable_memory(x.root.path()), 32 * mebibyte);
  x.write("sys/fs/cgroup/system.slice/ros.service/memory.max", "16777216\n");
  EXPECT_EQ(usable_memory(x.root.path()), 16 * mebibyte);
  x.write("sys/fs/cgroup/memory.max", "8388608\n"); // as seen inside a container
  EXPECT_EQ(usable_memory(x.root.path()), 8 * mebibyte);
}

TEST(UsableMemory, knows_the_old_kind_of_control_groups) {
  control_groups x;
  x.write("proc/self/cgroup", "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n");
  x.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  x.write("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "16777216\n");
  EXPECT_EQ(usable_memory(x.root.path()), 16 * mebibyte);
}

TEST(MemoryShares, never_add_up_to_more_than_the_budget) {
  for (const std::uint64_t budget : {64, 100, 512, 4096, 65536}) {
    const auto s = divide_memory(budget * mebibyte, 1, 256 * mebibyte);
    EXPECT_LE(s.store + s.caches + s.uploads + s.outgoing, budget * mebibyte) << budget;
    EXPECT_GE(s.store, 16 * mebibyte);
    EXPECT_LE(s.uploads, 256 * mebibyte);
  }
}

TEST(MemoryShares, come_from_half_of_what_there_is_unless_they_are_configured) {
  const auto chosen = divide_memory(1024 * mebibyte, 64 * mebibyte, 256 * mebibyte);
  const auto given = divide_memory(0, 2048 * mebibyte, 256 * mebibyte);
  EXPECT_EQ(chosen.store, given.store);
  EXPECT_EQ(chosen.uploads, given.uploads);
  // On a big machine nobody takes tens of gigabytes unasked.
  EXPECT_LE(divide_memory(0, 1024 * 1024 * mebibyte, 256 * mebibyte).store, 512 * mebibyte);
}

} // namespace
} // namespace ros::runtime
