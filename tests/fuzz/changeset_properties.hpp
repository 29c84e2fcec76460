// What must hold for any bytes given to the changeset parser. Shared by the
// fuzzer and by the tests that run mutated vectors.
#pragma once

#include "sync/changeset_codec.hpp"
#include "sync/summary.hpp"

#include <string>
#include <string_view>

namespace ros::sync::testing {

/// What is wrong with a changeset that was parsed: its encoding must be a fixed
/// point that means the same. Empty if nothing is.
inline std::string round_trip_problem(const changeset& changes) {
  const std::string once = encode_changeset(changes);
  if (once.empty() != changes.instructions.empty()) {
    return "only a changeset without instructions encodes to nothing";
  }
  const auto again = parse_changeset(bytes(once));
  if (!again) {
    return "its own encoding is refused: " + again.error().message;
  }
  if (encode_changeset(*again) != once) {
    return "the encoding is no fixed point";
  }
  if (again->instructions.size() != changes.instructions.size()) {
    return "instructions got lost";
  }
  if (!once.empty() && again->strings != changes.strings) {
    return "interned strings changed";
  }
  if (!once.empty() && again->virtual_size != changes.virtual_size) {
    return "the virtual string buffer has another size";
  }
  const int version = required_protocol_version(changes);
  if (version < 1 || version > newest_protocol_version ||
      version != required_protocol_version(*again)) {
    return "the required protocol version is wrong";
  }
  run_signature run;
  run.add(*again);
  run.finish();
  if (may_interact(summarize(changes), run) != !changes.instructions.empty()) {
    return "a changeset does not interact with itself";
  }
  return {};
}

/// What is wrong with how these bytes are treated; empty if nothing is.
inline std::string changeset_problem(std::string_view input) {
  const auto parsed = parse_changeset(bytes(std::string(input)));
  if (parsed) {
    return round_trip_problem(*parsed);
  }
  if (parsed.error().code != ec::bad_changeset) {
    return "refused with another code than bad_changeset";
  }
  if (parsed.error().message.find(" (byte ") == std::string::npos) {
    return "refused without an offset";
  }
  return {};
}

} // namespace ros::sync::testing
