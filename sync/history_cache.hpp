// The history of one Realm as the integrator sees it: what is committed, plus
// what was appended and is not committed yet. Keeps the summaries of history and
// the recently read changesets in memory within a budget, so that an upload
// reads and parses only what it can interact with (merge-rules.md 17.2). Owned
// by the integrator.
#pragma once

#include "changeset.hpp"
#include "errors.hpp"
#include "history.hpp"
#include "lru_cache.hpp"
#include "summary.hpp"
#include "types.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ros::sync {

/// An entry that a run of incoming changesets may interact with.
struct window_entry {
  version_type version = 0;
  file_ident origin = 0; ///< as stored: 0 for the server
  origin_timestamp timestamp = 0;
};

/// Not thread-safe. Errors are ec::corrupt_store or what the source reports.
class history_cache {
public:
  /// `budget`: bytes of summaries and changesets to keep beyond what is pending.
  history_cache(const history_source& source, std::size_t budget);

  /// Server version including pending entries.
  [[nodiscard]] version_type head() const noexcept { return committed_head_ + pending_.size(); }
  /// Server version the source is known to hold.
  [[nodiscard]] version_type committed_head() const noexcept { return committed_head_; }

  /// The entries in first .. last, ascending, that are not empty, were not made
  /// by `skip` and may interact with `run` (merge-rules.md 5, W). `last` <= head().
  result<std::vector<window_entry>> window(version_type first, version_type last, file_ident skip,
                                           const run_signature& run);

  /// The parsed history form of one entry, 1 .. head(); shared, never changed.
  result<std::shared_ptr<const changeset>> parsed(version_type version);

  /// Appends an entry; version and cumulative size are filled in here. On error
  /// nothing was appended.
  result<void> append(history_entry entry);
  /// Takes back pending entries above `head`; none of them may be taken.
  void rollback(version_type head);

  /// Pending entries not taken before, and the summaries of blocks they complete.
  void take(std::vector<history_entry>& entries,
            std::vector<std::pair<std::uint64_t, bytes>>& block_summaries);
  /// The source now holds everything taken.
  void committed();
  /// Forgets everything pending and every cache.
  void discard();

  /// From now on; forgets what exceeds it.
  void set_budget(std::size_t budget);
  [[nodiscard]] std::size_t memory_use() const noexcept;

private:
  /// Origins and summaries of the committed entries of one block, from its first.
  struct block_heads {
    struct head {
      file_ident origin = 0;
      origin_timestamp timestamp = 0;
      std::uint32_t begin = 0; ///< of its summary in `summaries`
      std::uint32_t size = 0;  ///< 0: the entry is empty
    };
    std::vector<head> heads;
    std::string summaries;

    void add(const history_entry& entry);
    [[nodiscard]] std::string_view summary(const head& h) const {
      return std::string_view(summaries).substr(h.begin, h.size);
    }
    [[nodiscard]] std::size_t cost() const;
  };
  result<std::shared_ptr<block_heads>> load_block(std::uint64_t block);
  bytes block_summary(std::uint64_t block);
  void keep_block_summary(std::uint64_t block, const bytes& summary);
  result<bytes> summarize_block(std::uint64_t block);
  result<void> find_committed(version_type first, version_type last, file_ident skip,
                              const run_signature& run, std::vector<window_entry>& found);
  void find_pending(version_type first, version_type last, file_ident skip,
                    const run_signature& run, std::vector<window_entry>& found) const;
  void remember_committed(const history_entry& entry);
  void shrink_recent();
  result<void> load_size();

  const history_source& source_;
  std::size_t budget_;
  version_type committed_head_ = 0;

  std::deque<history_entry> pending_; ///< committed_head_ + 1 and on
  std::size_t taken_ = 0;             ///< how many of them are taken
  std::size_t pending_bytes_ = 0;
  std::deque<std::pair<std::uint64_t, bytes>> pending_block_summaries_;
  std::size_t taken_block_summaries_ = 0;

  bool size_known_ = false;
  std::uint64_t committed_size_ = 0; ///< cumulative size at committed_head_

  std::vector<bytes> block_summaries_; ///< by block; empty = not loaded
  std::size_t block_summary_bytes_ = 0;
  lru_cache<std::uint64_t, std::shared_ptr<block_heads>> blocks_;
  lru_cache<version_type, std::shared_ptr<const changeset>> changesets_; ///< parsed

  std::deque<bytes> recent_; ///< changesets committed last, in order; nearly none is asked for
  version_type recent_first_ = 0;
  std::size_t recent_bytes_ = 0;
};

/// Memory a parsed changeset holds, approximately, without the bytes it was
/// parsed from.
std::size_t parsed_cost(const changeset& changes) noexcept;

} // namespace ros::sync
