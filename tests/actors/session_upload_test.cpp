// Uploads of a session (sync-protocol.md 10, "Upload").
#include "sync_world.hpp"

#include "sync/deflate.hpp"

#include <gmock/gmock.h>

#include <array>

namespace ros::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SessionUpload : public ::testing::Test {
protected:
  SessionUpload() {
    file = client.start();
    client.take();
  }
  model_realm& realm() { return world.realm(); }

  sync_world world;
  sync_client client{world};
  sync::salted_file_ident file;
};

TEST_F(SessionUpload, is_acknowledged_by_an_empty_download) { // U1
  client.send(upload(1, {4, 0}, 0, {{2, 0, "abc"}}));
  EXPECT_THAT(client.heads(), ElementsAre("download 1 1 2 1 77 4 0 0 0 0 0"));
  ASSERT_EQ(realm().uploaded.size(), 1u);
  EXPECT_EQ(realm().uploaded[0].client_version, 2u);
  EXPECT_EQ(realm().uploaded[0].timestamp, 99u);
  EXPECT_EQ(realm().uploaded[0].data.view(), "abc");
}

TEST_F(SessionUpload, without_changesets_is_never_answered) { // U2, D5
  for (std::uint64_t v = 2; v < 12; ++v)
    client.send(upload(1, {v, 0}, 0));
  EXPECT_THAT(client.heads(), IsEmpty());
  EXPECT_EQ(realm().files[file.ident].progress.client_version, 11u);
  world.append(realm(), "news");
  EXPECT_EQ(client.only().upload_client_version, 11u);
}

TEST_F(SessionUpload, may_be_compressed) { // F6
  const std::string changeset(5000, 'x');
  const auto body = "2 0 99 0 5000 " + changeset;
  const std::array<std::string_view, 1> parts{body};
  const auto small = sync::deflate_parts(parts, body.size()).value();
  client.send("upload 1 1 " + std::to_string(body.size()) + ' ' + std::to_string(small.size()) +
              " 2 0 0\n" + small);
  EXPECT_EQ(client.heads().size(), 1u);
  EXPECT_EQ(realm().uploaded.at(0).data.view(), changeset);
}

TEST_F(SessionUpload, that_does_not_inflate_ends_the_connection) { // F7, F8
  client.send("upload 1 1 4294967296 2 2 0 0\nxx");
  EXPECT_THAT(client.heads(), ElementsAre("json_error 110 0"));
}

TEST_F(SessionUpload, with_a_broken_entry_ends_the_connection) { // U8
  client.send("upload 1 0 3 0 2 0 0\nabc");
  EXPECT_THAT(client.heads(), ElementsAre("json_error 111 0"));
  sync_client other(world);
  other.start();
  other.take();
  other.send("upload 1 0 12 0 2 0 0\n2 0 99 0 9 a");
  EXPECT_THAT(other.heads(), ElementsAre("json_error 112 0"));
}

TEST_F(SessionUpload, beyond_the_size_limit_closes_with_1009) { // U9
  world.context->limits.max_upload_size = 100;
  client.send(upload(1, {2, 0}, 0, {{2, 0, std::string(200, 'x')}}));
  EXPECT_THAT(client.heads(), IsEmpty());
  EXPECT_EQ(client.socket->close_code, 1009);
}

TEST_F(SessionUpload, of_entries_that_were_integrated_before_changes_nothing) { // U3
  client.send(upload(1, {4, 0}, 0, {{2, 0, "abc"}}));
  client.drop();
  sync_client again(world);
  again.take();
  again.send_all({bind(1, "/dogs", false), ident(1, file), upload(1, {4, 0}, 0, {{2, 0, "abc"}}),
                  "mark 1 1\n"});
  EXPECT_THAT(again.heads(), ElementsAre("download 1 1 2 1 77 4 0 0 0 0 0", "mark 1 1"));
  EXPECT_EQ(realm().history.size(), 1u);
}

TEST_F(SessionUpload, that_repeats_an_entry_in_the_session_is_refused) { // U4
  client.send(upload(1, {4, 0}, 0, {{2, 0, "abc"}}));
  client.take();
  client.send(upload(1, {5, 0}, 0, {{2, 0, "abc"}}));
  const auto m = client.only();
  EXPECT_EQ(m.error_code, 210);
  EXPECT_EQ(m.action, "ClientReset");
}

TEST_F(SessionUpload, may_refer_to_downloads_only_once_they_were_sent) { // U5
  client.send(upload(1, {2, 1}, 0));
  EXPECT_THAT(client.heads(), ElementsAre("json_error 209 1"));
  sync_client other(world);
  other.start();
  world.append(realm(), "news");
  other.take();
  other.send(upload(1, {3, 1}, 1));
  EXPECT_THAT(other.heads(), IsEmpty());
  EXPECT_FALSE(other.socket->ended());
}

TEST_F(SessionUpload, that_names_an_origin_is_refused) { // U6
  client.send(upload(1, {2, 0}, 0, {{2, 0, "abc", file.ident}}));
  const auto m = client.only();
  EXPECT_EQ(m.error_code, 216);
  EXPECT_EQ(m.action, "ProtocolViolation");
}

TEST_F(SessionUpload, needs_the_permission_to_write_unless_it_is_empty) { // U10
  world.access["/readonly"] = actors::read_only;
  client.start(2, "/readonly");
  client.take();
  client.send(upload(2, {2, 0}, 0));
  EXPECT_THAT(client.heads(), IsEmpty());
  client.send(upload(2, {3, 0}, 0, {{3, 0, "abc"}}));
  const auto m = client.only();
  EXPECT_EQ(m.error_code, 206);
  EXPECT_EQ(m.session, 2u);
  EXPECT_EQ(m.action, "ApplicationBug");
  EXPECT_THAT(world.realm("/readonly").history, IsEmpty());
}

TEST_F(SessionUpload, right_before_unbind_is_integrated) { // U12
  client.send_all({upload(1, {2, 0}, 0, {{2, 0, "abc"}}), "unbind 1\n"});
  EXPECT_EQ(client.heads().back(), "unbound 1");
  EXPECT_EQ(realm().history.size(), 1u);
}

TEST_F(SessionUpload, keeps_its_receive_window_until_it_is_integrated) {
  realm().holds_uploads = true;
  const auto message = upload(1, {2, 0}, 0, {{2, 0, "abc"}});
  const auto before = client.socket->returned;
  client.send(message);
  EXPECT_EQ(client.socket->returned, before);
  client.send("unbind 1\n"); // the end of the session does not give it back either
  EXPECT_EQ(client.socket->returned, before + 9);
  world.integrate(realm());
  EXPECT_EQ(client.socket->returned, before + 9 + message.size());
}

TEST_F(SessionUpload, without_changesets_gives_its_receive_window_back_at_once) {
  const auto message = upload(1, {2, 0}, 0);
  const auto before = client.socket->returned;
  client.send(message);
  EXPECT_EQ(client.socket->returned, before + message.size());
}

TEST_F(SessionUpload, is_refused_with_100_while_too_much_waits_in_the_process) {
  auto& backlog = *world.context->backlog;
  backlog.add(backlog.limit() + 1); // what other connections have
  client.send(upload(1, {2, 0}, 0, {{2, 0, std::string(20'000, 'x')}}));
  const auto m = client.only();
  EXPECT_EQ(m.error_code, 100);
  EXPECT_TRUE(m.try_again);
  EXPECT_EQ(m.action, "Transient");
  EXPECT_EQ(backlog.used(), backlog.limit() + 1);
  EXPECT_THAT(realm().uploaded, IsEmpty());
}

TEST_F(SessionUpload, that_is_small_goes_on_whatever_waits_in_the_process) {
  auto& backlog = *world.context->backlog;
  backlog.add(backlog.limit() + 1);
  client.send(upload(1, {2, 0}, 0, {{2, 0, "abc"}}));
  EXPECT_EQ(client.heads().size(), 1u);
  EXPECT_EQ(realm().uploaded.size(), 1u);
}

TEST_F(SessionUpload, that_is_big_is_unpacked_elsewhere_and_what_follows_waits_for_it) {
  world.unpacker = world.system().spawn(actors::upload_unpacker, world.context->directory);
  sync_client other(world);
  const auto own = other.start();
  other.take();
  const std::string changeset(400'000, 'x');
  other.send_all(
      {upload(1, {2, 0}, 0, {{2, 0, changeset}}), upload(1, {3, 0}, 0, {{3, 0, "abc"}})});
  EXPECT_EQ(realm().files[own.ident].progress.client_version, 3u);
  ASSERT_EQ(realm().uploaded.size(), 2u);
  EXPECT_EQ(realm().uploaded[0].data.view(), changeset);
  EXPECT_EQ(realm().uploaded[1].data.view(), "abc");
}

TEST_F(SessionUpload, refused_by_the_realm_ends_the_session) { // U7
  realm().refuses_upload = actors::session_failure{212, "bad changeset: reason"};
  client.send(upload(1, {2, 0}, 0, {{2, 0, "garbage"}}));
  const auto m = client.only();
  EXPECT_EQ(m.error_code, 212);
  EXPECT_EQ(m.text, "bad changeset: reason");
  EXPECT_EQ(m.action, "ApplicationBug");
}

TEST_F(SessionUpload, that_the_realm_has_no_room_for_ends_the_connection) {
  realm().refuses_upload = actors::session_failure{100, "too much"};
  client.send(upload(1, {2, 0}, 0, {{2, 0, "x"}}));
  EXPECT_THAT(client.heads(), ElementsAre("json_error 100 0 again"));
}

} // namespace
} // namespace ros::test
