// How RocksDB is set up for what the store holds: many small Realms, point reads of
// state, short scans of history, synced writes. Private to storage/.
#pragma once

#include "database.hpp"
#include "families.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <string>
#include <vector>

namespace ros::storage {

struct rocks_options {
  rocksdb::DBOptions database;
  /// In the order of family numbers, behind RocksDB's own "default" (unused).
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
};

rocks_options make_rocks_options(const database_options& options);

} // namespace ros::storage
