// Connections: framing, session idents, errors of the connection as a whole
// (sync-protocol.md 10, "Framing", "Sessions" and "Errors").
#include "sync_world.hpp"

#include <gmock/gmock.h>

namespace ros::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Connection : public ::testing::Test {
protected:
  sync_world world;
};

TEST_F(Connection, greets_clients_that_read_log_messages) { // E12
  sync_client fresh(world, 10);
  const auto greeting = fresh.socket->take();
  ASSERT_EQ(greeting.size(), 1u);
  EXPECT_EQ(greeting[0].name, "log_message");
  EXPECT_EQ(greeting[0].session, 0u);
  EXPECT_EQ(greeting[0].json.at("co_id").as_string().size(), 24u);
  fresh.send(bind(1, "/dogs", true));
  fresh.send(ident(1, {2, 1002}));
  const auto all = fresh.socket->take();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[2].name, "log_message");
  EXPECT_EQ(all[2].session, 1u);
  sync_client old(world, 9);
  old.start();
  EXPECT_EQ(old.socket->take().size(), 1u); // the download alone
}

TEST_F(Connection, ends_with_the_access_of_its_user) { // P3
  sync_client recent(world, 14, "u1");
  sync_client early(world, 7, "u1");
  sync_client other(world, 14, "u2");
  for (auto* x : {&recent, &early, &other})
    x->start();
  ASSERT_EQ(world.watches.size(), 3u);
  world.end_access("u1", caf::make_error(actors::auth_ec::revoked_token));
  // The log's trouble is no reason to end anybody.
  world.end_access("u2", caf::make_error(actors::ec::unavailable));
  EXPECT_EQ(recent.socket->close_code, 4001);
  EXPECT_TRUE(early.socket->aborted);
  EXPECT_FALSE(other.socket->ended());
  EXPECT_TRUE(world.realm().bound.size() == 1);
}

TEST_F(Connection, answers_pings_before_anything_queued) { // S9
  sync_client client(world);
  client.take();
  client.send("ping 2113292 30\n");
  EXPECT_THAT(client.heads(), ElementsAre("pong 2113292"));
  EXPECT_THAT(client.socket->urgent_names, ElementsAre("pong"));
}

TEST_F(Connection, ends_on_what_it_does_not_understand) { // F1, F2, F3, E7
  const std::pair<const char*, const char*> cases[] = {
      {"pinga 1 1\n", "json_error 102 0"},
      {"", "json_error 103 0"},
      {"mark 1 1 1\n", "json_error 103 0"},
      {"ping 1 18446744073709551616\n", "json_error 103 0"},
      {"mark 7 1\n", "json_error 106 0"},
      {"unbind 7\n", "json_error 106 0"},
      {"ident 7 2 3 0 0 0 0\n", "json_error 106 0"},
      {"upload 7 0 0 0 1 0 0\n", "json_error 106 0"},
      {"bind 0 5 0 1 0\n/dogs", "json_error 106 0"}};
  for (const auto& [message, answer] : cases) {
    sync_client client(world);
    client.start();
    client.take();
    client.send_all({message, "ping 1 0\n", upload(1, {2, 0}, 0, {{2, 0, "a"}}), "mark 1 1\n"});
    EXPECT_THAT(client.heads(), ElementsAre(answer)) << message;
    EXPECT_EQ(client.socket->linger_ms, 30'000u);
  }
  EXPECT_THAT(world.realm().bound, IsEmpty());
}

TEST_F(Connection, sends_plain_errors_to_versions_below_4_only) { // E1
  for (int version = 1; version <= 14; ++version) {
    sync_client client(world, version);
    client.take();
    client.send("nonsense 1\n");
    EXPECT_EQ(client.only().name, version < 4 ? "error" : "json_error");
  }
}

TEST_F(Connection, refuses_a_session_ident_that_is_in_use) { // S3
  sync_client client(world);
  client.start();
  client.take();
  client.send(bind(1, "/cats", true));
  EXPECT_THAT(client.heads(), ElementsAre("json_error 107 0"));
}

TEST_F(Connection, keeps_a_failed_sessions_ident_until_unbind) {
  sync_client client(world);
  client.take();
  client.send(bind(1, "//", true));
  client.take();
  client.send(bind(1, "/dogs", true));
  EXPECT_THAT(client.heads(), ElementsAre("json_error 107 0"));
}

TEST_F(Connection, refuses_messages_for_a_session_after_its_unbind) { // S8
  sync_client client(world);
  client.start();
  client.take();
  client.send_all({"unbind 1\n", "mark 1 1\n"});
  const auto heads = client.heads();
  ASSERT_FALSE(heads.empty());
  EXPECT_TRUE(heads.back() == "json_error 109 0" || heads.back() == "json_error 106 0");
}

TEST_F(Connection, carries_a_bounded_number_of_sessions) {
  sync_client client(world);
  client.take();
  for (std::uint64_t i = 1; i <= 5; ++i)
    client.send(bind(i, "/r" + std::to_string(i), true));
  EXPECT_EQ(client.take().size(), 5u);
  client.send(bind(6, "/r6", true));
  EXPECT_THAT(client.heads(), ElementsAre("json_error 201 6 again"));
  client.send_all({"unbind 6\n", "unbind 1\n"});
  client.take();
  client.send(bind(6, "/r6", true));
  EXPECT_THAT(client.heads(), ElementsAre("ident 6 2 1002"));
  for (std::uint64_t i = 7; i < 20; ++i)
    client.send(bind(i, "/x", true));
  EXPECT_EQ(client.heads().back(), "json_error 101 0 again");
}

TEST_F(Connection, tells_its_client_when_the_server_shuts_down) { // S11
  sync_client client(world);
  client.start();
  client.take();
  caf::anon_send(client.connection, actors::stop_atom_v);
  world.run();
  const auto m = client.only();
  EXPECT_EQ(m.error_code, 100);
  EXPECT_EQ(m.action, "Transient");
  EXPECT_TRUE(m.try_again);
  EXPECT_EQ(client.socket->linger_ms, 1'000u);
  EXPECT_THAT(world.realm().bound, IsEmpty());
}

TEST_F(Connection, survives_a_session_that_breaks_down) {
  sync_client client(world);
  client.start();
  client.start(2, "/cats");
  client.take();
  caf::anon_send_exit(world.realm("/dogs").bound.begin()->second.session, caf::exit_reason::kill);
  world.run();
  EXPECT_THAT(client.heads(), ElementsAre("json_error 201 1 again"));
  client.send("mark 2 1\n");
  EXPECT_THAT(client.heads(), ElementsAre("mark 2 1"));
}

TEST_F(Connection, gives_the_receive_window_back_for_every_message) {
  sync_client client(world);
  client.start();
  client.send("ping 1 0\n");
  client.send("mark 1 1\n");
  client.send("unbind 1\n");
  const std::size_t sizes = bind(1, "/dogs", true).size() + ident(1, {2, 1002}).size() +
                            std::string{"ping 1 0\nmark 1 1\nunbind 1\n"}.size();
  EXPECT_EQ(client.socket->returned, sizes);
}

TEST_F(Connection, gives_up_a_session_that_never_gets_its_ident) {
  sync_client client(world);
  client.start(1);
  client.take();
  client.send(bind(2, "/cats", false));
  const auto look = [&] {
    caf::anon_send(client.connection, actors::idle_atom_v);
    world.run();
  };
  look();
  look();
  EXPECT_THAT(client.heads(), IsEmpty());
  look();
  const auto m = client.only();
  EXPECT_EQ(m.session, 2u);
  EXPECT_EQ(m.error_code, 201);
  EXPECT_TRUE(m.try_again);
  look();
  EXPECT_THAT(client.heads(), IsEmpty()); // the other one has its ident
}

TEST_F(Connection, lets_sessions_wait_while_memory_for_sending_is_short) {
  auto& context = *world.context;
  context.outgoing = std::make_shared<runtime::byte_budget>(4u << 20);
  context.outgoing->add(4u << 20); // what others have queued
  world.append(world.realm(), "abc");
  sync_client client(world);
  client.send(bind(1, "/dogs", true));
  client.send(ident(1, {2, 1002}));
  client.take();
  EXPECT_EQ(world.realm().reads, 0);
  context.outgoing->give_back(4u << 20);
  world.advance(std::chrono::milliseconds{200});
  EXPECT_EQ(client.only().name, "download");
  EXPECT_EQ(context.outgoing->used(), 0u);
}

TEST_F(Connection, cuts_the_socket_if_its_actor_dies) {
  sync_client client(world);
  caf::anon_send_exit(client.connection, caf::exit_reason::kill);
  world.run();
  EXPECT_TRUE(client.socket->aborted);
}

} // namespace
} // namespace ros::test
