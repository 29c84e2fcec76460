// The open store behind `database`, for the other files of storage/ only.
#pragma once

#include "database.hpp"
#include "entry_batch.hpp"
#include "families.hpp"
#include "root_directory.hpp"
#include "sync/errors.hpp"

#include <rocksdb/db.h>
#include <rocksdb/listener.h>
#include <rocksdb/transaction_log.h>

#include <array>
#include <atomic>
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

/// Notices that a write, flush or compaction failed: RocksDB takes no more writes until
/// it is told to resume. It is told by the next write here, and by nobody else.
class error_watcher final : public rocksdb::EventListener {
public:
  std::atomic<bool> failed{false};

  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override;
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

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
  rocksdb::Status keep_a_memtable();
  [[nodiscard]] std::uint64_t wal_number() const;
  void remember(const trim_floors& trimmed);

  std::mutex write_mutex_;
  std::shared_ptr<error_watcher> watcher_;
  std::uint64_t failed_wal_ = 0; ///< log that a write failed on; 0: none
  trim_floors floors_;
};

} // namespace ros::storage
