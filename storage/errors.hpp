// What can go wrong below the actors: disk, damage, misuse of the log.
#pragma once

#include "sync/errors.hpp"

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

/// The same in the terms of sync/, always ec::corrupt_store. Its protocol code is 0 where
/// something is damaged, and 201 (sync-protocol.md 4.5) where it cannot be read now.
sync::error to_sync_error(const error& e);

template <class T>
using result = boost::system::result<T, error>;

[[noreturn]] inline void throw_exception_from_error(const error& e, const boost::source_location&) {
  throw std::logic_error("unchecked storage error: " + e.message);
}

} // namespace ros::storage
