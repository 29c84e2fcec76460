// Sessions of io.realm.sync, where they differ (sync-protocol.md 6.1, 8; http-api.md 8.4, 8.6).
#include "sync_world.hpp"

#include <gmock/gmock.h>

#include <string>
#include <utility>

namespace ros::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LegacySession : public ::testing::Test {
protected:
  /// Client file 2 of the Realm, bound by a client of io.realm.sync 30.
  void start(sync_client& client, std::uint64_t session = 1) {
    world.realm().files[2].salt = 1002;
    client.send_all({bind(session, "/dogs", false, "good-u1"), ident(session, {2, 1002})});
    EXPECT_THAT(client.heads(), ElementsAre(HasSubstr("download")));
  }
  /// The same with a client of version 22.
  void start_early(sync_client& client) {
    world.realm().files[2].salt = 1002;
    client.send_all({"bind 1 5 7 0\n/dogsgood-u1", "ident 1 1 2 1002 0 0 0 0\n"});
    EXPECT_THAT(client.heads(), ElementsAre("download 1 0 0 0 0 0 0 0 0 0"));
  }
  [[nodiscard]] std::int64_t now_s() const { return world.clock.unix_ms() / 1000; }
  static std::string refresh(const std::string& token) {
    return "refresh 1 " + std::to_string(token.size()) + '\n' + token;
  }

  sync_world world;
};

TEST_F(LegacySession, brings_its_own_token) {
  sync_client client(world, 30, {});
  client.send_all({bind(1, "/dogs", true, "good-u1"), bind(2, "/dogs", true, "good-u2"),
                   bind(3, "/dogs", true, "bad"), bind(4, "/dogs", true)});
  EXPECT_THAT(client.heads(), ::testing::UnorderedElementsAre("ident 1 2 1002", "ident 2 3 1003",
                                                              "error 203 3", "error 203 4"));
}

TEST_F(LegacySession, binds_virtual_paths_only) {
  sync_client client(world, 30, {});
  for (const auto* path : {"\"dogs\"", "dogs", "null", "//e", "/e/", "/.e", "/e.realm", "/e~"}) {
    client.send(bind(1, path, true, "good-u1"));
    EXPECT_EQ(client.only().error_code, 204) << path;
    client.send("unbind 1\n");
  }
}

TEST_F(LegacySession, may_do_what_both_its_token_and_its_user_may) {
  world.token_grants = actors::read_only;
  sync_client reader(world, 30, {});
  start(reader);
  reader.send(upload(1, {2, 0}, 0, {{2, 0, "x"}}));
  EXPECT_EQ(reader.only().error_code, 206);
  world.token_grants = actors::all_rights;
  world.access["/dogs"] = actors::read_only;
  sync_client guest(world, 30, {});
  start(guest);
  guest.send(upload(1, {2, 0}, 0, {{2, 0, "x"}}));
  EXPECT_EQ(guest.only().error_code, 206);
  world.token_grants = actors::no_rights;
  sync_client nobody(world, 30, {});
  nobody.send(bind(1, "/dogs", true, "good-u1"));
  EXPECT_EQ(nobody.only().error_code, 206);
}

TEST_F(LegacySession, needs_a_good_token_for_what_it_asks) {
  for (const auto& message : {upload(1, {2, 0}, 0, {{2, 0, "x"}}), std::string{"mark 1 1\n"}}) {
    world.token_expires_s = now_s() + 10;
    sync_client client(world, 30, {});
    start(client);
    world.clock.advance_ms(9'999);
    client.send("mark 1 1\n");
    EXPECT_THAT(client.heads(), ElementsAre("mark 1 1"));
    world.clock.advance_ms(1);
    client.send(upload(1, {1, 0}, 0)); // only tells of progress
    EXPECT_THAT(client.heads(), IsEmpty());
    client.send(message);
    EXPECT_THAT(client.heads(), ElementsAre("error 202 1"));
  }
  world.token_expires_s = now_s() + 10;
  sync_client client(world, 30, {});
  client.send(bind(1, "/dogs", false, "good-u1"));
  world.clock.advance_ms(10'000);
  client.send(ident(1, {2, 1002}));
  EXPECT_EQ(client.only().error_code, 202);
}

TEST_F(LegacySession, goes_on_with_a_refreshed_token) {
  world.token_expires_s = now_s() + 10;
  sync_client client(world, 30, {});
  start(client);
  world.clock.advance_ms(20'000);
  world.token_expires_s = now_s() + 10;
  client.send_all({refresh("good-u1"), "mark 1 1\n"});
  EXPECT_THAT(client.heads(), ElementsAre("mark 1 1"));
  world.access["/dogs"] = actors::no_rights;
  client.send(refresh("good-u1"));
  EXPECT_EQ(client.only().error_code, 206);
}

TEST_F(LegacySession, is_not_refreshed_by_somebody_else) {
  sync_client client(world, 30, {});
  start(client);
  client.send(refresh("good-u2"));
  EXPECT_EQ(client.only().error_code, 203);
}

TEST_F(LegacySession, is_dropped_with_its_connection_in_temporary_trouble) {
  for (int version : {22, 30}) {
    sync_client client(world, version, {});
    version == 22 ? start_early(client) : start(client);
    world.kill(world.realm());
    EXPECT_THAT(client.heads(), IsEmpty());
    EXPECT_TRUE(client.socket->aborted);
  }
}

TEST_F(LegacySession, beyond_the_limit_is_dropped_with_its_connection) {
  sync_client client(world, 30, {});
  for (std::uint64_t session = 1; session <= world.context->limits.max_sessions; ++session)
    client.send(bind(session, "/dogs", false, "good-u1"));
  EXPECT_FALSE(client.socket->ended());
  client.send(bind(99, "/dogs", false, "good-u1"));
  EXPECT_TRUE(client.socket->aborted);
}

TEST_F(LegacySession, up_to_22_ends_its_connection_with_its_error) {
  sync_client client(world, 22, {});
  start_early(client);
  client.send("upload 1 0 0 0\n");
  const auto m = client.only();
  EXPECT_EQ(m.error_code, 113);
  EXPECT_EQ(m.session, 1u);
  EXPECT_TRUE(client.socket->linger_ms);
  sync_client other(world, 22, {});
  start_early(other);
  world.realm().refuses_upload = actors::session_failure{212, "bad"};
  other.send("upload 1 0 9 0\n2 0 5 1 x");
  EXPECT_EQ(other.only().error_code, 212);
  EXPECT_TRUE(other.socket->linger_ms);
}

TEST_F(LegacySession, up_to_22_is_told_of_all_bytes_of_others) {
  sync_client client(world, 22, {});
  start_early(client);
  EXPECT_TRUE(world.realm().attaches.back().wants_foreign_bytes);
  EXPECT_EQ(world.realm().attaches.back().protocol_version, 1u);
  world.append(world.realm(), "12345");
  EXPECT_EQ(client.only().downloadable_bytes, 5u);
  client.send("upload 1 0 12 0\n2 1 5 4 mine");
  EXPECT_EQ(client.only().downloadable_bytes, 5u);
  world.append(world.realm(), "678");
  EXPECT_EQ(client.only().downloadable_bytes, 8u);
}

TEST_F(LegacySession, is_told_209_of_an_expired_file_below_30) { // L10
  world.realm().refuses_attach = actors::session_failure{222, "away too long"};
  for (const auto& [version, code] : {std::pair{30, 222}, std::pair{29, 209}, std::pair{22, 209}}) {
    sync_client client(world, version, {});
    client.send_all(
        {version == 30 ? bind(1, "/dogs", false, "good-u1") : "bind 1 5 7 0\n/dogsgood-u1",
         version == 22 ? "ident 1 1 2 1002 0 0 0 0\n" : ident(1, {2, 1002})});
    EXPECT_EQ(client.only().error_code, code) << version;
  }
}

TEST_F(LegacySession, is_told_which_changesets_are_read_here) {
  world.realm().refuses_upload = actors::session_failure{212, "bad changeset"};
  sync_client old(world, 29, {});
  world.realm().files[2].salt = 1002;
  old.send_all({"bind 1 5 7 0\n/dogsgood-u1", ident(1, {2, 1002})});
  old.take();
  old.send(upload(1, {2, 0}, 0, {{2, 0, "x"}}));
  EXPECT_THAT(old.only().text, HasSubstr("version 30 only"));
  sync_client client(world, 30, {});
  start(client);
  client.send(upload(1, {2, 0}, 0, {{2, 0, "x"}}));
  EXPECT_EQ(client.only().text, "bad changeset");
}

TEST_F(LegacySession, cannot_run_transactions) {
  sync_client client(world, 30, {});
  start(client);
  client.send("transact 1 5 6\nbody");
  EXPECT_EQ(client.only().status, 3u);
}

} // namespace
} // namespace ros::test
