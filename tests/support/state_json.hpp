// The content of a Realm as JSON in the form of the golden vectors (vectors
// README, step `state`): for comparing states in tests.
#pragma once

#include "sync/object_reader.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace ros::test {

/// STATE: classes with objects, each an array sorted by key. Throws
/// std::runtime_error if the state cannot be read.
boost::json::object state_to_json(sync::object_reader reader);

/// One value.
boost::json::value value_to_json(const sync::read_value& value);

/// SCHEMA: every class.
boost::json::object schema_to_json(sync::object_reader reader);

} // namespace ros::test
