// What must hold for the merge of any two changesets. Shared by the fuzzer and
// by the tests that run mutated vectors.
#pragma once

#include "sync/changeset_codec.hpp"
#include "sync/merge.hpp"
#include "sync/summary.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ros::sync::testing {

/// Two changesets as one input: the length of the first in two bytes, the upper
/// bit of which says who is older; the first; the second.
inline std::string merge_input(std::string_view first, std::string_view second) {
  std::string input;
  input += static_cast<char>(static_cast<std::uint8_t>(first.size()));
  input += static_cast<char>(static_cast<std::uint8_t>(first.size() >> 8 & 0x7f));
  return input.append(first).append(second);
}

/// Both sides of a merge.
struct merge_sides {
  merge_changeset major;
  merge_changeset minor;

  /// What is in the way of merging, if anything; the sides are then half merged.
  std::optional<ec> merge() {
    const std::array<merge_changeset*, 1> majors{&major};
    const std::array<merge_changeset*, 1> minors{&minor};
    const auto outcome = sync::merge(majors, minors);
    return outcome ? std::nullopt : std::optional(outcome.error().code);
  }
};

inline std::string merged_form_problem(const changeset& merged) {
  const std::string once = encode_changeset(merged);
  const auto again = parse_stored_changeset(bytes(once));
  if (!again) {
    return "the result is refused: " + again.error().message;
  }
  return encode_changeset(*again) == once ? "" : "the encoding of the result is no fixed point";
}

/// What is wrong with merging these two; empty if nothing is.
inline std::string merge_problem(const changeset& first, const changeset& second,
                                 bool second_is_older) {
  const origin_timestamp second_time = second_is_older ? 1 : 3;
  merge_sides sides{{first, 2, 2}, {second, second_time, 3}};
  merge_sides exchanged{{second, second_time, 3}, {first, 2, 2}};
  const auto failure = sides.merge();
  if (failure.has_value() != exchanged.merge().has_value()) {
    return "the outcome depends on the sides"; // which of two failures is met first may
  }
  if (failure) {
    return *failure == ec::merge_failure || *failure == ec::schema_conflict ? ""
                                                                            : "a strange error";
  }
  const std::string first_merged = encode_changeset(sides.major.changes);
  const std::string second_merged = encode_changeset(sides.minor.changes);
  if (first_merged != encode_changeset(exchanged.minor.changes) ||
      second_merged != encode_changeset(exchanged.major.changes)) {
    return "the result depends on the sides";
  }
  run_signature run;
  run.add(second);
  run.finish();
  if (!may_interact(summarize(first), run) &&
      (sides.major.changed || sides.minor.changed || first_merged != encode_changeset(first) ||
       second_merged != encode_changeset(second))) {
    return "the summary hides an interaction";
  }
  const std::string problem = merged_form_problem(sides.major.changes);
  return problem.empty() ? merged_form_problem(sides.minor.changes) : problem;
}

/// As above for input in the form of merge_input; input that is none is fine.
inline std::string merge_problem(std::string_view input) {
  if (input.size() < 2) {
    return {};
  }
  const auto low = static_cast<std::uint8_t>(input[0]);
  const auto high = static_cast<std::uint8_t>(input[1]);
  const std::size_t length = low | static_cast<std::size_t>(high & 0x7fU) << 8;
  input.remove_prefix(2);
  if (length > input.size()) {
    return {};
  }
  const auto first = parse_changeset(bytes(std::string(input.substr(0, length))));
  const auto second = parse_changeset(bytes(std::string(input.substr(length))));
  return first && second ? merge_problem(*first, *second, (high & 0x80U) != 0) : std::string();
}

} // namespace ros::sync::testing
