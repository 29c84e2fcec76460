// Client files that stay away (sync-protocol.md 5.2), on both logs under virtual time.
#include "realm_compaction_fixture.hpp"

namespace ros::actors {
namespace {

struct realm_expiry_test : realm_compaction_test {
  /// A reader that has everything up to now, and its cursors.
  realm_client reader_with_everything() {
    auto reader = world.join();
    catch_up(reader);
    return reader;
  }
  caf::expected<session_attached> come_back(realm_client& client, sync::download_cursor download,
                                            sync::salted_version latest) {
    client.session = world.open_session(++next_connection).session;
    client.connection = next_connection;
    return world.attach(client, download, latest);
  }
};

INSTANTIATE_TEST_SUITE_P(logs, realm_expiry_test,
                         ::testing::Values(log_kind::one_copy, log_kind::three_copies),
                         log_kind_name);

TEST_P(realm_expiry_test, a_file_expires_when_it_was_away_longer_than_the_ttl) {
  auto writer = first_client(), reader = reader_with_everything();
  const auto old = world.stored().head;
  leave(reader);
  write_much(writer, 20);
  catch_up(writer);
  world.clock.advance_ms(59 * day_ms);
  tick();
  EXPECT_FALSE(world.stored_file(reader.file.ident)->expired);
  EXPECT_EQ(world.stored().horizon, old.version);
  world.clock.advance_ms(2 * day_ms);
  tick();
  EXPECT_TRUE(world.stored_file(reader.file.ident)->expired);
  EXPECT_EQ(world.stored().horizon, world.stored().head.version);
  expect_code(come_back(reader, {old.version, 0}, old), 222);
}

TEST_P(realm_expiry_test, with_a_ttl_of_0_nobody_ever_expires) {
  auto upkeep = eager();
  upkeep.limits.ttl_ms = 0;
  realm_world patient{GetParam(), upkeep};
  auto client = patient.join();
  patient.upload(client, 2, 0, realm_world::sample_schema());
  patient.send_as(client, detach_session{client.file.ident});
  patient.run();
  patient.clock.advance_ms(10'000 * day_ms);
  caf::anon_send(patient.realm, upkeep_atom_v);
  patient.run();
  EXPECT_FALSE(patient.stored_file(client.file.ident)->expired);
  EXPECT_EQ(patient.stored().horizon, 0u);
}

TEST_P(realm_expiry_test, who_is_connected_never_expires) {
  auto writer = first_client(), reader = reader_with_everything();
  write_much(writer, 10);
  for (int i = 0; i < 4; ++i) {
    world.clock.advance_ms(50 * day_ms);
    tick();
    EXPECT_FALSE(world.stored_file(reader.file.ident)->expired);
  }
  // It was seen, even if the server is killed now and the reader is not there at once.
  world.clock.advance_ms(30 * day_ms);
  world.restart();
  tick();
  EXPECT_FALSE(world.stored_file(reader.file.ident)->expired);
}

TEST_P(realm_expiry_test, an_expired_file_that_needs_nothing_below_the_horizon_is_live_again) {
  auto writer = first_client();
  write_much(writer, 20);
  catch_up(writer);
  auto reader = reader_with_everything();
  const auto old = world.stored().head;
  leave(reader);
  tick();
  ASSERT_EQ(world.stored().horizon, old.version);
  world.clock.advance_ms(61 * day_ms);
  tick(); // there is nothing new: it expires, the horizon stays
  ASSERT_TRUE(world.stored_file(reader.file.ident)->expired);
  ASSERT_TRUE(come_back(reader, {old.version, 0}, old));
  write_and_compact(writer, 20);
  EXPECT_FALSE(world.stored_file(reader.file.ident)->expired);
  EXPECT_EQ(world.stored().horizon, old.version); // it holds history back again
}

TEST_P(realm_expiry_test, an_expired_file_that_never_contributed_may_begin_anew) {
  auto writer = first_client(), idle = world.join();
  write_much(writer, 20);
  catch_up(writer);
  leave(idle);
  world.clock.advance_ms(61 * day_ms);
  tick();
  ASSERT_TRUE(world.stored_file(idle.file.ident)->expired);
  ASSERT_EQ(world.stored().horizon, world.stored().head.version);
  ASSERT_TRUE(come_back(idle, {}, {}));
  EXPECT_EQ(joined_state(idle), server_state());
}

TEST_P(realm_expiry_test, what_is_stored_for_an_expired_file_goes_once_it_is_of_no_use) {
  auto writer = first_client(), other = world.join();
  world.upload(writer, next_client_version++, 1, set(1, 1, true));
  world.run();
  known.insert(1);
  world.upload(other, 9, 1, set(1, 2, true)); // concurrent: history as `other` sees it
  world.run();
  auto store = world.open_store();
  ASSERT_TRUE(store.refresh());
  ASSERT_TRUE(*store.has_reciprocals(other.file.ident));
  leave(other);
  write_much(writer, 20);
  catch_up(writer);
  world.clock.advance_ms(61 * day_ms);
  tick();
  ASSERT_TRUE(world.stored_file(other.file.ident)->expired);
  ASSERT_EQ(world.stored().horizon, world.stored().head.version);
  tick();
  EXPECT_FALSE(*store.has_reciprocals(other.file.ident));
}

TEST_P(realm_expiry_test, a_file_that_comes_back_during_the_survey_is_not_let_go) {
  auto writer = first_client(), reader = reader_with_everything();
  const auto old = world.stored().head;
  leave(reader);
  write_much(writer, 20);
  catch_up(writer);
  world.clock.advance_ms(61 * day_ms);
  world.gate().hold = true;
  tick(); // its first entry is on the way
  auto again = world.open_session(++next_connection);
  again.file = reader.file;
  auto attached = world.start_ask<session_attached>(
      again, attach_session{next_connection, again.file, {old.version, 0}, old, "u", 14});
  world.open_gate();
  ASSERT_TRUE(attached->has_value() && **attached);
  EXPECT_FALSE(world.stored_file(reader.file.ident)->expired);
  EXPECT_LE(world.stored().horizon, old.version);
}

TEST_P(realm_expiry_test, that_a_file_became_live_is_stored_before_long) {
  auto writer = first_client();
  auto reader = world.join();
  EXPECT_FALSE(world.stored_file(reader.file.ident)->live);
  world.actors().advance(std::chrono::minutes{2}, std::chrono::seconds{30});
  EXPECT_TRUE(world.stored_file(reader.file.ident)->live);
}

} // namespace
} // namespace ros::actors
