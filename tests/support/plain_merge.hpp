// Section 5 of merge-rules.md word for word: no summaries, no caches, everything
// parsed and encoded each time. What the integrator is compared with, and, with
// the roles exchanged, what a client does with a download (7.2).
#pragma once

#include "sync/changeset_codec.hpp"
#include "sync/merge.hpp"
#include "sync/types.hpp"

#include <map>
#include <vector>

namespace ros::test {

/// A changeset of one side as it is kept there, by the version it made there.
struct kept_changeset {
  sync::bytes data;
  sync::origin_timestamp timestamp = 0;
  sync::file_ident origin = 0;
};
using kept_history = std::map<sync::version_type, kept_changeset>;
using kept_reciprocals = std::map<sync::version_type, sync::bytes>;

/// A changeset of the other side; `base` is a version of `kept_history`.
struct arriving_changeset {
  sync::bytes data;
  sync::version_type base = 0;
  sync::origin_timestamp timestamp = 0;
  sync::file_ident origin = 0;
};

/// Merges what arrives with what of `history` is above each base, without what
/// has origin `skip`. Returns what arrived as it is to be applied; `reciprocals` is
/// updated, on error left alone. `adopt`: admission on a server.
sync::result<std::vector<sync::changeset>>
plain_merge(const kept_history& history, kept_reciprocals& reciprocals,
            const std::vector<arriving_changeset>& arriving, sync::file_ident skip, bool adopt);

} // namespace ros::test
