// Writes the seeds of a fuzzer from golden vectors and captures:
//   make_corpus changeset|merge|message|compaction DIRECTORY FILE...
// One seed for every line: its raw bytes, or for the fuzzers of merging and compaction its first
// two changesets in the form merge_properties.hpp reads, or a captured message behind its protocol
// version.
#include "fuzz/merge_properties.hpp"

#include <zlib.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::string read_file(const char* path) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> in(gzopen(path, "rb"), gzclose);
  std::string content;
  std::array<char, 1 << 16> buffer;
  for (int size = 0; in && (size = gzread(in.get(), buffer.data(), buffer.size())) > 0;) {
    content.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return content;
}

std::string unhex(std::string_view hex) {
  std::string raw;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    raw += static_cast<char>(std::strtol(std::string(hex.substr(i, 2)).c_str(), nullptr, 16));
  }
  return raw;
}

/// The hex strings behind `"name":"` in the line, unpacked.
std::vector<std::string> members(std::string_view line, std::string_view name) {
  const std::string key = '"' + std::string(name) + "\":\"";
  std::vector<std::string> found;
  for (std::size_t at = line.find(key); at != std::string_view::npos; at = line.find(key, at)) {
    at += key.size();
    found.push_back(unhex(line.substr(at, line.find('"', at) - at)));
  }
  return found;
}

/// A captured message of either side: head, line feed, body.
std::string message_seed(std::string_view line) {
  const std::string_view key = "\"head\":\"";
  const auto at = line.find(key);
  const auto body = members(line, "body_hex");
  if (at == std::string_view::npos || body.size() != 1)
    return {};
  line.remove_prefix(at + key.size());
  constexpr char version = 13; // 1 + 13
  return version + std::string(line.substr(0, line.find('"'))) + '\n' + body.front();
}

/// Nothing if the line has no seed.
std::string seed(std::string_view line, std::string_view kind) {
  if (kind == "message")
    return message_seed(line);
  if (kind != "merge" && kind != "compaction") {
    const auto raw = members(line, "raw");
    return raw.empty() ? std::string() : raw.front();
  }
  const auto changesets = members(line, "hex");
  return changesets.size() < 2 ? std::string()
                               : ros::sync::testing::merge_input(changesets[0], changesets[1]);
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: make_corpus changeset|merge|message|compaction DIRECTORY FILE...\n";
    return EXIT_FAILURE;
  }
  const std::string_view kind = argv[1];
  const std::filesystem::path directory = argv[2];
  std::filesystem::create_directories(directory);
  std::size_t count = 0;
  for (int i = 3; i < argc; ++i) {
    const std::string content = read_file(argv[i]);
    for (std::size_t at = 0; at < content.size();) {
      const std::size_t end = std::min(content.find('\n', at), content.size());
      const std::string bytes = seed(std::string_view(content).substr(at, end - at), kind);
      if (!bytes.empty()) {
        std::ofstream(directory / ("seed-" + std::to_string(++count)), std::ios::binary) << bytes;
      }
      at = end + 1;
    }
  }
  return count != 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
