// What is refused, and that it leaves nothing behind (changesets.md 13.9,
// merge-rules.md 8 and 20).
#include "integrate_fixture.hpp"

#include "support/state_json.hpp"

#include <boost/json.hpp>

namespace ros::test {
namespace {

using refusing = integrating;

boost::json::object state_of(memory_server& server) {
  return state_to_json(sync::object_reader(server.state));
}

changeset_builder bad() {
  changeset_builder t;
  t.update("T", 99, {"i"}, 1);
  return t;
}

TEST_F(refusing, integrates_none_of_five_changesets_if_the_third_is_bad) {
  upload(client_b, {2, 1}, {{2, 1, 5, insert(0, "X", 0)}});
  const auto before = state_of(server);
  const auto e = refuse(client_a, {6, 1},
                        {{2, 1, 10, insert(0, "1", 0)},
                         {3, 1, 11, assign(1)},
                         {4, 1, 12, bad()},
                         {5, 1, 13, assign(2)},
                         {6, 1, 14, assign(3)}});
  EXPECT_EQ(e.code, sync::ec::apply_failure);
  EXPECT_EQ(e.protocol_code, 212);
  EXPECT_NE(e.message.find("client version 4"), std::string::npos) << e.message;
  const auto log_entry = server.commit();
  EXPECT_TRUE(log_entry.entries.empty());
  EXPECT_TRUE(log_entry.reciprocals.empty());
  EXPECT_TRUE(log_entry.trims.empty());
  EXPECT_TRUE(log_entry.state.empty());
  EXPECT_EQ(state_of(server), before);
  EXPECT_EQ(server.files[client_a], sync::client_file());
  EXPECT_EQ(server.integrator.head(), 2u);
}

TEST_F(refusing, keeps_the_views_of_a_client_whose_later_upload_is_bad) {
  upload(client_a, {2, 1}, {{2, 1, 10, insert(0, "A", 0)}});
  accept(client_b, {2, 1}, {{2, 1, 20, insert(0, "B", 0)}});
  refuse(client_b, {4, 1}, {{3, 1, 21, insert(1, "C", 1)}, {4, 1, 22, bad()}});
  server.commit();
  EXPECT_EQ(reciprocal(client_b, 2), canonical(insert(0, "A", 1)));
  EXPECT_EQ(server.files[client_b].progress.client_version, 2u);
}

TEST_F(refusing, calls_a_merge_contradiction_a_bad_changeset) {
  upload(client_a, {2, 1}, {{2, 1, 10, insert(0, "A", 0)}});
  const auto e = refuse(client_b, {2, 1}, {{2, 1, 20, insert(0, "B", 7)}});
  EXPECT_EQ(e.code, sync::ec::merge_failure);
  EXPECT_EQ(e.protocol_code, 212);
  EXPECT_EQ(server.integrator.head(), 2u);
}

TEST_F(refusing, calls_bytes_that_are_no_changeset_a_bad_changeset) {
  auto batch = message(client_a, {2, 1}, {{2, 1, 10, assign(1)}});
  batch.changesets[0].data = sync::bytes(std::string("\x3e"));
  const auto done = server.upload(batch);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, sync::ec::bad_changeset);
  EXPECT_EQ(done.error().protocol_code, 212);
}

TEST_F(refusing, refuses_features_above_the_protocol_version_of_the_connection) {
  changeset_builder t;
  t.update("T", 1, {"m"}, new_list()).clear("T", 1, {"m"}, sync::collection_type::list);
  const auto batch = message(client_a, {2, 1}, {{2, 1, 10, t}});
  const auto done = server.upload(batch, 12);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, sync::ec::bad_changeset);
  EXPECT_TRUE(server.upload(batch, 13));
}

TEST_F(refusing, refuses_cursors_that_admission_would_not_let_pass) {
  EXPECT_EQ(refuse(client_a, {2, 1}, {{2, 9, 10, assign(1)}}).protocol_code, 209);
  EXPECT_EQ(refuse(client_a, {2, 9}, {}).protocol_code, 209);
  EXPECT_EQ(refuse(client_a, {3, 1}, {{3, 1, 10, assign(1)}, {2, 1, 10, assign(1)}}).protocol_code,
            210);
  upload(client_a, {2, 1}, {});
  EXPECT_EQ(refuse(client_a, {3, 1}, {{3, 0, 10, assign(1)}}).protocol_code, 209);
  EXPECT_EQ(server.integrator.head(), 1u);
}

TEST_F(refusing, reports_damaged_storage_as_such_and_keeps_nothing) {
  upload(client_a, {2, 1}, {{2, 1, 10, insert(0, "A", 0)}});
  server.history.put_reciprocal(client_b, 2, sync::bytes(std::string("\x3e")));
  EXPECT_EQ(refuse(client_b, {2, 1}, {{2, 1, 20, insert(0, "B", 0)}}).code,
            sync::ec::corrupt_store);
  server.integrator.discard();
  server.history.damaged = 2;
  EXPECT_EQ(refuse(client_c, {2, 1}, {{2, 1, 20, insert(0, "C", 0)}}).code,
            sync::ec::corrupt_store);
  EXPECT_EQ(server.integrator.head(), 2u);
  EXPECT_TRUE(server.commit().entries.empty());
}

class refusing_destruction : public integrating {
protected:
  static sync::integration_options options() {
    sync::integration_options o;
    o.allow_destructive_schema_changes = false;
    return o;
  }
  refusing_destruction() : integrating(options()) {}
};

TEST_F(refusing_destruction, answers_225_to_erasing_a_column_if_configured) {
  changeset_builder t;
  t.erase_column("T", "i");
  EXPECT_EQ(refuse(client_a, {2, 1}, {{2, 1, 10, t}}).protocol_code, 225);
  EXPECT_EQ(server.integrator.head(), 1u);
}

// -- readers (access-control.md 3) -------------------------------------------------

struct uploading_as_reader : integrating {
  static changeset_builder declarations() {
    changeset_builder t;
    t.add_table("T").add_column("T", "i", sync::value_type::integer);
    return t;
  }
  auto send(sync::upload_cursor progress, const std::vector<uploaded>& changesets) {
    auto batch = message(client_a, progress, changesets);
    batch.may_write = false;
    return server.upload(batch);
  }
  void expect_refused(sync::upload_cursor progress, const std::vector<uploaded>& changesets) {
    const auto done = send(progress, changesets);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().protocol_code, 206) << done.error().message;
    EXPECT_EQ(server.integrator.head(), 1u);
    EXPECT_EQ(server.files[client_a].progress.client_version, 0u);
    const auto log_entry = server.commit();
    EXPECT_TRUE(log_entry.entries.empty());
    EXPECT_TRUE(log_entry.state.empty());
  }
};

TEST_F(uploading_as_reader, declarations_of_what_is_there_take_a_version_and_are_discarded) {
  const auto before = state_of(server);
  ASSERT_TRUE(send({2, 0}, {{2, 0, 10, declarations()}}));
  server.commit();
  EXPECT_EQ(server.history.head(), 2u);
  EXPECT_EQ(data(2), "");
  EXPECT_EQ(server.files[client_a].progress.client_version, 2u);
  EXPECT_EQ(state_of(server), before);
}

TEST_F(uploading_as_reader, a_class_or_column_that_is_not_there_is_no_permission) {
  auto column = declarations();
  column.add_column("T", "new", sync::value_type::integer);
  expect_refused({2, 0}, {{2, 0, 10, column}});
  auto table = declarations();
  table.add_table("New");
  expect_refused({2, 0}, {{2, 0, 10, table}});
}

TEST_F(uploading_as_reader, anything_but_declarations_is_no_permission_whatever_comes_of_it) {
  changeset_builder gone;
  gone.erase("T", 77); // is not there, so that nothing would change
  expect_refused({2, 1}, {{2, 1, 10, gone}});
  expect_refused({3, 0}, {{2, 0, 10, declarations()}, {3, 0, 11, assign(1)}});
}

TEST_F(uploading_as_reader, an_empty_changeset_is_accepted) {
  ASSERT_TRUE(send({2, 1}, {{2, 1, 10, {}}}));
  EXPECT_EQ(server.integrator.head(), 2u);
}

TEST_F(refusing, forgets_what_could_not_be_committed) {
  accept(client_a, {2, 1}, {{2, 1, 10, assign(1)}});
  server.fail();
  EXPECT_EQ(server.integrator.head(), 1u);
  EXPECT_EQ(server.files[client_a].progress.client_version, 0u);
  upload(client_a, {2, 1}, {{2, 1, 10, assign(2)}});
  EXPECT_EQ(server.history.head(), 2u);
  EXPECT_EQ(data(2), canonical(assign(2)));
}

} // namespace
} // namespace ros::test
