// The merge engine: rebases two lists of changesets that were made
// independently on the same state onto each other (merge-rules.md 8 to 12).
// Pure computation; the caller owns the changesets.
#pragma once

#include "changeset.hpp"
#include "errors.hpp"
#include "types.hpp"

#include <span>

namespace ros::sync {

/// A changeset taking part in a merge, with the age it has in all of them.
struct merge_changeset {
  changeset changes;
  origin_timestamp timestamp = 0;
  file_ident origin = 0; ///< the real file: 1 for changes made by the server, never 0
  bool changed = false;  ///< an instruction was dropped, inserted or modified
};

/// Merges in place: afterwards the majors follow the minors and the minors
/// follow the majors (merge-rules.md 8). Each list is in causal order; on a
/// server majors are the history window, minors what the client sent. Cost
/// grows with the number of instructions plus the number of pairs that address
/// the same field (section 17). A contradiction is ec::merge_failure
/// (ec::schema_conflict for P1 and P9); both lists are then half merged and
/// must be thrown away.
result<void> merge(std::span<merge_changeset* const> majors,
                   std::span<merge_changeset* const> minors);

} // namespace ros::sync
