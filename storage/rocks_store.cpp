#include "rocks_store.hpp"

#include "database.hpp"
#include "rocks_options.hpp"
#include "runtime/clock.hpp"
#include "spare_logs.hpp"

#include <rocksdb/listener.h>
#include <rocksdb/transaction_log.h>
#include <rocksdb/wal_filter.h>

#include <algorithm>
#include <atomic>
#include <tuple>

namespace ros::storage {
namespace {

/// Leaves out what was logged and not acknowledged, when the log is read again.
class failed_write_filter final : public rocksdb::WalFilter {
public:
  explicit failed_write_filter(std::uint64_t last_good) : last_good_(last_good) {}
  const char* Name() const override { return "failed_write_filter"; }
  WalProcessingOption LogRecordFound(unsigned long long, const std::string&,
                                     const rocksdb::WriteBatch& batch, rocksdb::WriteBatch*,
                                     bool*) override {
    return sequence_of(batch) > last_good_ ? WalProcessingOption::kIgnoreCurrentRecord
                                           : WalProcessingOption::kContinueProcessing;
  }

private:
  /// A batch begins with its sequence number, little-endian.
  static std::uint64_t sequence_of(const rocksdb::WriteBatch& batch) {
    std::uint64_t x = 0;
    for (std::size_t i = 8; i-- > 0;)
      x = (x << 8) | static_cast<std::uint8_t>(batch.Data()[i]);
    return x;
  }

  std::uint64_t last_good_;
};

} // namespace

error to_error(const rocksdb::Status& status, std::string_view doing) {
  const auto code = status.IsNoSpace()      ? ec::no_space
                    : status.IsCorruption() ? ec::corrupt
                                            : ec::io;
  return {code, std::string{doing} + ": " + status.ToString()};
}

/// Notices failures that happen in RocksDB's own threads.
class rocks_store::watcher final : public rocksdb::EventListener {
public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    (status->IsCorruption() ? damaged : failed) = true;
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }

  std::atomic<bool> failed{false};
  std::atomic<bool> damaged{false};
};

result<std::unique_ptr<rocks_store>> rocks_store::open(const std::string& path,
                                                       const database_options& options) {
  return open(path, options, mode::fresh, 0);
}

result<std::unique_ptr<rocks_store>> rocks_store::open_again(const std::string& path,
                                                             const database_options& options,
                                                             std::uint64_t last_good) {
  return open(path, options, mode::again, last_good);
}

result<std::unique_ptr<rocks_store>> rocks_store::open_to_read(const std::string& path,
                                                               const database_options& options,
                                                               std::uint64_t last_good) {
  return open(path, options, mode::to_read, last_good);
}

result<std::unique_ptr<rocks_store>> rocks_store::open(const std::string& path,
                                                       const database_options& options, mode how,
                                                       std::uint64_t last_good) {
  std::unique_ptr<rocks_store> x{new rocks_store};
  x->fsync_ = options.fsync;
  x->watcher_ = std::make_shared<watcher>();
  auto setup = make_rocks_options(options);
  if (options.spare_log_bytes > 0 && how != mode::to_read) {
    x->env_ = rocksdb::NewCompositeEnv(std::make_shared<spare_logs>(
        setup.database.env->GetFileSystem(), path.substr(0, path.rfind('/')) + "/tmp",
        options.spare_log_bytes, runtime::system_clock()));
    setup.database.env = x->env_.get();
  }
  setup.database.listeners.push_back(x->watcher_);
  failed_write_filter filter{last_good};
  if (how != mode::fresh)
    setup.database.wal_filter = &filter;
  std::vector<rocksdb::ColumnFamilyHandle*> opened;
  rocksdb::DB* raw = nullptr;
  const auto status =
      how == mode::to_read
          ? rocksdb::DB::OpenForReadOnly(setup.database, path, setup.families, &opened, &raw)
          : rocksdb::DB::Open(setup.database, path, setup.families, &opened, &raw);
  if (!status.ok())
    return to_error(status, "cannot open " + path);
  x->db_.reset(raw);
  x->default_handle_ = opened[0];
  std::copy(opened.begin() + 1, opened.end(), x->handles_.begin());
  x->watcher_->failed = how == mode::to_read;
  x->last_good_ = raw->GetLatestSequenceNumber();
  return x;
}

rocks_store::~rocks_store() {
  if (!db_)
    return;
  if (!fsync_) // an orderly end loses nothing, whatever the setting
    std::ignore = db_->FlushWAL(true);
  for (auto* x : handles_)
    std::ignore = db_->DestroyColumnFamilyHandle(x);
  std::ignore = db_->DestroyColumnFamilyHandle(default_handle_);
  std::ignore = db_->Close();
}

rocksdb::Status rocks_store::write(rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions how;
  how.sync = fsync_;
  auto status = db_->Write(how, &batch);
  if (status.ok())
    last_good_ = db_->GetLatestSequenceNumber();
  else
    watcher_->failed = true;
  return status;
}

store_health rocks_store::health() const {
  return watcher_->damaged  ? store_health::damaged
         : watcher_->failed ? store_health::failed
                            : store_health::good;
}

std::uint64_t rocks_store::logged_bytes() const {
  rocksdb::VectorLogPtr files;
  std::uint64_t bytes = 0;
  if (db_->GetSortedWalFiles(files).ok())
    for (const auto& x : files)
      bytes += x->SizeFileBytes();
  return bytes;
}

} // namespace ros::storage
