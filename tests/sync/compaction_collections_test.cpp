// Collections, embedded objects and Mixed values after compaction (merge-rules.md 16,
// conditions 4 and 5).
#include "compaction_fixture.hpp"

namespace ros::test {
namespace {

using sync::collection_type;
using sync::value_type;
using t = changeset_builder;

class compaction_collections : public compaction_test {
protected:
  void SetUp() override {
    const column_options list{.collection = collection_type::list};
    const column_options dictionary{.collection = collection_type::dictionary, .nullable = true};
    const column_options set{.collection = collection_type::set};
    entry(t().add_embedded("E")
              .add_table("T")
              .add_table("U", value_type::string)
              .add_column("E", "x", value_type::integer)
              .add_column("E", "n", value_type::integer, list)
              .add_column("E", "e", value_type::link, {.nullable = true, .target = "E"})
              .add_column("T", "l", value_type::string, list)
              .add_column("T", "ul", value_type::link,
                          {.collection = collection_type::list, .target = "U"})
              .add_column("T", "el", value_type::link,
                          {.collection = collection_type::list, .target = "E"})
              .add_column("T", "ed", value_type::link,
                          {.collection = collection_type::dictionary, .target = "E"})
              .add_column("T", "e", value_type::link, {.nullable = true, .target = "E"})
              .add_column("T", "d", value_type::integer, dictionary)
              .add_column("T", "s", value_type::null, set)
              .add_column("T", "m", value_type::null)
              .create("T", 1));
  }
  /// Pushes at the end and pops at the front.
  void push_and_pop(int times, std::uint32_t size = 0) {
    for (int i = 0; i < times; ++i) {
      entry(t().insert("T", 1, {"l", size}, std::to_string(i), size));
      entry(t().remove("T", 1, {"l", 0}, size + 1));
    }
  }
};

TEST_F(compaction_collections, a_list_that_is_only_appended_to_stays_as_it_is) {
  for (std::uint32_t i = 0; i < 10; ++i)
    entry(t().insert("T", 1, {"l", i}, "x", i));
  compact();
  EXPECT_EQ(count(2), 1u);
  EXPECT_EQ(count(11), 1u);
}

TEST_F(compaction_collections, a_queue_that_is_empty_leaves_nothing) {
  push_and_pop(50);
  compact();
  EXPECT_EQ(total(), count(1));
}

TEST_F(compaction_collections, a_queue_is_built_where_it_was_touched_last) {
  for (std::uint32_t i = 0; i < 3; ++i)
    entry(t().insert("T", 1, {"l", i}, "first", i));
  push_and_pop(20, 3);
  compact();
  EXPECT_EQ(count(history.head()), 3u);
  EXPECT_EQ(total(), count(1) + 3);
}

TEST_F(compaction_collections, changes_above_the_horizon_still_fit) {
  push_and_pop(20, 0);
  entry(t().insert("T", 1, {"l", 0}, "a", 0).insert("T", 1, {"l", 1}, "b", 1));
  const auto horizon = history.head();
  entry(t().move("T", 1, {"l", 0}, 1, 2).update("T", 1, {"l", 0}, "c", 2));
  compact(horizon);
  EXPECT_EQ(total(), count(1) + 2 + 2);
}

TEST_F(compaction_collections, a_clear_takes_everything_with_it) {
  for (std::uint32_t i = 0; i < 5; ++i)
    entry(t().insert("T", 1, {"l", i}, "x", i)
              .set_insert("T", 1, {"s"}, integer(i))
              .update("T", 1, {"d", "k"}, integer(i)));
  entry(t().clear("T", 1, {"l"}, collection_type::list)
            .clear("T", 1, {"s"}, collection_type::set)
            .clear("T", 1, {"d"}, collection_type::dictionary)
            .insert("T", 1, {"l", 0}, "new", 0));
  compact();
  EXPECT_EQ(total(), count(1) + 1);
}

TEST_F(compaction_collections, links_to_what_is_gone_still_count) {
  entry(t().create("U", "a").create("U", "b").create("U", "c"));
  for (std::uint32_t i = 0; i < 3; ++i)
    entry(
        t().insert("T", 1, {"ul", i}, link_to("U", std::string(1, static_cast<char>('a' + i))), i));
  for (int i = 0; i < 10; ++i)
    entry(t().move("T", 1, {"ul", 0}, 2, 3));
  entry(t().erase("U", "a").erase("U", "b"));
  entry(t().create("U", "b"));
  const auto horizon = history.head();
  entry(t().remove("T", 1, {"ul", 2}, 3));
  entry(t().create("U", "a"));
  compact(horizon);
  EXPECT_EQ(count(2), 1u);
}

TEST_F(compaction_collections, embedded_objects_in_lists_keep_what_is_in_them) {
  for (int i = 0; i < 30; ++i)
    entry(t().insert("T", 1, {"el", 0}, new_object(), 0)
              .update("T", 1, {"el", 0, "x"}, i)
              .insert("T", 1, {"el", 0, "n", 0}, i, 0)
              .update("T", 1, {"el", 0, "e"}, new_object())
              .update("T", 1, {"el", 0, "e", "x"}, i)
              .add_integer("T", 1, {"el", 0, "e", "x"}, 1)
              .remove("T", 1, {"el", 0}, 1));
  entry(t().insert("T", 1, {"el", 0}, new_object(), 0).update("T", 1, {"el", 0, "x"}, 7));
  entry(t().insert("T", 1, {"el", 0, "n", 0}, 5, 0).update("T", 1, {"el", 0, "e"}, new_object()));
  entry(t().update("T", 1, {"el", 0, "e", "x"}, 8).insert("T", 1, {"el", 1}, new_object(), 1));
  compact();
  EXPECT_EQ(total(), count(1) + 6);
}

TEST_F(compaction_collections, fields_of_an_embedded_object_that_nobody_set_are_left_alone) {
  for (int i = 0; i < 9; ++i)
    entry(t().update("T", 1, {"e"}, new_object()).update("T", 1, {"e", "x"}, i));
  compact();
  EXPECT_EQ(count(history.head()), 2u);
  EXPECT_EQ(total(), count(1) + 2);
}

TEST_F(compaction_collections, null_ends_an_embedded_object) {
  for (int i = 0; i < 9; ++i)
    entry(t().update("T", 1, {"e"}, new_object()).update("T", 1, {"e", "x"}, i));
  entry(t().update("T", 1, {"e"}, null()));
  compact();
  EXPECT_EQ(count(history.head()), 1u);
  EXPECT_EQ(total(), count(1) + 1);
}

TEST_F(compaction_collections, embedded_objects_under_keys_are_built_anew) {
  for (int i = 0; i < 9; ++i)
    entry(t().update("T", 1, {"ed", "k"}, new_object())
              .update("T", 1, {"ed", "k", "x"}, i)
              .update("T", 1, {"ed", "gone"}, new_object())
              .update("T", 1, {"ed", "gone"}, erased()));
  compact();
  EXPECT_EQ(total(), count(1) + 2);
}

TEST_F(compaction_collections, keys_that_come_and_go_leave_nothing) {
  for (int i = 0; i < 40; ++i)
    entry(t().update("T", 1, {"d", "k" + std::to_string(i)}, i)
              .update("T", 1, {"d", "k" + std::to_string(i - 1)}, erased()));
  entry(t().update("T", 1, {"d", "none"}, null()));
  compact();
  EXPECT_EQ(count(history.head()), 2u);
  EXPECT_EQ(total(), count(1) + 2);
}

TEST_F(compaction_collections, sets_keep_their_elements_with_their_types) {
  for (int i = 0; i < 10; ++i)
    entry(t().set_insert("T", 1, {"s"}, i).set_erase("T", 1, {"s"}, i));
  entry(t().set_insert("T", 1, {"s"}, real(1.0))
            .set_insert("T", 1, {"s"}, 1)
            .set_insert("T", 1, {"s"}, null())
            .set_insert("T", 1, {"s"}, "text")
            .set_insert("T", 1, {"s"}, binary("text"))
            .set_insert("T", 1, {"s"}, link_to("U", "nobody")));
  compact();
  EXPECT_EQ(total(), count(1) + 5);
}

TEST_F(compaction_collections, values_of_every_type_are_built_as_they_were) {
  const std::vector<payload> values{
      null(),          7,         boolean(true),         "text", binary("\0x"), time(5, 6),
      single(-0.0F),   real(2.5), decimal(15, -1, true), id(3),  unique(4),     link_to("U", "a"),
      link_to("U", "")};
  std::uint32_t n = 0;
  entry(t().update("T", 1, {"m"}, new_list()).clear("T", 1, {"m"}, collection_type::list));
  for (const auto& value : values) {
    entry(t().insert("T", 1, {"m", n}, value, n).update("T", 1, {"m", n}, "other", n + 1));
    entry(t().update("T", 1, {"m", n}, value, n + 1));
    ++n;
  }
  compact();
  EXPECT_EQ(total(), count(1) + 2 + values.size());
}

TEST_F(compaction_collections, collections_in_mixed_values_are_built_with_what_is_nested) {
  for (int i = 0; i < 20; ++i)
    entry(t().update("T", 1, {"m"}, new_dictionary())
              .clear("T", 1, {"m"}, collection_type::dictionary)
              .update("T", 1, {"m", "list"}, new_list())
              .insert("T", 1, {"m", "list", 0}, new_dictionary(), 0)
              .update("T", 1, {"m", "list", 0, "k"}, i)
              .insert("T", 1, {"m", "list", 1}, i, 1));
  compact();
  // The values, and a Clear for each of the two that are assigned.
  EXPECT_EQ(count(history.head()), 7u);
  EXPECT_EQ(total(), count(1) + 7);
}

TEST_F(compaction_collections, a_plain_value_ends_a_collection_in_a_mixed_value) {
  entry(t().update("T", 1, {"m"}, 1));
  entry(t().update("T", 1, {"m"}, new_list()).insert("T", 1, {"m", 0}, 1, 0));
  entry(t().update("T", 1, {"m"}, 4));
  entry(t().add_integer("T", 1, {"m"}, 5));
  compact();
  EXPECT_EQ(count(2), 0u);
  EXPECT_EQ(count(3), 0u);
  EXPECT_EQ(count(4), 1u);
  EXPECT_EQ(count(5), 1u);
}

TEST_F(compaction_collections, a_plain_value_from_a_late_clock_does_not_hide_a_collection) {
  entry(t().update("T", 1, {"m"}, new_list()).insert("T", 1, {"m", 0}, 1, 0), 9000);
  entry(t().update("T", 1, {"m"}, 4), 1000);
  entry(t().add_integer("T", 1, {"m"}, 5), 9500);
  compact();
  EXPECT_EQ(replay(history.entries(), 4).find("List"), std::string::npos);
}

TEST_F(compaction_collections, a_collection_follows_a_plain_value) {
  for (int i = 0; i < 5; ++i)
    entry(t().update("T", 1, {"m"}, "x")
              .update("T", 1, {"m"}, new_dictionary())
              .update("T", 1, {"m", "k"}, i));
  compact();
  EXPECT_EQ(total(), count(1) + 3);
}

TEST_F(compaction_collections, a_large_content_is_spread_over_several_entries) {
  const std::string large(10'000, 'x');
  for (std::uint32_t i = 0; i < 60; ++i)
    entry(t().insert("T", 1, {"l", i}, "to be replaced", i));
  for (std::uint32_t round = 0; round < 3; ++round)
    for (std::uint32_t i = 0; i < 60; ++i)
      entry(t().update("T", 1, {"l", i}, large + std::to_string(i), 60));
  compact();
  std::size_t largest = 0;
  std::size_t all = 0;
  for (const auto& e : history.entries()) {
    largest = std::max(largest, e.data.size());
    all += e.data.size();
  }
  EXPECT_LT(largest, 100'000u);
  EXPECT_GT(all, 600'000u);
  EXPECT_LT(all, 620'000u);
}

TEST_F(compaction_collections, what_is_spread_does_not_come_before_the_schema_it_needs) {
  const std::string large(10'000, 'x');
  for (std::uint32_t i = 0; i < 40; ++i)
    entry(t().insert("T", 1, {"el", i}, new_object(), i));
  entry(t().add_column("E", "late", value_type::string));
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 40; ++i)
      entry(t().update("T", 1, {"el", i, "late"}, large));
  compact();
}

TEST_F(compaction_collections, a_long_trail_is_let_go_before_the_end) {
  push_and_pop(10'500, 0);
  entry(t().insert("T", 1, {"l", 0}, "last", 0));
  ASSERT_EQ(compact_checked(history, history.head()), "");
  EXPECT_EQ(total(), count(1) + 1);
}

TEST_F(compaction_collections, little_memory_means_more_rounds_and_the_same_result) {
  for (int i = 0; i < 60; ++i) {
    entry(t().create("T", 10 + i));
    for (int k = 0; k < 5; ++k)
      entry(t().insert("T", 10 + i, {"l", 0}, "value", 0)
                .update("T", 10 + i, {"d", "k"}, k)
                .remove("T", 10 + i, {"l", 0}, 1)
                .insert("T", 10 + i, {"l", 0}, "other", 0)
                .update("T", 10 + i, {"l", 0}, std::to_string(k), 1)
                .remove("T", 10 + i, {"l", 0}, 1));
    entry(t().insert("T", 10 + i, {"l", 0}, "stays", 0));
  }
  auto other = history;
  compact();
  ASSERT_EQ(compact_checked(other, other.head(), {.memory_bytes = 20'000}), "");
  for (std::size_t i = 0; i < other.entries().size(); ++i)
    EXPECT_EQ(other.entries()[i].data, history.entries()[i].data) << i + 1;
}

} // namespace
} // namespace ros::test
