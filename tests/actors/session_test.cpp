// Sessions from BIND to their end (sync-protocol.md 10, "Sessions" and "Identity
// and resume").
#include "sync_world.hpp"

#include "actors/errors.hpp"

#include <gmock/gmock.h>

namespace ros::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Session : public ::testing::Test {
protected:
  sync_world world;
};

TEST_F(Session, answers_a_bind_that_wants_one_with_a_fresh_ident_and_nothing_else) { // S1
  sync_client client(world);
  client.take();
  client.send(bind(1, "/dogs", true));
  client.send(bind(2, "/dogs", true));
  EXPECT_THAT(client.heads(), ElementsAre("ident 1 2 1002", "ident 2 3 1003"));
}

TEST_F(Session, is_silent_until_a_known_client_sends_its_ident) { // S2
  sync_client client(world);
  client.take();
  client.send(bind(1, "/dogs", false));
  EXPECT_THAT(client.heads(), IsEmpty());
}

TEST_F(Session, sends_a_first_download_although_nothing_is_new) { // R1, M1
  sync_client client(world);
  client.start();
  EXPECT_THAT(client.heads(), ElementsAre("download 1 0 0 0 0 0 0 0 0 0 0"));
  client.send("mark 1 1\n");
  EXPECT_THAT(client.heads(), ElementsAre("mark 1 1"));
}

TEST_F(Session, takes_bind_ident_mark_and_upload_sent_at_once) {
  world.realm().files[2] = {1002, {}, {}, 0};
  sync_client client(world);
  client.take();
  client.send_all({bind(1, "/dogs", false), ident(1, {2, 1002}), "mark 1 1\n",
                   upload(1, {2, 0}, 0, {{2, 0, "abc"}})});
  EXPECT_THAT(client.heads(), ElementsAre("download 1 0 0 0 0 0 0 0 0 0 0", "mark 1 1",
                                          "download 1 1 2 1 77 2 0 0 0 0 0"));
}

TEST_F(Session, passes_on_what_the_client_said_about_itself) {
  sync_client client(world, 9);
  const auto file = client.start();
  const auto& x = world.realm().attaches.at(0);
  EXPECT_EQ(x.file, file);
  EXPECT_EQ(x.user_id, "u1");
  EXPECT_EQ(x.protocol_version, 9u);
}

TEST_F(Session, resumes_where_the_client_says_it_was) {
  auto& realm = world.realm();
  realm.files[2] = {1002, {4, 1}, {4, 1}, 1};
  world.append(realm, "one");
  world.append(realm, "two");
  sync_client client(world);
  client.take();
  client.send_all({bind(1, "/dogs", false), ident(1, {2, 1002}, {1, 3}, {1, 77})});
  const auto m = client.only();
  EXPECT_EQ(m.raw, "download 1 2 3 2 77 4 1 0 0 15 0\n2 3 5 1 3 3 two");
}

TEST_F(Session, refuses_ident_upload_and_mark_out_of_order) { // S5
  for (const auto& early : {std::string{"mark 1 1\n"}, upload(1, {0, 0}, 0), ident(1, {2, 1002}),
                            std::string{"json_error 212 2 1\n{}"}}) {
    sync_world other;
    other.realm(); // nothing of it answers before everybody has read the messages
    sync_client client(other);
    client.take();
    client.send_all({bind(1, "/dogs", true), early});
    EXPECT_THAT(client.heads(), ElementsAre("json_error 109 0")) << early;
    EXPECT_TRUE(client.socket->linger_ms);
  }
}

TEST_F(Session, refuses_a_second_ident) { // S5
  sync_client client(world);
  const auto file = client.start();
  client.take();
  client.send(ident(1, file));
  EXPECT_THAT(client.heads(), ElementsAre("json_error 109 0"));
}

TEST_F(Session, refuses_marks_of_a_known_client_before_its_ident) {
  sync_client client(world);
  client.take();
  client.send_all({bind(1, "/dogs", false), "mark 1 1\n"});
  EXPECT_THAT(client.heads(), ElementsAre("json_error 109 0"));
}

TEST_F(Session, unbinds_exactly_once_and_frees_its_ident) { // S6
  sync_client client(world);
  client.take();
  client.send_all({bind(1, "/dogs", true), "unbind 1\n"});
  EXPECT_THAT(client.heads(), ElementsAre("unbound 1"));
  client.send(bind(1, "/dogs", true));
  EXPECT_EQ(client.only().name, "ident");
  client.send("unbind 1\n");
  EXPECT_THAT(client.heads(), ElementsAre("unbound 1"));
  client.start();
  client.take();
  client.send("unbind 1\n");
  EXPECT_THAT(client.heads(), ElementsAre("unbound 1"));
  EXPECT_THAT(world.realm().bound, IsEmpty());
  client.send_all({bind(1, "/dogs", false), "unbind 1\n"});
  EXPECT_THAT(client.heads(), ElementsAre("unbound 1"));
}

TEST_F(Session, frees_its_client_file_for_the_next_session_of_the_connection) { // R6
  sync_client client(world);
  const auto file = client.start();
  client.take();
  client.send("unbind 1\n");
  client.send_all({bind(2, "/dogs", false), ident(2, file)});
  EXPECT_THAT(client.heads(), ElementsAre("unbound 1", "download 2 0 0 0 0 0 0 0 0 0 0"));
}

TEST_F(Session, ends_the_connection_if_a_client_file_is_bound_twice_on_it) { // R5
  sync_client client(world);
  const auto file = client.start();
  client.take();
  client.send_all({bind(2, "/dogs", false), ident(2, file)});
  EXPECT_THAT(client.heads(), ElementsAre("json_error 108 0"));
}

TEST_F(Session, of_a_forgotten_connection_is_cut_without_a_word) { // R5
  sync_client old(world);
  const auto file = old.start();
  old.take();
  sync_client fresh(world);
  fresh.take();
  fresh.send_all({bind(1, "/dogs", false), ident(1, file)});
  EXPECT_THAT(fresh.heads(), ElementsAre("download 1 0 0 0 0 0 0 0 0 0 0"));
  EXPECT_THAT(old.heads(), IsEmpty());
  EXPECT_TRUE(old.socket->aborted);
  old.drop();
  fresh.send("mark 1 1\n");
  EXPECT_THAT(fresh.heads(), ElementsAre("mark 1 1"));
}

TEST_F(Session, reports_what_the_realm_has_against_the_ident) { // R2
  sync_client client(world);
  client.take();
  client.send_all({bind(1, "/dogs", false), ident(1, {9, 5}), "mark 1 1\n"});
  const auto m = client.only();
  EXPECT_EQ(m.error_code, 208);
  EXPECT_EQ(m.session, 1u);
  EXPECT_EQ(m.action, "ClientReset");
  client.send("unbind 1\n"); // E5
  EXPECT_THAT(client.heads(), IsEmpty());
  client.send(bind(1, "/dogs", true));
  EXPECT_EQ(client.only().name, "ident");
}

TEST_F(Session, that_failed_ignores_everything_but_unbind) { // E5
  sync_client client(world);
  const auto file = client.start();
  client.take();
  world.realm().refuses_upload = actors::session_failure{212, "bad changeset"};
  client.send(upload(1, {2, 0}, 0, {{2, 0, "x"}}));
  EXPECT_THAT(client.heads(), ElementsAre("json_error 212 1"));
  world.append(world.realm(), "news");
  client.send_all({"mark 1 1\n", upload(1, {1, 0}, 0), ident(1, file), "upload 1 1 9 2 1 1 1\nxx"});
  EXPECT_THAT(client.heads(), IsEmpty());
  client.send("unbind 1\n");
  EXPECT_THAT(client.heads(), IsEmpty());
  client.send("unbind 1\n");
  EXPECT_THAT(client.heads(), ElementsAre("json_error 106 0"));
}

TEST_F(Session, failing_leaves_other_sessions_alone) { // U7
  sync_client client(world);
  client.start(1, "/dogs");
  client.start(2, "/cats");
  client.take();
  world.realm("/dogs").refuses_upload = actors::session_failure{212, "bad changeset"};
  client.send(upload(1, {2, 0}, 0, {{2, 0, "x"}}));
  client.send(upload(2, {2, 0}, 0, {{2, 0, "y"}}));
  EXPECT_THAT(client.heads(), ElementsAre("json_error 212 1", "download 2 1 2 1 77 2 0 0 0 0 0"));
}

TEST_F(Session, whose_unbind_crosses_an_error_sends_one_of_both) { // E6
  sync_client client(world);
  client.start();
  client.take();
  world.realm().refuses_upload = actors::session_failure{212, "bad changeset"};
  client.send_all({upload(1, {2, 0}, 0, {{2, 0, "x"}}), "unbind 1\n"});
  EXPECT_EQ(client.heads().size(), 1u);
  client.send(bind(1, "/cats", true));
  EXPECT_EQ(client.only().name, "ident");
}

TEST_F(Session, refuses_illegal_paths) {
  sync_client client(world);
  client.take();
  client.send(bind(1, "//e", true));
  const auto m = client.only();
  EXPECT_EQ(m.error_code, 204);
  EXPECT_EQ(m.action, "ApplicationBug");
  EXPECT_THAT(world.asked_paths, IsEmpty());
}

TEST_F(Session, opens_the_realm_that_the_partition_value_means) { // P1
  sync_client client(world);
  client.take();
  client.send(bind(1, "\"abc\"", true));
  client.send(bind(2, "{\"$numberLong\":\"5\"}", true));
  client.send(bind(3, "5", true));
  client.send(bind(4, "/~/mine", true));
  EXPECT_THAT(world.asked_paths, ElementsAre("/__partition/s-abc", "/__partition/i-5",
                                             "/__partition/i-5", "/u1/mine"));
  EXPECT_THAT(client.heads(),
              ElementsAre("ident 1 2 1002", "ident 2 2 1002", "ident 3 3 1003", "ident 4 2 1002"));
}

TEST_F(Session, refuses_whom_the_admin_realm_does_not_know_to_read) {
  world.access["/secret"] = actors::no_rights;
  sync_client client(world);
  client.take();
  client.send(bind(1, "/secret", true));
  const auto m = client.only();
  EXPECT_EQ(m.error_code, 206);
  EXPECT_EQ(m.action, "ApplicationBug"); // DeleteRealm would cost the client its file
  EXPECT_FALSE(m.try_again);
}

TEST_F(Session, refuses_subservers) {
  sync_client client(world);
  client.take();
  client.send("bind 1 5 0 1 1\n/dogs");
  EXPECT_THAT(client.heads(), ElementsAre("json_error 206 1"));
}

TEST_F(Session, asks_to_come_back_while_the_server_is_in_trouble) { // E10
  world.admin_is_unavailable = true;
  sync_client client(world);
  client.take();
  client.send(bind(1, "/dogs", true));
  const auto m = client.only();
  EXPECT_EQ(m.error_code, 201);
  EXPECT_EQ(m.action, "Transient");
  EXPECT_TRUE(m.try_again);
  world.admin_is_unavailable = false;
  client.send("unbind 1\n");
  client.send(bind(1, "/dogs", true));
  EXPECT_EQ(client.only().name, "ident");
}

TEST_F(Session, takes_its_token_from_bind_if_the_upgrade_had_none) {
  sync_client client(world, 3, "");
  client.take();
  client.send(bind(1, "/~/x", true, "good-u7"));
  EXPECT_THAT(client.heads(), ElementsAre("ident 1 2 1002"));
  EXPECT_THAT(world.asked_tokens, ElementsAre("good-u7"));
  EXPECT_THAT(world.asked_paths, ElementsAre("/u7/x"));
}

TEST_F(Session, with_a_bad_token_ends_the_connection_without_error_message) {
  sync_client old(world, 3, "");
  old.send(bind(1, "/dogs", true, "bad"));
  EXPECT_THAT(old.heads(), IsEmpty());
  EXPECT_TRUE(old.socket->aborted);
  sync_client newer(world, 8, "");
  newer.send(bind(1, "/dogs", true));
  EXPECT_THAT(newer.heads(), IsEmpty());
  EXPECT_EQ(newer.socket->close_code, 4001);
  sync_client other(world, 3, "u1");
  other.send(bind(1, "/dogs", true, "good-u2"));
  EXPECT_TRUE(other.socket->aborted);
}

TEST_F(Session, accepts_a_fresh_token_of_its_user_only) {
  sync_client client(world, 3, "u1");
  client.start();
  client.take();
  client.send("refresh 1 7\ngood-u1");
  EXPECT_THAT(client.heads(), IsEmpty());
  EXPECT_FALSE(client.socket->ended());
  client.send("refresh 1 7\ngood-u2");
  EXPECT_TRUE(client.socket->aborted);
}

TEST_F(Session, answers_the_requests_of_early_clients) {
  sync_client client(world, 2);
  client.take();
  client.send_all({bind(1, "/dogs", false), "state_request 1 0 0 0 1 6 20 1 8\n"});
  EXPECT_THAT(client.heads(), ElementsAre("state 1 0 0 0 0 0 0"));
  client.send("client_version_request 1 2 5\n"); // L9
  EXPECT_THAT(client.heads(), ElementsAre("client_version 1 0"));
  world.realm().files[2].progress.client_version = 9;
  client.send("client_version_request 1 2 5\n");
  EXPECT_THAT(client.heads(), ElementsAre("client_version 1 9"));
}

TEST_F(Session, leaves_the_realm_when_the_connection_is_gone) {
  sync_client client(world);
  client.start();
  EXPECT_EQ(world.realm().bound.size(), 1u);
  client.drop();
  EXPECT_THAT(world.realm().bound, IsEmpty());
}

TEST_F(Session, uploads_made_before_the_connection_went_are_integrated) {
  sync_client client(world);
  client.start();
  caf::anon_send(client.connection, actors::inbound_frame{std::make_shared<const std::string>(
                                        upload(1, {2, 0}, 0, {{2, 0, "abc"}}))});
  client.drop();
  EXPECT_EQ(world.realm().history.size(), 1u);
}

TEST_F(Session, is_listed_in_the_directory_while_it_lives) {
  sync_client client(world);
  client.start(4);
  EXPECT_THAT(world.names(), ElementsAre("connection/1", "session/1/4"));
  client.send("unbind 4\n");
  EXPECT_THAT(world.names(), ElementsAre("connection/1"));
  client.drop();
  EXPECT_THAT(world.names(), IsEmpty());
}

} // namespace
} // namespace ros::test
