// Damages and repairs what a database holds of a Realm, for tests of the quarantine.
#pragma once

#include "storage/database_impl.hpp"
#include "storage/keys.hpp"
#include "storage/records.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ros::test {

using stored_rows = std::vector<std::pair<std::string, std::string>>;

/// Every row of a family whose key begins with `prefix`.
inline stored_rows rows_below(const storage::database& db, storage::family from,
                              const std::string& prefix) {
  stored_rows all;
  auto cursor = db.get().rows(from, {});
  EXPECT_TRUE(cursor);
  for ((*cursor)->Seek(prefix); (*cursor)->Valid(); (*cursor)->Next()) {
    if (!(*cursor)->key().starts_with(prefix))
      break;
    all.emplace_back((*cursor)->key().ToString(), (*cursor)->value().ToString());
  }
  return all;
}

inline void put_rows(storage::database& db, storage::family to, const stored_rows& rows) {
  storage::batch_writer writer;
  for (const auto& [key, value] : rows)
    writer.put(to, key, value);
  const auto bytes = writer.take();
  EXPECT_TRUE(db.get().commit(
      [&](rocksdb::WriteBatch& batch, rocksdb::ColumnFamilyHandle*, rocksdb::ColumnFamilyHandle*) {
        batch = rocksdb::WriteBatch{std::string{bytes.view()}};
      }));
}

/// Overwrites every row below `prefix` with nonsense; what was there, for put_rows().
inline stored_rows damage_rows(storage::database& db, storage::family what,
                               const std::string& prefix) {
  auto before = rows_below(db, what, prefix);
  EXPECT_FALSE(before.empty()) << "nothing to damage";
  auto nonsense = before;
  for (auto& [key, value] : nonsense)
    value = "\xff nonsense";
  put_rows(db, what, nonsense);
  return before;
}

/// The key prefix of the Realm at a path.
inline std::string prefix_of(const storage::database& db, std::string_view path) {
  for (const auto& [key, value] : rows_below(db, storage::family::realms, {}))
    if (auto record = storage::decode_realm_record(value); record && record->path == path)
      return key;
  ADD_FAILURE() << "no Realm at " << path;
  return {};
}

} // namespace ros::test
