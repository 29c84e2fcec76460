#include "crash_file_system.hpp"

#include <rocksdb/env.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace ros::test {
namespace {

namespace fs = std::filesystem;
using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class crash_file final : public rocksdb::FSWritableFileOwnerWrapper {
public:
  crash_file(crash_file_system& owner, std::string name,
             std::unique_ptr<rocksdb::FSWritableFile> target)
      : FSWritableFileOwnerWrapper(std::move(target)), owner_(owner), name_(std::move(name)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* dbg) override {
    std::size_t allowed = 0;
    auto status = owner_.grow(name_, data.size(), allowed);
    if (allowed > 0)
      if (auto written = target()->Append({data.data(), allowed}, options, dbg); !written.ok())
        return written;
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* dbg) override {
    return Append(data, options, dbg);
  }
  IOStatus PositionedAppend(const Slice&, std::uint64_t, const IOOptions&,
                            IODebugContext*) override {
    return IOStatus::NotSupported();
  }
  IOStatus PositionedAppend(const Slice&, std::uint64_t, const IOOptions&,
                            const rocksdb::DataVerificationInfo&, IODebugContext*) override {
    return IOStatus::NotSupported();
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* dbg) override {
    if (auto status = owner_.step(); !status.ok())
      return status;
    owner_.truncated(name_, size);
    return target()->Truncate(size, options, dbg);
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return owner_.sync(name_); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return owner_.sync(name_); }
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK(); // promises nothing
  }
  IOStatus Allocate(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK(); // files end where their data ends
  }

private:
  crash_file_system& owner_;
  std::string name_;
};

class crash_directory final : public rocksdb::FSDirectoryWrapper {
public:
  crash_directory(crash_file_system& owner, std::string name,
                  std::unique_ptr<rocksdb::FSDirectory> target)
      : FSDirectoryWrapper(std::move(target)), owner_(owner), name_(std::move(name)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    auto status = owner_.step();
    if (status.ok())
      owner_.synced_directory(name_);
    return status;
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* dbg,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, dbg);
  }

private:
  crash_file_system& owner_;
  std::string name_;
};

std::string directory_of(const std::string& name) {
  return fs::path{name}.parent_path().string();
}

IOStatus dead() {
  return IOStatus::IOError("the machine is dead");
}

IOStatus full_disk() {
  auto status = IOStatus::NoSpace("the disk is full");
  status.SetRetryable(true); // as RocksDB's own file system says
  return status;
}

} // namespace

crash_file_system::crash_file_system(std::string trash, std::uint64_t seed)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), trash_(std::move(trash)), random_(seed) {
  // nop
}

void crash_file_system::crash_at(std::uint64_t step) {
  std::lock_guard lock{mutex_};
  crash_at_ = step;
}

std::uint64_t crash_file_system::steps() const {
  std::lock_guard lock{mutex_};
  return steps_;
}

bool crash_file_system::crashed() const {
  std::lock_guard lock{mutex_};
  return steps_ >= crash_at_;
}

void crash_file_system::set_full(bool full) {
  std::lock_guard lock{mutex_};
  full_ = full;
}

void crash_file_system::fail_sync(std::string suffix) {
  std::lock_guard lock{mutex_};
  fail_sync_ = std::move(suffix);
}

// -- steps ------------------------------------------------------------------------------

IOStatus crash_file_system::step_locked() {
  return ++steps_ >= crash_at_ ? dead() : IOStatus::OK();
}

IOStatus crash_file_system::step() {
  std::lock_guard lock{mutex_};
  return step_locked();
}

IOStatus crash_file_system::grow(const std::string& file, std::size_t size, std::size_t& allowed) {
  std::lock_guard lock{mutex_};
  const bool was_dead = steps_ + 1 > crash_at_;
  auto status = step_locked();
  allowed = size;
  if (was_dead)
    allowed = 0;
  else if (!status.ok() || full_)
    allowed = random_() % (size + 1); // a write can end anywhere
  files_[file].size += allowed;
  return status.ok() && full_ ? full_disk() : status;
}

IOStatus crash_file_system::sync(const std::string& file) {
  std::lock_guard lock{mutex_};
  if (auto status = step_locked(); !status.ok())
    return status;
  if (!fail_sync_.empty() && file.ends_with(fail_sync_)) {
    fail_sync_.clear();
    return IOStatus::IOError("a sync failed");
  }
  auto& x = files_[file];
  x.synced = x.size;
  return IOStatus::OK();
}

void crash_file_system::truncated(const std::string& file, std::uint64_t size) {
  std::lock_guard lock{mutex_};
  auto& x = files_[file];
  x.size = size;
  x.synced = std::min(x.synced, size);
}

void crash_file_system::synced_directory(const std::string& directory) {
  std::lock_guard lock{mutex_};
  std::erase_if(undo_, [&](const undo& x) { return directory_of(x.name) == directory; });
}

// -- files and directories ------------------------------------------------------------------

IOStatus crash_file_system::NewWritableFile(const std::string& name, const FileOptions& options,
                                            std::unique_ptr<rocksdb::FSWritableFile>* result,
                                            IODebugContext* dbg) {
  std::lock_guard lock{mutex_};
  if (auto status = step_locked(); !status.ok())
    return status;
  if (full_)
    return full_disk();
  if (!fs::exists(name))
    undo_.push_back({undo::kind::created, name, {}, {}});
  std::unique_ptr<rocksdb::FSWritableFile> file;
  if (auto status = target()->NewWritableFile(name, options, &file, dbg); !status.ok())
    return status;
  files_[name] = {};
  *result = std::make_unique<crash_file>(*this, name, std::move(file));
  return IOStatus::OK();
}

IOStatus crash_file_system::ReopenWritableFile(const std::string&, const FileOptions&,
                                               std::unique_ptr<rocksdb::FSWritableFile>*,
                                               IODebugContext*) {
  return IOStatus::NotSupported("not used by the store");
}

/// The store reuses only files that it has filled with zeros and synced.
IOStatus crash_file_system::ReuseWritableFile(const std::string& name, const std::string& from,
                                              const FileOptions& options,
                                              std::unique_ptr<rocksdb::FSWritableFile>* result,
                                              IODebugContext* dbg) {
  std::lock_guard lock{mutex_};
  if (auto status = step_locked(); !status.ok())
    return status;
  std::unique_ptr<rocksdb::FSWritableFile> file;
  if (auto status = target()->ReuseWritableFile(name, from, options, &file, dbg); !status.ok())
    return status;
  undo_.push_back({undo::kind::renamed, name, from, {}});
  files_[name] = {.zeros = files_[from].size};
  files_.erase(from);
  *result = std::make_unique<crash_file>(*this, name, std::move(file));
  return IOStatus::OK();
}

IOStatus crash_file_system::NewDirectory(const std::string& name, const IOOptions& options,
                                         std::unique_ptr<rocksdb::FSDirectory>* result,
                                         IODebugContext* dbg) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  auto status = target()->NewDirectory(name, options, &directory, dbg);
  if (status.ok())
    *result =
        std::make_unique<crash_directory>(*this, fs::path{name}.string(), std::move(directory));
  return status;
}

std::string crash_file_system::save(const std::string& name) {
  auto saved = trash_ + "/" + std::to_string(++saved_);
  std::error_code code;
  fs::create_hard_link(name, saved, code);
  return code ? std::string{} : saved;
}

IOStatus crash_file_system::DeleteFile(const std::string& name, const IOOptions& options,
                                       IODebugContext* dbg) {
  std::lock_guard lock{mutex_};
  if (auto status = step_locked(); !status.ok())
    return status;
  undo_.push_back({undo::kind::deleted, name, {}, save(name)});
  return target()->DeleteFile(name, options, dbg);
}

IOStatus crash_file_system::Truncate(const std::string& name, std::size_t size,
                                     const IOOptions& options, IODebugContext* dbg) {
  if (auto status = step(); !status.ok())
    return status;
  truncated(name, size);
  return target()->Truncate(name, size, options, dbg);
}

IOStatus crash_file_system::RenameFile(const std::string& from, const std::string& to,
                                       const IOOptions& options, IODebugContext* dbg) {
  std::lock_guard lock{mutex_};
  if (auto status = step_locked(); !status.ok())
    return status;
  undo_.push_back({undo::kind::renamed, to, from, fs::exists(to) ? save(to) : std::string{}});
  auto status = target()->RenameFile(from, to, options, dbg);
  if (auto i = files_.find(from); status.ok() && i != files_.end()) {
    files_[to] = i->second;
    files_.erase(from);
  }
  return status;
}

IOStatus crash_file_system::GetFreeSpace(const std::string& path, const IOOptions& options,
                                         std::uint64_t* free, IODebugContext* dbg) {
  std::lock_guard lock{mutex_};
  auto status = target()->GetFreeSpace(path, options, free, dbg);
  if (full_)
    *free = 0;
  return status;
}

std::uint64_t crash_file_system::size_of(const std::string& file) const {
  std::lock_guard lock{mutex_};
  const auto i = files_.find(file);
  return i == files_.end() ? 0 : i->second.size;
}

// -- power cut ----------------------------------------------------------------------------

void crash_file_system::take_back(const undo& x) {
  std::error_code ignored;
  switch (x.what) {
  case undo::kind::created:
    fs::remove(x.name, ignored);
    files_.erase(x.name);
    break;
  case undo::kind::renamed:
    fs::rename(x.name, x.from, ignored);
    if (auto i = files_.find(x.name); i != files_.end()) {
      files_[x.from] = i->second;
      files_.erase(x.name);
    }
    [[fallthrough]];
  case undo::kind::deleted:
    if (!x.saved.empty())
      fs::rename(x.saved, x.name, ignored);
  }
}

void crash_file_system::lose_power(unsynced how) {
  std::lock_guard lock{mutex_};
  // Of the directory changes a suffix is lost: file systems keep them in order.
  std::size_t lost = how == unsynced::dropped ? undo_.size() : 0;
  if (how == unsynced::torn)
    lost = random_() % (undo_.size() + 1);
  for (; lost > 0; --lost) {
    take_back(undo_.back());
    undo_.pop_back();
  }
  for (const auto& [name, x] : files_) {
    std::error_code code;
    if (!fs::exists(name, code) || x.size == x.synced || how == unsynced::kept)
      continue;
    const auto extra = how == unsynced::torn ? random_() % (x.size - x.synced + 1) : 0;
    fs::resize_file(name, x.synced + extra, code);
    // In a log file also: blocks that were allocated and not written read as zeros. The
    // manifest is not asked for that much; RocksDB does not open it then.
    if (name.ends_with(".log") && (x.zeros > 0 || random_() % 2 == 0))
      fs::resize_file(name, std::max(x.size, x.zeros), code);
  }
  files_.clear();
  undo_.clear();
  steps_ = 0;
  crash_at_ = UINT64_MAX;
  full_ = false;
  fail_sync_.clear();
}

crash_env::crash_env(const std::string& trash, std::uint64_t seed)
    : files(std::make_shared<crash_file_system>(trash, seed)),
      env(rocksdb::NewCompositeEnv(files)) {
  // nop
}

crash_env::~crash_env() = default;

} // namespace ros::test
