// Stored facts about a Realm as a whole (column family `realms`).
#pragma once

#include "sync/types.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

namespace ros::storage {

/// Keys and the fixed part of a history entry on disk, about.
inline constexpr std::uint64_t history_row_weight = 64;

/// What the Realm's writer needs to go on after a restart. Path, owner and creation time
/// are in the admin Realm's directory.
struct realm_record {
  std::string path;
  std::uint64_t sequence = 0; ///< of the last applied log entry
  sync::salted_version head;  ///< latest server version; salt 0 for version 0
  sync::file_ident next_ident = sync::first_client_file_ident;
  sync::version_type horizon = 0;  ///< entries up to here may have been compacted
  std::uint32_t feature_level = 0; ///< changesets.md 10
  std::uint64_t history_bytes = 0; ///< sum of all changeset sizes as stored now

  // What compaction has done (docs/storage.md, "Bounded history").
  std::uint64_t cumulative_size = 0; ///< of the head: the sum before any compaction
  std::uint64_t horizon_bytes = 0;   ///< changeset sizes up to the horizon as stored now
  std::uint64_t horizon_weight = 0; ///< about the bytes on disk that entries up to the horizon take
  std::uint64_t fold_next = 0;      ///< parts of a rewriting not in their place yet: the first
  std::uint64_t fold_last = 0;      ///< and the last of them; 0 = none

  /// About the bytes on disk that entries behind the horizon take: what the next compaction
  /// can make smaller.
  [[nodiscard]] std::uint64_t weight_behind_horizon() const {
    return history_bytes - std::min(horizon_bytes, history_bytes) +
           history_row_weight * (head.version - horizon);
  }
  /// Entries up to the horizon are being rewritten: nobody may read or merge with them now.
  [[nodiscard]] bool is_folding() const { return fold_last != 0; }
  friend bool operator==(const realm_record&, const realm_record&) = default;
};

} // namespace ros::storage
