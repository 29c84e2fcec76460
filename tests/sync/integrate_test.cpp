// Integrating uploads with reciprocal history (merge-rules.md 5, 6 and 14). The
// assertions of section 20 are in integration_assertions_test.cpp.
#include "integrate_fixture.hpp"
#include "sync/summary.hpp"

namespace ros::test {
namespace {

// -- what is stored -----------------------------------------------------------

TEST_F(integrating, counts_sizes_and_summarizes_what_an_entry_touches) {
  upload(client_a, {3, 1}, {{2, 1, 10, assign(1)}, {3, 1, 11, insert(0, "x", 0)}});
  EXPECT_EQ(entry(2).original_size, entry(2).data.size());
  EXPECT_EQ(entry(3).cumulative_size,
            entry(1).data.size() + entry(2).data.size() + entry(3).data.size());
  EXPECT_EQ(entry(2).summary.view(), sync::summarize(assign(1).changes()));
}

TEST_F(integrating, reports_the_feature_level_of_new_entries_once) {
  changeset_builder t;
  t.update("T", 1, {"m"}, new_list()).clear("T", 1, {"m"}, sync::collection_type::list);
  accept(client_a, {2, 1}, {{2, 1, 10, t}});
  EXPECT_EQ(server.commit().feature_level, 13u);
  accept(client_a, {3, 2}, {{3, 2, 11, assign(1)}});
  EXPECT_EQ(server.commit().feature_level, 1u);
  EXPECT_EQ(server.commit().feature_level, 0u);
}

TEST_F(integrating, skips_what_was_integrated_earlier) {
  upload(client_a, {2, 1}, {{2, 1, 10, assign(1)}});
  upload(client_a, {3, 1}, {{2, 1, 10, assign(1)}, {3, 1, 11, assign(2)}});
  EXPECT_EQ(server.history.head(), 3u);
  EXPECT_EQ(data(3), canonical(assign(2)));
}

TEST_F(integrating, takes_progress_without_changesets_and_never_goes_back) {
  upload(client_a, {4, 1}, {});
  EXPECT_EQ(server.history.head(), 1u);
  EXPECT_EQ(server.files[client_a].progress, (sync::upload_cursor{4, 1}));
  EXPECT_FALSE(server.files[client_a].contributed);
  upload(client_a, {4, 0}, {});
  EXPECT_EQ(server.files[client_a].progress, (sync::upload_cursor{4, 1}));
}

TEST_F(integrating, keeps_the_highest_locked_version) {
  auto locked = message(client_a, {4, 1}, {});
  locked.locked_version = 1;
  ASSERT_TRUE(server.upload(locked));
  locked.locked_version = 0;
  ASSERT_TRUE(server.upload(locked));
  EXPECT_EQ(server.files[client_a].locked_version, 1u);
}

TEST_F(integrating, gives_objects_without_owner_to_the_client_that_made_them) {
  using sync::value_type;
  changeset_builder t;
  t.add_table("G", value_type::global_key, false, "").create("G", sync::global_key{0, 5});
  changeset_builder owned;
  owned.add_table("G", value_type::global_key, false, "")
      .create("G", sync::global_key{client_a, 5});
  upload(client_a, {2, 0}, {{2, 0, 10, t}});
  EXPECT_EQ(data(2), canonical(owned));
}

// -- windows ------------------------------------------------------------------

TEST_F(integrating, lets_each_upload_of_a_transaction_see_the_ones_before) {
  accept(client_a, {2, 1}, {{2, 1, 10, insert(0, "A", 0)}});
  accept(client_b, {2, 1}, {{2, 1, 20, insert(0, "B", 0)}});
  accept(client_c, {2, 1}, {{2, 1, 30, insert(0, "C", 0)}});
  EXPECT_EQ(server.history.head(), 1u);
  EXPECT_EQ(server.integrator.head(), 4u);
  server.commit();
  EXPECT_EQ(data(3), canonical(insert(1, "B", 1)));
  EXPECT_EQ(data(4), canonical(insert(2, "C", 2)));
}

// -- reciprocals --------------------------------------------------------------

TEST_F(integrating, writes_no_reciprocal_that_the_same_entry_trims) {
  upload(client_a, {2, 1}, {{2, 1, 10, insert(0, "A", 0)}});
  accept(client_b, {2, 1}, {{2, 1, 20, insert(0, "B", 0)}});
  accept(client_b, {3, 3}, {});
  const auto log_entry = server.commit();
  EXPECT_TRUE(log_entry.reciprocals.empty());
  ASSERT_EQ(log_entry.trims.size(), 1u);
  EXPECT_EQ(log_entry.trims[0].through, 3u);
}

TEST_F(integrating, keeps_the_views_of_clients_apart) {
  upload(client_a, {2, 1}, {{2, 1, 10, insert(0, "A", 0)}});
  upload(client_b, {2, 1}, {{2, 1, 20, insert(0, "B", 0)}});
  upload(client_c, {2, 1}, {{2, 1, 30, insert(0, "C", 0)}});
  EXPECT_EQ(reciprocal(client_b, 2), canonical(insert(0, "A", 1)));
  EXPECT_EQ(reciprocal(client_c, 2), canonical(insert(0, "A", 1)));
  EXPECT_EQ(reciprocal(client_c, 3), canonical(insert(1, "B", 2)));
}

// -- changes made by the server -----------------------------------------------

TEST_F(integrating, refuses_a_change_of_its_own_that_cannot_be_applied) {
  changeset_builder t;
  t.update("T", 99, {"i"}, 1);
  EXPECT_FALSE(server.integrator.integrate_local(t.changes(), 10));
  EXPECT_EQ(server.integrator.head(), 1u);
}

// -- collections in Mixed -----------------------------------------------------

TEST_F(integrating, lets_the_younger_of_two_clears_of_a_mixed_stay) {
  auto store = [](const payload& stored, sync::collection_type collection) {
    changeset_builder t;
    t.update("T", 1, {"m"}, stored).clear("T", 1, {"m"}, collection);
    return t;
  };
  upload(client_a, {2, 1}, {{2, 1, 10, store(new_list(), sync::collection_type::list)}});
  const auto younger = store(new_dictionary(), sync::collection_type::dictionary);
  upload(client_b, {2, 1}, {{2, 1, 20, younger}});
  EXPECT_EQ(data(3), canonical(younger));
  EXPECT_EQ(reciprocal(client_b, 2), "");
}

} // namespace
} // namespace ros::test
