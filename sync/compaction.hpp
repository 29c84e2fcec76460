// Compacting old history in place (merge-rules.md 16, sync-protocol.md 5.2 "Retention"):
// what entries 1 .. horizon have to say about the state at the horizon stays, what they
// say about anything else goes. Pure: the caller reads and stores, on any thread.
//
// What stays of an object that exists at the horizon:
//   - its creation, once; nothing of an object that does not exist, erasure included;
//   - of a single value the assignments that no later, not older one covers (condition 1),
//     and increments, each run of them summed up in the youngest changeset of the run;
//   - lists, sets, dictionaries, embedded objects and Mixed values that hold collections
//     either as they are or, where that is much shorter, as the instructions that build
//     their content, in the last changesets that touched them (conditions 4 and 5). For
//     whoever merges with it later all of it was assigned then: ages, defaults and
//     increments of single elements are not told apart any more;
//   - schema instructions, except declarations of what exists already.
//
// What the caller has to guarantee and to do:
//   - Entries up to the horizon do not change meanwhile, and no client file that may still
//     come back has integrated or been sent a part of them: all have a base >= horizon or
//     start at 0. So the changed entries become visible together, and a client that has
//     begun to download 1 .. horizon before must not go on after.
//   - Version, origin, client version, timestamp and salt of an entry stay; data and
//     summary are replaced, and the cumulative sizes from there on become smaller. What
//     is built anew may be larger than the entry was: its original size is then raised.
//   - Caches over the history are stale afterwards: integrator::discard().
//   - A compacted entry touches nothing that it did not touch before, so stored block
//     summaries stay valid as they are; merge_summaries over the new ones makes them
//     sharper.
#pragma once

#include "bytes.hpp"
#include "errors.hpp"
#include "history.hpp"
#include "types.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace ros::sync {

/// What an entry becomes.
struct compacted_entry {
  version_type version = 0;
  bytes data;    ///< canonical changeset; empty = nothing left
  bytes summary; ///< of `data`, as summarize() makes it
};

struct compaction_options {
  /// Working memory, about; the objects are looked at in several rounds if it does not
  /// suffice for all that exist. One bit for each instruction of the history, and what
  /// is built anew, come on top.
  std::size_t memory_bytes = 128u << 20;
  /// Asked about every thousand entries read, if set; false stops early.
  std::function<bool()> go_on = {};
};

struct compaction_outcome {
  bool complete = false;          ///< false: `out` or `go_on` stopped it
  std::uint64_t changed = 0;      ///< entries handed out
  std::uint64_t emptied = 0;      ///< of these, entries with nothing left
  std::uint64_t bytes_before = 0; ///< of data of entries 1 .. horizon
  std::uint64_t bytes_after = 0;  ///< valid if complete
  std::uint32_t rounds = 0;       ///< how often the history was read to look at objects
};

/// Reads entries 1 .. horizon of `history` (several times), and hands every entry whose
/// bytes change to `out`, in ascending order; `out` returning false stops early. Applied
/// to an empty Realm the compacted entries give exactly the state at the horizon.
/// Versions that `history` leaves out count as empty. Errors: ec::corrupt_store if an
/// entry does not decode or apply, or what `history` reports; then nothing must be stored.
result<compaction_outcome> compact_history(const history_source& history, version_type horizon,
                                           const compaction_options& options,
                                           const std::function<bool(compacted_entry)>& out);

} // namespace ros::sync
