// The open store behind `database`, for the other files of storage/ only.
#pragma once

#include "database.hpp"
#include "entry_batch.hpp"
#include "families.hpp"
#include "reader_gate.hpp"
#include "rocks_store.hpp"
#include "root_directory.hpp"
#include "sync/errors.hpp"

#include <rocksdb/db.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace ros::storage {

/// Rows of one family while they are walked over. The store is not reopened meanwhile, so
/// whoever holds one must not write.
class row_cursor {
public:
  row_cursor(reader_gate::pass pass, std::unique_ptr<rocksdb::Iterator> rows)
      : pass_(std::move(pass)), rows_(std::move(rows)) {}
  rocksdb::Iterator* operator->() const noexcept { return rows_.get(); }

private:
  reader_gate::pass pass_; ///< outlives the iterator
  std::unique_ptr<rocksdb::Iterator> rows_;
};

struct database::impl {
  explicit impl(root_directory root) : root(std::move(root)) {}

  result<void> open(const database_options& options);

  /// One row; nothing if there is none.
  result<std::optional<std::string>> get(family from, std::string_view key) const;
  /// Rows with key < `last`; not positioned yet. `last` must outlive it and is empty for
  /// "to the end".
  result<row_cursor> rows(family from, const rocksdb::Slice& last,
                          read_mode mode = read_mode::cached) const;

  /// Puts this node's own rows (families log, meta) into a batch.
  using fill_batch = std::function<void(rocksdb::WriteBatch&, rocksdb::ColumnFamilyHandle* log,
                                        rocksdb::ColumnFamilyHandle* meta)>;
  /// Applies entries and what else `add_more` puts into the same atomic, synced write.
  result<void> apply(std::span<const log_entry> entries, std::vector<bool>& refused,
                     const fill_batch& add_more = {});
  /// One synced write of this node's own rows.
  result<void> commit(const fill_batch& fill);
  /// Moves everything to table files and merges those that hold keys of a Realm.
  result<void> reclaim(const std::string& first, const std::string& last);
  /// Moves a family from memory to a table file: for tests and benchmarks.
  result<void> flush(family x);

  root_directory root;
  std::string node_id;

private:
  using realm_key = std::pair<std::uint32_t, std::uint64_t>;
  using sequences = std::map<realm_key, std::uint64_t>;

  result<void> enter_layout();
  result<void> write_layout();
  result<bool> follows(const log_entry& entry, sequences& last) const;
  void fill(rocksdb::WriteBatch& batch, const fill_batch& fill) const;
  result<void> write(rocksdb::WriteBatch& batch);
  result<void> make_ready();
  result<void> probe_space() const;
  void remember(const trim_floors& trimmed);

  database_options options_;
  mutable reader_gate gate_;
  /// Replaced under write_mutex_ with the gate closed; null while opening anew fails.
  std::unique_ptr<rocks_store> store_;
  std::mutex write_mutex_;
  std::uint64_t last_good_ = 0;     ///< of the store that was closed last
  std::uint64_t space_to_open_ = 0; ///< free bytes without which opening is not tried
  trim_floors floors_;
};

} // namespace ros::storage
