// Client files that stayed away for longer than sync.history_ttl, and whose history was
// compacted meanwhile (sync-protocol.md 5.2): 222, a client reset, and nothing is lost.
#include "reset_expectations.hpp"
#include "resetting_fixture.hpp"

#include "storage/database.hpp"
#include "storage/realm_store.hpp"

namespace ros::test {
namespace {

class ExpiredFiles : public ResettingTest {
protected:
  /// Somebody with synced and unsynced objects who leaves.
  std::unique_ptr<app> leave(int version) const {
    auto a = open(version);
    a->file.write(new_dog(100 + version, "synced"), 2);
    a->settle();
    a->client->close();
    a->file.write(new_dog(200 + version, "unsynced"), 3);
    return a;
  }

  /// What compaction leaves behind: every client file expired, the horizon at the head.
  void expire_all() {
    server.stop();
    {
      auto db = storage::database::open(server.root());
      ASSERT_TRUE(db.has_value()) << db.error().message;
      expire_all_in(**db);
    }
    server.start();
  }

private:
  static void expire_all_in(storage::database& db) {
    constexpr std::uint64_t realms = 20;
    int changed = 0;
    for (std::uint64_t id = 0; id < realms; ++id) {
      for (std::uint32_t shard = 0; shard < storage::default_shard_count; ++shard) {
        storage::realm_store store(db, shard, id);
        auto record = store.refresh();
        if (!record || record->head.version == 0)
          continue;
        ++changed;
        storage::realm_entry_builder entry(shard, id);
        ASSERT_TRUE(store.visit_client_files([&](auto ident, auto file) {
          file.live = false;
          file.expired = true;
          entry.put_client_file(ident, file);
          return true;
        }));
        record->horizon = record->head.version;
        ++record->sequence;
        std::vector<bool> refused;
        const storage::log_entry entries[] = {entry.finish(*record)};
        ASSERT_TRUE(db.write(entries, refused));
        ASSERT_FALSE(refused.at(0));
      }
    }
    ASSERT_EQ(changed, 1);
  }
};

TEST_F(ExpiredFiles, are_told_in_every_version_and_recover_what_they_had) {
  auto writer = open();
  writer->file.write(new_dog(1, "Rex"), 1);
  writer->upload();
  std::vector<std::unique_ptr<app>> away;
  for (int version = 2; version <= 14; ++version)
    away.push_back(leave(version));
  writer->file.write(rename_dog(1, "Max"), 4);
  writer->settle();
  expire_all();

  for (int version = 2; version <= 14; ++version) {
    auto& a = *away[static_cast<std::size_t>(version - 2)];
    a.connect();
    a.client->send(bind_message(1, a.file.copy.path, false));
    a.client->send(ident_message(1, a.file.copy));
    expect_reset(a.client->require_next(), 222, version);
    a.client->send("unbind 1\n");
    a.reset();
  }
  // The writer's file has expired as well, but it has everything up to the horizon.
  writer->connect();
  writer->resume(1);
  const auto content = writer->settle();
  for (int version = 2; version <= 14; ++version) {
    EXPECT_EQ(away[static_cast<std::size_t>(version - 2)]->settle(), content);
    for (int id : {100 + version, 200 + version})
      EXPECT_NE(content.find("\"pk\":" + std::to_string(id)), content.npos) << content;
  }
  EXPECT_EQ(open()->settle(), content);
}

} // namespace
} // namespace ros::test
