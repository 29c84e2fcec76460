// The conformance assertions of changesets.md 16 that are about applying, 15 to 30 and 32,
// each under its number. Those about bytes are in changeset_assertions_test.cpp.
#include "sync/integrate_fixture.hpp"
#include "sync/state_helpers.hpp"

#include <limits>

namespace ros::test {
namespace {

class changeset_assertions_on_state : public state_fixture {
protected:
  void SetUp() override {
    apply(b.add_table("T")
              .add_table("U", value_type::string, true, "name")
              .add_table("K", value_type::global_key, false, "")
              .add_embedded("E"));
    apply(b.add_column("T", "i", value_type::integer)
              .add_column("T", "i_opt", value_type::integer, optional_value)
              .add_column("T", "s", value_type::string)
              .add_column("T", "m", value_type::null)
              .add_column("T", "link", value_type::link, to("U"))
              .add_column("T", "self", value_type::link, to("T"))
              .add_column("T", "e", value_type::link, to("E"))
              .add_column("T", "ed", value_type::link, to("E", collection_type::dictionary))
              .add_column("T", "l", value_type::integer, list_of)
              .add_column("T", "links", value_type::link, to("U", collection_type::list))
              .add_column("T", "st", value_type::string, nullable(set_of))
              .add_column("T", "sm", value_type::null, set_of)
              .add_column("E", "i", value_type::integer)
              .add_column("E", "e", value_type::link, to("E"))
              .add_column("E", "link", value_type::link, to("U"))
              .create("T", 1));
  }
  builder b;
};

constexpr auto conflict = sync::ec::schema_conflict;
using changeset_assertions_on_uploads = integrating;

TEST_F(changeset_assertions_on_state, C15_declaring_what_exists_changes_nothing) {
  commit();
  const auto before = content();
  apply(b.add_table("T").add_embedded("E").add_table("K", value_type::global_key, false, ""));
  apply(b.add_column("T", "i", value_type::integer)
            .add_column("T", "link", value_type::link, to("U")));
  EXPECT_EQ(content(), before);
  EXPECT_TRUE(state.take_mutations().empty());
}

TEST_F(changeset_assertions_on_state, C16_a_class_declared_otherwise_fails) {
  refuse(b.add_table("T", value_type::integer, false, "other"), conflict);
  refuse(b.add_table("T", value_type::string), conflict);
  refuse(b.add_table("T", value_type::integer, true), conflict);
  refuse(b.add_table("T", value_type::integer, false, "_id", class_kind::asymmetric), conflict);
  refuse(b.add_embedded("T"), conflict);
}

TEST_F(changeset_assertions_on_state, C17_a_column_declared_otherwise_fails) {
  refuse(b.add_column("T", "i", value_type::string), conflict);
  refuse(b.add_column("T", "i", value_type::integer, list_of), conflict);
  refuse(b.add_column("T", "link", value_type::link, to("T")), conflict);
  refuse(b.add_column("T", "i", value_type::integer, optional_value), conflict);
}

TEST_F(changeset_assertions_on_state, C18_creating_an_object_again_leaves_its_fields) {
  apply(b.update("T", 1, {"i"}, integer(7)).insert("T", 1, {"l", 0}, integer(3), 0));
  const auto before = content();
  apply(b.create("T", 1));
  EXPECT_EQ(content(), before);
}

TEST_F(changeset_assertions_on_state, C19_missing_objects_can_be_erased_and_nothing_else) {
  apply(b.erase("T", 9));
  refuse(b.update("T", 9, {"i"}, integer(1)));
  refuse(b.add_integer("T", 9, {"i"}, 1));
  refuse(b.insert("T", 9, {"l", 0}, integer(1), 0));
  refuse(b.move("T", 9, {"l", 0}, 1, 2));
  refuse(b.remove("T", 9, {"l", 0}, 1));
  refuse(b.clear("T", 9, {"l"}, collection_type::list));
  refuse(b.set_insert("T", 9, {"st"}, string("x")));
  refuse(b.set_erase("T", 9, {"st"}, string("x")));
}

TEST_F(changeset_assertions_on_state, C20_a_wrong_prior_size_fails_except_in_array_updates) {
  apply(b.insert("T", 1, {"l", 0}, integer(1), 0).insert("T", 1, {"l", 1}, integer(2), 1));
  for (const std::uint32_t wrong : {0U, 1U, 3U}) {
    refuse(b.insert("T", 1, {"l", 0}, integer(9), wrong));
    refuse(b.move("T", 1, {"l", 0}, 1, wrong));
    refuse(b.remove("T", 1, {"l", 0}, wrong));
  }
  apply(b.update("T", 1, {"l", 0}, integer(8), 77));
  EXPECT_EQ(field("T", 1, "l"), "[8,2]");
}

TEST_F(changeset_assertions_on_state, C21_increments_skip_null_wrap_and_need_an_integer) {
  apply(b.add_integer("T", 1, {"i_opt"}, 5).add_integer("T", 1, {"m"}, 5));
  EXPECT_EQ(field("T", 1, "i_opt"), "null");
  EXPECT_EQ(field("T", 1, "m"), "null");
  apply(b.update("T", 1, {"i"}, integer(std::numeric_limits<std::int64_t>::max()))
            .add_integer("T", 1, {"i"}, 1));
  EXPECT_EQ(field("T", 1, "i"), R"({"$int":"-9223372036854775808"})");
  refuse(b.add_integer("T", 1, {"s"}, 1));
  apply(b.update("T", 1, {"m"}, string("x")));
  refuse(b.add_integer("T", 1, {"m"}, 1));
}

TEST_F(changeset_assertions_on_state, C22_links_to_missing_objects_wait_for_them) {
  apply(b.update("T", 1, {"link"}, link_to("U", "x"))
            .insert("T", 1, {"links", 0}, link_to("U", "x"), 0));
  EXPECT_EQ(field("T", 1, "link"), R"({"$link":["U","x"],"dead":1})");
  refuse(b.insert("T", 1, {"links", 0}, link_to("U", "y"), 0)); // counted in the size
  commit();
  apply(b.create("U", "x"));
  EXPECT_EQ(field("T", 1, "link"), R"({"$link":["U","x"]})");
  EXPECT_EQ(field("T", 1, "links"), R"([{"$link":["U","x"]}])");
}

TEST_F(changeset_assertions_on_state, C23_embedded_objects_go_with_their_owner_and_links_stay) {
  apply(b.create("U", "x")
            .create("T", 2)
            .update("T", 2, {"self"}, link_to("T", 1))
            .update("T", 1, {"e"}, new_object())
            .update("T", 1, {"e", "e"}, new_object())
            .update("T", 1, {"e", "e", "i"}, integer(5)));
  commit();
  const auto before = rows();
  apply(b.erase("T", 1));
  EXPECT_EQ(field("T", 2, "self"), R"({"$link":["T",1],"dead":1})");
  commit();
  EXPECT_LT(rows(), before);
  apply(b.create("T", 1));
  EXPECT_EQ(field("T", 2, "self"), R"({"$link":["T",1]})");
  EXPECT_EQ(field("T", 1, "e"), "null");
}

TEST_F(changeset_assertions_on_state, C24_object_values_keep_fields_and_replace_entries) {
  apply(b.update("T", 1, {"e"}, new_object())
            .update("T", 1, {"e", "i"}, integer(5))
            .update("T", 1, {"e"}, new_object())
            .update("T", 1, {"ed", "k"}, new_object())
            .update("T", 1, {"ed", "k", "i"}, integer(5))
            .update("T", 1, {"ed", "k"}, new_object()));
  EXPECT_NE(field("T", 1, "e").find(R"("i":5)"), std::string::npos) << field("T", 1, "e");
  EXPECT_NE(field("T", 1, "ed").find(R"("i":0)"), std::string::npos) << field("T", 1, "ed");
}

TEST_F(changeset_assertions_on_state, C25_a_list_in_mixed_is_kept_and_anything_else_emptied) {
  apply(b.update("T", 1, {"m"}, new_list())
            .insert("T", 1, {"m", 0}, integer(1), 0)
            .update("T", 1, {"m"}, new_list()));
  EXPECT_EQ(field("T", 1, "m"), "[1]");
  for (const auto& other : {null(), integer(3), string("x"), new_dictionary()}) {
    apply(b.update("T", 1, {"m"}, other).update("T", 1, {"m"}, new_list()));
    EXPECT_EQ(field("T", 1, "m"), "[]");
  }
}

TEST_F(changeset_assertions_on_state, C26_clearing_mixed_yields_an_empty_collection) {
  for (const auto& content : {null(), integer(3), string("x"), new_list(), new_dictionary()}) {
    apply(b.update("T", 1, {"m"}, content).clear("T", 1, {"m"}, collection_type::list));
    EXPECT_EQ(field("T", 1, "m"), "[]");
    apply(b.update("T", 1, {"m"}, content).clear("T", 1, {"m"}, collection_type::dictionary));
    EXPECT_EQ(field("T", 1, "m"), R"({"$dict":{}})");
  }
}

TEST_F(changeset_assertions_on_state, C27_null_is_erased_from_sets_of_mixed_only) {
  apply(b.set_insert("T", 1, {"st"}, null()).set_insert("T", 1, {"sm"}, null()));
  refuse(b.set_erase("T", 1, {"st"}, null()));
  apply(b.set_erase("T", 1, {"sm"}, null()));
  EXPECT_EQ(field("T", 1, "sm"), R"({"$set":[]})");
}

TEST_F(changeset_assertions_on_state, C28_names_that_are_too_long_are_rejected) {
  refuse(b.add_table(std::string(58, 'c')));
  refuse(b.add_column("T", std::string(64, 'f'), value_type::integer));
  apply(b.add_table(std::string(57, 'c')));
  apply(b.add_column("T", std::string(63, 'f'), value_type::integer));
}

TEST_F(changeset_assertions_on_state, C29_a_class_that_others_link_to_is_not_erased) {
  refuse(b.erase_table("U"));
  apply(b.erase_column("T", "link").erase_column("T", "links").erase_column("E", "link"));
  apply(b.erase_table("U"));
  apply(b.erase_table("T")); // linked to by itself only
}

TEST_F(changeset_assertions_on_uploads,
       C30_of_five_changesets_with_a_bad_third_none_is_integrated) {
  changeset_builder bad;
  bad.update("T", 99, {"i"}, 1); // no such object
  const auto head = server.integrator.head();
  refuse(client_a, {6, 1},
         {{2, 1, 10, insert(0, "1", 0)},
          {3, 1, 11, insert(0, "2", 1)},
          {4, 1, 12, bad},
          {5, 1, 13, insert(0, "3", 2)},
          {6, 1, 14, insert(0, "4", 3)}});
  EXPECT_TRUE(server.commit().entries.empty());
  EXPECT_EQ(server.integrator.head(), head);
  EXPECT_EQ(server.files[client_a], sync::client_file()); // the stored progress
}

TEST_F(changeset_assertions_on_state, C32_global_keys_are_for_classes_without_primary_key) {
  apply(b.create("K", sync::global_key{2, 1}));
  refuse(b.create("T", sync::global_key{2, 1}));
  refuse(b.create("U", sync::global_key{2, 1}));
  refuse(b.update("T", 1, {"m"}, payload{value_type::global_key, {}}));
}

} // namespace
} // namespace ros::test
