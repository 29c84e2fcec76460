// Assertions of merge-rules.md 20 about integrating and its bookkeeping; a test's name
// begins with the number. Those of the engine are in merge_assertions_test.cpp, 11 is in
// download_test.cpp, 12 in merge_matrix_test.cpp and 26 in merge_full_loop_test.cpp.
#include "integrate_fixture.hpp"

#include "support/state_json.hpp"
#include "sync/object_state.hpp"

#include <boost/json.hpp>

#include <functional>
#include <limits>

namespace ros::test {
namespace {

using assertion = integrating;

constexpr auto latest_time = std::numeric_limits<sync::origin_timestamp>::max();

changeset_builder bad() {
  changeset_builder t;
  t.update("T", 99, {"i"}, 1);
  return t;
}
boost::json::object state_of(memory_server& server) {
  return state_to_json(sync::object_reader(server.state));
}

TEST_F(assertion, 2_the_worked_example_number_for_number) {
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

TEST_F(assertion, 4_origin_and_timestamp_are_kept_as_they_were_sent) {
  upload(client_a, {7, 1}, {{5, 1, latest_time, assign(1)}, {7, 1, 0, assign(2)}});
  EXPECT_EQ(entry(2).timestamp, latest_time);
  EXPECT_EQ(entry(2).origin, client_a);
  EXPECT_EQ(entry(2).client_version, 5u);
  EXPECT_EQ(entry(3).timestamp, 0u);
  EXPECT_EQ(entry(3).client_version, 7u);
  EXPECT_EQ(entry(3).salt, memory_server::version_salt);
}

TEST_F(assertion, 5_a_client_is_never_merged_with_its_own_entries) {
  upload(client_a, {2, 1}, {{2, 1, 10, insert(0, "1", 0)}});
  // Merged with version 2 the prior sizes would clash.
  upload(client_a, {3, 1}, {{3, 1, 11, insert(1, "2", 1)}});
  EXPECT_EQ(data(3), canonical(insert(1, "2", 1)));
  EXPECT_TRUE(server.history.reciprocals(client_a).empty());
}

/// Has B's upload empty the view B has of A's version 2.
void empty_the_view(memory_server& server, std::vector<uploaded> more = {}) {
  ASSERT_TRUE(server.upload(message(client_a, {2, 1}, {{2, 1, 10, assign(5)}})));
  std::vector<uploaded> changesets{{2, 1, 20, assign(7)}};
  changesets.insert(changesets.end(), more.begin(), more.end());
  ASSERT_TRUE(server.upload(message(client_b, {changesets.back().client_version, 1}, changesets)));
}

TEST_F(assertion, 6_an_empty_reciprocal_is_not_replaced_by_history_in_a_later_call) {
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

TEST_F(assertion, 6_an_empty_reciprocal_is_not_replaced_by_history_in_a_later_run) {
  ASSERT_TRUE(server.upload(message(client_c, {2, 1}, {{2, 1, 10, insert(0, "c", 0)}})));
  ASSERT_TRUE(server.upload(message(client_a, {2, 1}, {{2, 1, 10, assign(5)}})));
  ASSERT_TRUE(
      server.upload(message(client_b, {4, 2}, {{2, 1, 20, assign(7)}, {4, 2, 1, assign(8)}})));
  server.commit();
  EXPECT_EQ(data(5), canonical(assign(8)));
  EXPECT_EQ(reciprocal(client_b, 3), "");
}

TEST_F(assertion, 7_one_message_two_messages_and_two_sessions_give_the_same_bytes) {
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

TEST_F(assertion, 8_different_bases_are_merged_with_different_windows) {
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

TEST_F(assertion, 9_an_acknowledgement_trims_exactly_what_it_covers) {
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

TEST_F(assertion, 10_an_upload_that_is_merged_away_takes_a_version) {
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

TEST_F(assertion, 13_a_violated_condition_leaves_history_views_and_progress_untouched) {
  upload(client_a, {2, 1}, {{2, 1, 10, insert(0, "A", 0)}});
  upload(client_b, {2, 1}, {{2, 1, 20, insert(0, "B", 0)}});
  const auto file = server.files[client_b];
  const auto views = server.history.reciprocals(client_b);
  const auto state = state_of(server);
  // P14: the sizes differ, behind a changeset that would have been fine.
  const auto e =
      refuse(client_b, {4, 1}, {{3, 1, 21, insert(1, "C", 1)}, {4, 1, 22, insert(0, "D", 7)}});
  EXPECT_EQ(e.code, sync::ec::merge_failure);
  EXPECT_EQ(e.protocol_code, 212);
  const auto log_entry = server.commit();
  EXPECT_TRUE(log_entry.entries.empty());
  EXPECT_TRUE(log_entry.reciprocals.empty());
  EXPECT_TRUE(log_entry.trims.empty());
  EXPECT_EQ(server.history.head(), 3u);
  EXPECT_EQ(server.history.reciprocals(client_b), views);
  EXPECT_EQ(server.files[client_b], file);
  EXPECT_EQ(state_of(server), state);
}

TEST_F(assertion, 27_server_made_changes_are_sent_as_origin_one_and_aged_so) {
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

TEST_F(assertion, 28_uploads_of_others_are_integrated_as_if_the_bad_one_had_not_been) {
  memory_server other;
  ASSERT_TRUE(other.integrator.integrate_local(schema_and_object().changes(), 1));
  other.commit();
  for (memory_server* s : {&server, &other}) {
    ASSERT_TRUE(s->upload(message(client_a, {2, 1}, {{2, 1, 10, insert(0, "A", 0)}})));
    if (s == &server) {
      refuse(client_b, {3, 1}, {{2, 1, 15, insert(0, "B", 0)}, {3, 1, 16, bad()}});
    }
    ASSERT_TRUE(s->upload(message(client_c, {2, 1}, {{2, 1, 20, insert(0, "C", 0)}})));
    s->commit();
  }
  ASSERT_EQ(server.history.head(), other.history.head());
  for (std::size_t i = 0; i < server.history.entries().size(); ++i)
    EXPECT_EQ(server.history.entries()[i].data, other.history.entries()[i].data);
  EXPECT_EQ(server.history.reciprocals(client_c), other.history.reciprocals(client_c));
  EXPECT_EQ(state_of(server), state_of(other));
}

TEST_F(assertion, 30_merge_results_do_not_depend_on_object_state) {
  // The same history twice, on a state with other content.
  memory_server other;
  ASSERT_TRUE(other.integrator.integrate_local(schema_and_object().changes(), 1));
  other.commit();
  memory_server filled;
  ASSERT_TRUE(filled.integrator.integrate_local(schema_and_object().changes(), 1));
  filled.commit();
  changeset_builder content;
  content.update("T", 1, {"i"}, 77).update("T", 1, {"m"}, "something");
  sync::object_state state(filled.state);
  state.begin_batch();
  ASSERT_TRUE(state.apply(content.changes()));
  state.keep_batch();
  filled.state.apply(state.take_mutations());
  filled.integrator.discard(); // its cache of the state
  ASSERT_NE(state_of(filled), state_of(other));
  changeset_builder add;
  add.add_integer("T", 1, {"i"}, 3).update("T", 1, {"m"}, null());
  for (auto* s : {&other, &filled}) {
    ASSERT_TRUE(s->upload(message(client_a, {2, 1}, {{2, 1, 10, add}})));
    ASSERT_TRUE(s->upload(message(client_b, {2, 1}, {{2, 1, 5, assign(100)}})));
    s->commit();
  }
  ASSERT_EQ(other.history.head(), filled.history.head());
  for (std::size_t i = 0; i < other.history.entries().size(); ++i)
    EXPECT_EQ(other.history.entries()[i].data, filled.history.entries()[i].data);
  EXPECT_EQ(other.history.reciprocals(client_b), filled.history.reciprocals(client_b));
}

} // namespace
} // namespace ros::test
