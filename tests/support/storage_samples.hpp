// Sample entries for tests of storage and log: Realms whose every byte follows from
// Realm id and version, so that what is read back can be checked without a model.
#pragma once

#include "storage/database.hpp"
#include "storage/realm_store.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

namespace ros::test {

/// The only Realm state a writer needs to make the next entry.
struct sample_realm {
  std::uint32_t shard = 7;
  std::uint64_t id = 1;
  storage::realm_record record;
};

inline sample_realm make_sample_realm(std::uint64_t id) {
  sample_realm x;
  x.id = id;
  x.shard = static_cast<std::uint32_t>(id % storage::default_shard_count);
  x.record.path = "/sample/" + std::to_string(id);
  return x;
}

inline sync::bytes sample_bytes(std::uint64_t id, sync::version_type version, char kind,
                                std::size_t size = 40) {
  auto text = std::string(1, kind) + std::to_string(id) + ":" + std::to_string(version) + "/";
  text.resize(std::max(size, text.size()), static_cast<char>('a' + version % 26));
  return sync::bytes{text};
}

inline sync::history_entry sample_history(std::uint64_t id, sync::version_type version,
                                          std::size_t size = 40) {
  sync::history_entry x;
  x.version = version;
  x.origin = 2 + version % 3;
  x.client_version = version * 2;
  x.timestamp = 1000 + version;
  x.salt = static_cast<sync::salt_type>(id * 1000 + 17);
  x.data = version % 5 == 0 ? sync::bytes{} : sample_bytes(id, version, 'd', size);
  x.original_size = x.data.size();
  x.cumulative_size = version * size;
  x.summary = version % 7 == 0 ? sync::bytes{} : sample_bytes(id, version, 's', 10);
  return x;
}

/// Where a marked entry leaves its mark.
inline sync::file_ident mark_of(std::uint64_t sequence) {
  return 1000 + sequence;
}

/// An entry that adds `versions` versions, a state row for each and a client file, and takes
/// the record of `realm` forward. `mark` tells entries with the same sequence apart.
inline storage::log_entry next_sample_entry(sample_realm& realm, std::uint64_t versions = 1,
                                            std::size_t size = 40, sync::salt_type mark = 0) {
  storage::realm_entry_builder builder{realm.shard, realm.id};
  sync::integrated changes;
  for (std::uint64_t i = 0; i < versions; ++i) {
    const auto version = ++realm.record.head.version;
    changes.entries.push_back(sample_history(realm.id, version, size));
    changes.state.push_back({sync::state_column::objects, "o/" + std::to_string(version),
                             std::to_string(realm.id) + "@" + std::to_string(version)});
    if (version % sync::summary_block_length == 0)
      changes.block_summaries.emplace_back(version / sync::summary_block_length - 1,
                                           sample_bytes(realm.id, version, 'b', 30));
  }
  changes.state.push_back(
      {sync::state_column::schema, "head", std::to_string(realm.record.head.version)});
  realm.record.head.salt = static_cast<sync::salt_type>(realm.id * 1000 + 17);
  ++realm.record.sequence;
  builder.add(changes);
  sync::client_file file;
  file.salt = static_cast<sync::salt_type>(realm.record.sequence);
  file.progress.client_version = realm.record.head.version;
  builder.put_client_file(2, file);
  if (mark != 0) {
    file.salt = mark;
    builder.put_client_file(mark_of(realm.record.sequence), file);
  }
  return builder.finish(realm.record);
}

/// Checks that a stored sample Realm is whole up to its head: every version, every row.
/// The answer is the record found.
inline storage::realm_record check_sample_realm(const storage::database& db, std::uint64_t id,
                                                std::size_t size = 40) {
  const auto realm = make_sample_realm(id);
  storage::realm_store store{db, realm.shard, id};
  const auto record = store.refresh();
  if (!record) {
    ADD_FAILURE() << record.error().message;
    return {};
  }
  const auto head = store.head();
  if (head == 0)
    return *record;
  sync::version_type seen = 0;
  const auto visited = store.visit(1, head, true, [&](const sync::history_entry& x) {
    const auto expected = sample_history(id, x.version, size);
    EXPECT_EQ(x.version, seen + 1);
    EXPECT_EQ(x.data.view(), expected.data.view());
    EXPECT_EQ(x.summary.view(), expected.summary.view());
    EXPECT_EQ(x.origin, expected.origin);
    EXPECT_EQ(x.client_version, expected.client_version);
    EXPECT_EQ(x.salt, expected.salt);
    seen = x.version;
    return !testing::Test::HasFailure();
  });
  EXPECT_TRUE(visited.has_value());
  EXPECT_EQ(seen, head);
  std::uint64_t rows = 0;
  std::ignore = store.scan(sync::state_column::objects, "", "",
                           [&](std::string_view, std::string_view) { return ++rows != 0; });
  EXPECT_EQ(rows, head) << "Realm " << id << ": state and history differ";
  const auto schema = store.get(sync::state_column::schema, "head");
  EXPECT_EQ(*schema, std::to_string(head));
  const auto file = store.client_file(2);
  EXPECT_TRUE(file.has_value() && file->has_value());
  if (file && *file) {
    EXPECT_EQ((*file)->progress.client_version, head);
    EXPECT_EQ((*file)->salt, static_cast<sync::salt_type>(record->sequence));
  }
  return *record;
}

/// Opens or fails the test.
inline std::unique_ptr<storage::database>
open_database(const std::string& root, const storage::database_options& options = {}) {
  auto db = storage::database::open(root, options);
  if (!db) {
    ADD_FAILURE() << db.error().message;
    return nullptr;
  }
  return std::move(*db);
}

/// Writes one entry; true if it was taken.
inline bool write_one(storage::database& db, const storage::log_entry& entry) {
  std::vector<bool> refused;
  const auto done = db.write(std::span{&entry, 1}, refused);
  if (!done)
    ADD_FAILURE() << done.error().message;
  return done && !refused[0];
}

} // namespace ros::test
