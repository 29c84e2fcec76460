// Objects and single values after compaction (merge-rules.md 16).
#include "compaction_fixture.hpp"

namespace ros::test {
namespace {

using sync::collection_type;
using sync::value_type;
using t = changeset_builder;

class compaction_values : public compaction_test {
protected:
  void SetUp() override {
    entry(t().add_table("T")
              .add_table("U", value_type::string)
              .add_table("G", value_type::global_key, false, "")
              .add_column("T", "i", value_type::integer, {.nullable = true})
              .add_column("T", "s", value_type::string, {.nullable = true})
              .add_column("T", "m", value_type::null)
              .add_column("T", "u", value_type::link, {.nullable = true, .target = "U"})
              .add_column("G", "i", value_type::integer)
              .create("T", 1));
  }
};

TEST_F(compaction_values, an_empty_history_is_compacted_to_nothing) {
  memory_history nothing;
  EXPECT_EQ(compact_checked(nothing, 0), "");
}

TEST_F(compaction_values, of_many_assignments_only_the_last_stays) {
  for (int i = 0; i < 20; ++i)
    entry(t().update("T", 1, {"i"}, i).update("T", 1, {"s"}, "x"));
  compact();
  for (sync::version_type v = 2; v < 21; ++v)
    EXPECT_EQ(count(v), 0u) << v;
  EXPECT_EQ(count(21), 2u);
}

TEST_F(compaction_values, entries_above_the_horizon_stay) {
  for (int i = 0; i < 4; ++i)
    entry(t().update("T", 1, {"i"}, i));
  compact(3);
  EXPECT_EQ(count(2), 0u);
  EXPECT_EQ(count(3), 1u);
  EXPECT_EQ(count(4), 1u);
  EXPECT_EQ(count(5), 1u);
}

TEST_F(compaction_values, an_assignment_that_is_younger_than_the_later_one_stays) {
  entry(t().update("T", 1, {"i"}, 1), 1000, 2);
  entry(t().update("T", 1, {"i"}, 2), 5000, 2);
  entry(t().update("T", 1, {"i"}, 3), 900, 3);
  entry(t().update("T", 1, {"i"}, 4), 1000, 3);
  compact();
  EXPECT_EQ(count(2), 0u); // older than 5000
  EXPECT_EQ(count(3), 1u); // a late clock: decides against concurrent ones
  EXPECT_EQ(count(4), 0u);
  EXPECT_EQ(count(5), 1u);
}

TEST_F(compaction_values, the_origin_breaks_ties_of_the_age) {
  entry(t().update("T", 1, {"i"}, 1), 1000, 3);
  entry(t().update("T", 1, {"i"}, 2), 1000, 2);
  entry(t().update("T", 1, {"s"}, "a"), 1000, 2);
  entry(t().update("T", 1, {"s"}, "b"), 1000, 3);
  compact();
  EXPECT_EQ(count(2), 1u);
  EXPECT_EQ(count(3), 1u);
  EXPECT_EQ(count(4), 0u);
  EXPECT_EQ(count(5), 1u);
}

TEST_F(compaction_values, a_default_gives_way_to_a_value_but_not_the_other_way_round) {
  entry(t().update("T", 1, {"i"}, 1).as_default().update("T", 1, {"s"}, "explicit"));
  entry(t().update("T", 1, {"i"}, 2).update("T", 1, {"s"}, "default").as_default());
  compact();
  EXPECT_EQ(left(2).find("T[1].i"), std::string::npos) << left(2);
  EXPECT_NE(left(2).find("T[1].s"), std::string::npos) << left(2);
  EXPECT_EQ(count(3), 2u);
}

TEST_F(compaction_values, increments_are_summed_up_in_the_youngest) {
  entry(t().update("T", 1, {"i"}, 5));
  entry(t().add_integer("T", 1, {"i"}, 1), 1000, 2);
  entry(t().add_integer("T", 1, {"i"}, 10), 3000, 3);
  entry(t().add_integer("T", 1, {"i"}, 100), 2000, 2);
  compact();
  EXPECT_EQ(count(2), 1u);
  EXPECT_EQ(count(3), 0u);
  EXPECT_EQ(count(4), 1u);
  EXPECT_NE(left(4).find("111"), std::string::npos) << left(4);
  EXPECT_EQ(count(5), 0u);
}

TEST_F(compaction_values, a_sum_wraps_around) {
  entry(t().update("T", 1, {"i"}, integer(INT64_MAX)));
  entry(t().add_integer("T", 1, {"i"}, INT64_MAX));
  entry(t().add_integer("T", 1, {"i"}, INT64_MAX));
  compact();
  EXPECT_EQ(count(4), 1u);
}

TEST_F(compaction_values, an_assignment_between_increments_covers_what_is_before_it) {
  entry(t().update("T", 1, {"i"}, 5).add_integer("T", 1, {"i"}, 1));
  entry(t().update("T", 1, {"i"}, 7).add_integer("T", 1, {"i"}, 2));
  entry(t().add_integer("T", 1, {"i"}, 3));
  compact();
  EXPECT_EQ(count(2), 0u);
  EXPECT_EQ(count(3), 1u);
  EXPECT_EQ(count(4), 1u);
}

TEST_F(compaction_values, an_assignment_in_front_of_a_younger_increment_stays) {
  entry(t().update("T", 1, {"m"}, "text"), 1000);
  entry(t().update("T", 1, {"m"}, 5), 1000);
  entry(t().add_integer("T", 1, {"m"}, 1), 9000);
  entry(t().update("T", 1, {"m"}, "text"), 2000);
  compact();
  EXPECT_EQ(count(2), 0u);
  EXPECT_EQ(count(3), 1u);
  EXPECT_EQ(count(4), 1u);
  EXPECT_EQ(count(5), 1u);
}

TEST_F(compaction_values, an_object_that_is_gone_leaves_nothing) {
  entry(t().create("U", "a").create("T", 2).update("T", 2, {"i"}, 1));
  entry(t().update("T", 2, {"i"}, 2).create("T", 2));
  entry(t().erase("T", 2).erase("T", 77));
  entry(t().erase("T", 2));
  compact();
  EXPECT_EQ(count(2), 1u);
  EXPECT_EQ(left(2).find("T[2]"), std::string::npos);
  EXPECT_EQ(count(3), 0u);
  EXPECT_EQ(count(4), 0u);
  EXPECT_EQ(count(5), 0u);
}

TEST_F(compaction_values, an_object_made_again_keeps_its_last_life) {
  entry(t().create("T", 2).update("T", 2, {"i"}, 1).update("T", 2, {"s"}, "old"), 9000);
  entry(t().erase("T", 2).create("T", 2).update("T", 2, {"i"}, 2).create("T", 2), 1000);
  compact();
  EXPECT_EQ(count(2), 0u);
  EXPECT_EQ(count(3), 2u);
}

TEST_F(compaction_values, objects_without_primary_key_go_like_others) {
  const sync::primary_key a(sync::global_key{2, 0});
  const sync::primary_key b(sync::global_key{2, 1});
  entry(t().create("G", a).create("G", b).update("G", b, {"i"}, 3));
  entry(t().erase("G", a));
  compact();
  EXPECT_EQ(count(2), 2u);
  EXPECT_EQ(count(3), 0u);
}

TEST_F(compaction_values, a_link_stays_whatever_happens_to_its_target) {
  entry(t().create("U", "a").create("U", "b").update("T", 1, {"u"}, link_to("U", "a")));
  entry(t().create("T", 2).update("T", 2, {"m"}, link_to("U", "b")));
  entry(t().erase("U", "a").erase("U", "b"));
  entry(t().create("U", "a"));
  compact();
  EXPECT_EQ(count(2), 1u);
  EXPECT_EQ(count(3), 2u);
  EXPECT_EQ(count(4), 0u);
  EXPECT_EQ(count(5), 1u);
}

TEST_F(compaction_values, strings_that_nothing_uses_go_with_the_instructions) {
  entry(t().create("U", "a key that is gone").create("U", "b"));
  entry(t().erase("U", "a key that is gone"));
  compact();
  EXPECT_EQ(history.entries()[1].data.view().find("a key that is gone"), std::string_view::npos);
}

TEST_F(compaction_values, nothing_is_handed_out_for_a_history_without_waste) {
  entry(t().create("T", 2).update("T", 2, {"i"}, 1));
  const auto before = history.entries();
  compact();
  for (std::size_t i = 0; i < before.size(); ++i)
    EXPECT_EQ(before[i].data.owner(), history.entries()[i].data.owner());
}

TEST_F(compaction_values, it_stops_when_nobody_wants_more) {
  for (int i = 0; i < 5; ++i)
    entry(t().update("T", 1, {"i"}, i));
  int handed_out = 0;
  const auto outcome = sync::compact_history(history, history.head(), {},
                                             [&](const auto&) { return ++handed_out < 2; });
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->complete);
  EXPECT_EQ(handed_out, 2);
}

TEST_F(compaction_values, it_stops_between_entries_when_told_to) {
  for (int i = 0; i < 3000; ++i)
    entry(t().update("T", 1, {"i"}, i));
  int asked = 0;
  const auto outcome =
      sync::compact_history(history, history.head(), {.go_on = [&] { return ++asked < 2; }},
                            [](const auto&) { return true; });
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->complete);
  EXPECT_EQ(asked, 2);
}

TEST_F(compaction_values, damage_is_an_error) {
  entry(t().update("T", 1, {"i"}, 1));
  history.damaged = 2;
  const auto outcome = sync::compact_history(history, 2, {}, [](const auto&) { return true; });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, sync::ec::corrupt_store);
}

TEST_F(compaction_values, a_change_of_an_object_that_is_not_there_is_an_error) {
  entry(t().update("T", 99, {"i"}, 1));
  const auto outcome = sync::compact_history(history, 2, {}, [](const auto&) { return true; });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, sync::ec::corrupt_store);
}

TEST_F(compaction_values, little_memory_means_more_rounds_and_the_same_result) {
  for (int i = 0; i < 300; ++i) {
    entry(t().create("T", 10 + i).update("T", 10 + i, {"i"}, i));
    entry(t().update("T", 10 + i, {"s"}, "x").update("T", 1, {"i"}, i));
    if (i % 3 == 0)
      entry(t().erase("T", 10 + i));
  }
  auto other = history;
  compact();
  std::vector<sync::compacted_entry> changed;
  const auto outcome = sync::compact_history(other, other.head(), {.memory_bytes = 10'000},
                                             [&](sync::compacted_entry entry) {
                                               changed.push_back(std::move(entry));
                                               return true;
                                             });
  ASSERT_TRUE(outcome);
  EXPECT_GT(outcome->rounds, 3u);
  other.compact(changed);
  for (std::size_t i = 0; i < other.entries().size(); ++i)
    EXPECT_EQ(other.entries()[i].data, history.entries()[i].data);
}

} // namespace
} // namespace ros::test
