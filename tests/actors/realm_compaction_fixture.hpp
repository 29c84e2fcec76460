// What the tests of bounded history share: a Realm whose history is compacted whenever there
// is anything to gain, in parts so small that there are many.
#pragma once

#include "realm_fixture.hpp"

#include "support/memory_state.hpp"
#include "support/state_json.hpp"
#include "sync/object_reader.hpp"
#include "sync/object_state.hpp"

#include <boost/json/serialize.hpp>

#include <set>

namespace ros::actors {

inline constexpr std::int64_t day_ms = 86'400'000;

inline world_upkeep eager() {
  return {.limits = {.ttl_ms = 60 * day_ms, .worth = 1, .pressing = UINT64_MAX / 4},
          .part_bytes = 200};
}

struct realm_compaction_test : ::testing::TestWithParam<log_kind> {
  realm_world world{GetParam(), eager()};
  sync::version_type next_client_version = 3;
  sync::version_type base = 1; ///< of what is uploaded
  std::uint64_t next_connection = 100;
  std::set<std::int64_t> known; ///< objects

  realm_client first_client() {
    auto client = world.join();
    world.upload(client, 2, 0, realm_world::sample_schema());
    world.run();
    return client;
  }
  static sync::bytes set(std::int64_t key, std::int64_t value, bool create = false) {
    changeset_builder b;
    if (create)
      b.create("T", key);
    return sync::bytes{sync::encode_changeset(b.update("T", key, {"i"}, integer(value)).take())};
  }
  static sync::bytes erase(std::int64_t key) {
    return sync::bytes{sync::encode_changeset(changeset_builder{}.erase("T", key).take())};
  }
  /// Ten objects changed in turn, and others that come and go. `writer` integrates its own
  /// changes as it goes.
  void write_much(realm_client& writer, int rounds) {
    for (int i = 0; i < rounds; ++i) {
      const auto key = i % 10;
      upload(writer, set(key, i, known.insert(key).second));
      upload(writer, set(1000 + i, i, true));
      upload(writer, erase(1000 + i));
    }
  }
  void upload(realm_client& writer, const sync::bytes& data) {
    world.upload(writer, next_client_version++, base, data);
    world.run();
  }
  /// The client says that it has integrated everything there is.
  void catch_up(realm_client& client) {
    const auto head = world.stored().head.version;
    actors::integrate_upload x;
    x.client = client.file.ident;
    x.progress = {next_client_version++, head};
    x.locked_version = head;
    base = head;
    world.send_as(client, std::move(x));
    world.run();
  }
  void leave(const realm_client& client) {
    world.send_as(client, detach_session{client.file.ident});
    world.run();
  }
  void tick() {
    caf::anon_send(world.realm, upkeep_atom_v);
    world.run();
  }
  /// History up to what was written then is compacted, unless others hold it back.
  void write_and_compact(realm_client& writer, int rounds) {
    write_much(writer, rounds);
    catch_up(writer);
    tick();
  }

  /// What somebody who knows nothing gets, applied to an empty Realm; `bytes` and `entries`
  /// of it are counted.
  std::string joined_state(const realm_client& reader, std::uint64_t budget = 1000) {
    memory_state rows;
    sync::object_state state{rows};
    sync::download_cursor at;
    bytes = entries = 0;
    std::uint64_t announced = 0;
    do {
      auto chunk =
          world.ask_as<download_chunk>(reader, read_download{reader.file.ident, at, budget});
      if (!chunk)
        return "no download";
      std::uint64_t size = 0;
      for (const auto& x : chunk->entries) {
        auto changes = sync::parse_stored_changeset(x.data);
        state.begin_batch();
        if (!changes || !state.apply(*changes))
          return "version " + std::to_string(x.version) + " does not apply";
        state.keep_batch();
        size += x.data.size();
        ++entries;
      }
      if (bytes != 0) {
        EXPECT_EQ(size + chunk->downloadable_bytes, announced);
      }
      bytes += size;
      announced = chunk->downloadable_bytes;
      at = chunk->to;
    } while (at.server_version < world.stored().head.version);
    EXPECT_EQ(announced, 0u);
    return boost::json::serialize(state_to_json(sync::object_reader{state}));
  }
  std::string server_state() {
    auto store = world.open_store();
    EXPECT_TRUE(store.refresh());
    return boost::json::serialize(state_to_json(sync::object_reader{store}));
  }
  void expect_joiner_gets_the_state() {
    auto joiner = world.join("joiner");
    EXPECT_EQ(joined_state(joiner), server_state());
  }
  static void expect_code(const caf::expected<session_attached>& answer, std::int32_t code) {
    ASSERT_FALSE(answer) << "expected " << code;
    ASSERT_EQ(answer.error(), ec::session_error);
    EXPECT_EQ(answer.error().context().get_as<std::int32_t>(0), code);
  }

  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
};

} // namespace ros::actors
