// A log entry: the exact write batch of one step of one Realm (architecture.md 4).
// Made by the Realm's single writer, carried by the shard log, applied as bytes.
#pragma once

#include "sync/bytes.hpp"

#include <cstdint>
#include <string>

namespace ros::storage {

/// Number of shards of a single node; fixed when a root directory is created.
inline constexpr std::uint32_t default_shard_count = 64;
/// The shard of the admin Realm: behind all others.
inline constexpr std::uint32_t admin_shard = 0xffff;
inline constexpr std::uint64_t admin_realm_id = 0;

/// The shard of a Realm, from its canonical path; stable for ever.
std::uint32_t shard_of(std::string_view path, std::uint32_t shard_count = default_shard_count);

struct log_entry {
  static constexpr std::uint32_t current_layout = 1;

  std::uint32_t layout = current_layout; ///< of the keys and values in `batch`
  std::uint32_t shard = 0;
  std::uint64_t realm_id = 0;
  /// Number of this entry among the Realm's, 1 .. without gaps: an entry that does not
  /// follow the last applied one is refused, so nothing is built on a lost step.
  std::uint64_t sequence = 0;
  std::uint64_t first_version = 0; ///< first server version it adds; 0 = none
  std::uint64_t last_version = 0;  ///< head after it; 0 = unchanged
  sync::bytes batch;               ///< RocksDB write batch representation
  sync::bytes before_images;       ///< sync/before_image.hpp; empty = none
};

} // namespace ros::storage
