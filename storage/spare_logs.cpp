#include "spare_logs.hpp"

#include "runtime/clock.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <utility>

namespace ros::storage {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

/// What is written and synced at a time while others wait for the same disk.
constexpr std::size_t gentle_step = 128u << 10;
/// After every such part of a log it is decided whether the next spare is made.
constexpr std::size_t parts = 24;
/// A log that fills faster than its whole size in this time is not worth a spare.
constexpr std::int64_t too_fast_us = 2'400'000;
/// The first spare is this part of the others.
constexpr std::size_t first_part = 6;

bool is_log(std::string_view name) {
  return name.ends_with(".log");
}

/// A log that says when it has come far enough, not too fast.
class watched_log final : public rocksdb::FSWritableFileOwnerWrapper {
public:
  watched_log(spare_logs& owner, const runtime::clock& clock, std::size_t part,
              std::unique_ptr<FSWritableFile> target)
      : FSWritableFileOwnerWrapper(std::move(target)), owner_(owner), clock_(clock), part_(part),
        since_(clock.steady_us()) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* dbg) override {
    count(data.size());
    return target()->Append(data, options, dbg);
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& info, IODebugContext* dbg) override {
    count(data.size());
    return target()->Append(data, options, info, dbg);
  }

private:
  void count(std::size_t n) {
    written_ += n;
    if (written_ < part_)
      return;
    written_ = 0;
    const auto now = clock_.steady_us();
    if (now - since_ >= too_fast_us / static_cast<std::int64_t>(parts))
      owner_.want_next();
    since_ = now;
  }

  spare_logs& owner_;
  const runtime::clock& clock_;
  const std::size_t part_;
  std::size_t written_ = 0; ///< of the part
  std::int64_t since_;      ///< when the part began
};

} // namespace

spare_logs::spare_logs(const std::shared_ptr<rocksdb::FileSystem>& target,
                       const std::string& directory, std::size_t size, const runtime::clock& clock)
    : FileSystemWrapper(target), name_(directory + "/log.spare"), size_(size), clock_(clock) {
  ready_ = make(size_ / first_part, size_);
  thread_ = std::thread{[this] { run(); }};
}

spare_logs::~spare_logs() {
  {
    const std::lock_guard lock{mutex_};
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
  std::ignore = target()->DeleteFile(name_, {}, nullptr);
}

IOStatus spare_logs::NewWritableFile(const std::string& name, const FileOptions& options,
                                     std::unique_ptr<FSWritableFile>* result, IODebugContext* dbg) {
  if (!is_log(name))
    return target()->NewWritableFile(name, options, result, dbg);
  std::unique_ptr<FSWritableFile> file;
  {
    // Until the spare has its new name, nobody may make the next one under the old.
    const std::lock_guard lock{mutex_};
    if (std::exchange(ready_, false) &&
        !target()->ReuseWritableFile(name, name_, options, &file, dbg).ok())
      file.reset();
  }
  if (!file)
    if (auto status = target()->NewWritableFile(name, options, &file, dbg); !status.ok())
      return status;
  *result = std::make_unique<watched_log>(*this, clock_, size_ / parts, std::move(file));
  return IOStatus::OK();
}

void spare_logs::want_next() {
  const std::lock_guard lock{mutex_};
  if (ready_ || now_ != state::idle)
    return;
  now_ = state::wanted;
  changed_.notify_all();
}

bool spare_logs::settle() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return now_ == state::idle; });
  return ready_;
}

void spare_logs::run() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return stop_ || now_ == state::wanted; });
    if (stop_)
      return;
    now_ = state::making;
    lock.unlock();
    const bool made = make(size_, gentle_step);
    lock.lock();
    ready_ = made;
    now_ = state::idle;
    changed_.notify_all();
  }
}

/// False if the disk would not take it, or there is no time left.
bool spare_logs::make(std::size_t size, std::size_t step) {
  std::unique_ptr<FSWritableFile> file;
  if (!target()->NewWritableFile(name_, {}, &file, nullptr).ok())
    return false;
  const std::string zeros(std::min(step, size), '\0');
  bool good = true;
  for (std::size_t done = 0; good && done < size; done += zeros.size()) {
    const Slice piece{zeros.data(), std::min(zeros.size(), size - done)};
    good = file->Append(piece, {}, nullptr).ok() && file->Sync({}, nullptr).ok();
    const std::lock_guard lock{mutex_};
    good = good && !stop_;
  }
  return file->Close({}, nullptr).ok() && good;
}

} // namespace ros::storage
