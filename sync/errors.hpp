// What can be wrong with bytes or changes that a client sends. Errors are
// values: nothing in sync/ throws or asserts on input.
#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace ros::sync {

enum class ec : std::uint8_t {
  /// Bytes that are no changeset (changesets.md 8).
  bad_changeset,
  /// A pair of instructions that contradict each other (merge-rules.md 8).
  merge_failure,
  /// A changeset that cannot be applied to the state (changesets.md 13).
  apply_failure,
  /// Two schema declarations that contradict each other (changesets.md 13.9).
  schema_conflict,
  /// A cursor or version that breaks sync-protocol.md 3.4 or 3.5.
  bad_cursor,
  /// A wire message that breaks sync-protocol.md 2 and 3.
  bad_message,
  /// Stored bytes that do not decode: damage, never a client's fault.
  corrupt_store,
};

/// An error and the sentence an operator or developer reads. `protocol_code`
/// is the sync error number (sync-protocol.md 4.5) where one is fixed, else 0.
struct error {
  ec code = ec::bad_changeset;
  std::string message;
  int protocol_code = 0;
};

template <class T>
using result = boost::system::result<T, error>;

[[noreturn]] inline void throw_exception_from_error(const error& e, const boost::source_location&) {
  throw std::logic_error("unchecked error: " + e.message);
}

} // namespace ros::sync
