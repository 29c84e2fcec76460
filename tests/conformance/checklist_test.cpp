// The checklist of sync-protocol.md 10 as such: none of its numbers is without a test.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace ros::test {
namespace {

/// "T14" of "T14_frames_are_binary"; empty for a name without a number.
void note(const std::string& name, std::set<std::string>& found) {
  static const std::regex number{"^([A-Z][a-z]*[0-9]+)[_ ].*"};
  std::smatch match;
  if (std::regex_match(name, match, number))
    found.insert(match[1]);
}

/// Of this program and of the real SDK's suites.
std::set<std::string> tested() {
  std::set<std::string> found;
  const auto& program = *testing::UnitTest::GetInstance();
  for (int i = 0; i < program.total_test_suite_count(); ++i) {
    const auto& suite = *program.GetTestSuite(i);
    for (int k = 0; k < suite.total_test_count(); ++k)
      note(suite.GetTestInfo(k)->name(), found);
  }
  const std::filesystem::path sdk = std::filesystem::path{ROS_TEST_DATA} / ".." / "sdk";
  const std::regex title{R"re(^test\("([^"]*)")re"};
  for (const auto& file : std::filesystem::directory_iterator{sdk}) {
    if (!file.path().string().ends_with(".test.mjs"))
      continue;
    std::ifstream in(file.path());
    for (std::string line; std::getline(in, line);) {
      std::smatch match;
      if (std::regex_search(line, match, title))
        note(match[1], found);
    }
  }
  return found;
}

TEST(Checklist, has_a_test_for_every_number) {
  const auto found = tested();
  const std::pair<const char*, int> chapters[] = {{"T", 17}, {"F", 8},  {"S", 11}, {"R", 11},
                                                  {"U", 12}, {"D", 9},  {"M", 5},  {"E", 13},
                                                  {"P", 4},  {"L", 10}, {"X", 1}};
  for (const auto& [letter, count] : chapters)
    for (int i = 1; i <= count; ++i)
      EXPECT_TRUE(found.contains(letter + std::to_string(i))) << letter << i;
  for (const int item : {102, 103, 104})
    EXPECT_TRUE(found.contains("Robust" + std::to_string(item))) << item;
}

} // namespace
} // namespace ros::test
