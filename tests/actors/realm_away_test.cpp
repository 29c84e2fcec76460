// Big uploads, which a REALM has integrated by the UPLOAD WORKER.
#include "realm_fixture.hpp"

#include <gtest/gtest.h>

namespace ros::actors {
namespace {

struct realm_away_test : realm_test {
  realm_away_test() {
    world.limits.away_bytes = 1000;
    world.restart();
  }
  /// Bigger than that.
  static integrate_upload big_upload(const realm_client& client, sync::version_type first,
                                     sync::version_type base) {
    integrate_upload x;
    x.client = client.file.ident;
    x.progress = {first + 19, base};
    for (auto v = first; v < first + 20; ++v)
      x.changesets.push_back({v, base, v * 10, object(static_cast<std::int64_t>(v))});
    return x;
  }
};
INSTANTIATE_TEST_SUITE_P(logs, realm_away_test,
                         ::testing::Values(log_kind::one_copy, log_kind::three_copies),
                         test::log_kind_name);

TEST_P(realm_away_test, a_big_upload_is_integrated_by_the_worker_and_told_like_any_other) {
  auto writer = first_client(), reader = world.join();
  world.send_as(writer, big_upload(writer, 3, 1));
  world.run();
  EXPECT_EQ(world.uploads_away(), 1);
  EXPECT_EQ(world.stored().head.version, 21u);
  EXPECT_EQ(world.stored_file(writer.file.ident)->progress.client_version, 22u);
  EXPECT_TRUE(world.stored_file(writer.file.ident)->contributed);
  EXPECT_EQ(reader.head(), 21u);
  world.upload(writer, 23, 21, object(100));
  world.run();
  EXPECT_EQ(world.uploads_away(), 1);
  EXPECT_EQ(world.stored().head.version, 22u);
}

TEST_P(realm_away_test, the_realm_serves_others_meanwhile) {
  auto writer = first_client(), other = world.join();
  world.hold_worker();
  world.send_as(writer, big_upload(writer, 3, 1));
  world.upload(other, 2, 1, object(100));
  world.run();
  EXPECT_EQ(world.stored().head.version, 1u);
  auto chunk = world.ask_as<download_chunk>(other, read_download{other.file.ident, {}, 1000});
  ASSERT_TRUE(chunk);
  EXPECT_EQ(chunk->entries.size(), 1u);
  auto progress = world.ask_as<std::uint64_t>(writer, find_client_version{writer.file});
  ASSERT_TRUE(progress);
  EXPECT_EQ(*progress, 2u);
  world.open_worker();
  EXPECT_EQ(world.stored().head.version, 22u); // what was queued comes in an entry behind it
  EXPECT_EQ(other.head(), 22u);
}

TEST_P(realm_away_test, what_is_done_does_not_wait_for_a_big_upload) {
  auto writer = first_client(), other = world.join();
  world.hold_worker();
  world.upload(other, 2, 1, object(100));
  world.send_as(writer, big_upload(writer, 3, 1));
  world.run();
  EXPECT_EQ(other.head(), 2u);
  world.open_worker();
  EXPECT_EQ(world.stored().head.version, 22u);
}

TEST_P(realm_away_test, a_bad_big_upload_is_refused_whole) {
  auto writer = first_client(), other = world.join();
  auto x = big_upload(writer, 3, 1);
  x.changesets.back().data = sync::bytes{std::string{"\x01"}};
  world.send_as(writer, std::move(x));
  world.upload(other, 2, 1, object(100));
  world.run();
  ASSERT_EQ(writer.told->failures.size(), 1u);
  EXPECT_EQ(writer.told->failures[0].code, 212);
  EXPECT_EQ(world.stored().head.version, 2u); // the other one's
  EXPECT_EQ(world.stored_file(writer.file.ident)->progress.client_version, 2u);
}

TEST_P(realm_away_test, who_comes_back_meanwhile_is_bound_when_the_cursors_stand_still) {
  auto writer = first_client();
  world.hold_worker();
  world.send_as(writer, big_upload(writer, 3, 1));
  world.run();
  world.send_as(writer, detach_session{writer.file.ident});
  auto late = world.open_session(99);
  late.file = writer.file;
  auto attached = world.start_ask<session_attached>(
      late, attach_session{99, late.file, {1, 2}, world.stored().head, "u", 14});
  world.run();
  EXPECT_FALSE(attached->has_value());
  world.open_worker();
  ASSERT_TRUE(attached->has_value());
  ASSERT_TRUE(attached->value());
  EXPECT_EQ((*attached)->value().threshold.client_version, 22u);
}

TEST_P(realm_away_test, a_lost_entry_ends_the_session_of_a_big_upload) {
  auto writer = first_client();
  world.gate().fail = cluster::ec::io;
  world.send_as(writer, big_upload(writer, 3, 1));
  world.run();
  ASSERT_EQ(writer.told->failures.size(), 1u);
  EXPECT_EQ(writer.told->failures[0].code, 201);
  world.gate().fail.reset();
  auto again = world.open_session(50);
  again.file = writer.file;
  ASSERT_TRUE(world.attach(again, {1, 2}, world.stored().head));
  world.send_as(again, big_upload(again, 3, 1));
  world.run();
  EXPECT_EQ(world.stored().head.version, 21u);
}

TEST_P(realm_away_test, a_realm_that_ends_meanwhile_leaves_its_writer_to_the_worker) {
  auto writer = first_client();
  world.hold_worker();
  world.send_as(writer, big_upload(writer, 3, 1));
  world.run();
  caf::anon_send_exit(world.realm, caf::exit_reason::kill);
  world.run();
  ASSERT_TRUE(world.has_ended());
  world.open_worker();
  EXPECT_EQ(world.stored().head.version, 1u);
}

} // namespace
} // namespace ros::actors
