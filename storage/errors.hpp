// What can go wrong below the actors: disk, damage, misuse of the log.
#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace ros::storage {

enum class ec : std::uint8_t {
  /// The disk is full (or a quota is reached); nothing was written.
  no_space,
  /// Reading or writing failed otherwise.
  io,
  /// Stored bytes do not decode.
  corrupt,
  /// The root directory is in use by another process.
  locked,
  /// The layout on disk was written by a newer release.
  newer_layout,
  /// A log entry that does not follow the last one of its Realm, or damaged bytes.
  refused_entry,
};

struct error {
  ec code = ec::io;
  std::string message; ///< a sentence for the operator
};

template <class T>
using result = boost::system::result<T, error>;

[[noreturn]] inline void throw_exception_from_error(const error& e, const boost::source_location&) {
  throw std::logic_error("unchecked storage error: " + e.message);
}

} // namespace ros::storage
