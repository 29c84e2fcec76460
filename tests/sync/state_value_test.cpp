// Update, AddInteger and Clear on the object state (changesets.md 13.5; 16,
// assertions 20, 21, 24-26).

#include "sync/state_helpers.hpp"

#include <limits>

namespace ros::test {
namespace {

class state_value : public state_fixture {
public:
  void SetUp() override {
    apply(b.add_table("T").add_table("U").add_embedded("E"));
    for (const auto& [name, type] : types) {
      apply(b.add_column("T", name, type)
                .add_column("T", std::string(name) + "_opt", type, optional_value)
                .add_column("T", std::string(name) + "_list", type, list_of)
                .add_column("T", std::string(name) + "_optlist", type, nullable(list_of)));
    }
    apply(b.add_column("T", "m", value_type::null)
              .add_column("T", "ml", value_type::null, list_of)
              .add_column("T", "md", value_type::null, dictionary_of)
              .add_column("T", "d", value_type::integer, dictionary_of)
              .add_column("T", "dopt", value_type::integer, nullable(dictionary_of))
              .add_column("T", "st", value_type::integer, set_of)
              .add_column("T", "e", value_type::link, to("E"))
              .add_column("T", "el", value_type::link, to("E", collection_type::list))
              .add_column("T", "ed", value_type::link, to("E", collection_type::dictionary))
              .add_column("T", "link", value_type::link, to("U"))
              .add_column("T", "ll", value_type::link, to("U", collection_type::list))
              .add_column("T", "ld", value_type::link, to("U", collection_type::dictionary))
              .add_column("E", "i", value_type::integer)
              .add_column("E", "m", value_type::null)
              .create("T", 1));
  }
  static inline const std::vector<std::pair<const char*, value_type>> types = {
      {"i", value_type::integer},   {"b", value_type::boolean},    {"s", value_type::string},
      {"bin", value_type::binary},  {"ts", value_type::timestamp}, {"f", value_type::float32},
      {"dbl", value_type::float64}, {"dec", value_type::decimal},  {"oid", value_type::object_id},
      {"uid", value_type::uuid}};
  static inline const std::vector<payload> values = {
      integer(-1), boolean(true), string("x"),    binary("y"), time(-1, -5),
      single(1),   real(2),       decimal(3, -1), id(4),       unique(5)};

  builder b;
};

TEST_F(state_value, a_value_must_be_of_the_type_of_its_field) {
  for (std::size_t column = 0; column < types.size(); ++column) {
    const std::string name = types[column].first;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i == column) {
        apply(b.update("T", 1, {name}, values[i])
                  .update("T", 1, {name + "_opt"}, values[i])
                  .insert("T", 1, {name + "_list", 0}, values[i], 0));
        apply(b.update("T", 1, {"m"}, values[i]));
        EXPECT_EQ(field("T", 1, name), field("T", 1, "m"));
        EXPECT_EQ(field("T", 1, name + "_list"), '[' + field("T", 1, "m") + ']');
        apply(b.update("T", 1, {name + "_list", 0}, values[i], 1)
                  .remove("T", 1, {name + "_list", 0}, 1));
      } else {
        refuse(b.update("T", 1, {name}, values[i]));
        refuse(b.insert("T", 1, {name + "_list", 0}, values[i], 0));
      }
    }
    refuse(b.update("T", 1, {name}, link_to("U", 1)));
  }
}

TEST_F(state_value, null_needs_a_nullable_field) {
  for (const auto& [type_name, type] : types) {
    const std::string name = type_name;
    refuse(b.update("T", 1, {name}, null()));
    refuse(b.insert("T", 1, {name + "_list", 0}, null(), 0));
    apply(b.update("T", 1, {name + "_opt"}, null())
              .insert("T", 1, {name + "_optlist", 0}, null(), 0)
              .update("T", 1, {name + "_optlist", 0}, null(), 1));
    EXPECT_EQ(field("T", 1, name + "_optlist"), "[null]");
  }
  apply(b.update("T", 1, {"link"}, null())
            .update("T", 1, {"m"}, null())
            .update("T", 1, {"e"}, null())
            .update("T", 1, {"ld", "k"}, null())
            .update("T", 1, {"ed", "k"}, null())
            .update("T", 1, {"dopt", "k"}, null())
            .insert("T", 1, {"ml", 0}, null(), 0));
  refuse(b.update("T", 1, {"d", "k"}, null()));
  refuse(b.insert("T", 1, {"ll", 0}, null(), 0));
  apply(b.insert("T", 1, {"ll", 0}, link_to("U", 1), 0).insert("T", 1, {"el", 0}, new_object(), 0));
  refuse(b.update("T", 1, {"ll", 0}, null(), 1));
  refuse(b.update("T", 1, {"el", 0}, null(), 1));
}

TEST_F(state_value, a_collection_column_cannot_be_assigned_as_a_whole) {
  for (const auto& value : {integer(1), null(), new_list(), new_dictionary(), new_object()}) {
    refuse(b.update("T", 1, {"i_list"}, value));
    refuse(b.update("T", 1, {"d"}, value));
    refuse(b.update("T", 1, {"st"}, value));
    refuse(b.update("T", 1, {"ml"}, value));
  }
}

TEST_F(state_value, payloads_without_meaning_are_refused) {
  apply(b.insert("T", 1, {"ml", 0}, integer(1), 0));
  refuse(b.update("T", 1, {"i"}, erased()));
  refuse(b.update("T", 1, {"m"}, erased()));
  refuse(b.update("T", 1, {"m"}, new_set()));
  refuse(b.update("T", 1, {"m"}, new_object()));
  refuse(b.update("T", 1, {"link"}, new_object()));
  refuse(b.update("T", 1, {"i"}, new_list()));
  refuse(b.update("T", 1, {"e"}, new_dictionary()));
  refuse(b.update("T", 1, {"ml", 0}, erased(), 1));
  refuse(b.update("T", 1, {"ml", 0}, new_set(), 1));
  refuse(b.update("T", 1, {"md", "k"}, new_set()));
  refuse(b.update("T", 1, {"md", "k"}, new_object()));
  refuse(b.update("T", 1, {"d", "k"}, new_list()));
  refuse(b.insert("T", 1, {"ml", 0}, erased(), 1));
  refuse(b.insert("T", 1, {"ml", 0}, new_set(), 1));
  refuse(b.insert("T", 1, {"ml", 0}, new_object(), 1));
  refuse(b.insert("T", 1, {"i_list", 0}, new_list(), 0));
}

TEST_F(state_value, a_global_key_is_no_value) {
  refuse(b.update("T", 1, {"m"}, payload{value_type::global_key, {}}));
}

TEST_F(state_value, an_embedded_object_in_a_field_is_kept_when_created_again) {
  apply(b.update("T", 1, {"e"}, new_object()).update("T", 1, {"e", "i"}, integer(5)));
  apply(b.update("T", 1, {"e"}, new_object()));
  EXPECT_EQ(field("T", 1, "e"), R"({"$obj":{"i":5,"m":null}})");
  apply(b.update("T", 1, {"e"}, null()).update("T", 1, {"e"}, new_object()));
  EXPECT_EQ(field("T", 1, "e"), R"({"$obj":{"i":0,"m":null}})");
}

TEST_F(state_value, an_embedded_object_in_a_dictionary_is_replaced_when_created_again) {
  apply(b.update("T", 1, {"ed", "k"}, new_object()).update("T", 1, {"ed", "k", "i"}, integer(5)));
  apply(b.update("T", 1, {"ed", "k"}, new_object()));
  EXPECT_EQ(field("T", 1, "ed"), R"({"$dict":{"k":{"$obj":{"i":0,"m":null}}}})");
}

TEST_F(state_value, an_embedded_object_in_a_list_is_kept_when_created_again) {
  apply(b.insert("T", 1, {"el", 0}, new_object(), 0).update("T", 1, {"el", 0, "i"}, integer(5)));
  apply(b.update("T", 1, {"el", 0}, new_object(), 1));
  EXPECT_EQ(field("T", 1, "el"), R"([{"$obj":{"i":5,"m":null}}])");
  refuse(b.update("T", 1, {"el", 1}, new_object(), 1));
}

TEST_F(state_value, a_list_in_mixed_keeps_its_content_when_set_again) {
  apply(b.update("T", 1, {"m"}, new_list()).insert("T", 1, {"m", 0}, integer(1), 0));
  apply(b.update("T", 1, {"m"}, new_list()));
  EXPECT_EQ(field("T", 1, "m"), "[1]");
  apply(b.update("T", 1, {"m"}, new_dictionary()));
  EXPECT_EQ(field("T", 1, "m"), R"({"$dict":{}})");
  apply(b.update("T", 1, {"m", "k"}, integer(1)).update("T", 1, {"m"}, new_dictionary()));
  EXPECT_EQ(field("T", 1, "m"), R"({"$dict":{"k":1}})");
  apply(b.update("T", 1, {"m"}, integer(3)).update("T", 1, {"m"}, new_list()));
  EXPECT_EQ(field("T", 1, "m"), "[]");
  apply(b.insert("T", 1, {"ml", 0}, new_list(), 0)
            .insert("T", 1, {"ml", 0, 0}, integer(1), 0)
            .update("T", 1, {"ml", 0}, new_list(), 1)
            .update("T", 1, {"md", "k"}, new_list())
            .insert("T", 1, {"md", "k", 0}, integer(2), 0)
            .update("T", 1, {"md", "k"}, new_list()));
  EXPECT_EQ(field("T", 1, "ml"), "[[1]]");
  EXPECT_EQ(field("T", 1, "md"), R"({"$dict":{"k":[2]}})");
}

TEST_F(state_value, dictionary_entries_are_set_replaced_and_erased) {
  apply(b.update("T", 1, {"d", "b"}, integer(1))
            .update("T", 1, {"d", "a"}, integer(2))
            .update("T", 1, {"d", "b"}, integer(3))
            .update("T", 1, {"d", "gone"}, erased()));
  EXPECT_EQ(field("T", 1, "d"), R"({"$dict":{"a":2,"b":3}})");
  apply(b.update("T", 1, {"d", "b"}, erased()));
  EXPECT_EQ(field("T", 1, "d"), R"({"$dict":{"a":2}})");
  refuse(b.update("T", 1, {"d", "a"}, string("x")));
}

TEST_F(state_value, dictionary_keys_that_clients_refuse_are_refused) {
  for (const char* key : {"$", "$a", ".", "a.b", "a."}) {
    refuse(b.update("T", 1, {"d", key}, integer(1)));
    refuse(b.update("T", 1, {"d", key}, erased()));
  }
  apply(b.update("T", 1, {"d", ""}, integer(1)).update("T", 1, {"d", "a$"}, integer(2)));
  EXPECT_EQ(field("T", 1, "d"), R"({"$dict":{"":1,"a$":2}})");
}

TEST_F(state_value, incrementing_wraps_and_leaves_null_alone) {
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  apply(b.update("T", 1, {"i"}, integer(largest)).add_integer("T", 1, {"i"}, 1));
  EXPECT_EQ(field("T", 1, "i"), R"({"$int":"-9223372036854775808"})");
  apply(b.add_integer("T", 1, {"i"}, -1));
  EXPECT_EQ(field("T", 1, "i"), R"({"$int":"9223372036854775807"})");
  apply(b.add_integer("T", 1, {"i_opt"}, 5)
            .add_integer("T", 1, {"m"}, 5)
            .add_integer("T", 1, {"s_opt"}, 5));
  EXPECT_EQ(field("T", 1, "i_opt"), "null");
  EXPECT_EQ(field("T", 1, "m"), "null");
  apply(b.update("T", 1, {"m"}, integer(1)).add_integer("T", 1, {"m"}, 5));
  EXPECT_EQ(field("T", 1, "m"), "6");
  apply(b.update("T", 1, {"e"}, new_object()).add_integer("T", 1, {"e", "i"}, 2));
  EXPECT_EQ(field("T", 1, "e"), R"({"$obj":{"i":2,"m":null}})");
}

TEST_F(state_value, only_integer_fields_can_be_incremented) {
  apply(b.update("T", 1, {"d", "k"}, integer(1))
            .insert("T", 1, {"i_list", 0}, integer(1), 0)
            .update("T", 1, {"m"}, string("x"))
            .insert("T", 1, {"ml", 0}, integer(1), 0));
  refuse(b.add_integer("T", 1, {"s"}, 1));
  refuse(b.add_integer("T", 1, {"dbl"}, 1));
  refuse(b.add_integer("T", 1, {"m"}, 1));
  refuse(b.add_integer("T", 1, {"d", "k"}, 1));
  refuse(b.add_integer("T", 1, {"i_list", 0}, 1));
  refuse(b.add_integer("T", 1, {"i_list"}, 1));
  refuse(b.add_integer("T", 1, {"ml", 0}, 1));
}

TEST_F(state_value, clearing_a_mixed_value_makes_it_an_empty_collection_whatever_it_was) {
  for (const auto& before : {null(), integer(1), string("x"), new_list(), new_dictionary()}) {
    apply(b.update("T", 1, {"m"}, before).clear("T", 1, {"m"}, collection_type::list));
    EXPECT_EQ(field("T", 1, "m"), "[]");
    apply(b.insert("T", 1, {"m", 0}, integer(1), 0).clear("T", 1, {"m"}, collection_type::list));
    EXPECT_EQ(field("T", 1, "m"), "[]");
    apply(b.update("T", 1, {"m"}, before).clear("T", 1, {"m"}, collection_type::dictionary));
    EXPECT_EQ(field("T", 1, "m"), R"({"$dict":{}})");
  }
  apply(b.insert("T", 1, {"ml", 0}, integer(1), 0)
            .clear("T", 1, {"ml", 0}, collection_type::list)
            .update("T", 1, {"md", "k"}, integer(1))
            .clear("T", 1, {"md", "k"}, collection_type::dictionary)
            .update("T", 1, {"e"}, new_object())
            .clear("T", 1, {"e", "m"}, collection_type::list));
  EXPECT_EQ(field("T", 1, "ml"), "[[]]");
  EXPECT_EQ(field("T", 1, "md"), R"({"$dict":{"k":{"$dict":{}}}})");
  EXPECT_EQ(field("T", 1, "e"), R"({"$obj":{"i":0,"m":[]}})");
}

TEST_F(state_value, clearing_empties_columns_if_the_kind_fits) {
  for (const auto kind : {collection_type::single, collection_type::list}) {
    apply(b.insert("T", 1, {"i_list", 0}, integer(1), 0).clear("T", 1, {"i_list"}, kind));
    EXPECT_EQ(field("T", 1, "i_list"), "[]");
  }
  for (const auto kind : {collection_type::single, collection_type::dictionary}) {
    apply(b.update("T", 1, {"d", "k"}, integer(1)).clear("T", 1, {"d"}, kind));
    EXPECT_EQ(field("T", 1, "d"), R"({"$dict":{}})");
  }
  for (const auto kind : {collection_type::single, collection_type::set}) {
    apply(b.set_insert("T", 1, {"st"}, integer(1)).clear("T", 1, {"st"}, kind));
    EXPECT_EQ(field("T", 1, "st"), R"({"$set":[]})");
  }
  refuse(b.clear("T", 1, {"i_list"}, collection_type::set));
  refuse(b.clear("T", 1, {"d"}, collection_type::list));
  refuse(b.clear("T", 1, {"st"}, collection_type::dictionary));
}

TEST_F(state_value, what_is_no_collection_cannot_be_cleared) {
  apply(b.insert("T", 1, {"i_list", 0}, integer(1), 0).insert("T", 1, {"el", 0}, new_object(), 0));
  refuse(b.clear("T", 1, {"m"}, collection_type::single));
  refuse(b.clear("T", 1, {"m"}, collection_type::set));
  refuse(b.clear("T", 1, {"i"}, collection_type::list));
  refuse(b.clear("T", 1, {"link"}, collection_type::list));
  refuse(b.clear("T", 1, {"e"}, collection_type::dictionary));
  refuse(b.clear("T", 1, {"i_list", 0}, collection_type::list));
  refuse(b.clear("T", 1, {"el", 0}, collection_type::list));
  refuse(b.clear("T", 1, {"ml", 0}, collection_type::list));
  refuse(b.clear("T", 1, {"md", "nope"}, collection_type::dictionary));
}

TEST_F(state_value, values_survive_the_store_bit_by_bit) {
  const auto nan = sync::float64{0x7ff80000deadbeef};
  apply(b.update("T", 1, {"dbl"}, payload{value_type::float64, nan})
            .update("T", 1, {"f"}, payload{value_type::float32, sync::float32{0x7fc12345}})
            .update("T", 1, {"s"}, string(std::string("\0\xff\xfe", 3)))
            .update("T", 1, {"ts"}, time(std::numeric_limits<std::int64_t>::min(), -999'999'999))
            .update("T", 1, {"dec"},
                    payload{value_type::decimal, sync::decimal128{(std::uint64_t{1} << 49) - 1,
                                                                  ~std::uint64_t{0}, 10207, true}})
            .update("T", 1, {"i"}, integer(std::numeric_limits<std::int64_t>::min())));
  commit();
  for (const char* name : {"dbl", "f", "s", "ts", "dec", "i"}) {
    EXPECT_EQ(stored_field("T", 1, name), field("T", 1, name));
  }
  EXPECT_EQ(stored_field("T", 1, "dbl"), R"({"$double":"efbeadde0000f87f"})");
}

} // namespace
} // namespace ros::test
