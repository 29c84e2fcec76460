// Histories that end with any two changesets, compacted.
#include "fuzz/compaction_properties.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ros;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.size() < 2)
    return 0;
  // As merge_input: the length of the first, the first, the second.
  const std::size_t length =
      static_cast<std::uint8_t>(input[0]) | static_cast<std::size_t>(input[1] & 0x7f) << 8;
  input.remove_prefix(2);
  if (length > input.size())
    return 0;
  const auto first = sync::parse_changeset(sync::bytes(std::string(input.substr(0, length))));
  const auto second = sync::parse_changeset(sync::bytes(std::string(input.substr(length))));
  if (!first || !second)
    return 0;
  static const sync::changeset start = test::fuzz_realm();
  const std::string problem = sync::testing::compaction_problem({start, *first, *second});
  if (!problem.empty()) {
    std::fprintf(stderr, "%s\n", problem.c_str());
    std::abort();
  }
  return 0;
}
