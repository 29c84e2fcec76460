#include "rocks_options.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>
#include <memory>

namespace ros::storage {
namespace {

constexpr std::uint64_t mebibyte = 1u << 20;
constexpr std::uint64_t default_budget = 128 * mebibyte;
constexpr std::uint64_t least_budget = 16 * mebibyte;

/// Families that are read by scanning consecutive rows, and asked for a single row only
/// when it exists: their last level needs no bloom filter.
bool is_sequential(family x) {
  return x == family::history || x == family::changesets || x == family::block_summaries ||
         x == family::log;
}

rocksdb::ColumnFamilyOptions family_options(family x, const std::shared_ptr<rocksdb::Cache>& cache,
                                            std::uint64_t memtables) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = is_sequential(x) ? 16 << 10 : 8 << 10;
  table.format_version = 5;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // Index and filter blocks count as cache, or a big store would outgrow the budget.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;

  rocksdb::ColumnFamilyOptions out;
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  out.compression = rocksdb::kLZ4Compression;
  out.level_compaction_dynamic_level_bytes = true;
  out.write_buffer_size = std::clamp<std::uint64_t>(memtables / 4, 2 * mebibyte, 64 * mebibyte);
  out.optimize_filters_for_hits = is_sequential(x);
  // State is mostly asked for what is not there yet: new objects, absent reciprocals.
  out.memtable_whole_key_filtering = !is_sequential(x);
  out.memtable_prefix_bloom_size_ratio = is_sequential(x) ? 0.0 : 0.02;
  // Old files are not rewritten for their age alone: history is written once and kept.
  out.ttl = 0;
  out.periodic_compaction_seconds = 0;
  return out;
}

} // namespace

rocks_options make_rocks_options(const database_options& options) {
  const auto budget =
      options.memory_budget == 0 ? default_budget : std::max(options.memory_budget, least_budget);
  const auto memtables = std::clamp<std::uint64_t>(budget / 4, 8 * mebibyte, 512 * mebibyte);
  const auto cache = rocksdb::NewLRUCache(budget);

  rocks_options out;
  auto& db = out.database;
  if (options.env != nullptr)
    db.env = options.env;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  // One budget: memtables are charged to the block cache.
  db.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(memtables, cache);
  // All families at once when memory is full: one after the other each would begin a log.
  db.atomic_flush = true;
  db.max_total_wal_size = std::max(4 * memtables, 64 * mebibyte);
  db.max_open_files =
      static_cast<int>(std::clamp<std::int64_t>(options.max_open_files, 16, 1 << 20));
  db.max_background_jobs = 2;
  db.max_file_opening_threads = 1; // per family: more threads than files otherwise
  db.bytes_per_sync = mebibyte;
  // Acknowledged writes are synced, so what a crash can tear is the end of the log only:
  // everything up to the first torn record is taken, in order.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // After an error the store is opened anew (database.cpp), by no thread of RocksDB's.
  db.max_bgerror_resume_count = 0;
  db.avoid_flush_during_shutdown = true;
  db.avoid_unnecessary_blocking_io = true;
  db.info_log_level = rocksdb::WARN_LEVEL;
  db.max_log_file_size = 4 * mebibyte;
  db.keep_log_file_num = 4;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;

  out.families.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions{});
  for (std::size_t i = 0; i < family_count; ++i)
    out.families.emplace_back(family_names[i],
                              family_options(static_cast<family>(i + 1), cache, memtables));
  return out;
}

} // namespace ros::storage
