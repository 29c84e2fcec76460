// The node's one RocksDB below `storage.root_path`: opening, locking, layout
// version, synced writes of whole batches. Thread-safe. Reading goes through
// realm_store and admin_store.
#pragma once

#include "errors.hpp"
#include "log_entry.hpp"
#include "realm_record.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rocksdb {
class Env;
} // namespace rocksdb

namespace ros::runtime {
class random_source;
} // namespace ros::runtime

namespace ros::storage {

struct database_options {
  bool fsync = true;
  std::uint64_t memory_budget = 0;   ///< bytes for block cache and memtables; 0 = a modest default
  std::int64_t max_open_files = 256; ///< table files; 16 at least
  std::size_t spare_log_bytes =
      0;                       ///< of each write-ahead log made ahead (spare_logs.hpp); 0 = none
  rocksdb::Env* env = nullptr; ///< files, for tests with faults; must outlive the database
  runtime::random_source* random = nullptr; ///< where a new node id comes from; null: the system's
};

/// Whether what is read should stay in the block cache.
enum class read_mode : std::uint8_t {
  cached,
  bulk, ///< once through a lot: leaves the cache to others
};

class database {
public:
  struct impl;

  /// Opens or creates `<root>/store` and takes the root's lock (operations.md 3.1). The root
  /// must exist. Fails with ec::locked, ec::newer_layout, ec::corrupt, ec::no_space or ec::io.
  static result<std::unique_ptr<database>> open(const std::string& root,
                                                const database_options& options = {});
  ~database();
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  /// Applies entries in order as one atomic, synced write; what it holds is durable
  /// when this returns. An entry whose sequence does not follow, or whose bytes write what
  /// is not its Realm's, is left out and
  /// reported in `refused` (same size as `entries`). On error nothing was
  /// written, and the next call first brings the database back to work
  /// (stack-notes.md 6: Resume), so recovery needs no restart.
  result<void> write(std::span<const log_entry> entries, std::vector<bool>& refused);

  /// Visits every Realm's record, in no order that matters, until `visit` answers false.
  /// Records that are damaged are left out.
  result<void> visit_realms(const std::function<bool(std::uint32_t shard, std::uint64_t realm_id,
                                                     const realm_record& record)>& visit) const;

  /// Gives the space back that a Realm's deleted rows still take. Rewrites the files they
  /// lie in, so it may take seconds; reading and writing go on.
  result<void> reclaim(std::uint32_t shard, std::uint64_t realm_id);

  /// A random id made when the root was created.
  [[nodiscard]] const std::string& node_id() const;
  /// Names in the root that are none of the server's, for one warning at start.
  [[nodiscard]] std::vector<std::string> unknown_files() const;

  [[nodiscard]] impl& get() const noexcept { return *impl_; }

private:
  explicit database(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

} // namespace ros::storage
