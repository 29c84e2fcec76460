// Objects, keys, links and paths on the object state (changesets.md 11, 13.3, 13.4,
// 13.6-13.8; 16, assertions 18, 19, 22, 23).

#include "sync/state_helpers.hpp"

namespace ros::test {
namespace {

class state_object : public state_fixture {
public:
  void SetUp() override {
    apply(b.add_table("T")
              .add_table("S", value_type::string, true, "name")
              .add_table("O", value_type::object_id)
              .add_table("V", value_type::uuid)
              .add_table("K", value_type::global_key, false, "")
              .add_table("A", value_type::integer, false, "_id", class_kind::asymmetric)
              .add_embedded("E"));
    apply(b.add_column("T", "i", value_type::integer)
              .add_column("T", "s", value_type::string, optional_value)
              .add_column("T", "m", value_type::null)
              .add_column("T", "link", value_type::link, to("S"))
              .add_column("T", "e", value_type::link, to("E"))
              .add_column("T", "el", value_type::link, to("E", collection_type::list))
              .add_column("T", "ed", value_type::link, to("E", collection_type::dictionary))
              .add_column("T", "l", value_type::integer, list_of)
              .add_column("T", "ll", value_type::link, to("S", collection_type::list))
              .add_column("T", "ls", value_type::link, to("S", collection_type::set))
              .add_column("T", "ld", value_type::link, to("S", collection_type::dictionary))
              .add_column("T", "st", value_type::integer, set_of)
              .add_column("T", "d", value_type::integer, dictionary_of)
              .add_column("E", "i", value_type::integer)
              .add_column("E", "e", value_type::link, to("E"))
              .add_column("E", "l", value_type::integer, list_of)
              .add_column("A", "i", value_type::integer));
  }
  builder b;
};

TEST_F(state_object, creating_an_object_again_keeps_its_fields) {
  apply(b.create("T", 1).update("T", 1, {"i"}, integer(7)));
  apply(b.create("T", 1));
  EXPECT_EQ(field("T", 1, "i"), "7");
}

TEST_F(state_object, a_created_object_again_after_erasing_starts_anew) {
  apply(b.create("T", 1).update("T", 1, {"i"}, integer(7)).erase("T", 1).create("T", 1));
  EXPECT_EQ(field("T", 1, "i"), "0");
}

TEST_F(state_object, keys_must_be_of_the_type_of_the_class) {
  sync::object_id oid;
  sync::uuid uid;
  apply(b.create("T", -1)
            .create("S", "")
            .create("S", sync::primary_key())
            .create("O", oid)
            .create("V", uid)
            .create("K", sync::global_key{2, 300}));
  refuse(b.create("T", "1"));
  refuse(b.create("T", sync::primary_key()));
  refuse(b.create("T", sync::global_key{2, 1}));
  refuse(b.create("S", 1));
  refuse(b.create("O", uid));
  refuse(b.create("V", oid));
  refuse(b.create("K", 1));
  refuse(b.create("K", sync::primary_key()));
  refuse(b.erase("T", "1"));
  refuse(b.erase("T", sync::primary_key()));
  refuse(b.erase("K", 1));
}

TEST_F(state_object, a_global_key_that_clients_cannot_hold_is_refused) {
  constexpr std::uint64_t hi = std::uint64_t{1} << 30;
  constexpr std::uint64_t lo = std::uint64_t{1} << 32;
  apply(b.create("K", sync::global_key{hi - 1, lo - 1}));
  refuse(b.create("K", sync::global_key{hi, 0}));
  refuse(b.create("K", sync::global_key{2, lo}));
}

TEST_F(state_object, the_counter_of_server_made_keys_is_durable) {
  apply(b.create("K", sync::global_key{1, 4}).create("K", sync::global_key{2, 90}));
  apply(b.create("K", sync::global_key{1, 2}));
  EXPECT_EQ(*sync::object_reader(state).next_server_key("K"), 5U);
  commit();
  EXPECT_EQ(*sync::object_reader(store).next_server_key("K"), 5U);
  EXPECT_EQ(*sync::object_reader(store).next_server_key("T"), 0U);
  refuse(b.create("K", sync::global_key{1, 9}).create("Nope", 1));
  EXPECT_EQ(*sync::object_reader(state).next_server_key("K"), 5U);
}

TEST_F(state_object, classes_must_exist_and_have_objects_of_their_own) {
  refuse(b.create("Nope", 1));
  refuse(b.erase("Nope", 1));
  refuse(b.create("E", 1));
  refuse(b.erase("E", 1));
  refuse(b.update("E", 1, {"i"}, integer(1)));
  refuse(b.update("Nope", 1, {"i"}, integer(1)));
}

TEST_F(state_object, objects_of_asymmetric_classes_are_kept_like_any_other) {
  apply(b.create("A", 1).update("A", 1, {"i"}, integer(3)));
  EXPECT_EQ(field("A", 1, "i"), "3");
}

TEST_F(state_object, erasing_a_missing_object_succeeds_and_paths_into_it_fail) {
  apply(b.erase("T", 1));
  refuse(b.update("T", 1, {"i"}, integer(1)));
  refuse(b.add_integer("T", 1, {"i"}, 1));
  refuse(b.insert("T", 1, {"l", 0}, integer(1), 0));
  refuse(b.move("T", 1, {"l", 0}, 1, 2));
  refuse(b.remove("T", 1, {"l", 0}, 1));
  refuse(b.clear("T", 1, {"l"}, collection_type::list));
  refuse(b.set_insert("T", 1, {"st"}, integer(1)));
  refuse(b.set_erase("T", 1, {"st"}, integer(1)));
}

TEST_F(state_object, a_link_to_a_missing_object_lives_when_it_is_created) {
  apply(b.create("T", 1)
            .update("T", 1, {"link"}, link_to("S", "x"))
            .update("T", 1, {"m"}, link_to("S", "x"))
            .insert("T", 1, {"ll", 0}, link_to("S", "x"), 0)
            .set_insert("T", 1, {"ls"}, link_to("S", "x"))
            .update("T", 1, {"ld", "k"}, link_to("S", "x")));
  const std::string dead = R"({"$link":["S","x"],"dead":1})";
  const std::string live = R"({"$link":["S","x"]})";
  EXPECT_EQ(field("T", 1, "link"), dead);
  EXPECT_EQ(field("T", 1, "ll"), '[' + dead + ']');
  // It counts in the size of the list.
  refuse(b.insert("T", 1, {"ll", 0}, link_to("S", "y"), 0));
  apply(b.create("S", "x").insert("T", 1, {"ll", 1}, link_to("S", "x"), 1));
  EXPECT_EQ(field("T", 1, "link"), live);
  EXPECT_EQ(field("T", 1, "m"), live);
  EXPECT_EQ(field("T", 1, "ll"), '[' + live + ',' + live + ']');
  EXPECT_EQ(field("T", 1, "ls"), R"({"$set":[)" + live + "]}");
  EXPECT_EQ(field("T", 1, "ld"), R"({"$dict":{"k":)" + live + "}}");
  commit();
  apply(b.erase("S", "x"));
  EXPECT_EQ(field("T", 1, "link"), dead);
  EXPECT_EQ(field("T", 1, "ll"), '[' + dead + ',' + dead + ']');
}

TEST_F(state_object, a_dead_link_may_be_set_again) {
  apply(b.add_column("T", "ml", value_type::null, list_of)
            .create("T", 1)
            .insert("T", 1, {"ml", 0}, link_to("S", "gone"), 0));
  const auto before = content();
  apply(b.update("T", 1, {"ml", 0}, link_to("S", "gone"), 1));
  EXPECT_EQ(content(), before);
}

TEST_F(state_object, links_must_name_a_class_and_a_key_of_its_type) {
  apply(b.create("T", 1));
  refuse(b.update("T", 1, {"link"}, link_to("Nope", "x")));
  refuse(b.update("T", 1, {"link"}, link_to("T", 1)));
  refuse(b.update("T", 1, {"link"}, link_to("S", 1)));
  refuse(b.update("T", 1, {"m"}, link_to("Nope", 1)));
  refuse(b.update("T", 1, {"m"}, link_to("E", 1)));
  refuse(b.update("T", 1, {"m"}, link_to("A", 1)));
  refuse(b.update("T", 1, {"m"}, link_to("T", "1")));
  refuse(b.update("T", 1, {"m"}, link_to("T", sync::primary_key())));
  refuse(b.update("T", 1, {"e"}, link_to("E", 1)));
  apply(b.update("T", 1, {"link"}, link_to("S", sync::primary_key())));
  EXPECT_EQ(field("T", 1, "link"), R"({"$link":["S",null],"dead":1})");
}

TEST_F(state_object, erasing_an_object_takes_its_embedded_objects_along) {
  apply(b.create("T", 1)
            .update("T", 1, {"e"}, new_object())
            .update("T", 1, {"e", "e"}, new_object())
            .update("T", 1, {"e", "e", "i"}, integer(5)));
  EXPECT_EQ(field("T", 1, "e"), R"({"$obj":{"e":{"$obj":{"e":null,"i":5,"l":[]}},"i":0,"l":[]}})");
  apply(b.erase("T", 1).create("T", 1));
  EXPECT_EQ(field("T", 1, "e"), "null");
}

TEST_F(state_object, paths_lead_through_embedded_objects_and_collections) {
  apply(b.create("T", 1)
            .insert("T", 1, {"el", 0}, new_object(), 0)
            .insert("T", 1, {"el", 0, "l", 0}, integer(4), 0)
            .update("T", 1, {"ed", "k"}, new_object())
            .add_integer("T", 1, {"ed", "k", "i"}, 3)
            .update("T", 1, {"m"}, new_list())
            .insert("T", 1, {"m", 0}, new_dictionary(), 0)
            .update("T", 1, {"m", 0, "deep"}, string("x")));
  EXPECT_EQ(field("T", 1, "el"), R"([{"$obj":{"e":null,"i":0,"l":[4]}}])");
  EXPECT_EQ(field("T", 1, "ed"), R"({"$dict":{"k":{"$obj":{"e":null,"i":3,"l":[]}}}})");
  EXPECT_EQ(field("T", 1, "m"), R"([{"$dict":{"deep":"x"}}])");
}

TEST_F(state_object, paths_that_lead_nowhere_are_refused) {
  apply(b.create("T", 1)
            .insert("T", 1, {"el", 0}, new_object(), 0)
            .insert("T", 1, {"l", 0}, integer(1), 0)
            .update("T", 1, {"d", "k"}, integer(1))
            .update("T", 1, {"link"}, link_to("S", "x"))
            .update("T", 1, {"m"}, new_list())
            .insert("T", 1, {"m", 0}, integer(1), 0));
  refuse(b.update("T", 1, {"nope"}, integer(1)));
  refuse(b.update("T", 1, {"el", "x"}, new_object()));     // key into a list
  refuse(b.update("T", 1, {"d", 0}, integer(1)));          // index into a dictionary
  refuse(b.update("T", 1, {"m", "x"}, integer(1)));        // key into a list in Mixed
  refuse(b.update("T", 1, {"i", 0}, integer(1)));          // into a scalar
  refuse(b.update("T", 1, {"link", "name"}, string("x"))); // into another object
  refuse(b.set_insert("T", 1, {"st", 0}, integer(1)));     // into a set
  refuse(b.update("T", 1, {"e", "i"}, integer(1)));        // embedded object is null
  refuse(b.update("T", 1, {"el", 1, "i"}, integer(1)));    // index out of range
  refuse(b.update("T", 1, {"ed", "k", "i"}, integer(1)));  // key missing
  refuse(b.update("T", 1, {"el", 0, 0}, integer(1)));      // index as a field
  refuse(b.update("T", 1, {"el", 0, "nope"}, integer(1))); // no such field
  refuse(b.update("T", 1, {"l", 0, 0}, integer(1)));       // below a scalar element
  refuse(b.update("T", 1, {"d", "k", "x"}, integer(1)));   // below a scalar entry
  refuse(b.update("T", 1, {"m", 0, 0}, integer(1)));       // below a scalar in Mixed
}

TEST_F(state_object, the_primary_key_cannot_be_changed) {
  apply(b.create("T", 1).create("K", sync::global_key{2, 1}));
  refuse(b.update("T", 1, {"_id"}, integer(2)));
  refuse(b.add_integer("T", 1, {"_id"}, 1));
  refuse(b.update("K", sync::global_key{2, 1}, {""}, integer(2)));
}

TEST_F(state_object, paths_are_bounded) {
  apply(b.create("T", 1).update("T", 1, {"m"}, new_list()));
  path deep{"m"};
  while (deep.size() < 257) {
    deep.emplace_back(0);
    apply(b.insert("T", 1, deep, new_list(), 0));
  }
  deep.emplace_back(0);
  refuse(b.insert("T", 1, deep, new_list(), 0));
  commit();
  EXPECT_EQ(stored_content(), content());
}

TEST_F(state_object, objects_are_listed_in_order_of_their_keys) {
  for (const int key : {5, -3, 0, 1'000'000, -9}) {
    apply(b.create("T", key));
    if (key == 0) {
      commit(); // some are committed, some are not
    }
  }
  for (const char* key : {"b", "", "a", "ab"}) {
    apply(b.create("S", key));
  }
  apply(b.create("S", std::string("a\0b", 3)).create("S", sync::primary_key()));
  const auto keys = [this](const char* name) {
    std::string out;
    const auto visited = sync::object_reader(state).visit(
        name, nullptr, [&](const sync::primary_key& key, const sync::read_object&) {
          out += sync::describe_key(key) + ' ';
          return true;
        });
    EXPECT_TRUE(visited);
    return out;
  };
  EXPECT_EQ(keys("T"), "-9 -3 0 5 1000000 ");
  EXPECT_EQ(keys("S"), std::string("null \"\" \"a\" \"a\0b\" \"ab\" \"b\" ", 27));
}

TEST_F(state_object, an_error_names_the_instruction_and_what_it_addresses) {
  apply(b.create("T", 1));
  b.create("T", 2).insert("T", 1, {"el", 3, "l", 0}, integer(1), 0);
  const auto applied = try_apply(b.take());
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().message,
            "instruction 1 (ArrayInsert T[1].el[3][\"l\"][0]): index 3 is outside a list of 0");
}

} // namespace
} // namespace ros::test
