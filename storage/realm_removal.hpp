// How the data of a deleted Realm leaves the store (http-api.md 6.5).
#pragma once

#include "database.hpp"
#include "log_entry.hpp"

#include <cstdint>
#include <optional>

namespace ros::storage {

/// The last entry of a Realm: all its rows go but its record, from which on no earlier
/// entry can follow. Nothing if there is nothing to remove. Realm ids are never used again.
result<std::optional<log_entry>> make_removal_entry(const database& db, std::uint32_t shard,
                                                    std::uint64_t realm_id);

} // namespace ros::storage
