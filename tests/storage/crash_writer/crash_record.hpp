// What the crash writer tells the test that kills it.
#pragma once

#include "support/storage_samples.hpp"

#include <cstdint>

namespace ros::test {

inline constexpr std::uint64_t crash_threads = 4;
inline constexpr std::uint64_t crash_realms_per_thread = 5;
inline constexpr std::size_t crash_data_size = 700;

/// An entry is durable.
struct crash_record {
  std::uint64_t realm_id = 0;
  std::uint64_t sequence = 0;
  std::uint64_t head = 0; ///< last version it added
  std::int64_t mark = 0;
};

} // namespace ros::test
