// The value of a field that was never set (changesets.md 13.2). Internal to the
// object state.
#pragma once

#include "state_schema.hpp"

namespace ros::sync {

/// Null if the column is nullable, else zero, false or empty; an empty collection
/// for collections. A link is always nullable.
stored_value default_value(const schema_column& column);

} // namespace ros::sync
