// Parsing what a stranger sent within a limit of memory: an instruction of two bytes takes
// more than a hundred once it is parsed.
#pragma once

#include "changeset_codec.hpp"

namespace ros::sync {

/// As parse_changeset; instructions that would take more than `max_memory` bytes are
/// refused with ec::bad_changeset. While they grow, twice as much may be in use.
result<changeset> parse_changeset_within(std::size_t max_memory, const bytes& data,
                                         int protocol_version);

} // namespace ros::sync
