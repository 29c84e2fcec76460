// Forward declarations and small values that every actor header may need.
#pragma once

#include <cstdint>

namespace ros::runtime {
class clock;
class random_source;
class websocket_connection;
} // namespace ros::runtime

namespace ros::storage {
class database;
} // namespace ros::storage

namespace ros::config {
struct configuration;
} // namespace ros::config
