// Rules for single values, nested values and sets (merge-rules.md 10, 11.4, 11.6;
// 20, assertions 3, 16, 17, 18, 23, 24 and 27).
#include "merge_helpers.hpp"

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

/// True if inserting x and inserting y count as inserting one value (P26).
bool one_value(const payload& x, const payload& y) {
  const auto a = by_a(10, t().set_insert("T", 1, {"s"}, x));
  const auto b = by_b(20, t().set_insert("T", 1, {"s"}, y));
  return merge_pair(a, b).a.empty();
}

TEST(merge_values, age_is_timestamp_then_ident_without_sign) {
  const auto five = t().update("T", 1, {"i"}, 5);
  const auto seven = t().update("T", 1, {"i"}, 7);
  const auto left = both(t(), seven);
  EXPECT_EQ(merge_pair(made(five, 10, 3), made(seven, 11, 2)), left);
  EXPECT_EQ(merge_pair(made(five, 10, 2), made(seven, 10, 3)), left);
  EXPECT_EQ(merge_pair(made(five, 10, 3), made(seven, std::uint64_t{1} << 63, 2)), left);
  // The server's own changes take part as file 1.
  EXPECT_EQ(merge_pair(made(five, 10, sync::server_file_ident), made(seven, 10, 2)), left);
}

TEST(merge_values, increments_wrap_around) {
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  constexpr auto smallest = std::numeric_limits<std::int64_t>::min();
  const auto add = t().add_integer("T", 1, {"i"}, 1);
  EXPECT_EQ(merge_pair(by_a(20, add), by_b(10, t().update("T", 1, {"i"}, integer(largest)))),
            both(add, t().update("T", 1, {"i"}, integer(smallest))));
}

TEST(merge_values, an_increment_stays_beside_null_and_goes_for_anything_else) {
  const auto add = t().add_integer("T", 1, {"m"}, 1);
  EXPECT_EQ(merge_pair(by_a(20, add), by_b(10, set_m(null()))), both(add, set_m(null())));
  EXPECT_EQ(merge_pair(by_a(20, add), by_b(10, set_m("text"))), both(t(), set_m("text")));
  EXPECT_EQ(merge_pair(by_a(10, add), by_b(20, set_m(null()))), both(t(), set_m(null())));
}

TEST(merge_values, creating_an_embedded_object_loses_to_any_other_value) {
  const auto create = t().update("T", 1, {"e"}, new_object());
  const auto set_null = t().update("T", 1, {"e"}, null());
  EXPECT_EQ(merge_pair(by_a(20, create), by_b(10, set_null)), both(t(), set_null));
  EXPECT_EQ(merge_pair(by_a(10, create), by_b(20, set_null)), both(t(), set_null));
  const auto default_null = t().update("T", 1, {"e"}, null()).as_default();
  EXPECT_EQ(merge_pair(by_a(20, create), by_b(10, default_null)), both(t(), default_null));
  EXPECT_EQ(merge_pair(by_a(20, create), by_b(10, create)), both(create, t()));
}

TEST(merge_values, two_collections_of_one_kind_stay_of_two_kinds_the_older_goes) {
  const auto list = set_m(new_list());
  const auto dictionary = set_m(new_dictionary());
  EXPECT_EQ(merge_pair(by_a(10, list), by_b(20, list)), both(list, list));
  EXPECT_EQ(merge_pair(by_a(10, dictionary), by_b(20, dictionary)), both(dictionary, dictionary));
  EXPECT_EQ(merge_pair(by_a(10, list), by_b(20, dictionary)), both(t(), dictionary));
  EXPECT_EQ(merge_pair(by_a(20, list), by_b(10, dictionary)), both(list, t()));
}

TEST(merge_values, a_default_goes_even_if_younger) {
  const auto given = t().update("T", 1, {"i"}, 1);
  const auto by_default = t().update("T", 1, {"i"}, 2).as_default();
  EXPECT_EQ(merge_pair(by_a(10, given), by_b(20, by_default)), both(given, t()));
  EXPECT_EQ(merge_pair(by_a(20, given), by_b(10, by_default)), both(given, t()));
  EXPECT_EQ(merge_pair(by_a(10, by_default), by_b(20, by_default)), both(t(), by_default));
}

TEST(merge_values, an_assignment_keeps_below_it_what_fits_the_collection_it_stores) {
  const auto below = t().update("T", 1, {"m", 0}, 1, 1).update("T", 1, {"m", "k"}, 1);
  const auto by_index = t().update("T", 1, {"m", 0}, 1, 1);
  const auto by_key = t().update("T", 1, {"m", "k"}, 1);
  for (const auto age : {5, 50}) { // quirk Q5: age does not matter
    const auto at = static_cast<sync::origin_timestamp>(age);
    EXPECT_EQ(merge_pair(by_a(at, set_m(new_list())), by_b(20, below)),
              both(set_m(new_list()), by_index));
    EXPECT_EQ(merge_pair(by_a(at, set_m(new_dictionary())), by_b(20, below)),
              both(set_m(new_dictionary()), by_key));
    EXPECT_EQ(merge_pair(by_a(at, set_m(5)), by_b(20, below)), both(set_m(5), t()));
    EXPECT_EQ(merge_pair(by_a(at, set_m(new_object())), by_b(20, below)),
              both(set_m(new_object()), below));
  }
  const auto by_default = t().update("T", 1, {"m"}, 5).as_default();
  EXPECT_EQ(merge_pair(by_a(5, by_default), by_b(20, below)), both(by_default, t()));
}

TEST(merge_values, an_increment_or_a_clear_removes_what_is_below) {
  const auto below = t().update("T", 1, {"m", "k"}, 1).set_insert("T", 1, {"m", "s"}, 1);
  const auto add = t().add_integer("T", 1, {"m"}, 1);
  EXPECT_EQ(merge_pair(by_a(5, add), by_b(20, below)), both(add, t()));
  const auto clear = t().clear("T", 1, {"m"}, collection_type::dictionary);
  EXPECT_EQ(merge_pair(by_a(5, clear), by_b(20, below)), both(clear, t()));
}

TEST(merge_values, clears_meet_assignments_increments_and_clears) {
  const auto clear = [](collection_type kind) { return t().clear("T", 1, {"m"}, kind); };
  const auto list = clear(collection_type::list);
  const auto dictionary = clear(collection_type::dictionary);
  EXPECT_EQ(merge_pair(by_a(10, list), by_b(20, set_m(new_list()))), both(list, set_m(new_list())));
  EXPECT_EQ(merge_pair(by_a(10, dictionary), by_b(20, set_m(new_dictionary()))),
            both(dictionary, set_m(new_dictionary())));
  EXPECT_EQ(merge_pair(by_a(10, list), by_b(20, set_m(new_dictionary()))),
            both(t(), set_m(new_dictionary())));
  EXPECT_EQ(merge_pair(by_a(20, list), by_b(10, set_m(5))), both(list, t()));
  const auto add = t().add_integer("T", 1, {"m"}, 1);
  EXPECT_EQ(merge_pair(by_a(10, list), by_b(20, add)), both(list, t()));
  // Kinds are not compared.
  EXPECT_EQ(merge_pair(by_a(10, list), by_b(20, dictionary)), both(t(), dictionary));
  EXPECT_EQ(merge_pair(by_a(20, list), by_b(10, dictionary)), both(list, t()));
}

TEST(merge_values, a_clear_of_a_set_removes_insertions_and_erasures) {
  const auto clear = t().clear("T", 1, {"s"}, collection_type::set);
  const auto changes = t().set_insert("T", 1, {"s"}, 1).set_erase("T", 1, {"s"}, 2);
  EXPECT_EQ(merge_pair(by_a(5, clear), by_b(20, changes)), both(clear, t()));
}

TEST(merge_values, of_two_changes_of_one_set_element_the_younger_stays) {
  const auto insert = t().set_insert("T", 1, {"s"}, "x");
  const auto erase = t().set_erase("T", 1, {"s"}, "x");
  EXPECT_EQ(merge_pair(by_a(10, insert), by_b(20, insert)), both(t(), insert));
  EXPECT_EQ(merge_pair(by_a(10, insert), by_b(20, erase)), both(t(), erase));
  EXPECT_EQ(merge_pair(by_a(20, insert), by_b(10, erase)), both(insert, t()));
  const auto other = t().set_erase("T", 1, {"s"}, "y");
  EXPECT_EQ(merge_pair(by_a(10, insert), by_b(20, other)), both(insert, other));
}

TEST(merge_values, set_elements_compare_by_type_and_content) {
  constexpr auto nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(one_value(real(-0.0), real(0.0)));
  EXPECT_FALSE(one_value(real(nan), real(nan)));
  EXPECT_TRUE(one_value(single(-0.0F), single(0.0F)));
  EXPECT_FALSE(one_value(single(1.5F), real(1.5)));
  EXPECT_TRUE(one_value(boolean(true), boolean(true)));
  EXPECT_FALSE(one_value(1, boolean(true)));
  EXPECT_TRUE(one_value(null(), null()));
  EXPECT_TRUE(one_value(time(1, 5), time(1, 5)));
  EXPECT_FALSE(one_value(time(1, 5), time(1, 6)));
  EXPECT_TRUE(one_value(binary("x"), binary("x")));
  EXPECT_FALSE(one_value("x", binary("x")));
  EXPECT_TRUE(one_value(id(1), id(1)));
  EXPECT_FALSE(one_value(id(1), id(2)));
  EXPECT_TRUE(one_value(unique(1), unique(1)));
  EXPECT_FALSE(one_value(unique(1), unique(2)));
}

TEST(merge_values, decimals_compare_as_numbers) {
  constexpr int infinity = 9184;
  constexpr int nan = 9696;
  EXPECT_TRUE(one_value(decimal(10, -1), decimal(100, -2))); // 1.0 and 1.00
  EXPECT_FALSE(one_value(decimal(10, -1), decimal(10, -2)));
  EXPECT_FALSE(one_value(decimal(1, 0), decimal(1, 0, true)));
  EXPECT_TRUE(one_value(decimal(0, 5), decimal(0, -3, true)));
  EXPECT_TRUE(one_value(decimal(0, infinity), decimal(0, infinity)));
  EXPECT_FALSE(one_value(decimal(0, infinity), decimal(0, infinity, true)));
  EXPECT_TRUE(one_value(decimal(7, nan), decimal(7, nan)));
  EXPECT_FALSE(one_value(decimal(7, nan), decimal(8, nan)));
}

TEST(merge_values, links_in_sets_compare_by_class_and_key_whatever_the_intern_indexes) {
  const auto plain = t().set_insert("T", 1, {"s"}, link_to("U", "a"));
  // The same after other strings: other indexes.
  const auto later =
      t().update("T", 1, {"x"}, link_to("V", "b")).set_insert("T", 1, {"s"}, link_to("U", "a"));
  const auto rest = t().update("T", 1, {"x"}, link_to("V", "b"));
  EXPECT_EQ(merge_pair(by_a(10, plain), by_b(20, later)), both(t(), later));
  EXPECT_EQ(merge_pair(by_a(20, plain), by_b(10, later)), both(plain, rest));
  const auto other = t().set_insert("T", 1, {"s"}, link_to("U", "b"));
  EXPECT_EQ(merge_pair(by_a(10, plain), by_b(20, other)), both(plain, other));
}

TEST(merge_values, two_set_erasures_compare_strings_by_position) {
  const auto abc = t().set_erase("T", 1, {"s"}, "abc");
  const auto xyz = t().set_erase("T", 1, {"s"}, "xyz");
  EXPECT_EQ(merge_pair(by_a(10, abc), by_b(20, xyz)), both(t(), xyz));
  EXPECT_EQ(merge_pair(by_a(20, abc), by_b(10, xyz)), both(abc, t()));
  // Equal strings at different positions, or of different length, are two values.
  const auto later = t().erase("U", "somebody").set_erase("T", 1, {"s"}, "abc");
  EXPECT_EQ(merge_pair(by_a(10, abc), by_b(20, later)), both(abc, later));
  const auto longer = t().set_erase("T", 1, {"s"}, "abcd");
  EXPECT_EQ(merge_pair(by_a(10, abc), by_b(20, longer)), both(abc, longer));
  // Everything that is neither string nor link compares by value.
  const auto one = t().set_erase("T", 1, {"s"}, 1);
  const auto two = t().set_erase("T", 1, {"s"}, 2);
  EXPECT_EQ(merge_pair(by_a(10, one), by_b(20, one)), both(t(), one));
  EXPECT_EQ(merge_pair(by_a(10, one), by_b(20, two)), both(one, two));
  EXPECT_EQ(merge_pair(by_a(10, one), by_b(20, abc)), both(one, abc));
}

TEST(merge_values, two_set_erasures_compare_links_by_intern_index) {
  const auto erase = [](const char* class_name, const sync::primary_key& target) {
    return t().set_erase("T", 1, {"s"}, link_to(class_name, target));
  };
  // Different classes and keys at equal indexes: taken for one.
  EXPECT_EQ(merge_pair(by_a(10, erase("U", "a")), by_b(20, erase("V", "b"))),
            both(t(), erase("V", "b")));
  EXPECT_EQ(merge_pair(by_a(10, erase("U", 1)), by_b(20, erase("V", 1))), both(t(), erase("V", 1)));
  EXPECT_EQ(merge_pair(by_a(10, erase("U", 1)), by_b(20, erase("U", 2))),
            both(erase("U", 1), erase("U", 2)));
  // The same link at other indexes: two values.
  const auto later = t().erase("X", "y").set_erase("T", 1, {"s"}, link_to("U", "a"));
  EXPECT_EQ(merge_pair(by_a(10, erase("U", "a")), by_b(20, later)), both(erase("U", "a"), later));
}

TEST(merge_values, keys_of_different_types_are_different_objects) {
  const auto number = t().update("T", 1, {"i"}, 5);
  const auto text = t().update("T", "1", {"i"}, 7);
  EXPECT_EQ(merge_pair(by_a(10, number), by_b(20, text)), both(number, text));
  const auto global = t().update("T", sync::global_key{0, 1}, {"i"}, 7);
  EXPECT_EQ(merge_pair(by_a(10, number), by_b(20, global)), both(number, global));
  const auto set_null = t().update("T", std::monostate(), {"i"}, 7);
  EXPECT_EQ(merge_pair(by_a(10, set_null), by_b(20, set_null)), both(t(), set_null));
}

TEST(merge_values, every_byte_of_a_key_counts) {
  const auto meet = [](const sync::primary_key& x, const sync::primary_key& y) {
    return merge_pair(by_a(10, t().update("T", x, {"i"}, 5)),
                      by_b(20, t().update("T", y, {"i"}, 7)))
        .a.empty();
  };
  for (std::size_t n = 0; n < 12; ++n) {
    sync::object_id other;
    other.raw.at(n) = 1;
    EXPECT_FALSE(meet(sync::object_id{}, other)) << n;
    EXPECT_TRUE(meet(other, other)) << n;
  }
  for (std::size_t n = 0; n < 16; ++n) {
    sync::uuid other;
    other.raw.at(n) = 1;
    EXPECT_FALSE(meet(sync::uuid{}, other)) << n;
    EXPECT_TRUE(meet(other, other)) << n;
  }
  EXPECT_FALSE(meet(sync::global_key{1, 2}, sync::global_key{2, 1}));
  EXPECT_FALSE(meet(sync::object_id{}, sync::uuid{}));
}

TEST(merge_values, links_compare_by_every_kind_of_key) {
  const auto to = [](const sync::primary_key& k) { return link_to("U", k); };
  EXPECT_TRUE(one_value(to(sync::uuid{}), to(sync::uuid{})));
  EXPECT_TRUE(one_value(to(sync::object_id{}), to(sync::object_id{})));
  EXPECT_TRUE(one_value(to(sync::global_key{1, 2}), to(sync::global_key{1, 2})));
  EXPECT_TRUE(one_value(to(std::monostate()), to(std::monostate())));
  EXPECT_FALSE(one_value(to(1), to(2)));
  EXPECT_FALSE(one_value(to(1), to("1")));
  EXPECT_FALSE(one_value(to(0), to(std::monostate())));
}

} // namespace
} // namespace ros::test
