// Why a log did not take an entry.
#pragma once

#include <caf/atom.hpp>
#include <caf/error.hpp>
#include <caf/make_message.hpp>

#include <cstdint>
#include <string>

namespace ros::cluster {

enum class ec : std::uint8_t {
  none = 0,
  /// The disk is full.
  no_space,
  /// The disk failed.
  io,
  /// The entry does not follow the last one of its Realm.
  refused,
  /// This copy does not lead the shard (any more).
  not_leader,
};

std::string to_string(ec x);

} // namespace ros::cluster
CAF_ERROR_CODE_ENUM(ros::cluster::ec, "ros_shard")
