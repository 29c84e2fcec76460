// Errors that travel between actors of the sync side.
#pragma once

#include <caf/atom.hpp>
#include <caf/error.hpp>
#include <caf/make_message.hpp>

#include <cstdint>
#include <string>

namespace ros::actors {

enum class ec : std::uint8_t {
  none = 0,
  /// A sync error for one session: message context is (code, text).
  session_error,
  /// The Realm cannot be used now: storage failed, or it is closing. Try again.
  unavailable,
  /// The Realm is quarantined: nobody can use it until an operator releases it.
  quarantined,
  /// A bounded queue is full. Try again later.
  overloaded,
  /// The caller lacks the permission.
  denied,
  /// An operation of a `transact` cannot be carried out: message context is a sentence.
  bad_operation,
};

std::string to_string(ec x);

} // namespace ros::actors
CAF_ERROR_CODE_ENUM(ros::actors::ec, "ros_sync")
