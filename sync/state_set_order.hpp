// When two elements of a set are one (changesets.md 13.5), as a key of bytes:
// equal keys, one element. Sets are kept sorted by it.
#pragma once

#include "state_value.hpp"

#include <string>

namespace ros::sync {

/// Numbers that are equal have one key whatever their type: Int 1, Double 1.0 and
/// Decimal 1.00. All NaN are one element, -0 is 0. Strings and binaries differ.
/// Collections and objects cannot be in a set; their key is empty.
std::string set_order_key(const stored_value& element);

} // namespace ros::sync
