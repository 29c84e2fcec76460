// Sessions whose rights change while they live (access-control.md 9, http-api.md 8.4 to 8.6).
#include "sync_world.hpp"

#include "actors/auth_errors.hpp"
#include "actors/session_path.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace ros::test {
namespace {

using namespace std::chrono_literals;
using actors::auth_ec;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// One of each generation: legacy, and App-Services clients by their form of errors.
constexpr int generations[] = {22, 30, 1, 4, 7, 9, 14};

class SessionAccess : public ::testing::TestWithParam<int> {
protected:
  /// Client file 2 of "/dogs", synchronising.
  void start(sync_client& client) {
    world.realm().files[2].salt = 1002;
    client.take();
    if (is_early())
      client.send_all({"bind 1 5 7 0\n/dogsgood-u1", "ident 1 1 2 1002 0 0 0 0\n"});
    else
      client.send_all({bind(1, "/dogs", false, is_legacy() ? "good-u1" : ""), ident(1, {2, 1002})});
    EXPECT_THAT(client.take(), SizeIs(1));
  }
  static std::string user() { return is_legacy() ? "" : "u1"; }
  static bool is_legacy() { return GetParam() >= 15; }
  static bool is_early() { return GetParam() == 22; }
  static std::string name_of_error() {
    return is_legacy() || GetParam() < 4 ? "error" : "json_error";
  }
  static void expect(const server_message& m, int code, const std::string& action) {
    EXPECT_EQ(m.name, name_of_error());
    EXPECT_EQ(m.error_code, code);
    EXPECT_FALSE(m.try_again);
    if (m.name == "json_error") {
      EXPECT_EQ(m.action, action);
    }
  }

  sync_world world;
};
INSTANTIATE_TEST_SUITE_P(generations, SessionAccess, ::testing::ValuesIn(generations));

TEST_P(SessionAccess, asks_once_and_costs_nothing_while_nothing_changes) {
  sync_client client(world, GetParam(), user());
  start(client);
  ASSERT_THAT(world.rights_watches, SizeIs(1));
  EXPECT_EQ(world.rights_watches[0].what.path, "/dogs");
  EXPECT_EQ(world.rights_watches[0].what.who.user_id, "u1");
  EXPECT_EQ(world.rights_watches[0].what.known, actors::read_write);
  world.advance(10s);
  EXPECT_THAT(world.rights_watches, SizeIs(1));
}

TEST_P(SessionAccess, writes_as_soon_as_it_may) {
  world.access["/dogs"] = actors::read_only;
  sync_client client(world, GetParam(), user());
  start(client);
  world.change_rights("/dogs", actors::read_write);
  ASSERT_FALSE(world.rights_watches.empty());
  EXPECT_EQ(world.rights_watches[0].what.known, actors::read_write);
  EXPECT_THAT(client.take(), IsEmpty());
}

TEST_P(SessionAccess, goes_on_downloading_without_the_right_to_write) {
  sync_client client(world, GetParam(), user());
  start(client);
  world.change_rights("/dogs", actors::read_only);
  EXPECT_THAT(client.take(), IsEmpty());
  world.append(world.realm(), "x");
  EXPECT_EQ(client.only().name, "download");
}

TEST_P(SessionAccess, ends_when_reading_is_withdrawn) {
  sync_client client(world, GetParam(), user());
  start(client);
  world.change_rights("/dogs", actors::no_rights);
  expect(client.only(), is_legacy() ? 202 : 206, "ApplicationBug");
  EXPECT_THAT(world.realm().bound, IsEmpty());
  EXPECT_THAT(world.rights_watches, IsEmpty());
}

TEST_P(SessionAccess, denies_legacy_clients_too_where_that_is_configured) {
  world.context->on_read_loss = actors::read_loss_reaction::deny;
  sync_client client(world, GetParam(), user());
  start(client);
  world.change_rights("/dogs", actors::no_rights);
  expect(client.only(), 206, "ApplicationBug");
}

TEST_P(SessionAccess, lets_legacy_clients_read_until_their_token_expires_where_that_is_configured) {
  world.context->on_read_loss = actors::read_loss_reaction::lazy;
  sync_client client(world, GetParam(), user());
  start(client);
  world.change_rights("/dogs", actors::no_rights);
  if (!is_legacy())
    return expect(client.only(), 206, "ApplicationBug");
  EXPECT_THAT(client.take(), IsEmpty());
  world.append(world.realm(), "x");
  EXPECT_EQ(client.only().name, "download");
}

TEST_P(SessionAccess, ends_with_a_client_reset_when_its_realm_is_deleted) {
  sync_client client(world, GetParam(), user());
  start(client);
  world.delete_realm("/dogs");
  expect(client.only(), is_legacy() ? 218 : 217, "ClientReset");
}

TEST_P(SessionAccess, ends_when_its_user_is_gone) {
  for (auto reason : {auth_ec::unknown_user, auth_ec::user_disabled, auth_ec::revoked_token}) {
    sync_client client(world, GetParam(), user());
    start(client);
    world.end_access("u1", caf::make_error(reason));
    if (is_legacy()) {
      EXPECT_EQ(client.only().error_code, 202);
    } else {
      EXPECT_THAT(client.take(), IsEmpty());
      EXPECT_THAT(world.realm().bound, IsEmpty());
    }
  }
}

TEST_P(SessionAccess, outlives_a_revoked_token_where_that_is_configured) {
  world.context->end_revoked_sessions = false;
  sync_client client(world, GetParam(), user());
  start(client);
  world.end_access("u1", caf::make_error(auth_ec::revoked_token));
  world.append(world.realm(), "x");
  EXPECT_EQ(client.only().name, "download");
}

TEST_P(SessionAccess, asks_again_within_a_second_after_trouble) {
  sync_client client(world, GetParam(), user());
  start(client);
  world.lose_watches();
  EXPECT_THAT(world.rights_watches, IsEmpty());
  world.access["/dogs"] = actors::no_rights; // meanwhile
  world.advance(1s);
  EXPECT_EQ(client.only().error_code, is_legacy() ? 202 : 206);
}

TEST(Syncable, private_stores_and_reserved_names_are_not) {
  for (const auto* path : {"/__password", "/__revocation", "/__configuration", "/__foo",
                           "/__management", "/__foo/x", "/__partition/s-a/b"})
    for (bool is_admin : {false, true})
      EXPECT_FALSE(actors::is_syncable(path, is_admin)) << path;
  for (const auto* path : {"/u1/__foo", "/u1/x/__management"})
    EXPECT_FALSE(actors::is_syncable(path, false)) << path;
}

TEST(Syncable, system_realms_and_ordinary_ones_are) {
  for (const auto* path :
       {"/__admin", "/__wildcardpermissions", "/__permission", "/u1/__management",
        "/u1/__permission", "/__admin/__management", "/__partition/s-a", "/x", "/u1/x/y"})
    EXPECT_TRUE(actors::is_syncable(path, false)) << path;
}

} // namespace
} // namespace ros::test
