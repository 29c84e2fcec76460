// Uploads of clients that may only read (access-control.md 3).
#include "realm_fixture.hpp"

#include <gtest/gtest.h>

namespace ros::actors {
namespace {

struct realm_reader_test : realm_test {
  void upload_as_reader(const realm_client& client, sync::version_type client_version,
                        sync::version_type base, const sync::bytes& data) {
    integrate_upload x;
    x.client = client.file.ident;
    x.progress = {client_version, base};
    x.changesets.push_back({client_version, base, client_version * 10, data});
    x.may_write = false;
    world.send_as(client, std::move(x));
  }
};
INSTANTIATE_TEST_SUITE_P(logs, realm_reader_test,
                         ::testing::Values(log_kind::one_copy, log_kind::three_copies),
                         test::log_kind_name);

TEST_P(realm_reader_test, the_schema_of_a_reader_takes_a_version_and_is_discarded) {
  auto writer = first_client(), reader = world.join();
  upload_as_reader(reader, 2, 0, realm_world::sample_schema());
  world.run();
  EXPECT_TRUE(reader.told->failures.empty());
  EXPECT_EQ(reader.head(), 2u);
  ASSERT_FALSE(writer.told->published.empty());
  EXPECT_TRUE(writer.told->published.back()->entries.back().data.empty());
  EXPECT_EQ(world.stored_file(reader.file.ident)->progress.client_version, 2u);
}

TEST_P(realm_reader_test, a_reader_that_changes_something_gets_206_and_others_go_on) {
  auto writer = first_client(), reader = world.join(), first = world.join();
  upload_as_reader(reader, 2, 1, object(1));
  upload_as_reader(
      first, 2, 1,
      sync::bytes{sync::encode_changeset(changeset_builder{}.add_table("New").take())});
  world.upload(writer, 3, 1, object(2));
  world.run();
  for (const auto* client : {&reader, &first}) {
    ASSERT_EQ(client->told->failures.size(), 1u);
    EXPECT_EQ(client->told->failures[0].code, 206);
    EXPECT_EQ(world.stored_file(client->file.ident)->progress.client_version, 0u);
  }
  EXPECT_EQ(world.stored().head.version, 2u);
  EXPECT_EQ(writer.head(), 2u);
}

} // namespace
} // namespace ros::actors
