// Memory as something that is divided before it is used: how much the process may
// have, whose share is how big (operations.md, performance.memory_budget), and
// accounts of bytes that many threads write to. Made once at start by the program.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace ros::runtime {

/// An account of bytes with a limit. Thread-safe, lock-free.
class byte_budget : public std::enable_shared_from_this<byte_budget> {
public:
  explicit byte_budget(std::uint64_t limit) : limit_(limit) {}

  /// Holds `bytes` until the last copy of the answer goes; null if there is no room. A
  /// single holder always fits into an account that is empty but for what it has there
  /// already.
  std::shared_ptr<const void> take(std::uint64_t bytes, std::uint64_t already = 0);

  /// A block that is counted as long as anybody has a piece of it.
  std::shared_ptr<const std::string> count(std::string text);

  /// For what is there already and cannot be refused; give back exactly what was added.
  void add(std::uint64_t bytes) noexcept { used_.fetch_add(bytes, std::memory_order_relaxed); }
  void give_back(std::uint64_t bytes) noexcept {
    used_.fetch_sub(bytes, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t limit() const noexcept { return limit_; }
  [[nodiscard]] std::uint64_t used() const noexcept {
    return used_.load(std::memory_order_relaxed);
  }
  /// From here on whoever can wait does: sockets are not read, queues not filled.
  [[nodiscard]] bool is_tight() const noexcept { return used() > limit_ / 2; }
  /// The same for one who holds `own` of it: nobody waits for himself.
  [[nodiscard]] bool is_tight_without(std::uint64_t own) const noexcept {
    return used() > limit_ / 2 + own;
  }
  /// From here on somebody has to go.
  [[nodiscard]] bool is_exhausted() const noexcept { return used() > limit_; }

private:
  const std::uint64_t limit_;
  std::atomic<std::uint64_t> used_{0};
};

/// Bytes this process may use: the tightest memory limit of its control groups, or the
/// machine's memory. `root` stands for "/" in tests.
std::uint64_t usable_memory(const std::string& root = "");

/// What performance.memory_budget is divided into; all in bytes. A parsed changeset
/// and an in-flight merge come on top for as long as they are worked on, see
/// `one_upload`.
struct memory_shares {
  std::uint64_t store = 0;      ///< block cache and memtables
  std::uint64_t caches = 0;     ///< parsed history and objects of all open Realms together
  std::uint64_t uploads = 0;    ///< received and not integrated yet, of all connections
  std::uint64_t outgoing = 0;   ///< queued for sending, of all connections
  std::uint64_t one_upload = 0; ///< the instructions of one UPLOAD, once parsed
};

/// `budget`: as configured, 0 = half of `usable`. `max_uploads`: sync.max_upload_backlog,
/// kept where it fits into a quarter of the budget. Small budgets are raised to 64 MiB.
memory_shares divide_memory(std::uint64_t budget, std::uint64_t usable, std::uint64_t max_uploads);

} // namespace ros::runtime
