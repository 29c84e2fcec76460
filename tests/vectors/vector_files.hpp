// Finds and runs the golden vectors: files with one JSON object per line, what
// the reference implementation did with given input. Shared by every source of
// `vector_tests`; each of them brings one parametrised suite, one case per file:
//
//   class codec_vectors : public vectors::suite {};
//   TEST_P(codec_vectors, decode_and_encode) {
//     run_file(GetParam(), [](const json::object& v, checks& c) { ... });
//   }
//   VECTOR_SUITE(codec_vectors, vectors::files("codec/changesets"));
#pragma once

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ros::vectors {

namespace json = boost::json;

/// One file below the vector directory; `name` is its path there without
/// extension, such as "merge/two-sided/list".
struct file {
  std::string name;
  std::filesystem::path path;
};

/// The directory in the environment variable ROS_VECTORS; else the full set
/// beside the source tree; else the small one in tests/data/vectors.
const std::filesystem::path& directory();

/// The .jsonl and .jsonl.gz files whose name starts with `prefix`, by name.
std::vector<file> files(std::string_view prefix);

/// The lines of a file, unpacked, without comments. Throws std::runtime_error
/// if it cannot be read.
std::vector<std::string> read_lines(const file& f);

/// Collects what is wrong with one vector.
class checks {
public:
  void fail(std::string why) { problems_.push_back(std::move(why)); }
  void expect(bool ok, std::string_view what) {
    if (!ok) {
      fail(std::string(what));
    }
  }
  /// Compares bytes and shows both in hex where they differ.
  void expect_bytes(std::string_view what, std::string_view got, std::string_view wanted);
  /// Compares JSON texts, as above.
  void expect_json(std::string_view what, const json::value& got, const json::value& wanted);

  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

private:
  std::vector<std::string> problems_;
};

/// Runs `check` on every vector of the file. Fails the running test if any
/// vector has problems (or none was there), naming the first ten; vectors with
/// a `deviates` key are listed apart. Exceptions count as problems.
void run_file(const file& f, const std::function<void(const json::object&, checks&)>& check);

/// True if the vector has the tag; or, with `prefix`, one that starts like it.
bool has_tag(const json::object& vector, std::string_view tag);
bool has_tag_starting_with(const json::object& vector, std::string_view prefix);

/// Base of the suites.
using suite = testing::TestWithParam<file>;

/// File names as test names: "two_sided_list".
std::string test_name(const testing::TestParamInfo<file>& info);

} // namespace ros::vectors

/// Files that are not there (only the small ones are in the source tree) give no cases.
#define VECTOR_SUITE(suite_name, file_list)                                                        \
  GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(suite_name);                                       \
  INSTANTIATE_TEST_SUITE_P(files, suite_name, testing::ValuesIn(file_list), ros::vectors::test_name)
