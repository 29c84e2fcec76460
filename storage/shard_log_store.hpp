// One copy of a shard's replicated log (family `log`) and what this copy has agreed
// to and applied (family `meta`). For shards with several copies: an entry is appended
// first and applied once it is committed, because an uncommitted one may have to be cut
// off (architecture.md 4, 5). Not thread-safe; owned by whoever runs the copy.
#pragma once

#include "database.hpp"
#include "log_entry.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ros::storage {

/// An entry at its place in a shard's log.
struct logged_entry {
  std::uint64_t epoch = 0; ///< of the leader that made it
  std::uint64_t index = 0; ///< 1 .. without gaps
  log_entry entry;
};

class shard_log_store {
public:
  shard_log_store(database& db, std::uint32_t shard);

  /// Reads where this copy stands. Call first, and again after any error.
  result<void> load();

  /// Newest epoch this copy has taken part in; entries of older leaders are refused by
  /// its owner.
  [[nodiscard]] std::uint64_t epoch() const noexcept { return state_.epoch; }
  /// Index of the last entry; 0 for an empty log.
  [[nodiscard]] std::uint64_t last_index() const noexcept { return last_index_; }
  /// Entries up to here are committed and visible to readers.
  [[nodiscard]] std::uint64_t applied_index() const noexcept { return state_.applied; }

  /// Remembers a newer epoch, durably.
  result<void> enter_epoch(std::uint64_t epoch);

  /// The entry at `index`, which must be in 1 .. last_index(); otherwise, or if it is
  /// damaged, ec::corrupt.
  result<logged_entry> read(std::uint64_t index) const;

  /// Appends consecutive entries with one synced write. Where the first index is not behind
  /// the last entry, everything from there on is cut off in the same write. Fails with
  /// ec::refused_entry if that would leave a gap or cut off what is applied.
  result<void> append(std::span<const logged_entry> entries);

  /// Applies entries up to `index`, in order, with one synced write that also remembers how
  /// far. Entries that do not follow their Realm's last one, or are damaged, are left out, alike
  /// on all copies; the answer is their indexes.
  result<std::vector<std::uint64_t>> apply(std::uint64_t index);

private:
  struct state {
    std::uint64_t epoch = 0;
    std::uint64_t applied = 0;
  };
  [[nodiscard]] std::string entry_key(std::uint64_t index) const;
  [[nodiscard]] static std::string encode(const state& x);

  database& db_;
  std::uint32_t shard_;
  std::string state_key_;
  state state_;
  std::uint64_t last_index_ = 0;
};

std::string encode_logged_entry(const logged_entry& x);
/// Fails with ec::corrupt.
result<logged_entry> decode_logged_entry(std::uint64_t index, std::string_view data);

} // namespace ros::storage
