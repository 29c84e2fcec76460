// The REALM actor on both logs: cursors without a version, leaving memory, restart.
#include "realm_fixture.hpp"

namespace ros::actors {
namespace {

struct realm_life_test : realm_test {};
INSTANTIATE_TEST_SUITE_P(logs, realm_life_test,
                         ::testing::Values(log_kind::one_copy, log_kind::three_copies),
                         test::log_kind_name);

// -- cursors ----------------------------------------------------------------------

TEST_P(realm_life_test, an_empty_upload_makes_no_entry_and_is_reported_with_the_next_version) {
  auto writer = first_client(), reader = world.join();
  world.gate().entries = 0;
  world.upload_cursor(reader, {5, 1});
  world.run();
  EXPECT_EQ(world.gate().entries, 0);
  EXPECT_TRUE(reader.told->published.empty());
  world.upload(writer, 3, 1, object(1));
  world.run();
  ASSERT_EQ(reader.told->published.size(), 1u);
  auto& progress = reader.told->published[0]->progress;
  ASSERT_EQ(progress.size(), 2u);
  EXPECT_EQ(progress[1].client, reader.file.ident);
  EXPECT_EQ(progress[1].cursor, (sync::upload_cursor{5, 1}));
  EXPECT_EQ(world.stored_file(reader.file.ident)->reported, (sync::upload_cursor{5, 1}));
}

TEST_P(realm_life_test, reports_no_progress_that_is_not_durable) {
  auto writer = first_client();
  world.gate().hold = true;
  world.upload(writer, 3, 1, object(1));
  world.run();
  auto chunk = world.ask_as<download_chunk>(writer, read_download{writer.file.ident, {0, 0}, 1000});
  ASSERT_TRUE(chunk);
  EXPECT_EQ(chunk->reported, (sync::upload_cursor{2, 0}));
  EXPECT_EQ(chunk->head.version, 1u);
}

TEST_P(realm_life_test, writes_unsaved_cursors_before_it_leaves_memory) {
  auto writer = first_client(), reader = world.join();
  world.upload_cursor(reader, {7, 1});
  world.send_as(reader, detach_session{reader.file.ident});
  world.send_as(writer, detach_session{writer.file.ident});
  world.run();
  caf::anon_send(world.realm, stop_atom_v);
  world.run();
  auto file = world.stored_file(reader.file.ident);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->progress, (sync::upload_cursor{7, 1}));
  EXPECT_EQ(file->reported, sync::upload_cursor{});
}

TEST_P(realm_life_test, a_client_reset_takes_a_file_over_with_versions_of_its_own) {
  auto writer = first_client(), temporary = world.join();
  world.upload_cursor(temporary, {6, 1});
  world.send_as(temporary, detach_session{temporary.file.ident});
  world.run();
  auto app = world.open_session(70);
  app.file = temporary.file;
  auto attached = world.attach(app, {1, 0}, world.stored().head);
  ASSERT_TRUE(attached);
  EXPECT_EQ(attached->threshold, (sync::upload_cursor{0, 1}));
  world.upload(app, 3, 1, object(9));
  world.run();
  EXPECT_EQ(world.stored().head.version, 2u);
}

// -- life -------------------------------------------------------------------------

TEST_P(realm_life_test, an_idle_realm_asks_to_be_let_go_and_a_bound_one_does_not) {
  auto client = first_client();
  world.actors().advance(std::chrono::minutes{5}, std::chrono::seconds{30});
  EXPECT_TRUE(world.released.empty());
  world.send_as(client, detach_session{client.file.ident});
  world.run();
  world.actors().advance(std::chrono::minutes{3}, std::chrono::seconds{30});
  ASSERT_FALSE(world.released.empty());
  EXPECT_EQ(world.released[0], "/test");
}

TEST_P(realm_life_test, a_restart_goes_on_where_it_was) {
  auto writer = first_client();
  for (int i = 3; i < 20; ++i)
    world.upload(writer, i, 1, object(i));
  world.run();
  auto before = world.stored();
  world.restart();
  EXPECT_EQ(world.stored(), before);
  auto again = world.open_session(1);
  again.file = writer.file;
  auto attached = world.attach(again, {before.head.version, 19}, before.head);
  ASSERT_TRUE(attached);
  EXPECT_EQ(attached->threshold, (sync::upload_cursor{19, 1}));
  world.upload(again, 20, before.head.version, object(20));
  world.run();
  EXPECT_EQ(world.stored().head.version, before.head.version + 1);
  EXPECT_NE(world.stored().head.salt, before.head.salt);
}

TEST_P(realm_life_test, a_lagging_reader_gets_history_in_portions) {
  auto writer = first_client(), reader = world.join();
  for (int i = 3; i < 13; ++i)
    world.upload(writer, i, 1, object(i));
  world.run();
  sync::download_cursor at;
  std::vector<sync::version_type> versions;
  while (at.server_version < 11) {
    auto chunk = world.ask_as<download_chunk>(reader, read_download{reader.file.ident, at, 100});
    ASSERT_TRUE(chunk);
    for (auto& x : chunk->entries)
      versions.push_back(x.version);
    EXPECT_EQ(chunk->downloadable_bytes == 0, chunk->to.server_version == 11);
    at = chunk->to;
  }
  EXPECT_EQ(versions, (std::vector<sync::version_type>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
}

} // namespace
} // namespace ros::actors
