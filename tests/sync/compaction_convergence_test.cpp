// Whatever is compacted and whoever joins with changes made before: all copies end equal
// (merge-rules.md 16, condition 6). ROS_SEEDS sets how many random sessions are tried,
// ROS_FIRST_SEED where they begin.
#include "convergence_session.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace ros::test {
namespace {

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST(compaction_convergence, random_sessions_with_late_devices_end_with_equal_copies) {
  const std::uint64_t first = number_from_environment("ROS_FIRST_SEED", 1);
  const std::uint64_t count = number_from_environment("ROS_SEEDS", 200);
  int failed = 0;
  for (std::uint64_t seed = first; seed < first + count && failed < 3; ++seed) {
    const session_script script = make_compaction_script(seed);
    if (play(script).empty())
      continue;
    ++failed;
    const session_script smallest = shrink(script);
    std::string trace;
    const std::string failure = play(smallest, &trace);
    ADD_FAILURE() << "seed " << seed << ", smallest script:\n" << trace << "\n" << failure;
  }
}

/// The sessions are worth something only if there is something to be compacted.
TEST(compaction_convergence, most_random_sessions_compact_something) {
  int compactions = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::string trace;
    EXPECT_EQ(play(make_compaction_script(seed), &trace), "");
    const std::string line = "server compacts up to ";
    for (auto at = trace.find(line); at != std::string::npos; at = trace.find(line, at + 1))
      compactions += trace[at + line.size()] != '0' ? 1 : 0;
  }
  EXPECT_GT(compactions, 20);
}

} // namespace
} // namespace ros::test
