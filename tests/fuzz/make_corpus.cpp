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
#include <utility>
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

/// Messages of io.realm.sync 22, 28, 29 and 30, of which there are no captures.
std::vector<std::string> legacy_seeds() {
  const std::pair<int, std::string> seeds[] = {
      {22, "bind 1 4 3 1\n/t22abc"},
      {22, "ident 1 1 2 77 3 4 5 99\n"},
      {22, "upload 1 0 12 0\n2 1 1234 0 3"},
      {22, "upload 1 0 13 0\n2 1 1234 3 abc"},
      {22, "client 17 5\nabcde"},
      {22, "refresh 1 3\nabc"},
      {28, "upload 1 0 15 0 7\n2 1 1234 0 3 abc"},
      {28, "client_version_request 1 2 77\n"},
      {27, "state_request 1 0 0 0 1\n"},
      {29, "upload 1 0 15 0 9 7 6\n2 1 1234 0 3 abc"},
      {29, "transact 1 2 3\nabc"},
      {30, "bind 1 4 3 1 0\n/t30abc"},
  };
  std::vector<std::string> out;
  for (const auto& [version, text] : seeds)
    out.push_back(static_cast<char>(version - 1) + text);
  return out;
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
  auto write = [&](const std::string& bytes) {
    std::ofstream(directory / ("seed-" + std::to_string(++count)), std::ios::binary) << bytes;
  };
  if (kind == "message")
    for (const auto& bytes : legacy_seeds())
      write(bytes);
  for (int i = 3; i < argc; ++i) {
    const std::string content = read_file(argv[i]);
    for (std::size_t at = 0; at < content.size();) {
      const std::size_t end = std::min(content.find('\n', at), content.size());
      const std::string bytes = seed(std::string_view(content).substr(at, end - at), kind);
      if (!bytes.empty())
        write(bytes);
      at = end + 1;
    }
  }
  return count != 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
