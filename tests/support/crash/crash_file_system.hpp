// A file system with faults for tests of storage, around the real one: it can stop at
// any step as if the machine had died, forget what was not synced, run full, or fail a
// sync. Directory entries count as unsynced until their directory is.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace ros::test {

/// What a power cut leaves of unsynced bytes and directory entries.
enum class unsynced { dropped, kept, torn };

class crash_file_system final : public rocksdb::FileSystemWrapper {
public:
  using IOStatus = rocksdb::IOStatus;
  using FileOptions = rocksdb::FileOptions;
  using IOOptions = rocksdb::IOOptions;
  using IODebugContext = rocksdb::IODebugContext;

  /// `trash` is a directory on the same file system, for files that were deleted and not
  /// yet for good.
  crash_file_system(std::string trash, std::uint64_t seed);

  const char* Name() const override { return "crash_file_system"; }

  /// Everything that changes the disk is a step, from 1; at `step` and after it all fail.
  void crash_at(std::uint64_t step);
  [[nodiscard]] std::uint64_t steps() const;
  [[nodiscard]] bool crashed() const;
  /// From now on files do not grow and none are made.
  void set_full(bool full);
  /// The next sync of a file whose name ends so fails; what it should have synced is in
  /// the file.
  void fail_sync(std::string suffix);

  /// After everything is closed: what the disk holds when the power is back, without faults.
  void lose_power(unsynced how);

  // -- for the wrapped files and directories ---------------------------------------
  /// Counts one step; not OK once the machine is dead.
  IOStatus step();
  /// How much of an append may reach the file, and what is told about it.
  IOStatus grow(const std::string& file, std::size_t size, std::size_t& allowed);
  IOStatus sync(const std::string& file);
  void truncated(const std::string& file, std::uint64_t size);
  void synced_directory(const std::string& directory);
  [[nodiscard]] std::uint64_t size_of(const std::string& file) const;

  // -- rocksdb::FileSystem ------------------------------------------------------------
  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* dbg) override;
  IOStatus ReopenWritableFile(const std::string&, const FileOptions&,
                              std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) override;
  IOStatus ReuseWritableFile(const std::string&, const std::string&, const FileOptions&,
                             std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) override;
  IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* result,
                        IODebugContext* dbg) override;
  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      IODebugContext* dbg) override;
  IOStatus Truncate(const std::string& name, std::size_t size, const IOOptions& options,
                    IODebugContext* dbg) override;
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* dbg) override;
  IOStatus GetFreeSpace(const std::string& path, const IOOptions& options, std::uint64_t* free,
                        IODebugContext* dbg) override;

private:
  struct file_state {
    std::uint64_t size = 0;
    std::uint64_t synced = 0;
    std::uint64_t zeros = 0; ///< what it was made of, if it replaces a file of zeros
  };
  /// How to take a change of a directory back.
  struct undo {
    enum class kind { created, renamed, deleted } what = kind::created;
    std::string name;  ///< as it is now, or was before deletion
    std::string from;  ///< renamed: the former name
    std::string saved; ///< in the trash: what was deleted or replaced; may be empty
  };

  [[nodiscard]] std::string save(const std::string& name);
  void take_back(const undo& x);
  IOStatus step_locked();

  mutable std::mutex mutex_;
  std::string trash_;
  std::mt19937_64 random_;
  std::uint64_t steps_ = 0;
  std::uint64_t crash_at_ = UINT64_MAX;
  bool full_ = false;
  std::string fail_sync_;
  std::uint64_t saved_ = 0;
  std::map<std::string, file_state> files_;
  std::vector<undo> undo_;
};

/// The file system and an Env that uses it.
struct crash_env {
  explicit crash_env(const std::string& trash, std::uint64_t seed = 1);
  ~crash_env();
  std::shared_ptr<crash_file_system> files;
  std::unique_ptr<rocksdb::Env> env;
};

} // namespace ros::test
