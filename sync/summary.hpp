// What a changeset touches, in a few bytes: stored with every history entry and,
// merged, for every block of entries, so that integrating an upload reads and
// parses only what can interact with it (merge-rules.md 17).
//
// A summary is a byte of flags and then the sorted 32-bit hashes of all objects,
// declared classes and declared columns, or, where these are too many, a Bloom
// filter of them. Instructions of different hash interact only if one of them is
// EraseTable or EraseColumn; these are rare, have a flag, and interact with
// everything: rule P8 turns an EraseTable into an EraseColumn of any column, so
// no set of names could describe it.
#pragma once

#include "bytes.hpp"
#include "changeset.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ros::sync {

/// The encoded summary of a changeset; empty for an empty one. Five bytes for
/// one object, at most 4 KiB + 1 for any number.
std::string summarize(const changeset& changes);

/// One summary that interacts with whatever one of `parts` interacts with, for
/// blocks of history (summary_block_length).
std::string merge_summaries(std::span<const std::string_view> parts);

/// What a run of incoming changesets touches: the other side of may_interact.
class run_signature {
public:
  /// Adds a changeset of the run.
  void add(const changeset& changes);
  /// Must be called after the last add and before may_interact.
  void finish();

  [[nodiscard]] bool empty() const noexcept { return kinds_ == 0; }

private:
  friend bool may_interact(std::string_view summary, const run_signature& run);
  [[nodiscard]] bool contains(std::uint32_t hash) const;

  std::uint8_t kinds_ = 0;             ///< flags as in a summary
  std::vector<std::uint32_t> touched_; ///< sorted once finished
  std::vector<std::uint64_t> filter_;  ///< quick "not in touched_", a power of two of bits
};

/// False only if no instruction of the run can have an effect on, or feel an
/// effect of, what was summarized, in its history form or any reciprocal form
/// (merge-rules.md 17.1). Damaged summaries count as interacting.
bool may_interact(std::string_view summary, const run_signature& run);

} // namespace ros::sync
