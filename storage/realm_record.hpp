// Stored facts about a Realm as a whole (column family `realms`).
#pragma once

#include "sync/types.hpp"

#include <cstdint>
#include <string>

namespace ros::storage {

/// What the Realm's writer needs to go on after a restart. Path, owner and creation time
/// are in the admin Realm's directory.
struct realm_record {
  std::string path;
  std::uint64_t sequence = 0; ///< of the last applied log entry
  sync::salted_version head;  ///< latest server version; salt 0 for version 0
  sync::file_ident next_ident = sync::first_client_file_ident;
  sync::version_type horizon = 0;  ///< entries up to here may have been compacted
  std::uint32_t feature_level = 0; ///< changesets.md 10
  std::uint64_t history_bytes = 0; ///< sum of all changeset sizes
  friend bool operator==(const realm_record&, const realm_record&) = default;
};

} // namespace ros::storage
