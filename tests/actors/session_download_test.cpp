// Downloads and marks of a session (sync-protocol.md 10, "Download" and "Mark").
#include "sync_world.hpp"

#include "actors/shared_download.hpp"

#include <gmock/gmock.h>

namespace ros::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SessionDownload : public ::testing::Test {
protected:
  model_realm& realm() { return world.realm(); }

  sync_world world;
};

TEST_F(SessionDownload, brings_the_changes_of_others_with_their_origin) { // D1, D2
  sync_client a(world);
  sync_client b(world);
  const auto file_a = a.start();
  b.start();
  a.take();
  b.take();
  a.send(upload(1, {2, 0}, 0, {{2, 0, "abc"}}));
  EXPECT_EQ(b.only().raw, "download 1 1 0 1 77 0 0 0 0 16 0\n1 0 99 " +
                              std::to_string(file_a.ident) + " 3 3 abc");
  EXPECT_THAT(a.heads(), ElementsAre("download 1 1 2 1 77 2 0 0 0 0 0"));
  world.append(realm(), "server's");
  EXPECT_EQ(a.only().raw, "download 1 2 2 2 77 2 0 0 0 20 0\n2 2 5 1 8 8 server's");
}

TEST_F(SessionDownload, numbers_entries_with_the_last_own_version_before_them) { // D4
  sync_client a(world);
  sync_client b(world);
  const auto file = a.start();
  b.start();
  auto both = [&](std::uint64_t v) {
    a.send(upload(1, {v, 0}, 0, {{v, 0, "a"}}));
    b.send(upload(1, {v, 0}, 0, {{v, 0, "b"}}));
  };
  both(2);
  both(4);
  const auto live = a.take();
  ASSERT_EQ(live.size(), 5u);
  EXPECT_EQ(live[2].entries.at(0).client_version, 2u);
  EXPECT_EQ(live[4].entries.at(0).client_version, 4u);
  a.drop();
  sync_client again(world);
  again.take();
  again.send_all({bind(1, "/dogs", false), ident(1, file)});
  const auto m = again.only();
  ASSERT_EQ(m.entries.size(), 2u);
  EXPECT_EQ(m.entries[0].client_version, 2u);
  EXPECT_EQ(m.entries[1].client_version, 4u);
  EXPECT_EQ(m.download_client_version, 4u);
}

TEST_F(SessionDownload, shares_a_body_only_among_sessions_it_is_right_for) { // D4
  sync_client a(world);
  sync_client b(world);
  sync_client c(world);
  a.start();
  b.start();
  c.start();
  a.send(upload(1, {2, 0}, 0, {{2, 0, "mine"}}));
  a.take();
  b.take();
  c.take();
  world.append(realm(), "server's");
  EXPECT_EQ(a.only().entries.at(0).client_version, 2u);
  EXPECT_EQ(b.only().entries.at(0).client_version, 0u);
  EXPECT_EQ(c.only().entries.at(0).client_version, 0u);
}

TEST(shared_download, is_made_once_for_every_reader_at_the_same_client_version) {
  actors::shared_download shared;
  int made = 0;
  auto make = [&made] {
    ++made;
    return sync::packed_body{};
  };
  shared.get(0, make);
  shared.get(0, make);
  EXPECT_EQ(made, 1);
  shared.get(7, make);
  EXPECT_EQ(made, 2);
  shared.get(0, make);
  EXPECT_EQ(made, 2);
}

TEST_F(SessionDownload, leaves_out_entries_that_became_empty) {
  sync_client a(world);
  sync_client b(world);
  a.start();
  b.start();
  b.take();
  a.send(upload(1, {2, 0}, 0, {{2, 0, ""}}));
  EXPECT_THAT(b.heads(), ElementsAre("download 1 1 0 1 77 0 0 0 0 0 0"));
}

TEST_F(SessionDownload, of_long_history_comes_in_several_messages) { // D5
  auto& x = realm();
  for (int i = 0; i < 5; ++i)
    world.append(x, std::string(700'000, static_cast<char>('a' + i)));
  sync_client client(world);
  client.start();
  const auto all = client.take();
  ASSERT_EQ(all.size(), 3u);
  std::uint64_t version = 0;
  for (const auto& m : all) {
    EXPECT_EQ(m.latest_server_version, 5u);
    for (const auto& e : m.entries)
      EXPECT_EQ(e.server_version, ++version);
    EXPECT_EQ(m.download_server_version, version);
  }
  EXPECT_EQ(version, 5u);
  EXPECT_GT(all.front().downloadable_bytes, 0u);
  EXPECT_EQ(all.back().downloadable_bytes, 0u);
}

TEST_F(SessionDownload, pauses_while_the_client_does_not_read) {
  sync_client client(world);
  client.start();
  client.take();
  client.socket->outbox = 1000;
  for (int i = 0; i < 20; ++i)
    world.append(realm(), "news");
  EXPECT_THAT(client.heads(), IsEmpty());
  EXPECT_EQ(realm().reads, 0);
  client.socket->outbox = 0;
  caf::anon_send(client.connection, actors::writable_atom_v);
  world.run();
  const auto m = client.only(); // the cursor stayed behind, nothing was queued
  EXPECT_EQ(m.entries.size(), 20u);
  EXPECT_EQ(m.download_server_version, 20u);
  world.append(realm(), "more");
  EXPECT_EQ(client.only().entries.size(), 1u);
  EXPECT_EQ(realm().reads, 1);
}

TEST_F(SessionDownload, is_read_by_few_sessions_of_a_connection_at_a_time) {
  world.context->limits.max_sessions = 10;
  sync_client client(world);
  std::vector<std::string> paths;
  for (int i = 0; i < 6; ++i)
    paths.push_back("/r" + std::to_string(i));
  for (std::size_t i = 0; i < paths.size(); ++i) {
    world.append(world.realm(paths[i]), "history");
    world.realm(paths[i]).holds_reads = true;
    client.start(i + 1, paths[i]);
  }
  auto reads = [&] {
    int n = 0;
    for (const auto& p : paths)
      n += world.realm(p).reads;
    return n;
  };
  EXPECT_EQ(reads(), 2);
  client.send("unbind 1\n"); // gives its turn to the next
  EXPECT_EQ(reads(), 3);
}

TEST_F(SessionDownload, goes_on_after_news_that_came_while_it_was_read) {
  auto& x = realm();
  world.append(x, "one");
  x.holds_reads = true;
  sync_client client(world);
  client.start();
  world.append(x, "two");
  EXPECT_THAT(client.heads(), IsEmpty());
  x.holds_reads = false;
  actors::download_chunk chunk;
  chunk.entries.push_back({1, 0, 5, 1, 3, x.history[0].data});
  chunk.to = {1, 0};
  chunk.head = {2, 77};
  world.answer_read(x, chunk);
  const auto all = client.take();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].entries.at(0).changeset, "two");
}

TEST_F(SessionDownload, failing_to_be_read_asks_the_client_to_come_back) {
  auto& x = realm();
  world.append(x, "one");
  x.holds_reads = true;
  sync_client client(world);
  client.start();
  world.answer_read(x, caf::make_error(actors::ec::unavailable, std::string{"disk"}));
  EXPECT_THAT(client.heads(), ElementsAre("json_error 201 1 again"));
}

TEST_F(SessionDownload, of_a_resumed_session_does_not_repeat_progress_only) {
  sync_client client(world);
  client.start();
  client.take();
  client.send(upload(1, {2, 0}, 0, {{2, 0, "a"}}));
  client.send(upload(1, {3, 1}, 1));
  EXPECT_EQ(client.heads().size(), 1u); // D7
}

// -- marks --------------------------------------------------------------------------------

TEST_F(SessionDownload, precedes_the_answer_to_a_mark) { // M2
  for (int i = 0; i < 4; ++i)
    world.append(realm(), std::string(600'000, 'x'));
  sync_client client(world);
  client.send(bind(1, "/dogs", true));
  client.take();
  client.send_all({ident(1, {2, 1002}), "mark 1 1\n"});
  const auto all = client.take();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all.back().name, "mark");
  EXPECT_EQ(all[1].download_server_version, all[1].latest_server_version);
}

TEST_F(SessionDownload, answers_the_newest_of_several_marks) { // M3
  sync_client client(world);
  client.start();
  client.take();
  client.send_all({"mark 1 1\n", "mark 1 2\n", "mark 1 5\n"});
  const auto heads = client.heads();
  ASSERT_FALSE(heads.empty());
  EXPECT_EQ(heads.back(), "mark 1 5");
  client.send("mark 1 6\n");
  EXPECT_THAT(client.heads(), ElementsAre("mark 1 6"));
}

TEST_F(SessionDownload, holds_a_mark_back_while_the_client_does_not_read) {
  sync_client client(world);
  client.start();
  client.take();
  client.socket->outbox = 5000;
  world.append(realm(), "news");
  client.send("mark 1 1\n");
  EXPECT_THAT(client.heads(), IsEmpty());
  client.socket->outbox = 0;
  caf::anon_send(client.connection, actors::writable_atom_v);
  world.run();
  EXPECT_EQ(client.heads().back(), "mark 1 1");
}

TEST_F(SessionDownload, ignores_marks_with_ident_0) {
  sync_client client(world);
  client.start();
  client.take();
  client.send("mark 1 0\n");
  EXPECT_THAT(client.heads(), IsEmpty());
  EXPECT_FALSE(client.socket->ended());
}

TEST_F(SessionDownload, does_not_make_marks_wait_for_own_uploads) { // 5.6
  sync_client client(world);
  client.start();
  client.take();
  realm().holds_uploads = true;
  client.send_all({upload(1, {2, 0}, 0, {{2, 0, "a"}}), "mark 1 1\n"});
  EXPECT_THAT(client.heads(), ElementsAre("mark 1 1"));
}

} // namespace
} // namespace ros::test
