// Whatever a server and its devices do, all copies end equal (merge-rules.md 15),
// and the integrator stores what the plain algorithm would. ROS_SEEDS sets how
// many random sessions are tried, ROS_FIRST_SEED where they begin.
#include "convergence_session.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace ros::test {
namespace {

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

void report(std::uint64_t seed, const session_script& script) {
  const session_script smallest = shrink(script);
  std::string trace;
  const std::string failure = play(smallest, &trace);
  ADD_FAILURE() << "seed " << seed << ", smallest script:\n" << trace << "\n" << failure;
}

TEST(convergence, random_sessions_end_with_equal_copies) {
  const std::uint64_t first = number_from_environment("ROS_FIRST_SEED", 1);
  const std::uint64_t count = number_from_environment("ROS_SEEDS", 1000);
  int failed = 0;
  for (std::uint64_t seed = first; seed < first + count && failed < 3; ++seed) {
    const session_script script = make_script(seed);
    if (play(script).empty())
      continue;
    ++failed;
    report(seed, script);
  }
}

} // namespace
} // namespace ros::test
