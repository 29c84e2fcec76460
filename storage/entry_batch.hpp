// The bytes of a log entry: how a Realm's writer puts them together, and how a
// copy checks them and joins many entries into one write. Private to storage/.
#pragma once

#include "families.hpp"
#include "log_entry.hpp"
#include "rocks_store.hpp"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace ros::storage {

/// Collects the writes of one entry. Needs no database: families are numbers.
class batch_writer {
public:
  void put(family to, std::string_view key, std::string_view value);
  void erase(family from, std::string_view key);
  /// Erases first <= key < last.
  void erase_range(family from, std::string_view first, std::string_view last);
  /// Everything that another writer has collected (its take()). False: that is damaged.
  [[nodiscard]] bool append(std::string_view batch);
  [[nodiscard]] std::size_t size() const { return batch_.GetDataSize(); }
  [[nodiscard]] bool empty() const { return batch_.Count() == 0; }
  /// The representation; the writer is empty afterwards.
  sync::bytes take();

private:
  rocksdb::WriteBatch batch_;
};

/// Where a client's stored reciprocals can begin, by Realm and client (20 bytes of key). A
/// hint that spares walking over the tombstones of earlier trims.
using trim_floors = std::map<std::string, std::string, std::less<>>;

/// Joins entries into one batch for the database. Every entry is checked first: known
/// families, its own Realm's keys, the Realm record it promises (docs/storage.md).
class entry_merger {
public:
  entry_merger(const rocks_store& store, const trim_floors& floors);

  /// Adds one entry. An answer says why the entry is refused; nothing of it stays.
  std::optional<std::string> add(const log_entry& entry);

  [[nodiscard]] rocksdb::WriteBatch& batch() noexcept { return out_; }
  /// To be told to the floors once the batch is durable.
  [[nodiscard]] const trim_floors& trimmed() const noexcept { return trimmed_; }

private:
  class checker;
  rocksdb::Status put_reciprocal(std::string_view key, std::string_view value);
  rocksdb::Status trim(std::string_view first, std::string_view last);

  const rocks_store& store_;
  const trim_floors& floors_;
  trim_floors trimmed_;
  trim_floors entry_trims_;                            ///< of the entry being added
  std::set<std::string, std::less<>> new_reciprocals_; ///< keys in out_, not in the database
  std::unique_ptr<rocksdb::Iterator> rows_;
  rocksdb::WriteBatch out_;
};

} // namespace ros::storage
