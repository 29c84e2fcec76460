// Comparing payloads across changesets (merge-rules.md 9 and P28).
#pragma once

#include "merge_names.hpp"

namespace ros::sync::merging {

/// "Same value": equal type and content. Floats compare by IEEE rules, decimals
/// numerically, links by class name and key.
bool same_value(const value& x, const source_changeset& in_x, const value& y,
                const source_changeset& in_y);

/// "Token-equal": as same_value, but strings and binaries compare by their place
/// in the virtual string buffer and links by intern index. Quirk Q3: the clients do it.
bool same_token(const value& x, const value& y);

/// Equal for values for which same_value holds.
std::uint32_t hash_value(const value& v, const source_changeset& in);

} // namespace ros::sync::merging
