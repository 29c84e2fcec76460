// Classes and columns after compaction.
#include "compaction_fixture.hpp"
#include "sync/merge.hpp"

namespace ros::test {
namespace {

using sync::collection_type;
using sync::value_type;
using t = changeset_builder;

class compaction_schema_test : public compaction_test {};

TEST_F(compaction_schema_test, declarations_that_are_repeated_go) {
  entry(t().add_table("T").add_column("T", "i", value_type::integer).create("T", 1));
  entry(t().add_table("T").add_column("T", "i", value_type::integer));
  entry(t().add_table("T")
            .add_column("T", "j", value_type::integer)
            .add_column("T", "_id", value_type::integer));
  compact();
  EXPECT_EQ(count(1), 3u);
  EXPECT_EQ(count(2), 0u);
  EXPECT_EQ(count(3), 1u);
}

TEST_F(compaction_schema_test, objects_go_with_their_class) {
  entry(t().add_table("U"));
  entry(t().add_table("T")
            .add_column("T", "i", value_type::integer)
            .add_column("T", "t", value_type::link, {.nullable = true, .target = "T"}));
  entry(t().create("T", 1).update("T", 1, {"i"}, 5).update("T", 1, {"t"}, link_to("T", 1)));
  entry(t().erase_table("T"));
  compact();
  EXPECT_EQ(count(3), 0u);
  EXPECT_EQ(total(), 5u); // what was declared and undone
}

TEST_F(compaction_schema_test, a_class_made_again_is_another) {
  entry(t().add_table("T").add_column("T", "i", value_type::integer).create("T", 1));
  entry(t().update("T", 1, {"i"}, 5).erase_table("T").add_table("T", value_type::string));
  entry(t().add_column("T", "i", value_type::string).create("T", "a").update("T", "a", {"i"}, "x"));
  compact();
  EXPECT_EQ(count(1), 2u);
  EXPECT_EQ(count(2), 2u);
  EXPECT_EQ(count(3), 3u);
}

TEST_F(compaction_schema_test, a_column_made_again_is_another) {
  entry(t().add_table("T").add_column("T", "i", value_type::integer).create("T", 1));
  entry(t().update("T", 1, {"i"}, 5));
  entry(t().erase_column("T", "i").add_column("T", "i", value_type::string,
                                              {.collection = collection_type::list}));
  entry(t().insert("T", 1, {"i", 0}, "x", 0));
  compact();
  EXPECT_EQ(count(1), 3u);
  EXPECT_EQ(count(2), 0u);
  EXPECT_EQ(count(3), 2u);
  EXPECT_EQ(count(4), 1u);
}

TEST_F(compaction_schema_test, a_column_that_links_goes_before_its_target) {
  entry(t().add_table("U").add_table("T").add_column("T", "u", value_type::link,
                                                     {.nullable = true, .target = "U"}));
  entry(t().create("T", 1).create("U", 2).update("T", 1, {"u"}, link_to("U", 2)));
  entry(t().erase_column("T", "u").erase_table("U"));
  compact();
  EXPECT_EQ(count(2), 1u);
  EXPECT_EQ(count(3), 2u);
}

TEST_F(compaction_schema_test, a_class_stays_for_links_in_mixed_values) {
  entry(t().add_table("U")
            .add_table("T")
            .add_column("T", "m", value_type::null)
            .add_column("T", "l", value_type::null, {.collection = collection_type::list}));
  entry(t().create("T", 1).create("U", 2).update("T", 1, {"m"}, link_to("U", 2)));
  for (std::uint32_t i = 0; i < 3; ++i)
    entry(t().insert("T", 1, {"l", i}, link_to("U", 7), i)
              .update("T", 1, {"l", i}, 1, i + 1)
              .update("T", 1, {"l", i}, link_to("U", 8), i + 1));
  entry(t().erase_table("U"));
  entry(t().add_table("U", value_type::string));
  compact();
  EXPECT_EQ(count(6), 1u);
  EXPECT_EQ(count(7), 1u);
  EXPECT_EQ(count(5), 3u);
}

TEST_F(compaction_schema_test, a_set_with_links_to_a_class_that_is_gone_stays_as_it_is) {
  entry(t().add_table("U").add_table("T").create("T", 1).add_column(
      "T", "s", value_type::null, {.collection = collection_type::set}));
  for (int i = 0; i < 5; ++i)
    entry(t().set_insert("T", 1, {"s"}, i).set_erase("T", 1, {"s"}, i));
  entry(t().set_insert("T", 1, {"s"}, null()).set_insert("T", 1, {"s"}, link_to("U", 1)));
  entry(t().erase_table("U"));
  const auto before = total();
  compact();
  EXPECT_EQ(total(), before);
}

TEST_F(compaction_schema_test, columns_of_embedded_classes_keep_their_past) {
  entry(t().add_embedded("E")
            .add_table("T")
            .add_column("E", "x", value_type::integer)
            .add_column("T", "e", value_type::link, {.nullable = true, .target = "E"}));
  entry(t().create("T", 1).update("T", 1, {"e"}, new_object()).update("T", 1, {"e", "x"}, 1));
  entry(t().erase_column("E", "x"));
  entry(t().add_column("E", "x", value_type::string).add_column("E", "y", value_type::integer));
  compact();
  entry(t().update("T", 1, {"e", "x"}, "a").update("T", 1, {"e", "y"}, 1));
  for (int i = 0; i < 10; ++i)
    entry(t().update("T", 1, {"e", "y"}, i));
  compact();
  EXPECT_EQ(count(history.head()), 3u);
}

TEST_F(compaction_schema_test, an_embedded_class_can_link_to_a_class_that_goes_later) {
  entry(t().add_table("U").add_embedded("E").add_table("T").add_column(
      "T", "el", value_type::link, {.collection = collection_type::list, .target = "E"}));
  entry(t().add_column("E", "u", value_type::link, {.nullable = true, .target = "U"})
            .add_column("E", "x", value_type::integer)
            .create("U", 1)
            .create("T", 1));
  for (std::uint32_t i = 0; i < 4; ++i)
    entry(t().insert("T", 1, {"el", i}, new_object(), i)
              .update("T", 1, {"el", i, "u"}, link_to("U", 1))
              .update("T", 1, {"el", i, "x"}, 1));
  entry(t().erase_column("E", "u").erase_table("U"));
  auto horizon = history.head();
  entry(t().update("T", 1, {"el", 0, "x"}, 2));
  compact(horizon);
  for (int i = 0; i < 40; ++i)
    entry(t().update("T", 1, {"el", 2, "x"}, i));
  compact();
}

TEST_F(compaction_schema_test, asymmetric_classes_are_like_others) {
  entry(t().add_table("A", value_type::integer, false, "_id", sync::class_kind::asymmetric)
            .add_column("A", "i", value_type::integer));
  entry(t().create("A", 1).update("A", 1, {"i"}, 1));
  entry(t().create("A", 2).update("A", 2, {"i"}, 2).erase_table("A"));
  compact();
  EXPECT_EQ(count(2), 0u);
  EXPECT_EQ(count(3), 1u);
}

TEST_F(compaction_schema_test, empty_entries_stay_empty) {
  entry(t());
  entry(t().add_table("T"));
  entry(t());
  compact();
  EXPECT_EQ(total(), 1u);
}

TEST_F(compaction_schema_test, a_device_with_an_old_declaration_can_still_be_merged) {
  entry(t().add_table("T").add_column("T", "i", value_type::integer).create("T", 1));
  entry(t().update("T", 1, {"i"}, 5));
  entry(t().erase_column("T", "i").add_column("T", "i", value_type::string));
  entry(t().update("T", 1, {"i"}, "x"));
  compact();
  std::vector<sync::merge_changeset> theirs;
  for (const auto& e : history.entries())
    theirs.push_back({*sync::parse_stored_changeset(e.data), e.timestamp, e.origin});
  sync::merge_changeset ours{t().add_table("T")
                                 .add_column("T", "i", value_type::integer)
                                 .create("T", 1)
                                 .update("T", 1, {"i"}, 7)
                                 .take(),
                             5000, 9};
  std::vector<sync::merge_changeset*> majors;
  for (auto& changes : theirs)
    majors.push_back(&changes);
  std::vector<sync::merge_changeset*> minors{&ours};
  const auto merged = sync::merge(majors, minors);
  ASSERT_TRUE(merged) << merged.error().message;
}

} // namespace
} // namespace ros::test
