#include "vectors/vector_files.hpp"

#include "vectors/vector_json.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>

namespace ros::vectors {
namespace {

constexpr std::size_t reported_vectors = 10;
constexpr std::size_t longest_report = 2000;

std::filesystem::path find_directory() {
  if (const char* const configured = std::getenv("ROS_VECTORS")) {
    return configured;
  }
  const auto shared = std::filesystem::path(ROS_SHARED_DIR) / "vectors";
  if (std::filesystem::is_directory(shared)) {
    return shared;
  }
  return std::filesystem::path(ROS_TEST_DATA) / "vectors";
}

/// The file name without .jsonl or .jsonl.gz; empty for any other file.
std::string stem(std::string name) {
  for (const std::string_view extension : {".jsonl", ".jsonl.gz"}) {
    if (name.ends_with(extension)) {
      name.resize(name.size() - extension.size());
      return name;
    }
  }
  return {};
}

std::string shortened(std::string text) {
  if (text.size() > longest_report) {
    text.resize(longest_report);
    text += "...";
  }
  return text;
}

std::string id_of(const json::object& vector) {
  const json::value* const id = vector.if_contains("id");
  return id != nullptr && id->is_string() ? std::string(id->get_string()) : "(no id)";
}

} // namespace

const std::filesystem::path& directory() {
  static const std::filesystem::path found = find_directory();
  return found;
}

std::vector<file> files(std::string_view prefix) {
  std::vector<file> found;
  if (!std::filesystem::is_directory(directory())) {
    return found;
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory())) {
    std::string name = stem(entry.path().lexically_relative(directory()).generic_string());
    if (!name.empty() && name.starts_with(prefix)) {
      found.push_back({std::move(name), entry.path()});
    }
  }
  std::ranges::sort(found, {}, &file::name);
  return found;
}

std::vector<std::string> read_lines(const file& f) {
  // gzread reads plain files as they are.
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> in(gzopen(f.path.c_str(), "rb"), gzclose);
  if (!in) {
    throw std::runtime_error("cannot open " + f.path.string());
  }
  std::string content;
  std::array<char, 1 << 16> buffer;
  int size = 0;
  while ((size = gzread(in.get(), buffer.data(), buffer.size())) > 0) {
    content.append(buffer.data(), static_cast<std::size_t>(size));
  }
  if (size < 0) {
    throw std::runtime_error("cannot read " + f.path.string());
  }
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < content.size();) {
    const std::size_t end = std::min(content.find('\n', at), content.size());
    if (end != at && content[at] != '#') {
      lines.push_back(content.substr(at, end - at));
    }
    at = end + 1;
  }
  return lines;
}

void checks::expect_bytes(std::string_view what, std::string_view got, std::string_view wanted) {
  if (got != wanted) {
    fail(std::string(what) + "\n      is     " + to_hex(got) + "\n      wanted " + to_hex(wanted));
  }
}

void checks::expect_json(std::string_view what, const json::value& got, const json::value& wanted) {
  if (got != wanted) {
    fail(std::string(what) + "\n      is     " + json::serialize(got) + "\n      wanted " +
         json::serialize(wanted));
  }
}

void run_file(const file& f, const std::function<void(const json::object&, checks&)>& check) {
  std::size_t count = 0;
  std::size_t failed = 0;
  std::string report;
  std::string deviating;
  for (const std::string& line : read_lines(f)) {
    checks outcome;
    std::string id = "line " + std::to_string(++count);
    try {
      const json::object vector = json::parse(line).as_object();
      id = id_of(vector);
      if (vector.contains("deviates")) {
        deviating += "\n  " + id;
      }
      check(vector, outcome);
    } catch (const std::exception& e) {
      outcome.fail(std::string("exception: ") + e.what());
    }
    if (!outcome.problems().empty() && ++failed <= reported_vectors) {
      report += "\n  " + id;
      for (const std::string& problem : outcome.problems()) {
        report += "\n    " + shortened(problem);
      }
    }
  }
  if (!deviating.empty()) {
    std::cout << f.name << ": expectations that deviate from the reference:" << deviating << '\n';
  }
  EXPECT_GT(count, 0U) << f.name << " has no vectors";
  EXPECT_EQ(failed, 0U) << f.name << ": " << failed << " of " << count << " vectors failed"
                        << (failed > reported_vectors ? "; the first ten:" : ":") << report;
}

bool has_tag_starting_with(const json::object& vector, std::string_view prefix) {
  const json::value* const tags = vector.if_contains("tags");
  return tags != nullptr && std::ranges::any_of(tags->as_array(), [prefix](const json::value& t) {
           return std::string_view(t.as_string()).starts_with(prefix);
         });
}

bool has_tag(const json::object& vector, std::string_view tag) {
  const json::value* const tags = vector.if_contains("tags");
  return tags != nullptr && std::ranges::any_of(tags->as_array(), [tag](const json::value& t) {
           return std::string_view(t.as_string()) == tag;
         });
}

std::string test_name(const testing::TestParamInfo<file>& info) {
  std::string name = info.param.name;
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

} // namespace ros::vectors
