// Schema instructions on the object state (changesets.md 13.2; 16, assertions 15-17, 28, 29).

#include "sync/state_helpers.hpp"

namespace ros::test {
namespace {

using sync::ec;

class state_schema : public state_fixture {
public:
  explicit state_schema(sync::object_state_options options = {}) : state_fixture(options) {}
  void SetUp() override {
    apply(b.add_table("T")
              .add_table("U", value_type::string, true, "name")
              .add_table("K", value_type::global_key, false, "")
              .add_table("A", value_type::object_id, false, "_id", class_kind::asymmetric)
              .add_embedded("E")
              .add_column("T", "i", value_type::integer)
              .add_column("T", "link", value_type::link, to("U"))
              .add_column("T", "self", value_type::link, to("T")));
  }
  std::string schema() const {
    return boost::json::serialize(schema_to_json(sync::object_reader(state)));
  }
  builder b;
};

TEST_F(state_schema, an_identical_declaration_changes_nothing) {
  commit();
  const auto before = content();
  apply(b.add_table("T")
            .add_table("U", value_type::string, true, "name")
            .add_table("K", value_type::global_key, false, "")
            .add_table("A", value_type::object_id, false, "_id", class_kind::asymmetric)
            .add_embedded("E")
            .add_column("T", "i", value_type::integer)
            .add_column("T", "link", value_type::link, to("U")));
  EXPECT_EQ(content(), before);
  EXPECT_TRUE(state.take_mutations().empty());
}

TEST_F(state_schema, a_class_declared_differently_is_a_contradiction) {
  refuse(b.add_table("T", value_type::integer, false, "id"), ec::schema_conflict);
  refuse(b.add_table("T", value_type::string), ec::schema_conflict);
  refuse(b.add_table("T", value_type::integer, true), ec::schema_conflict);
  refuse(b.add_table("T", value_type::integer, false, "_id", class_kind::asymmetric),
         ec::schema_conflict);
  refuse(b.add_embedded("T"), ec::schema_conflict);
  refuse(b.add_table("T", value_type::global_key, false, ""), ec::schema_conflict);
  refuse(b.add_table("K"), ec::schema_conflict);
  refuse(b.add_table("E"), ec::schema_conflict);
  refuse(b.add_table("E", value_type::global_key, false, ""), ec::schema_conflict);
}

TEST_F(state_schema, a_column_declared_differently_is_a_contradiction) {
  refuse(b.add_column("T", "i", value_type::string), ec::schema_conflict);
  refuse(b.add_column("T", "i", value_type::null), ec::schema_conflict);
  refuse(b.add_column("T", "i", value_type::integer, list_of), ec::schema_conflict);
  refuse(b.add_column("T", "i", value_type::integer, optional_value), ec::schema_conflict);
  refuse(b.add_column("T", "link", value_type::link, to("T")), ec::schema_conflict);
  refuse(b.add_column("T", "link", value_type::link, to("Nope")), ec::schema_conflict);
}

TEST_F(state_schema, the_primary_key_counts_as_a_column) {
  apply(b.add_column("T", "_id", value_type::integer));
  refuse(b.add_column("T", "_id", value_type::string), ec::schema_conflict);
  refuse(b.add_column("T", "_id", value_type::integer, optional_value), ec::schema_conflict);
  refuse(b.erase_column("T", "_id"));
}

TEST_F(state_schema, only_effective_nullability_counts) {
  apply(b.add_column("T", "m", value_type::null)
            .add_column("T", "ll", value_type::link, nullable(to("U", collection_type::list)))
            .add_column("T", "ls", value_type::link, nullable(to("U", collection_type::set)))
            .add_column("T", "ld", value_type::link, to("U", collection_type::dictionary)));
  apply(
      b.add_column("T", "m", value_type::null, optional_value)
          .add_column("T", "link", value_type::link, nullable(to("U")))
          .add_column("T", "ll", value_type::link, to("U", collection_type::list))
          .add_column("T", "ls", value_type::link, to("U", collection_type::set))
          .add_column("T", "ld", value_type::link, nullable(to("U", collection_type::dictionary))));
  const auto info = schema();
  EXPECT_NE(info.find(R"("m":{"type":"Mixed","coll":"single","null":true})"), info.npos) << info;
  EXPECT_NE(info.find(R"("link":{"type":"Link","coll":"single","null":true,)"), info.npos) << info;
  EXPECT_NE(info.find(R"("ll":{"type":"Link","coll":"list","null":false,)"), info.npos) << info;
  EXPECT_NE(info.find(R"("ls":{"type":"Link","coll":"set","null":false,)"), info.npos) << info;
  EXPECT_NE(info.find(R"("ld":{"type":"Link","coll":"dict","null":true,)"), info.npos) << info;
}

TEST_F(state_schema, impossible_columns_are_refused) {
  refuse(b.add_column("Nope", "f", value_type::integer));
  refuse(b.add_column("T", "f", value_type::link, to("Nope")));
  refuse(b.add_column("T", "f", value_type::link, to("")));
  refuse(b.add_column("T", "f", value_type::link, to("A")));
  refuse(b.add_column("T", "f", value_type::link, to("E", collection_type::set)));
  refuse(b.add_column("T", "f", value_type::list));
  refuse(b.add_column("T", "f", value_type::global_key));
  auto numbered = dictionary_of;
  numbered.key_type = value_type::integer;
  refuse(b.add_column("T", "f", value_type::integer, numbered));
}

TEST_F(state_schema, names_are_limited_to_what_clients_can_store) {
  apply(
      b.add_table(std::string(57, 'c')).add_column("T", std::string(63, 'f'), value_type::string));
  refuse(b.add_table(std::string(58, 'c')));
  refuse(b.add_table(""));
  refuse(b.add_column("T", std::string(64, 'f'), value_type::string));
  refuse(b.add_table("P", value_type::integer, false, std::string(64, 'f')));
}

TEST_F(state_schema, a_primary_key_has_one_of_four_types) {
  refuse(b.add_table("B", value_type::boolean));
  refuse(b.add_table("B", value_type::null));
  apply(b.add_table("B", value_type::uuid));
}

TEST_F(state_schema, a_class_that_another_links_to_is_not_erased) {
  refuse(b.erase_table("U"));
  refuse(b.erase_table("Nope"));
  apply(b.erase_table("T").erase_table("U"));
  EXPECT_EQ(schema().find("\"U\""), std::string::npos);
}

TEST_F(state_schema, a_class_is_free_again_when_the_link_column_is_gone) {
  apply(b.erase_column("T", "link"));
  apply(b.erase_table("U"));
}

TEST_F(state_schema, a_class_that_only_links_to_itself_can_be_erased) {
  apply(b.create("T", 1).update("T", 1, {"self"}, link_to("T", 1)).erase_table("T"));
  refuse(b.create("T", 1));
}

TEST_F(state_schema, erasing_a_column_takes_its_values_with_it) {
  apply(b.create("T", 1).update("T", 1, {"i"}, integer(5)));
  apply(b.erase_column("T", "i"));
  EXPECT_EQ(field("T", 1, "i"), "absent");
  refuse(b.update("T", 1, {"i"}, integer(6)));
  apply(b.add_column("T", "i", value_type::integer));
  EXPECT_EQ(field("T", 1, "i"), "0");
  refuse(b.erase_column("T", "nope"));
  refuse(b.erase_column("Nope", "i"));
}

TEST_F(state_schema, a_new_column_has_the_default_of_its_type_in_old_objects) {
  apply(b.create("T", 1));
  apply(b.add_column("T", "b", value_type::boolean)
            .add_column("T", "s", value_type::string)
            .add_column("T", "bin", value_type::binary)
            .add_column("T", "ts", value_type::timestamp)
            .add_column("T", "f", value_type::float32)
            .add_column("T", "d", value_type::float64)
            .add_column("T", "dec", value_type::decimal)
            .add_column("T", "oid", value_type::object_id)
            .add_column("T", "uid", value_type::uuid)
            .add_column("T", "opt", value_type::string, optional_value)
            .add_column("T", "l", value_type::string, list_of)
            .add_column("T", "st", value_type::string, set_of)
            .add_column("T", "di", value_type::string, dictionary_of));
  EXPECT_EQ(field("T", 1, "b"), "false");
  EXPECT_EQ(field("T", 1, "s"), R"("")");
  EXPECT_EQ(field("T", 1, "bin"), R"({"$bin":""})");
  EXPECT_EQ(field("T", 1, "ts"), R"({"$ts":[0,0]})");
  EXPECT_EQ(field("T", 1, "f"), R"({"$float":"00000000"})");
  EXPECT_EQ(field("T", 1, "d"), R"({"$double":"0000000000000000"})");
  EXPECT_EQ(field("T", 1, "dec"), R"({"$dec":["0",0,false]})");
  EXPECT_EQ(field("T", 1, "oid"), R"({"$oid":"000000000000000000000000"})");
  EXPECT_EQ(field("T", 1, "uid"), R"({"$uuid":"00000000000000000000000000000000"})");
  EXPECT_EQ(field("T", 1, "opt"), "null");
  EXPECT_EQ(field("T", 1, "l"), "[]");
  EXPECT_EQ(field("T", 1, "st"), R"({"$set":[]})");
  EXPECT_EQ(field("T", 1, "di"), R"({"$dict":{}})");
}

TEST_F(state_schema, an_erased_class_leaves_no_row_behind) {
  apply(b.create("T", 1).create("T", 2));
  commit();
  apply(b.create("T", 3));
  store.apply(state.take_mutations()); // stored, not yet committed
  apply(b.create("T", 4).erase_table("T"));
  commit();
  EXPECT_EQ(rows(), 0U);
  EXPECT_EQ(stored_content(), content());
}

TEST_F(state_schema, an_erased_class_forgets_objects_that_were_on_the_way_to_the_store) {
  apply(b.create("T", 1));
  const auto on_the_way = state.take_mutations();
  apply(b.erase_table("T"));
  store.apply(on_the_way);
  state.committed();
  EXPECT_EQ(rows(), 1U);
  commit();
  EXPECT_EQ(rows(), 0U);
}

TEST_F(state_schema, a_class_of_the_same_name_is_another_class) {
  apply(b.add_column("K", "m", value_type::null)
            .create("K", sync::global_key{2, 0})
            .create("T", 1)
            .update("K", sync::global_key{2, 0}, {"m"}, link_to("T", 1)));
  apply(b.erase_table("T").add_table("T").create("T", 1));
  EXPECT_EQ(field("T", 1, "i"), "absent");
  EXPECT_EQ(field("K", sync::global_key{2, 0}, "m"), "null");
}

class state_schema_protected : public state_schema {
public:
  state_schema_protected() : state_schema(options()) {}

private:
  static sync::object_state_options options() {
    sync::object_state_options chosen;
    chosen.allow_destructive_schema_changes = false;
    return chosen;
  }
};

TEST_F(state_schema_protected, destructive_changes_are_refused_with_225) {
  refuse(b.erase_column("T", "i"), ec::schema_conflict, 225);
  refuse(b.erase_table("T"), ec::schema_conflict, 225);
  refuse(b.erase_table("U"));
  apply(b.add_column("T", "more", value_type::integer));
}

} // namespace
} // namespace ros::test
