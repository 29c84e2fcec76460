// Assertions of merge-rules.md 20 about the merge engine; a test's name begins with the
// number. Those of integrating are in integration_assertions_test.cpp, 12 is in
// merge_matrix_test.cpp, 26 in merge_full_loop_test.cpp; E1 to E22 of assertion 1 are in
// example_assertions_test.cpp. Golden vectors cover all of this as well (tests/vectors).
#include "merge_helpers.hpp"

#include "sync/changeset_codec.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace ros::test {
namespace {

using sync::collection_type;
using sync::value_type;

changeset_builder t() {
  return {};
}
changeset_builder set_m(const payload& value) {
  return t().update("T", 1, {"m"}, value);
}
changeset_builder link_column(const char* field) {
  return t().add_column("T", field, value_type::link, {collection_type::single, true, "U"});
}

TEST(merge_assertion, 3_age_is_timestamp_then_ident_without_sign) {
  const auto five = t().update("T", 1, {"i"}, 5);
  const auto seven = t().update("T", 1, {"i"}, 7);
  const auto younger_stays = both(t(), seven);
  EXPECT_EQ(merge_pair(made(five, 10, 3), made(seven, 11, 2)), younger_stays);
  EXPECT_EQ(merge_pair(made(five, 10, 2), made(seven, 10, 3)), younger_stays);
  constexpr auto top_bit = std::uint64_t{1} << 63;
  EXPECT_EQ(merge_pair(made(five, 10, 3), made(seven, top_bit, 2)), younger_stays);
  EXPECT_EQ(merge_pair(made(five, 10, 3), made(seven, 10, top_bit)), younger_stays);
}

TEST(merge_assertion, 14_swapping_the_sides_gives_the_same_pair) {
  // merge_pair fails where the order of arrival matters; one pair of every list rule and
  // of those with the most cases.
  const changeset_builder list[] = {t().insert("T", 1, {"l", 1}, "x", 3),
                                    t().move("T", 1, {"l", 0}, 2, 3),
                                    t().move("T", 1, {"l", 2}, 1, 3),
                                    t().remove("T", 1, {"l", 1}, 3),
                                    t().update("T", 1, {"l", 1}, "y", 3),
                                    t().clear("T", 1, {"l"}, collection_type::list),
                                    t().erase("T", 1),
                                    t().erase_table("T"),
                                    t().erase_column("T", "l"),
                                    set_m(new_list()).insert("T", 1, {"m", 0}, 1, 0),
                                    set_m(5),
                                    t().add_integer("T", 1, {"m"}, 2)};
  for (const auto& a : list)
    for (const auto& b : list)
      for (const sync::origin_timestamp age : {5, 10, 20})
        merge_pair(by_a(age, a), by_b(10, b));
}

TEST(merge_assertion, 15_erased_columns_are_inserted_in_order_of_encounter) {
  // Field names sort the other way round.
  const auto links =
      link_column("z").add_column("T", "a", value_type::link, {collection_type::single, true, "U"});
  const auto erased = t().erase_column("T", "z").erase_column("T", "a").erase_table("U");
  EXPECT_EQ(merge_pair(by_a(10, t().erase_table("U")), by_b(20, links)), both(erased, t()));
  const auto merged = merge_copies({by_a(10, t().erase_table("U"))}, {by_b(20, links)});
  const std::vector<std::string_view> names{"U", "T", "z", "a"};
  EXPECT_EQ(merged.majors[0].strings, names);
}

TEST(merge_assertion, 16_increments_wrap) {
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  constexpr auto smallest = std::numeric_limits<std::int64_t>::min();
  const auto add = t().add_integer("T", 1, {"i"}, 1);
  EXPECT_EQ(merge_pair(by_a(20, add), by_b(10, t().update("T", 1, {"i"}, integer(largest)))),
            both(add, t().update("T", 1, {"i"}, integer(smallest))));
}

TEST(merge_assertion, 17_which_of_two_updates_stays) {
  for (const sync::origin_timestamp age : {10, 30}) {
    // {null, ObjectValue}: ObjectValue goes, even if younger.
    EXPECT_EQ(merge_pair(by_a(age, set_m(new_object())), by_b(20, set_m(null()))),
              both(t(), set_m(null())));
    // {List, List}: both stay.
    EXPECT_EQ(merge_pair(by_a(age, set_m(new_list())), by_b(20, set_m(new_list()))),
              both(set_m(new_list()), set_m(new_list())));
    // {default, explicit}: the default goes.
    const auto by_default = set_m(1).as_default();
    EXPECT_EQ(merge_pair(by_a(age, by_default), by_b(20, set_m(2))), both(t(), set_m(2)));
  }
  // {List, Dictionary}: the older goes.
  EXPECT_EQ(merge_pair(by_a(10, set_m(new_list())), by_b(20, set_m(new_dictionary()))),
            both(t(), set_m(new_dictionary())));
  EXPECT_EQ(merge_pair(by_a(30, set_m(new_list())), by_b(20, set_m(new_dictionary()))),
            both(set_m(new_list()), t()));
}

TEST(merge_assertion, 18_what_an_outer_update_leaves_below_it) {
  const auto by_index = t().update("T", 1, {"m", 0}, 1, 1);
  auto below = by_index;
  below.update("T", 1, {"m", "k"}, 1);
  for (const sync::origin_timestamp age : {5, 50}) {
    EXPECT_EQ(merge_pair(by_a(age, set_m(new_list())), by_b(20, below)),
              both(set_m(new_list()), by_index));
    EXPECT_EQ(merge_pair(by_a(age, set_m(5)), by_b(20, below)), both(set_m(5), t()));
    EXPECT_EQ(merge_pair(by_a(age, set_m(new_object())), by_b(20, below)),
              both(set_m(new_object()), below));
  }
}

TEST(merge_assertion, 19_outer_list_changes_shift_the_middle_of_a_path_and_no_size) {
  const auto inner = [](int at) { return t().insert("T", 1, {"o", at, "l", 0}, "x", 7); };
  const auto inserted = t().insert("T", 1, {"o", 1}, new_object(), 3);
  EXPECT_EQ(merge_pair(by_a(10, inserted), by_b(20, inner(0))), both(inserted, inner(0)));
  EXPECT_EQ(merge_pair(by_a(10, inserted), by_b(20, inner(1))), both(inserted, inner(2)));
  const auto erased_element = t().remove("T", 1, {"o", 1}, 3);
  EXPECT_EQ(merge_pair(by_a(10, erased_element), by_b(20, inner(0))),
            both(erased_element, inner(0)));
  EXPECT_EQ(merge_pair(by_a(10, erased_element), by_b(20, inner(2))),
            both(erased_element, inner(1)));
}

TEST(merge_assertion, 20_a_move_changes_itself_and_not_the_nested_instruction) {
  const auto inner = [](int at) { return t().update("T", 1, {"o", at, "x"}, 1); };
  const auto outer = [](int from, std::uint32_t to) {
    return t().move("T", 1, {"o", from}, to, 4);
  };
  // f := shift(f, from k, to t)
  EXPECT_EQ(merge_pair(by_a(10, outer(2, 3)), by_b(20, inner(0))), both(outer(1, 3), inner(0)));
  EXPECT_EQ(merge_pair(by_a(10, outer(2, 0)), by_b(20, inner(3))), both(outer(3, 0), inner(3)));
  EXPECT_EQ(merge_pair(by_a(10, outer(1, 3)), by_b(20, inner(1))), both(outer(3, 3), inner(1)));
}

TEST(merge_assertion, 21_at_equal_positions_the_older_element_comes_first) {
  // The insert's position after the element is taken out is the move's target.
  const auto moved = [](std::uint32_t to) { return t().move("T", 1, {"l", 0}, to, to + 2); };
  const auto inserted = [](int at) { return t().insert("T", 1, {"l", at}, "x", 3); };
  const auto move = t().move("T", 1, {"l", 0}, 1, 3);
  EXPECT_EQ(merge_pair(by_a(10, move), by_b(20, inserted(2))), both(moved(2), inserted(1)));
  EXPECT_EQ(merge_pair(by_a(30, move), by_b(20, inserted(2))),
            both(t().move("T", 1, {"l", 0}, 1, 4), inserted(2)));
}

TEST(merge_assertion, 22_an_erase_follows_the_element_and_the_move_disappears) {
  EXPECT_EQ(merge_pair(by_a(10, t().remove("T", 1, {"l", 0}, 3)),
                       by_b(20, t().move("T", 1, {"l", 0}, 2, 3))),
            both(t().remove("T", 1, {"l", 2}, 3), t()));
}

TEST(merge_assertion, 23_of_a_list_clear_and_a_dictionary_clear_the_older_goes) {
  const auto list = t().clear("T", 1, {"m"}, collection_type::list);
  const auto dictionary = t().clear("T", 1, {"m"}, collection_type::dictionary);
  EXPECT_EQ(merge_pair(by_a(10, list), by_b(20, dictionary)), both(t(), dictionary));
  EXPECT_EQ(merge_pair(by_a(30, list), by_b(20, dictionary)), both(list, t()));
}

TEST(merge_assertion, 24_set_erases_compare_tokens_instead_of_strings) {
  const auto abc = t().set_erase("T", 1, {"s"}, "abc");
  const auto xyz = t().set_erase("T", 1, {"s"}, "xyz");
  EXPECT_EQ(merge_pair(by_a(10, abc), by_b(20, xyz)), both(t(), xyz));
  EXPECT_EQ(merge_pair(by_a(30, abc), by_b(20, xyz)), both(abc, t()));
  const auto same_elsewhere = t().erase("U", "somebody").set_erase("T", 1, {"s"}, "abc");
  EXPECT_EQ(merge_pair(by_a(10, abc), by_b(20, same_elsewhere)), both(abc, same_elsewhere));
}

TEST(merge_assertion, 25_an_erased_column_leaves_inserts_into_its_lists) {
  const auto column = t().erase_column("T", "l");
  const auto inserted = t().insert("T", 1, {"l", 0}, "x", 3);
  EXPECT_EQ(merge_pair(by_a(10, column), by_b(20, inserted)), both(column, inserted));
  EXPECT_EQ(merge_pair(by_a(30, column), by_b(20, inserted)), both(column, inserted));
}

TEST(merge_assertion, 29_an_index_and_a_string_in_one_container_are_a_bad_changeset) {
  const auto entry = t().update("T", 1, {"l", "k"}, 1);
  const auto below_entry = t().update("T", 1, {"l", "k", "x"}, 1);
  for (const auto& by_index : {t().insert("T", 1, {"l", 0}, "x", 3),
                               t().move("T", 1, {"l", 0}, 1, 3), t().remove("T", 1, {"l", 0}, 3)})
    for (const auto& by_key : {entry, below_entry}) {
      const auto error = merge_error(by_a(10, by_index), by_b(20, by_key));
      EXPECT_EQ(error.code, sync::ec::merge_failure);
      EXPECT_EQ(error.protocol_code, 212);
    }
}

} // namespace
} // namespace ros::test
