// Any bytes through the parser of client messages. The first byte is the protocol
// version, less one: 1 to 14, and 15 to 30 of io.realm.sync.
#include "fuzz/message_properties.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const int version = 1 + data[0] % ros::sync::newest_legacy_version;
  const auto problem = ros::sync::testing::message_problem(
      std::string{reinterpret_cast<const char*>(data) + 1, size - 1}, version);
  if (!problem.empty()) {
    std::fprintf(stderr, "%s\n", problem.c_str());
    std::abort();
  }
  return 0;
}
