// One opened RocksDB and what has gone wrong with it. After a failed write it is closed and
// opened anew (database_impl.hpp): RocksDB's own way back, DB::Resume, was found wanting
// in 7.8 (docs/storage.md). Private to storage/.
#pragma once

#include "errors.hpp"
#include "families.hpp"

#include <rocksdb/db.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

namespace ros::storage {

struct database_options;

/// What a RocksDB status means to us, with what was being done.
error to_error(const rocksdb::Status& status, std::string_view doing);

/// RocksDB refuses writes once a write, flush or compaction failed.
enum class store_health : std::uint8_t {
  good,
  failed,  ///< opening anew may help
  damaged, ///< stored bytes are wrong: opening anew does not help
};

class rocks_store {
public:
  /// Opens or creates the store.
  static result<std::unique_ptr<rocks_store>> open(const std::string& path,
                                                   const database_options& options);
  /// Opens the store after a failure. Records of the write-ahead log behind sequence number
  /// `last_good` are ignored: their write had failed.
  static result<std::unique_ptr<rocks_store>>
  open_again(const std::string& path, const database_options& options, std::uint64_t last_good);
  /// The same for reading only, where the disk takes nothing at all; in failed health.
  static result<std::unique_ptr<rocks_store>>
  open_to_read(const std::string& path, const database_options& options, std::uint64_t last_good);
  ~rocks_store();
  rocks_store(const rocks_store&) = delete;
  rocks_store& operator=(const rocks_store&) = delete;

  [[nodiscard]] rocksdb::DB& db() const noexcept { return *db_; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle(family x) const {
    return handles_[index_of(x)];
  }

  /// One atomic write. Once one failed, all do.
  rocksdb::Status write(rocksdb::WriteBatch& batch);

  [[nodiscard]] store_health health() const;
  /// Sequence number of the last write that did not fail.
  [[nodiscard]] std::uint64_t last_good() const noexcept { return last_good_; }
  /// Bytes of the write-ahead log, about: what opening anew may have to write to tables.
  [[nodiscard]] std::uint64_t logged_bytes() const;

private:
  class watcher;
  enum class mode : std::uint8_t { fresh, again, to_read };
  rocks_store() = default;
  static result<std::unique_ptr<rocks_store>>
  open(const std::string& path, const database_options& options, mode how, std::uint64_t last_good);

  std::unique_ptr<rocksdb::Env> env_; ///< with spare logs; null: the process's or the options'
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* default_handle_ = nullptr;
  std::array<rocksdb::ColumnFamilyHandle*, family_count> handles_{};
  std::shared_ptr<watcher> watcher_;
  std::uint64_t last_good_ = 0;
  bool fsync_ = true;
};

} // namespace ros::storage
