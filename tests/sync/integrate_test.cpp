// Integrating uploads with reciprocal history (merge-rules.md 5, 6, 14 and 20).
#include "integrate_fixture.hpp"
#include "sync/summary.hpp"

#include <limits>

namespace ros::test {
namespace {

constexpr auto latest_time = std::numeric_limits<sync::origin_timestamp>::max();

// -- the example of 6.3 -------------------------------------------------------

TEST_F(integrating, gives_the_worked_example_number_for_number) {
  upload(client_a, {2, 1}, {{2, 1, 5, insert(0, "a", 0)}}); // not in the example: l = ["a"]
  const auto start = server.history.head();
  ASSERT_EQ(start, 2u);

  upload(client_a, {3, 2}, {{3, 2, 10, insert(0, "X", 1)}});
  EXPECT_EQ(data(3), canonical(insert(0, "X", 1)));

  upload(client_b, {3, 2}, {{3, 2, 20, insert(1, "1", 1)}});
  EXPECT_EQ(data(4), canonical(insert(2, "1", 2)));
  EXPECT_EQ(reciprocal(client_b, 3), canonical(insert(0, "X", 2)));

  upload(client_a, {5, 4}, {{5, 4, 30, insert(0, "Y", 3)}});
  EXPECT_EQ(data(5), canonical(insert(0, "Y", 3)));
  EXPECT_EQ(reciprocal(client_b, 3), canonical(insert(0, "X", 2)));
  EXPECT_EQ(reciprocal(client_b, 5), "-");

  upload(client_b, {4, 2}, {{4, 2, 21, insert(2, "2", 2)}});
  EXPECT_EQ(data(6), canonical(insert(4, "2", 4)));
  EXPECT_EQ(reciprocal(client_b, 3), canonical(insert(0, "X", 3)));
  EXPECT_EQ(reciprocal(client_b, 5), canonical(insert(0, "Y", 4)));

  upload(client_b, {6, 6}, {});
  EXPECT_TRUE(server.history.reciprocals(client_b).empty());
  EXPECT_EQ(server.files[client_b].progress, (sync::upload_cursor{6, 6}));
}

// -- what is stored -----------------------------------------------------------

TEST_F(integrating, keeps_origin_timestamp_and_client_version_as_they_were_sent) {
  upload(client_a, {7, 1}, {{5, 1, latest_time, assign(1)}, {7, 1, 0, assign(2)}});
  EXPECT_EQ(entry(2).timestamp, latest_time);
  EXPECT_EQ(entry(2).origin, client_a);
  EXPECT_EQ(entry(2).client_version, 5u);
  EXPECT_EQ(entry(3).timestamp, 0u);
  EXPECT_EQ(entry(3).client_version, 7u);
  EXPECT_EQ(entry(3).salt, memory_server::version_salt);
}

TEST_F(integrating, counts_sizes_and_summarizes_what_an_entry_touches) {
  upload(client_a, {3, 1}, {{2, 1, 10, assign(1)}, {3, 1, 11, insert(0, "x", 0)}});
  EXPECT_EQ(entry(2).original_size, entry(2).data.size());
  EXPECT_EQ(entry(3).cumulative_size,
            entry(1).data.size() + entry(2).data.size() + entry(3).data.size());
  EXPECT_EQ(entry(2).summary.view(), sync::summarize(assign(1).changes()));
}

TEST_F(integrating, gives_an_upload_that_is_merged_away_a_version_of_its_own) {
  upload(client_a, {2, 1}, {{2, 1, 20, assign(7)}});
  upload(client_b, {2, 1}, {{2, 1, 10, assign(5)}});
  EXPECT_EQ(server.history.head(), 3u);
  EXPECT_EQ(data(3), "");
  EXPECT_TRUE(entry(3).summary.empty());
  EXPECT_EQ(entry(3).client_version, 2u);
  const auto sent = server.download(client_a, {1, 0});
  ASSERT_TRUE(sent);
  EXPECT_TRUE(sent->entries.empty());
  EXPECT_EQ(sent->to, (sync::download_cursor{3, 2}));
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

TEST_F(integrating, never_merges_a_client_with_its_own_entries) {
  upload(client_a, {2, 1}, {{2, 1, 10, insert(0, "1", 0)}});
  // Merged with version 2 the prior sizes would clash.
  upload(client_a, {3, 1}, {{3, 1, 11, insert(1, "2", 1)}});
  EXPECT_EQ(data(3), canonical(insert(1, "2", 1)));
  EXPECT_TRUE(server.history.reciprocals(client_a).empty());
}

TEST_F(integrating, merges_changesets_of_different_bases_with_different_windows) {
  upload(client_a, {2, 1}, {{2, 1, 10, insert(0, "X", 0)}}); // version 2
  upload(client_a, {3, 2}, {{3, 2, 11, insert(0, "Y", 1)}}); // version 3
  upload(client_b, {5, 2},
         {{2, 1, 20, insert(0, "1", 0)},   // knows neither
          {4, 2, 21, insert(2, "2", 2)}}); // knows X
  EXPECT_EQ(data(4), canonical(insert(2, "1", 2)));
  EXPECT_EQ(data(5), canonical(insert(3, "2", 3)));
  EXPECT_EQ(reciprocal(client_b, 2), "-"); // trimmed by the progress
  EXPECT_EQ(reciprocal(client_b, 3), canonical(insert(0, "Y", 3)));
}

TEST_F(integrating, gives_the_same_bytes_in_one_message_two_messages_or_two_sessions) {
  const uploaded first{2, 1, 20, insert(0, "1", 0)};
  const uploaded second{3, 1, 21, insert(1, "2", 1)};
  auto history_of = [&](const std::function<void(memory_server&)>& send) {
    memory_server other;
    EXPECT_TRUE(other.integrator.integrate_local(schema_and_object().changes(), 1));
    EXPECT_TRUE(other.upload(message(client_a, {2, 1}, {{2, 1, 10, insert(0, "X", 0)}})));
    other.commit();
    send(other);
    other.commit();
    std::string all;
    for (const auto& e : other.history.entries())
      all.append(e.data.view());
    for (const auto& [version, bytes] : other.history.reciprocals(client_b))
      all.append(std::to_string(version)).append(bytes.view());
    return all;
  };
  const std::string together = history_of([&](memory_server& s) {
    EXPECT_TRUE(s.upload(message(client_b, {3, 1}, {first, second})));
  });
  EXPECT_EQ(together, history_of([&](memory_server& s) {
              EXPECT_TRUE(s.upload(message(client_b, {2, 1}, {first})));
              EXPECT_TRUE(s.upload(message(client_b, {3, 1}, {second})));
            }));
  EXPECT_EQ(together, history_of([&](memory_server& s) {
              EXPECT_TRUE(s.upload(message(client_b, {2, 1}, {first})));
              s.commit();
              s.integrator.discard();
              EXPECT_TRUE(s.upload(message(client_b, {3, 1}, {first, second})));
            }));
}

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

/// Has B's upload empty the view B has of A's version 2.
void empty_the_view(memory_server& server, std::vector<uploaded> more = {}) {
  ASSERT_TRUE(server.upload(message(client_a, {2, 1}, {{2, 1, 10, assign(5)}})));
  std::vector<uploaded> changesets{{2, 1, 20, assign(7)}};
  changesets.insert(changesets.end(), more.begin(), more.end());
  ASSERT_TRUE(server.upload(message(client_b, {changesets.back().client_version, 1}, changesets)));
}

TEST_F(integrating, does_not_replace_an_empty_reciprocal_by_history_in_a_later_call) {
  empty_the_view(server);
  server.commit();
  EXPECT_EQ(reciprocal(client_b, 2), "");
  // Older than version 2, it would be dropped if that came back.
  upload(client_b, {3, 1}, {{3, 1, 1, assign(8)}});
  EXPECT_EQ(data(4), canonical(assign(8)));
  server.integrator.discard(); // from storage now
  upload(client_b, {4, 1}, {{4, 1, 1, assign(9)}});
  EXPECT_EQ(data(5), canonical(assign(9)));
}

TEST_F(integrating, does_not_replace_an_empty_reciprocal_by_history_in_a_later_run) {
  ASSERT_TRUE(server.upload(message(client_c, {2, 1}, {{2, 1, 10, insert(0, "c", 0)}})));
  ASSERT_TRUE(server.upload(message(client_a, {2, 1}, {{2, 1, 10, assign(5)}})));
  ASSERT_TRUE(
      server.upload(message(client_b, {4, 2}, {{2, 1, 20, assign(7)}, {4, 2, 1, assign(8)}})));
  server.commit();
  EXPECT_EQ(data(5), canonical(assign(8)));
  EXPECT_EQ(reciprocal(client_b, 3), "");
}

TEST_F(integrating, trims_exactly_what_the_client_acknowledges) {
  for (int i = 0; i < 3; ++i)
    upload(client_a, {2u + i, 1}, {{2u + i, 1, 10, insert(i, "A", i)}}); // versions 2 to 4
  upload(client_b, {2, 1}, {{2, 1, 20, insert(0, "B", 0)}});
  EXPECT_EQ(server.history.reciprocals(client_b).size(), 3u);
  upload(client_b, {3, 3}, {});
  ASSERT_EQ(server.history.reciprocals(client_b).size(), 1u);
  EXPECT_EQ(server.history.reciprocals(client_b).begin()->first, 4u);
  // Made knowing A, A and B: only version 4 is merged.
  upload(client_b, {4, 3}, {{4, 3, 21, insert(3, "C", 3)}});
  EXPECT_EQ(data(6), canonical(insert(4, "C", 4)));
  EXPECT_EQ(reciprocal(client_b, 4), canonical(insert(2, "A", 4)));
}

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

TEST_F(integrating, sends_server_made_changes_as_origin_one_and_ages_them_so) {
  ASSERT_TRUE(server.integrator.integrate_local(assign(5).changes(), 10));
  server.commit();
  EXPECT_EQ(entry(2).origin, 0u);
  EXPECT_EQ(entry(2).client_version, 0u);
  const auto sent = server.download(client_a, {1, 0});
  ASSERT_TRUE(sent);
  ASSERT_EQ(sent->entries.size(), 1u);
  EXPECT_EQ(sent->entries[0].origin, 1u);
  // Equal times: ident 1 is older than any client.
  upload(client_a, {2, 1}, {{2, 1, 10, assign(7)}});
  EXPECT_EQ(data(3), canonical(assign(7)));
  EXPECT_EQ(reciprocal(client_a, 2), "");
}

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
