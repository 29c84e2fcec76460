// Rules for lists and for paths through lists (merge-rules.md 10, 11.5; 20,
// assertions 19 to 22, 29).
#include "merge_helpers.hpp"

#include <gtest/gtest.h>

namespace ros::test {
namespace {

using sync::collection_type;
using sync::ec;
using sync::value_type;

changeset_builder t() {
  return {};
}
changeset_builder insert(int at, std::uint32_t n) {
  return t().insert("T", 1, {"l", at}, "x", n);
}
changeset_builder move(int from, std::uint32_t to, std::uint32_t n) {
  return t().move("T", 1, {"l", from}, to, n);
}
changeset_builder remove(int at, std::uint32_t n) {
  return t().remove("T", 1, {"l", at}, n);
}
changeset_builder set_item(int at, std::uint32_t n) {
  return t().update("T", 1, {"l", at}, "y", n);
}

TEST(merge_lists, inserting_shifts_updates_behind_it) {
  EXPECT_EQ(merge_pair(by_a(10, insert(1, 3)), by_b(20, set_item(0, 3))),
            both(insert(1, 3), set_item(0, 4)));
  EXPECT_EQ(merge_pair(by_a(10, insert(1, 3)), by_b(20, set_item(2, 3))),
            both(insert(1, 3), set_item(3, 4)));
}

TEST(merge_lists, a_larger_insert_position_moves_on) {
  EXPECT_EQ(merge_pair(by_a(20, insert(0, 3)), by_b(10, insert(2, 3))),
            both(insert(0, 4), insert(3, 4)));
}

TEST(merge_lists, a_move_carries_updates_with_it) {
  EXPECT_EQ(merge_pair(by_a(10, move(2, 0, 3)), by_b(20, set_item(2, 3))),
            both(move(2, 0, 3), set_item(0, 3)));
  EXPECT_EQ(merge_pair(by_a(10, move(2, 0, 3)), by_b(20, set_item(1, 3))),
            both(move(2, 0, 3), set_item(2, 3)));
  EXPECT_EQ(merge_pair(by_a(10, move(0, 2, 3)), by_b(20, set_item(1, 3))),
            both(move(0, 2, 3), set_item(0, 3)));
}

TEST(merge_lists, sizes_of_moves_and_updates_or_inserts_are_not_compared) {
  EXPECT_EQ(merge_pair(by_a(10, move(0, 1, 3)), by_b(20, set_item(1, 9))),
            both(move(0, 1, 3), set_item(0, 9)));
  EXPECT_EQ(merge_pair(by_a(10, move(0, 1, 3)), by_b(20, insert(5, 9))),
            both(move(0, 1, 4), insert(5, 9)));
}

TEST(merge_lists, a_move_to_where_an_insert_goes_puts_the_older_first) {
  EXPECT_EQ(merge_pair(by_a(10, move(0, 1, 3)), by_b(20, insert(2, 3))),
            both(move(0, 2, 4), insert(1, 3)));
  EXPECT_EQ(merge_pair(by_a(20, move(0, 1, 3)), by_b(10, insert(2, 3))),
            both(move(0, 1, 4), insert(2, 3)));
}

TEST(merge_lists, an_insert_in_front_of_a_move_shifts_its_source) {
  EXPECT_EQ(merge_pair(by_a(10, move(1, 2, 3)), by_b(20, insert(0, 3))),
            both(move(2, 3, 4), insert(0, 3)));
  EXPECT_EQ(merge_pair(by_a(10, move(2, 0, 3)), by_b(20, insert(1, 3))),
            both(move(3, 0, 4), insert(2, 3)));
}

TEST(merge_lists, moves_that_come_to_nothing_disappear) {
  // Each side swapped the two elements in its own way.
  EXPECT_EQ(merge_pair(by_a(10, move(1, 0, 2)), by_b(20, move(0, 1, 2))), both(t(), t()));
}

TEST(merge_lists, an_erase_follows_the_element_that_moves) {
  EXPECT_EQ(merge_pair(by_a(10, remove(0, 3)), by_b(20, move(0, 2, 3))), both(remove(2, 3), t()));
}

TEST(merge_lists, an_erase_beside_a_move) {
  EXPECT_EQ(merge_pair(by_a(10, remove(0, 4)), by_b(20, move(1, 3, 4))),
            both(remove(0, 4), move(0, 2, 3)));
  EXPECT_EQ(merge_pair(by_a(10, remove(3, 4)), by_b(20, move(2, 0, 4))),
            both(remove(3, 4), move(2, 0, 3)));
  // Without the erased element there is nothing left to move past.
  EXPECT_EQ(merge_pair(by_a(10, remove(1, 3)), by_b(20, move(0, 1, 3))), both(remove(0, 3), t()));
}

TEST(merge_lists, an_erase_shifts_updates_and_inserts_behind_it) {
  EXPECT_EQ(merge_pair(by_a(10, remove(0, 3)), by_b(20, set_item(2, 3))),
            both(remove(0, 3), set_item(1, 2)));
  EXPECT_EQ(merge_pair(by_a(10, remove(0, 3)), by_b(20, insert(3, 3))),
            both(remove(0, 4), insert(2, 2)));
}

TEST(merge_lists, updates_of_one_element_are_decided_by_age) {
  EXPECT_EQ(merge_pair(by_a(10, set_item(1, 3)), by_b(20, set_item(1, 3))),
            both(t(), set_item(1, 3)));
  EXPECT_EQ(merge_pair(by_a(10, set_item(0, 3)), by_b(20, set_item(1, 3))),
            both(set_item(0, 3), set_item(1, 3)));
}

TEST(merge_lists, changes_of_the_outer_list_shift_the_middle_of_a_path_and_no_size) {
  const auto inner = [](int at) { return t().insert("T", 1, {"o", at, "l", 0}, "x", 7); };
  const auto insert_outer = t().insert("T", 1, {"o", 1}, new_object(), 3);
  EXPECT_EQ(merge_pair(by_a(10, insert_outer), by_b(20, inner(0))), both(insert_outer, inner(0)));
  EXPECT_EQ(merge_pair(by_a(10, insert_outer), by_b(20, inner(1))), both(insert_outer, inner(2)));
  const auto erase_outer = t().remove("T", 1, {"o", 1}, 3);
  EXPECT_EQ(merge_pair(by_a(10, erase_outer), by_b(20, inner(0))), both(erase_outer, inner(0)));
  EXPECT_EQ(merge_pair(by_a(10, erase_outer), by_b(20, inner(1))), both(erase_outer, t()));
  EXPECT_EQ(merge_pair(by_a(10, erase_outer), by_b(20, inner(2))), both(erase_outer, inner(1)));
}

TEST(merge_lists, a_move_of_the_outer_list_changes_itself_instead_of_the_path) {
  const auto inner = [](int at) { return t().update("T", 1, {"o", at, "x"}, 1); };
  const auto outer = [](int from, std::uint32_t to) {
    return t().move("T", 1, {"o", from}, to, 4);
  };
  EXPECT_EQ(merge_pair(by_a(10, outer(2, 0)), by_b(20, inner(1))), both(outer(2, 0), inner(1)));
  EXPECT_EQ(merge_pair(by_a(10, outer(2, 3)), by_b(20, inner(0))), both(outer(1, 3), inner(0)));
  EXPECT_EQ(merge_pair(by_a(10, outer(1, 3)), by_b(20, inner(3))), both(outer(1, 3), inner(3)));
  EXPECT_EQ(merge_pair(by_a(10, outer(1, 3)), by_b(20, inner(1))), both(outer(3, 3), inner(1)));
}

TEST(merge_lists, a_clear_of_an_element_is_not_shifted_by_its_siblings) {
  const auto clear = t().clear("T", 1, {"m", 1}, collection_type::list);
  const auto outer = t().insert("T", 1, {"m", 0}, 1, 3);
  EXPECT_EQ(merge_pair(by_a(10, clear), by_b(20, outer)), both(clear, outer));
}

TEST(merge_lists, lists_of_different_fields_objects_or_elements_do_not_meet) {
  const auto here = t().insert("T", 1, {"o", 0, "l", 0}, "x", 3);
  for (const auto& there :
       {t().insert("T", 1, {"o", 1, "l", 0}, "x", 5), t().insert("T", 1, {"o", 0, "k", 0}, "x", 5),
        t().insert("T", 1, {"p", 0, "l", 0}, "x", 5), t().insert("T", 2, {"o", 0, "l", 0}, "x", 5),
        t().insert("U", 1, {"o", 0, "l", 0}, "x", 5)})
    EXPECT_EQ(merge_pair(by_a(10, here), by_b(20, there)), both(here, there));
}

struct refused_pair {
  const char* rule;
  changeset_builder a;
  changeset_builder b;
};

void PrintTo(const refused_pair& p, std::ostream* out) {
  *out << p.rule << " " << testing::PrintToString(lines_of(p.a)) << " "
       << testing::PrintToString(lines_of(p.b));
}

class merge_lists_refusal : public testing::TestWithParam<refused_pair> {};

TEST_P(merge_lists_refusal, contradictions_are_bad_changesets) {
  const auto error = merge_error(by_a(10, GetParam().a), by_b(20, GetParam().b));
  EXPECT_EQ(error.code, ec::merge_failure);
  EXPECT_EQ(error.protocol_code, 212);
  EXPECT_NE(error.message.find(GetParam().rule), std::string::npos) << error.message;
}

const auto entry = t().update("T", 1, {"l", "k"}, 1);
const auto below_entry = t().update("T", 1, {"l", "k", "x"}, 1);

INSTANTIATE_TEST_SUITE_P(every_condition, merge_lists_refusal,
                         testing::Values(refused_pair{"P6", set_item(1, 3), set_item(1, 4)},
                                         refused_pair{"P13", insert(0, 3), set_item(0, 4)},
                                         refused_pair{"P13", insert(4, 3), set_item(0, 3)},
                                         refused_pair{"P13", insert(0, 3), set_item(3, 3)},
                                         refused_pair{"P13", insert(0, 3), entry},
                                         refused_pair{"P14", insert(0, 3), insert(0, 4)},
                                         refused_pair{"P15", move(3, 0, 3), set_item(0, 3)},
                                         refused_pair{"P15", move(0, 1, 3), set_item(3, 3)},
                                         refused_pair{"P15", move(0, 1, 3), entry},
                                         refused_pair{"P17", move(0, 1, 3), move(0, 1, 4)},
                                         refused_pair{"P17", move(3, 1, 3), move(0, 1, 3)},
                                         refused_pair{"P17", move(0, 3, 3), move(0, 1, 3)},
                                         refused_pair{"P18", remove(0, 3), set_item(0, 4)},
                                         refused_pair{"P18", remove(3, 3), set_item(0, 3)},
                                         refused_pair{"P18", remove(0, 3), set_item(3, 3)},
                                         refused_pair{"P18", remove(0, 3), entry},
                                         refused_pair{"P19", remove(0, 3), insert(0, 4)},
                                         refused_pair{"P19", remove(3, 3), insert(0, 3)},
                                         refused_pair{"P19", remove(0, 3), insert(4, 3)},
                                         refused_pair{"P20", remove(0, 3), move(0, 1, 4)},
                                         refused_pair{"P20", remove(3, 3), move(0, 1, 3)},
                                         refused_pair{"P20", remove(0, 3), move(3, 1, 3)},
                                         refused_pair{"P21", remove(0, 3), remove(0, 4)},
                                         refused_pair{"P21", remove(3, 3), remove(0, 3)},
                                         refused_pair{"N5", insert(0, 3), below_entry},
                                         refused_pair{"N6", move(0, 1, 3), below_entry},
                                         refused_pair{"N7", remove(0, 3), below_entry}));

TEST(merge_lists, a_list_instruction_without_position_is_a_bad_changeset) {
  auto changes = insert(0, 3).changes();
  changes.instructions[0].path.clear();
  const made broken(changes, 10, 2);
  EXPECT_EQ(merge_error(broken, by_b(20, insert(0, 3))).code, ec::merge_failure);
}

} // namespace
} // namespace ros::test
