// Rules for schema and objects (merge-rules.md 10, 11.2, 11.3; 20, assertions 13,
// 15 and 25).
#include "merge_helpers.hpp"
#include "sync/changeset_codec.hpp"

#include <gtest/gtest.h>

namespace ros::test {
namespace {

using sync::collection_type;
using sync::value_type;

changeset_builder t() {
  return {};
}
changeset_builder link(const char* table, const char* field, const char* target) {
  return t().add_column(table, field, value_type::link, {collection_type::single, true, target});
}
const changeset_builder erase_u = t().erase_table("U");

std::vector<std::string> strings(const sync::changeset& changes) {
  return {changes.strings.begin(), changes.strings.end()};
}

TEST(merge_schema, equal_declarations_disappear) {
  for (const auto& both_say :
       {t().add_table("T", value_type::integer),
        t().add_table("T", value_type::global_key, false, ""), t().add_embedded("T"),
        t().add_column("T", "f", value_type::string), link("T", "l", "U")})
    EXPECT_EQ(merge_pair(by_a(10, both_say), by_b(20, both_say)), both(t(), t()));
}

TEST(merge_schema, contradicting_declarations_are_refused) {
  const auto table = t().add_table("T", value_type::integer);
  auto asymmetric = table.changes();
  asymmetric.instructions[0].kind = sync::class_kind::asymmetric;
  const auto column = t().add_column("T", "f", value_type::string);
  const std::vector<std::pair<made, made>> pairs{
      {by_a(1, table), by_b(2, t().add_embedded("T"))},
      {by_a(1, table), by_b(2, t().add_table("T", value_type::integer, false, "id"))},
      {by_a(1, table), by_b(2, t().add_table("T", value_type::string))},
      {by_a(1, table), by_b(2, t().add_table("T", value_type::integer, true, "_id"))},
      {by_a(1, table), made(asymmetric, 2, 3)},
      {by_a(1, column), by_b(2, t().add_column("T", "f", value_type::binary))},
      {by_a(1, column),
       by_b(2, t().add_column("T", "f", value_type::string, {collection_type::list}))},
      {by_a(1, column),
       by_b(2, t().add_column("T", "f", value_type::string, {collection_type::single, true}))},
      {by_a(1, link("T", "f", "U")), by_b(2, link("T", "f", "T"))},
  };
  for (const auto& [a, b] : pairs) {
    const auto error = merge_error(a, b);
    EXPECT_EQ(error.code, sync::ec::schema_conflict) << error.message;
    EXPECT_EQ(error.protocol_code, 212);
  }
}

TEST(merge_schema, an_erased_class_takes_everything_with_it) {
  const auto everything = t().add_table("U", value_type::integer)
                              .add_column("U", "f", value_type::integer)
                              .erase_column("U", "g")
                              .create("U", 1)
                              .update("U", 1, {"f"}, 1)
                              .set_insert("U", 1, {"s"}, 1)
                              .erase("U", 2)
                              .update("T", 1, {"f"}, 1);
  EXPECT_EQ(merge_pair(by_a(10, erase_u), by_b(20, everything)),
            both(erase_u, t().update("T", 1, {"f"}, 1)));
  EXPECT_EQ(merge_pair(by_a(10, erase_u), by_b(20, erase_u)), both(t(), t()));
}

TEST(merge_schema, what_comes_after_a_common_erase_stays) {
  const auto again = t().erase_table("U").add_table("U", value_type::integer).create("U", 1);
  EXPECT_EQ(merge_pair(by_a(10, erase_u), by_b(20, again)),
            both(t(), t().add_table("U", value_type::integer).create("U", 1)));
}

TEST(merge_schema, an_erased_column_drops_declarations_and_updates_only) {
  const auto erase = t().erase_column("T", "f");
  EXPECT_EQ(merge_pair(by_a(10, erase), by_b(20, t().add_column("T", "f", value_type::integer))),
            both(erase, t()));
  EXPECT_EQ(merge_pair(by_a(10, erase), by_b(20, erase)), both(t(), t()));
  const auto updates =
      t().update("T", 1, {"f"}, 1).update("T", 2, {"f", "k"}, 1).update("T", 3, {"f", 0}, 1, 1);
  EXPECT_EQ(merge_pair(by_a(10, erase), by_b(20, updates)), both(erase, t()));
  // Quirk Q4.
  const auto others = t().insert("T", 1, {"f", 0}, 1, 0)
                          .add_integer("T", 1, {"f"}, 1)
                          .set_insert("T", 1, {"f"}, 1)
                          .clear("T", 1, {"f"}, collection_type::list)
                          .update("T", 1, {"g"}, 1)
                          .update("U", 1, {"f"}, 1);
  EXPECT_EQ(merge_pair(by_a(10, erase), by_b(20, others)), both(erase, others));
}

TEST(merge_schema, an_erased_object_takes_creation_and_changes_of_the_other_side) {
  const auto erase = t().erase("T", 1);
  const auto changes =
      t().create("T", 1).insert("T", 1, {"l", 0}, "x", 0).update("T", 2, {"f"}, 1).create("U", 1);
  EXPECT_EQ(merge_pair(by_a(10, erase), by_b(20, changes)),
            both(erase, t().update("T", 2, {"f"}, 1).create("U", 1)));
  EXPECT_EQ(merge_pair(by_a(10, erase), by_b(20, erase)), both(t(), erase));
}

TEST(merge_schema, link_columns_to_an_erased_class_are_erased_in_order_of_encounter) {
  const auto columns =
      link("T", "k", "U")
          .add_column("S", "l", value_type::link, {collection_type::list, false, "U"});
  const auto left = both(t().erase_column("T", "k").erase_column("S", "l").erase_table("U"), t());
  EXPECT_EQ(merge_pair(by_a(10, erase_u), by_b(20, columns)), left);

  // The names are appended to the intern table, class first.
  const auto first_a = merge_copies({by_a(10, erase_u)}, {by_b(20, columns)});
  EXPECT_EQ(strings(first_a.majors[0]), (std::vector<std::string>{"U", "T", "k", "S", "l"}));
  EXPECT_TRUE(first_a.majors_changed[0]);
}

TEST(merge_schema, names_for_an_inserted_erase_column_are_reused_and_continue_the_string_buffer) {
  const auto erase = t().update("T", 1, {"l"}, "text").erase_table("U");
  const auto end = erase.changes().virtual_size;
  const auto merged = merge_copies({by_a(10, erase)}, {by_b(20, link("T", "new", "U"))});
  EXPECT_EQ(strings(merged.majors[0]), (std::vector<std::string>{"T", "l", "U", "new"}));
  EXPECT_EQ(merged.majors[0].virtual_size, end + 3);
}

TEST(merge_schema, inserted_names_outlive_the_changeset_they_came_from) {
  auto result = [] {
    auto merged = merge_copies({by_a(10, erase_u)}, {by_b(20, link("T", "l", "U"))});
    return std::move(merged.majors[0]);
  }();
  EXPECT_EQ(lines_of(result), lines_of(t().erase_column("T", "l").erase_table("U")));
  EXPECT_TRUE(sync::parse_changeset(sync::bytes(sync::encode_changeset(result))));
}

TEST(merge_schema, a_link_to_its_own_erased_class_just_goes) {
  EXPECT_EQ(merge_pair(by_a(10, erase_u), by_b(20, link("U", "self", "U"))), both(erase_u, t()));
}

TEST(merge_schema, an_inserted_erase_column_is_merged_with_what_comes_after) {
  // The link column is replaced by an integer before and after the link.
  const auto before = t().update("T", 1, {"l"}, 1);
  const auto columns =
      changeset_builder(before)
          .add_column("T", "l", value_type::link, {collection_type::single, true, "U"})
          .update("T", 1, {"l"}, link_to("U", 1));
  EXPECT_EQ(merge_pair(by_a(10, erase_u), by_b(20, columns)),
            both(t().erase_column("T", "l").erase_table("U"), before));
  // The other side erased the column itself: nothing is left of either.
  const auto erased_again = link("T", "l", "U").erase_column("T", "l");
  EXPECT_EQ(merge_pair(by_a(10, erase_u), by_b(20, erased_again)), both(erase_u, t()));
}

TEST(merge_schema, later_changesets_meet_an_inserted_erase_column) {
  const auto merged = merge_copies(
      {made(link("T", "l", "U"), 10, 2), made(t().update("T", 1, {"l"}, link_to("U", 1)), 11, 2)},
      {by_b(20, erase_u)});
  EXPECT_EQ(lines_of(merged.majors[0]), lines());
  EXPECT_EQ(lines_of(merged.majors[1]), lines());
  EXPECT_EQ(lines_of(merged.minors[0]), lines_of(t().erase_column("T", "l").erase_table("U")));
}

TEST(merge_schema, nothing_is_marked_as_changed_without_reason) {
  const auto merged = merge_copies({by_a(10, t().update("T", 1, {"l", 0, "x"}, 1))},
                                   {by_b(20, t().insert("T", 1, {"l", 1}, 1, 1))});
  EXPECT_FALSE(merged.majors_changed[0]);
  EXPECT_FALSE(merged.minors_changed[0]);
}

} // namespace
} // namespace ros::test
