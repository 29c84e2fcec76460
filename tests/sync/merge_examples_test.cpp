// The worked examples of merge-rules.md 13. Every pair is merged in both orders
// of arrival; the expectation is what is left of A's and of B's changeset.
#include "merge_helpers.hpp"

#include <gtest/gtest.h>

namespace ros::test {
namespace {

using sync::collection_type;
using sync::value_type;

changeset_builder t() {
  return {};
}
changeset_builder number(int n, bool is_default = false) {
  auto made = t().update("T", 1, {"i"}, n);
  return is_default ? made.as_default() : made;
}
changeset_builder insert(int at, const char* text, std::uint32_t n) {
  return t().insert("T", 1, {"l", at}, text, n);
}
changeset_builder move(int from, std::uint32_t to, std::uint32_t n) {
  return t().move("T", 1, {"l", from}, to, n);
}
changeset_builder remove(int at, std::uint32_t n) {
  return t().remove("T", 1, {"l", at}, n);
}
changeset_builder set_item(int at, const char* text, std::uint32_t n) {
  return t().update("T", 1, {"l", at}, text, n);
}
changeset_builder clear_list() {
  return t().clear("T", 1, {"l"}, collection_type::list);
}

TEST(merge_example, e1_the_last_update_wins) {
  EXPECT_EQ(merge_pair(by_a(10, number(5)), by_b(20, number(7))), both(t(), number(7)));
  EXPECT_EQ(merge_pair(by_a(20, number(5)), by_b(10, number(7))), both(number(5), t()));
  // With equal timestamps the smaller ident is older.
  EXPECT_EQ(merge_pair(by_a(20, number(5)), by_b(20, number(7))), both(t(), number(7)));
}

TEST(merge_example, e2_a_default_never_overwrites) {
  EXPECT_EQ(merge_pair(by_a(10, number(5)), by_b(20, number(7, true))), both(number(5), t()));
}

TEST(merge_example, e3_one_primary_key_is_one_object) {
  const auto a =
      t().create("T", 1).update("T", 1, {"i"}, 5).as_default().update("T", 1, {"s"}, "x");
  const auto b = t().create("T", 1).update("T", 1, {"i"}, 7);
  EXPECT_EQ(merge_pair(by_a(10, a), by_b(5, b)),
            both(t().create("T", 1).update("T", 1, {"s"}, "x"), b));
}

TEST(merge_example, e4_a_delete_wins_over_later_changes) {
  const auto erase = t().erase("T", 1);
  EXPECT_EQ(merge_pair(by_a(10, erase), by_b(20, number(7).insert("T", 1, {"l", 0}, "x", 0))),
            both(erase, t()));
  EXPECT_EQ(merge_pair(by_a(10, erase), by_b(20, t().create("T", 1).update("T", 1, {"i"}, 7))),
            both(erase, t()));
}

TEST(merge_example, e5_delete_and_create_again) {
  const auto again = t().erase("T", 1).create("T", 1).update("T", 1, {"i"}, 7);
  EXPECT_EQ(merge_pair(by_a(10, t().erase("T", 1)), by_b(20, again)), both(t(), again));
  EXPECT_EQ(merge_pair(by_a(20, t().erase("T", 1)), by_b(10, again)), both(t().erase("T", 1), t()));
}

TEST(merge_example, e6_counters_and_assignments) {
  const auto add = t().add_integer("T", 1, {"i"}, 3);
  EXPECT_EQ(merge_pair(by_a(10, add), by_b(5, number(100))), both(add, number(103)));
  EXPECT_EQ(merge_pair(by_a(10, add), by_b(20, number(100))), both(t(), number(100)));
  const auto add_four = t().add_integer("T", 1, {"i"}, 4);
  EXPECT_EQ(merge_pair(by_a(10, add), by_b(20, add_four)), both(add, add_four));
  EXPECT_EQ(merge_pair(by_a(10, add), by_b(20, number(100, true))), both(add, number(103, true)));
}

TEST(merge_example, e7_inserts_at_one_position_are_ordered_by_time) {
  EXPECT_EQ(merge_pair(by_a(10, insert(1, "A", 3)), by_b(20, insert(1, "B", 3))),
            both(insert(1, "A", 4), insert(2, "B", 4)));
  EXPECT_EQ(merge_pair(by_a(20, insert(1, "A", 3)), by_b(10, insert(1, "B", 3))),
            both(insert(2, "A", 4), insert(1, "B", 4)));
}

TEST(merge_example, e8_insert_and_erase) {
  EXPECT_EQ(merge_pair(by_a(10, insert(1, "A", 3)), by_b(20, remove(1, 3))),
            both(insert(1, "A", 2), remove(2, 4)));
}

TEST(merge_example, e9_update_and_erase_of_one_element) {
  EXPECT_EQ(merge_pair(by_a(20, set_item(1, "A", 3)), by_b(10, remove(1, 3))),
            both(t(), remove(1, 3)));
}

TEST(merge_example, e10_update_and_insert) {
  EXPECT_EQ(merge_pair(by_a(10, set_item(1, "A", 3)), by_b(20, insert(1, "B", 3))),
            both(set_item(2, "A", 4), insert(1, "B", 3)));
}

TEST(merge_example, e11_two_erases) {
  EXPECT_EQ(merge_pair(by_a(10, remove(1, 3)), by_b(20, remove(1, 3))), both(t(), t()));
  EXPECT_EQ(merge_pair(by_a(10, remove(0, 3)), by_b(20, remove(2, 3))),
            both(remove(0, 2), remove(1, 2)));
}

TEST(merge_example, e12_moves) {
  // The same element, two targets.
  EXPECT_EQ(merge_pair(by_a(10, move(0, 2, 3)), by_b(20, move(0, 1, 3))), both(t(), move(2, 1, 3)));
  // Two elements, the same target.
  EXPECT_EQ(merge_pair(by_a(10, move(0, 1, 3)), by_b(20, move(2, 1, 3))),
            both(move(0, 2, 3), move(2, 0, 3)));
  EXPECT_EQ(merge_pair(by_a(10, move(0, 2, 3)), by_b(20, move(0, 2, 3))), both(t(), t()));
  EXPECT_EQ(merge_pair(by_a(10, move(0, 2, 3)), by_b(20, remove(0, 3))), both(t(), remove(2, 3)));
  EXPECT_EQ(merge_pair(by_a(10, move(0, 2, 3)), by_b(20, insert(2, "B", 3))),
            both(move(0, 3, 4), insert(1, "B", 3)));
  EXPECT_EQ(merge_pair(by_a(10, move(0, 2, 3)), by_b(20, set_item(0, "B", 3))),
            both(move(0, 2, 3), set_item(2, "B", 3)));
}

TEST(merge_example, e13_clear) {
  EXPECT_EQ(merge_pair(by_a(10, clear_list()), by_b(20, insert(3, "B", 3))),
            both(clear_list(), t()));
  const auto clear_and_insert = [](const char* text) {
    return clear_list().insert("T", 1, {"l", 0}, text, 0);
  };
  EXPECT_EQ(merge_pair(by_a(10, clear_and_insert("A")), by_b(20, insert(3, "B", 3))),
            both(clear_and_insert("A"), t()));
  EXPECT_EQ(merge_pair(by_a(10, clear_and_insert("A")), by_b(20, clear_and_insert("B"))),
            both(t(), clear_and_insert("B")));
}

TEST(merge_example, e14_sets) {
  const auto insert_one = t().set_insert("T", 1, {"s"}, 1);
  EXPECT_EQ(merge_pair(by_a(10, t().set_erase("T", 1, {"s"}, 1)), by_b(20, insert_one)),
            both(t(), insert_one));
  const auto clear = t().clear("T", 1, {"s"}, collection_type::set);
  EXPECT_EQ(merge_pair(by_a(10, clear), by_b(20, t().set_insert("T", 1, {"s"}, 2))),
            both(clear, t()));
}

TEST(merge_example, e15_dictionaries) {
  const auto set_k = t().update("T", 1, {"d", "k"}, 2);
  EXPECT_EQ(merge_pair(by_a(10, t().update("T", 1, {"d", "k"}, erased())), by_b(20, set_k)),
            both(t(), set_k));
  const auto clear = t().clear("T", 1, {"d"}, collection_type::dictionary);
  EXPECT_EQ(merge_pair(by_a(10, clear), by_b(20, t().update("T", 1, {"d", "j"}, 2))),
            both(clear, t()));
}

TEST(merge_example, e16_an_embedded_object_created_twice) {
  const auto create = [](int x, int at, const char* text, std::uint32_t n) {
    return t()
        .update("T", 1, {"e"}, new_object())
        .update("T", 1, {"e", "x"}, x)
        .insert("T", 1, {"e", "l", at}, text, n);
  };
  EXPECT_EQ(merge_pair(by_a(10, create(5, 0, "A", 0)), by_b(20, create(7, 0, "B", 0))),
            both(t().insert("T", 1, {"e", "l", 0}, "A", 1), create(7, 1, "B", 1)));
}

TEST(merge_example, e17_an_embedded_object_set_to_null) {
  const auto set_null = t().update("T", 1, {"e"}, null());
  EXPECT_EQ(merge_pair(by_a(10, set_null), by_b(20, t().update("T", 1, {"e", "x"}, 5))),
            both(set_null, t()));
  const auto create = t().update("T", 1, {"e"}, new_object()).update("T", 1, {"e", "x"}, 5);
  EXPECT_EQ(merge_pair(by_a(20, create), by_b(10, set_null)), both(t(), set_null));
}

TEST(merge_example, e18_paths_through_lists_of_embedded_objects) {
  const auto change = [](int at) { return t().update("T", 1, {"el", at, "x"}, 5); };
  const auto inserted = t().insert("T", 1, {"el", 0}, new_object(), 2);
  EXPECT_EQ(merge_pair(by_a(10, inserted), by_b(20, change(1))), both(inserted, change(2)));
  const auto erase_first = t().remove("T", 1, {"el", 0}, 2);
  EXPECT_EQ(merge_pair(by_a(10, erase_first), by_b(20, change(1))), both(erase_first, change(0)));
  const auto erase_second = t().remove("T", 1, {"el", 1}, 2);
  EXPECT_EQ(merge_pair(by_a(10, erase_second), by_b(20, change(1))), both(erase_second, t()));
}

TEST(merge_example, e19_collections_in_mixed) {
  const auto store_list = t().update("T", 1, {"m"}, new_list());
  const auto list = [&](int n) {
    return changeset_builder(store_list)
        .clear("T", 1, {"m"}, collection_type::list)
        .insert("T", 1, {"m", 0}, n, 0);
  };
  EXPECT_EQ(merge_pair(by_a(10, list(1)), by_b(20, list(2))), both(store_list, list(2)));

  const auto dictionary = t().update("T", 1, {"m"}, new_dictionary())
                              .clear("T", 1, {"m"}, collection_type::dictionary)
                              .update("T", 1, {"m", "k"}, 2);
  EXPECT_EQ(merge_pair(by_a(10, list(1)), by_b(20, dictionary)), both(t(), dictionary));

  const auto nine = t().update("T", 1, {"m"}, 9);
  EXPECT_EQ(merge_pair(by_a(10, list(1)), by_b(20, nine)), both(t(), nine));
  EXPECT_EQ(merge_pair(by_a(20, list(1)), by_b(10, nine)), both(list(1), t()));
}

TEST(merge_example, e20_schema_declared_twice) {
  const auto declare = [](value_type f) {
    return t().add_table("T", value_type::integer).add_column("T", "f", f);
  };
  const auto with_g = declare(value_type::integer).add_column("T", "g", value_type::string);
  EXPECT_EQ(merge_pair(by_a(10, declare(value_type::integer)), by_b(20, with_g)),
            both(t(), t().add_column("T", "g", value_type::string)));
  const auto error =
      merge_error(by_a(10, declare(value_type::integer)), by_b(20, declare(value_type::string)));
  EXPECT_EQ(error.code, sync::ec::schema_conflict);
  EXPECT_EQ(error.protocol_code, 212);
  EXPECT_EQ(error.message, "T.f: a field is declared with two types (P9)");
}

TEST(merge_example, e21_an_erased_link_target) {
  const auto link =
      t().add_column("T", "l", value_type::link, {collection_type::single, true, "U"});
  EXPECT_EQ(merge_pair(by_a(10, t().erase_table("U")), by_b(20, link)),
            both(t().erase_column("T", "l").erase_table("U"), t()));
}

TEST(merge_example, e22_erases_of_two_strings_of_one_length_are_taken_for_one) {
  const auto erase_b = t().set_erase("T", 1, {"s"}, "xyz");
  EXPECT_EQ(merge_pair(by_a(10, t().set_erase("T", 1, {"s"}, "abc")), by_b(20, erase_b)),
            both(t(), erase_b));
}

} // namespace
} // namespace ros::test
