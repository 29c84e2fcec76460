// The REALM actor on both logs: what is told when, who fails with whom, what a restart
// finds.
#include "realm_fixture.hpp"

namespace ros::actors {
namespace {

INSTANTIATE_TEST_SUITE_P(logs, realm_test,
                         ::testing::Values(log_kind::one_copy, log_kind::three_copies),
                         test::log_kind_name);

// -- client files -----------------------------------------------------------------

TEST_P(realm_test, tells_a_client_file_only_once_it_is_durable) {
  auto client = world.open_session(1);
  world.gate().hold = true;
  auto answer = world.start_ask<sync::salted_file_ident>(client, allocate_client_file{"u"});
  world.run();
  EXPECT_FALSE(*answer);
  ASSERT_EQ(world.gate().held.size(), 1u);
  EXPECT_FALSE(world.stored_file(2));
}

TEST_P(realm_test, gives_every_bind_an_ident_of_its_own_that_survives_a_restart) {
  auto a = world.join(), b = world.join();
  EXPECT_EQ(a.file.ident, 2u);
  EXPECT_EQ(b.file.ident, 3u);
  EXPECT_GT(a.file.salt, 0);
  world.restart();
  EXPECT_EQ(world.join().file.ident, 4u);
  EXPECT_TRUE(world.stored_file(2));
}

TEST_P(realm_test, several_allocations_share_an_entry) {
  auto client = world.open_session(1);
  world.gate().entries = 0;
  std::vector<realm_world::pending_answer<sync::salted_file_ident>> answers;
  for (int i = 0; i < 5; ++i)
    answers.push_back(world.start_ask<sync::salted_file_ident>(client, allocate_client_file{"u"}));
  world.run();
  EXPECT_LE(world.gate().entries, 2);
  std::set<sync::file_ident> idents;
  for (auto& x : answers)
    idents.insert((**x)->ident);
  EXPECT_EQ(idents, (std::set<sync::file_ident>{2, 3, 4, 5, 6}));
}

TEST_P(realm_test, never_gives_out_an_ident_twice_after_a_failed_entry) {
  world.gate().fail = cluster::ec::no_space;
  auto client = world.open_session(1);
  auto refused = world.ask_as<sync::salted_file_ident>(client, allocate_client_file{"u"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), ec::unavailable);
  world.gate().fail.reset();
  auto a = world.join(), b = world.join();
  EXPECT_NE(a.file.ident, b.file.ident);
  EXPECT_NE(a.file.salt, b.file.salt);
}

TEST_P(realm_test, checks_an_ident_as_the_protocol_says) {
  auto writer = first_client();
  auto head = world.stored().head;
  auto other = world.open_session(9);
  other.file = writer.file;
  other.file.ident = 77;
  expect_refused(other, {}, {}, 208);
  other.file.ident = 1;
  expect_refused(other, {}, {}, 208);
  other.file = {writer.file.ident, writer.file.salt + 1};
  expect_refused(other, {}, {}, 211);
  other.file = writer.file;
  expect_refused(other, {}, {head.version + 1, head.salt}, 209);
  expect_refused(other, {head.version + 1, 0}, head, 209);
  expect_refused(other, {head.version, 0}, {}, 209);
  expect_refused(other, {head.version, 3}, head, 210);
  expect_refused(other, {head.version, 0}, {head.version, head.salt + 1}, 211);
  expect_refused(other, {}, {0, 5}, 211);
  expect_refused(other, {head.version, 2}, head, 223, "somebody else");
  EXPECT_TRUE(world.attach(other, {head.version, 2}, head));
}

TEST_P(realm_test, refuses_a_download_version_before_acknowledged_history) {
  auto writer = first_client();
  world.upload(writer, 3, 1, object(1));
  world.run();
  auto head = world.stored().head;
  auto again = world.open_session(9);
  again.file = writer.file;
  expect_refused(again, {0, 0}, head, 209);
}

TEST_P(realm_test, drops_the_abandoned_session_of_another_connection) {
  auto client = first_client();
  auto head = world.stored().head;
  auto again = world.open_session(client.connection + 100);
  again.file = client.file;
  ASSERT_TRUE(world.attach(again, {1, 2}, head));
  EXPECT_TRUE(client.told->evicted);
  world.upload(client, 3, 1, object(1)); // of the zombie: no longer heard
  world.upload(again, 3, 1, object(2));
  world.run();
  EXPECT_EQ(world.stored().head.version, 2u);
}

TEST_P(realm_test, refuses_a_second_session_of_the_same_connection) {
  auto client = first_client();
  auto second = world.open_session(client.connection);
  second.file = client.file;
  expect_refused(second, {1, 2}, world.stored().head, 108);
  world.send_as(client, detach_session{client.file.ident});
  EXPECT_TRUE(world.attach(second, {1, 2}, world.stored().head));
}

TEST_P(realm_test, a_session_that_dies_frees_its_client_file) {
  auto client = first_client();
  caf::anon_send_exit(client.session, caf::exit_reason::kill);
  world.run();
  auto second = world.open_session(client.connection);
  second.file = client.file;
  EXPECT_TRUE(world.attach(second, {1, 2}, world.stored().head));
}

// -- uploads ----------------------------------------------------------------------

TEST_P(realm_test, publishes_to_every_session_and_only_what_is_durable) {
  auto writer = first_client(), reader = world.join();
  world.gate().hold = true;
  writer.told->published.clear();
  world.upload(writer, 3, 1, object(1));
  world.run();
  EXPECT_TRUE(writer.told->published.empty());
  EXPECT_TRUE(reader.told->published.empty());
  EXPECT_EQ(world.stored().head.version, 1u);

  world.restart(); // with the entry still on its way: nobody was told, nothing is there
  EXPECT_EQ(world.stored().head.version, 1u);
}

TEST_P(realm_test, a_publication_carries_entries_head_and_progress) {
  auto writer = first_client(), reader = world.join();
  world.upload(writer, 3, 1, object(1));
  world.run();
  ASSERT_EQ(reader.told->published.size(), 1u);
  const auto& news = *reader.told->published[0];
  EXPECT_EQ(news.first, 2u);
  EXPECT_EQ(news.head.version, 2u);
  EXPECT_EQ(news.head, world.stored().head);
  ASSERT_EQ(news.entries.size(), 1u);
  EXPECT_EQ(news.entries[0].origin, writer.file.ident);
  EXPECT_EQ(news.entries[0].client_version, 3u);
  EXPECT_EQ(news.entries[0].timestamp, 30u);
  EXPECT_EQ(news.entries[0].data, object(1));
  ASSERT_EQ(news.progress.size(), 1u);
  EXPECT_EQ(news.progress[0].client, writer.file.ident);
  EXPECT_EQ(news.progress[0].cursor, (sync::upload_cursor{3, 1}));
}

TEST_P(realm_test, uploads_that_arrive_meanwhile_form_one_entry) {
  auto writer = first_client();
  world.gate().hold = true;
  world.upload(writer, 3, 1, object(1));
  world.run();
  for (int i = 4; i < 24; ++i)
    world.upload(writer, i, 1, object(i));
  world.run();
  ASSERT_EQ(world.gate().held.size(), 1u);
  world.gate().entries = 0;
  world.open_gate();
  EXPECT_EQ(world.gate().entries, 1);
  EXPECT_EQ(world.stored().head.version, 22u);
}

TEST_P(realm_test, a_refused_upload_harms_nobody_else) {
  auto good = first_client(), bad = world.join();
  world.gate().hold = true;
  world.upload(good, 3, 1, object(1));
  world.run();
  world.upload(bad, 2, 0, sync::bytes{std::string{"\x0e garbage"}});
  world.upload(bad, 3, 0, object(5)); // built on what is refused
  world.upload(good, 4, 1, object(2));
  world.open_gate();
  ASSERT_EQ(bad.told->failures.size(), 1u);
  EXPECT_EQ(bad.told->failures[0].code, 212);
  EXPECT_FALSE(bad.told->failures[0].message.empty());
  EXPECT_TRUE(good.told->failures.empty());
  EXPECT_EQ(world.stored().head.version, 3u);
  EXPECT_EQ(world.stored_file(bad.file.ident)->progress, sync::upload_cursor{});
}

TEST_P(realm_test, after_a_failed_write_the_uploaders_start_over_and_readers_stay) {
  auto writer = first_client(), reader = world.join();
  for (auto failure : {cluster::ec::no_space, cluster::ec::io, cluster::ec::not_leader}) {
    auto before = world.stored();
    world.gate().fail = failure;
    world.upload(writer, 3, 1, object(1));
    world.run();
    ASSERT_EQ(writer.told->failures.size(), 1u);
    EXPECT_EQ(writer.told->failures[0].code, 201);
    EXPECT_TRUE(reader.told->failures.empty());
    EXPECT_EQ(world.stored(), before);

    world.gate().fail.reset();
    ASSERT_TRUE(world.attach(writer, {1, 2}, before.head));
    writer.told->failures.clear();
  }
  world.upload(writer, 3, 1, object(1));
  world.run();
  EXPECT_EQ(world.stored().head.version, 2u);
  ASSERT_FALSE(reader.told->published.empty());
  EXPECT_EQ(reader.told->published.back()->first, 2u);
}

TEST_P(realm_test, an_upload_is_integrated_although_its_session_left) {
  auto writer = first_client();
  world.gate().hold = true;
  world.upload(writer, 3, 1, object(1));
  world.upload(writer, 4, 1, object(2));
  world.send_as(writer, detach_session{writer.file.ident});
  world.gate().hold = false;
  world.run();
  EXPECT_EQ(world.stored().head.version, 3u);
}

TEST_P(realm_test, what_was_integrated_before_is_skipped) {
  auto writer = first_client();
  world.upload(writer, 3, 1, object(1));
  world.run();
  auto again = world.open_session(50);
  again.file = writer.file;
  auto attached = world.attach(again, {1, 2}, world.stored().head);
  ASSERT_TRUE(attached);
  EXPECT_EQ(attached->threshold, (sync::upload_cursor{3, 1}));
  world.upload(again, 3, 1, object(1));
  world.upload(again, 4, 1, object(2));
  world.run();
  EXPECT_EQ(world.stored().head.version, 3u);
  EXPECT_TRUE(again.told->failures.empty());
}

TEST_P(realm_test, a_receipt_is_held_until_its_upload_has_left_the_queue) {
  auto writer = first_client();
  world.gate().hold = true;
  world.upload(writer, 3, 1, object(1));
  world.run();
  auto receipt = std::make_shared<int>(1);
  world.upload(writer, 4, 1, object(2), receipt);
  world.run();
  EXPECT_EQ(receipt.use_count(), 2);
  world.open_gate();
  EXPECT_EQ(receipt.use_count(), 1);
}

TEST_P(realm_test, a_full_queue_is_error_100) {
  world.limits.queue_bytes = 2000;
  world.restart();
  auto writer = first_client();
  world.gate().hold = true;
  world.upload(writer, 3, 1, object(1));
  world.run();
  for (int i = 4; i < 30; ++i)
    world.upload(writer, i, 1, object(i));
  world.run();
  ASSERT_FALSE(writer.told->failures.empty());
  EXPECT_EQ(writer.told->failures[0].code, 100);
}

TEST_P(realm_test, an_upload_that_takes_longer_than_a_slice_is_integrated_in_pieces) {
  world.limits.slice_us = 0;
  world.restart();
  auto writer = first_client(), other = world.join();
  integrate_upload big;
  big.client = writer.file.ident;
  big.progress = {22, 1};
  for (sync::version_type v = 3; v < 23; ++v)
    big.changesets.push_back({v, 1, v * 10, object(static_cast<std::int64_t>(v))});
  world.send_as(writer, std::move(big));
  world.upload(other, 2, 1, object(100));
  auto late = world.open_session(99);
  late.file = writer.file;
  auto attached = world.start_ask<session_attached>(
      late, attach_session{99, late.file, {1, 2}, world.stored().head, "u", 14});
  world.run();
  EXPECT_EQ(world.stored().head.version, 22u);
  EXPECT_EQ(world.stored_file(writer.file.ident)->progress.client_version, 22u);
  EXPECT_EQ(world.stored_file(other.file.ident)->progress.client_version, 2u);
  ASSERT_TRUE(attached->has_value()); // waited for its cursors to stand still
  EXPECT_EQ((*attached)->value().threshold.client_version, 22u);
}

TEST_P(realm_test, a_damaged_realm_leaves_nobody_waiting) {
  auto writer = first_client(), reader = world.join();
  auto late = world.open_session(99);
  late.file = reader.file;
  world.gate().hold = true;
  world.upload(writer, 3, 1, object(1));
  world.run();
  // These wait for the entry that is on its way.
  auto attached = world.start_ask<session_attached>(
      late, attach_session{99, late.file, {}, world.stored().head, "u", 14});
  auto allocated = world.start_ask<sync::salted_file_ident>(late, allocate_client_file{"u"});
  world.run();
  world.damage(storage::family::realms);
  world.fail_held(cluster::ec::io);
  ASSERT_TRUE(*attached && *allocated);
  EXPECT_EQ((*attached)->error(), ec::unavailable);
  EXPECT_EQ((*allocated)->error(), ec::unavailable);
  for (const auto* client : {&writer, &reader}) {
    ASSERT_EQ(client->told->failures.size(), 1u);
    EXPECT_EQ(client->told->failures[0].code, 201);
  }
}

} // namespace
} // namespace ros::actors
