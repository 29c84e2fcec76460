// Write-ahead logs whose blocks are on the disk before anything is written to them. A sync
// of a file that grows waits for the file system's journal, and with it for whatever else
// the machine writes; a sync of bytes that only replace zeros does not. RocksDB can
// recycle its own logs, but not with point-in-time recovery. Private to storage/; owned by
// the rocks_store whose logs they become.
#pragma once

#include <rocksdb/file_system.h>

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace ros::runtime {
class clock;
} // namespace ros::runtime

namespace ros::storage {

/// The file system of a store, which puts a file of zeros under every new log. While the
/// log is written the next such file is made by a thread of its own, unless the log fills
/// very fast: then each sync serves so many entries that the journal matters little, and
/// the disk has enough to do. Recovery takes zeros for the end of a log, as it does after a
/// power cut.
class spare_logs final : public rocksdb::FileSystemWrapper {
public:
  /// `directory` is on the same disk as the store and emptied at every start. Spares have
  /// `size` bytes; the first one is made here and has a sixth of that: a server that is
  /// hardly used should not pay for more. Whatever fails costs speed only: the log then
  /// grows as usual.
  /// `clock` must outlive this.
  spare_logs(const std::shared_ptr<rocksdb::FileSystem>& target, const std::string& directory,
             std::size_t size, const runtime::clock& clock);
  ~spare_logs() override;

  const char* Name() const override { return "spare_logs"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* dbg) override;

  /// The log in use has come so far that the next spare is wanted. Any thread, returns at
  /// once; calls while there is one or one is being made do nothing.
  void want_next();
  /// Waits until nothing is being made; whether there is a spare. For tests.
  [[nodiscard]] bool settle();

private:
  enum class state { idle, wanted, making };

  void run();
  bool make(std::size_t size, std::size_t step);

  const std::string name_;
  const std::size_t size_;
  const runtime::clock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  state now_ = state::idle;
  bool ready_ = false; ///< the spare lies under `name_`, whole and synced
  bool stop_ = false;
  std::thread thread_;
};

} // namespace ros::storage
