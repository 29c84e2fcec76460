// What a changeset touches, in a few bytes: stored with every history entry and,
// merged, for every block of entries, so that integrating an upload reads and
// parses only what can interact with it (merge-rules.md 17).
#pragma once

#include "bytes.hpp"
#include "changeset.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ros::sync {

/// The encoded summary of a changeset; empty for an empty one. Ten bytes for
/// one object, at most 4 KiB + 1 for any number.
std::string summarize(const changeset& changes);

/// One summary that interacts with whatever one of `parts` interacts with, for
/// blocks of history (summary_block_length). At most 4 KiB + 1 bytes.
std::string merge_summaries(std::span<const std::string_view> parts);

/// What a run of incoming changesets touches: the other side of may_interact.
class run_signature {
public:
  /// Adds a changeset of the run.
  void add(const changeset& changes);
  /// Must be called after the last add and before may_interact.
  void finish();

  [[nodiscard]] bool empty() const noexcept { return touched_.empty() && !erases_table_; }

private:
  friend bool may_interact(std::string_view summary, const run_signature& run);
  std::vector<std::uint32_t> touched_; ///< sorted once finished
  std::vector<std::uint64_t> filter_;  ///< quick "not in touched_", a power of two of bits
  bool erases_table_ = false;
  bool schema_only_ = true; ///< nothing but AddTable and AddColumn
};

/// False only if no instruction of the run can have an effect on, or feel an
/// effect of, what was summarized, in its history form or any reciprocal form
/// (merge-rules.md 17.1). Damaged summaries count as interacting.
bool may_interact(std::string_view summary, const run_signature& run);

} // namespace ros::sync
