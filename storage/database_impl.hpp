// The open store behind `database`, for the other files of storage/ only.
#pragma once

#include "database.hpp"
#include "entry_batch.hpp"
#include "families.hpp"
#include "root_directory.hpp"
#include "sync/errors.hpp"

#include <rocksdb/db.h>

#include <array>
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

/// What a RocksDB status means to us, with what was being done.
error to_error(const rocksdb::Status& status, std::string_view doing);

/// What reading of sync/ fails with: the store is damaged or cannot be read.
sync::error to_sync_error(const error& e);

struct database::impl {
  explicit impl(root_directory root) : root(std::move(root)) {}
  ~impl();
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  result<void> open(const database_options& options);

  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle(family x) const { return handles[index_of(x)]; }

  /// One row; nothing if there is none.
  result<std::optional<std::string>> get(family from, std::string_view key) const;
  /// Rows with `first` <= key < `last`; not positioned yet. `last` must outlive it and is
  /// empty for "to the end".
  std::unique_ptr<rocksdb::Iterator> rows(family from, const rocksdb::Slice& last) const;

  /// Applies entries and what else `add_more` puts into the same atomic, synced write.
  result<void> apply(std::span<const log_entry> entries, std::vector<bool>& refused,
                     const std::function<void(rocksdb::WriteBatch&)>& add_more = {});
  /// One synced write of this node's own rows (families log, meta).
  result<void> commit(const std::function<void(rocksdb::WriteBatch&)>& fill);

  root_directory root;
  std::string node_id;
  bool fsync = true;
  std::unique_ptr<rocksdb::DB> db;
  rocksdb::ColumnFamilyHandle* default_handle = nullptr;
  std::array<rocksdb::ColumnFamilyHandle*, family_count> handles{};

private:
  using realm_key = std::pair<std::uint32_t, std::uint64_t>;
  using sequences = std::map<realm_key, std::uint64_t>;

  result<void> enter_layout(const database_options& options);
  result<bool> follows(const log_entry& entry, sequences& last) const;
  result<void> write_synced(rocksdb::WriteBatch& batch);
  result<void> recover();
  void remember(const trim_floors& trimmed);

  std::mutex write_mutex_;
  bool needs_recovery_ = false; ///< a write failed since the last that did not
  trim_floors floors_;
};

} // namespace ros::storage
