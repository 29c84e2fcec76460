// What the tests of the merge engine share: changesets of two devices in, what
// the merge makes of them out, as one readable line per instruction.
#pragma once

#include "support/changeset_builder.hpp"
#include "sync/merge.hpp"

#include <string>
#include <vector>

namespace ros::test {

using lines = std::vector<std::string>;

/// One line per instruction, such as `ArrayInsert T[1].l[2] = "A" n=3`.
lines lines_of(const sync::changeset& changes);
inline lines lines_of(const changeset_builder& t) {
  return lines_of(t.changes());
}

/// A changeset_builder of one device.
struct made {
  made(const changeset_builder& t, sync::origin_timestamp at, sync::file_ident by)
      : made(t.changes(), at, by) {}
  made(sync::changeset changes, sync::origin_timestamp at, sync::file_ident by)
      : what{.changes = std::move(changes), .timestamp = at, .origin = by} {}
  sync::merge_changeset what;
};
/// Transactions of the two devices of merge-rules.md 13.
inline made by_a(sync::origin_timestamp at, const changeset_builder& t) {
  return {t, at, 2};
}
inline made by_b(sync::origin_timestamp at, const changeset_builder& t) {
  return {t, at, 3};
}

struct merged {
  std::vector<sync::changeset> majors;
  std::vector<sync::changeset> minors;
  std::vector<bool> majors_changed;
  std::vector<bool> minors_changed;
  sync::result<void> outcome;
};

using merge_function = sync::result<void> (*)(std::span<sync::merge_changeset* const>,
                                              std::span<sync::merge_changeset* const>);

/// Merges copies.
merged merge_copies(std::vector<made> majors, std::vector<made> minors,
                    merge_function merge = &sync::merge);

/// What is left of one changeset_builder of each side, whichever was first. Fails the
/// test if the order of arrival makes a difference (merge-rules.md 20, 14) or
/// the merge fails.
struct pair_result {
  lines a;
  lines b;
  friend bool operator==(const pair_result&, const pair_result&) = default;
};
pair_result merge_pair(const made& a, const made& b);
pair_result both(const changeset_builder& a, const changeset_builder& b);
void PrintTo(const pair_result& r, std::ostream* out);

/// The error of a merge that has to fail, in both orders of arrival.
sync::error merge_error(const made& a, const made& b);

} // namespace ros::test
