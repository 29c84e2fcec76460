// Lists and sets on the object state (changesets.md 13.5; 16, assertions 20, 27).

#include "sync/state_helpers.hpp"

#include <cmath>
#include <limits>

namespace ros::test {
namespace {

class state_collection : public state_fixture {
public:
  void SetUp() override {
    apply(b.add_table("T")
              .add_embedded("E")
              .add_column("T", "l", value_type::integer, list_of)
              .add_column("T", "ml", value_type::null, list_of)
              .add_column("T", "el", value_type::link, to("E", collection_type::list))
              .add_column("T", "i", value_type::integer)
              .add_column("T", "m", value_type::null)
              .add_column("T", "s", value_type::integer, set_of)
              .add_column("T", "sopt", value_type::string, nullable(set_of))
              .add_column("T", "sm", value_type::null, set_of)
              .add_column("T", "sd", value_type::float64, set_of)
              .add_column("T", "sdec", value_type::decimal, set_of)
              .add_column("T", "d", value_type::integer, dictionary_of)
              .add_column("E", "s", value_type::integer, set_of)
              .create("T", 1));
    for (std::uint32_t i = 0; i < 3; ++i) {
      b.insert("T", 1, {"l", i}, integer(i), i);
    }
    apply(b);
  }
  std::string elements(const char* name) { return field("T", 1, name); }
  builder b;
};

TEST_F(state_collection, elements_are_inserted_moved_and_erased_at_indexes) {
  apply(b.insert("T", 1, {"l", 1}, integer(9), 3));
  EXPECT_EQ(elements("l"), "[0,9,1,2]");
  apply(b.insert("T", 1, {"l", 4}, integer(8), 4));
  EXPECT_EQ(elements("l"), "[0,9,1,2,8]");
  apply(b.move("T", 1, {"l", 0}, 3, 5));
  EXPECT_EQ(elements("l"), "[9,1,2,0,8]");
  apply(b.move("T", 1, {"l", 4}, 0, 5));
  EXPECT_EQ(elements("l"), "[8,9,1,2,0]");
  apply(b.remove("T", 1, {"l", 1}, 5));
  EXPECT_EQ(elements("l"), "[8,1,2,0]");
}

TEST_F(state_collection, the_prior_size_must_be_the_length) {
  for (const std::uint32_t wrong : {0U, 2U, 4U}) {
    refuse(b.insert("T", 1, {"l", 0}, integer(1), wrong));
    refuse(b.move("T", 1, {"l", 0}, 1, wrong));
    refuse(b.remove("T", 1, {"l", 0}, wrong));
  }
  apply(b.update("T", 1, {"l", 0}, integer(7), 99)); // array updates do not check it
  EXPECT_EQ(elements("l"), "[7,1,2]");
}

TEST_F(state_collection, indexes_must_be_in_range) {
  refuse(b.insert("T", 1, {"l", 4}, integer(1), 3));
  refuse(b.remove("T", 1, {"l", 3}, 3));
  refuse(b.update("T", 1, {"l", 3}, integer(1), 3));
  refuse(b.move("T", 1, {"l", 3}, 0, 3));
  refuse(b.move("T", 1, {"l", 0}, 3, 3));
  refuse(b.move("T", 1, {"l", 1}, 1, 3));
}

TEST_F(state_collection, list_instructions_need_a_list) {
  apply(b.update("T", 1, {"m"}, new_dictionary()).update("T", 1, {"d", "k"}, integer(1)));
  for (const char* name : {"i", "m", "s", "d"}) {
    refuse(b.insert("T", 1, {name, 0}, integer(1), 0));
    refuse(b.move("T", 1, {name, 0}, 1, 2));
    refuse(b.remove("T", 1, {name, 0}, 1));
    refuse(b.insert("T", 1, {name}, integer(1), 0));
  }
  refuse(b.insert("T", 1, {"l"}, integer(1), 3));
  refuse(b.insert("T", 1, {"d", "k"}, integer(1), 1));
}

TEST_F(state_collection, only_lists_of_embedded_objects_take_new_objects) {
  refuse(b.insert("T", 1, {"l", 0}, new_object(), 3));
  refuse(b.insert("T", 1, {"ml", 0}, new_object(), 0));
  apply(b.insert("T", 1, {"el", 0}, new_object(), 0));
  refuse(b.insert("T", 1, {"el", 0}, integer(1), 1));
  refuse(b.insert("T", 1, {"el", 0}, link_to("T", 1), 1));
}

TEST_F(state_collection, moving_an_element_moves_what_is_in_it) {
  apply(b.insert("T", 1, {"ml", 0}, new_list(), 0)
            .insert("T", 1, {"ml", 0, 0}, integer(5), 0)
            .insert("T", 1, {"ml", 1}, integer(1), 1)
            .move("T", 1, {"ml", 0}, 1, 2));
  EXPECT_EQ(elements("ml"), "[1,[5]]");
}

TEST_F(state_collection, a_set_holds_each_element_once) {
  apply(b.set_insert("T", 1, {"s"}, integer(2))
            .set_insert("T", 1, {"s"}, integer(1))
            .set_insert("T", 1, {"s"}, integer(2))
            .set_erase("T", 1, {"s"}, integer(5)));
  EXPECT_EQ(elements("s"), R"({"$set":[1,2]})");
  apply(b.set_erase("T", 1, {"s"}, integer(1)));
  EXPECT_EQ(elements("s"), R"({"$set":[2]})");
}

TEST_F(state_collection, set_instructions_need_a_set_and_an_element_of_its_type) {
  apply(
      b.insert("T", 1, {"el", 0}, new_object(), 0).set_insert("T", 1, {"el", 0, "s"}, integer(1)));
  EXPECT_EQ(elements("el"), R"([{"$obj":{"s":{"$set":[1]}}}])");
  for (const char* name : {"i", "m", "l", "d"}) {
    refuse(b.set_insert("T", 1, {name}, integer(1)));
    refuse(b.set_erase("T", 1, {name}, integer(1)));
  }
  refuse(b.set_insert("T", 1, {"l", 0}, integer(1)));
  for (const auto& element : {string("x"), null(), new_list(), new_dictionary(), new_set(),
                              new_object(), erased(), link_to("T", 1)}) {
    refuse(b.set_insert("T", 1, {"s"}, element));
    refuse(b.set_erase("T", 1, {"s"}, element));
  }
  for (const auto& element : {new_list(), new_dictionary(), new_set(), new_object(), erased()}) {
    refuse(b.set_insert("T", 1, {"sm"}, element));
  }
}

TEST_F(state_collection, null_can_be_erased_from_a_set_of_mixed_only) {
  apply(b.set_insert("T", 1, {"sopt"}, null()).set_insert("T", 1, {"sm"}, null()));
  EXPECT_EQ(elements("sopt"), R"({"$set":[null]})");
  refuse(b.set_erase("T", 1, {"sopt"}, null()));
  apply(b.set_erase("T", 1, {"sm"}, null()));
  EXPECT_EQ(elements("sm"), R"({"$set":[]})");
}

TEST_F(state_collection, equal_numbers_of_different_types_are_one_element_of_a_mixed_set) {
  const std::vector<payload> ones = {integer(1), single(1),        real(1),
                                     decimal(1), decimal(100, -2), decimal(10, -1)};
  for (const auto& first : ones) {
    apply(b.set_insert("T", 1, {"sm"}, first));
    const auto before = elements("sm");
    for (const auto& other : ones) {
      apply(b.set_insert("T", 1, {"sm"}, other));
      EXPECT_EQ(elements("sm"), before); // the first inserted stays
    }
    for (const auto& other : ones) {
      apply(b.set_erase("T", 1, {"sm"}, other).set_insert("T", 1, {"sm"}, first));
      EXPECT_EQ(elements("sm"), before);
    }
    apply(b.set_erase("T", 1, {"sm"}, first));
  }
  EXPECT_EQ(elements("sm"), R"({"$set":[]})");
}

TEST_F(state_collection, numbers_are_compared_exactly) {
  constexpr std::int64_t big = (std::int64_t{1} << 53) + 1; // no double
  apply(b.set_insert("T", 1, {"sm"}, integer(big))
            .set_insert("T", 1, {"sm"}, real(static_cast<double>(big - 1)))
            .set_insert("T", 1, {"sm"}, decimal(static_cast<std::uint64_t>(big)))
            .set_insert("T", 1, {"sm"}, real(0.5))
            .set_insert("T", 1, {"sm"}, decimal(5, -1))
            .set_insert("T", 1, {"sm"}, single(0.5F))
            .set_insert("T", 1, {"sm"}, integer(-1))
            .set_insert("T", 1, {"sm"}, decimal(1, 0, true))
            .set_insert("T", 1, {"sm"}, real(std::ldexp(1.0, 100)))
            .set_insert("T", 1, {"sm"}, single(std::ldexp(1.0F, 100)))
            .set_insert("T", 1, {"sm"}, decimal(1, 300))
            .set_insert("T", 1, {"sm"}, decimal(10, 299)));
  const auto shown = elements("sm");
  const auto set = boost::json::parse(shown).at("$set").as_array();
  EXPECT_EQ(set.size(), 6U) << shown;
}

TEST_F(state_collection, zeros_are_one_and_so_are_not_a_numbers) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  apply(b.set_insert("T", 1, {"sd"}, real(0.0))
            .set_insert("T", 1, {"sd"}, real(-0.0))
            .set_insert("T", 1, {"sd"}, real(nan))
            .set_insert("T", 1, {"sd"},
                        payload{value_type::float64, sync::float64{0x7ff8000000000099}}));
  EXPECT_EQ(boost::json::parse(elements("sd")).at("$set").as_array().size(), 2U);
  apply(b.set_insert("T", 1, {"sm"}, real(infinity))
            .set_insert("T", 1, {"sm"}, decimal(0, 9184))
            .set_insert("T", 1, {"sm"}, real(-infinity))
            .set_insert("T", 1, {"sm"}, decimal(0, 9184, true))
            .set_insert("T", 1, {"sm"}, real(nan))
            .set_insert("T", 1, {"sm"}, decimal(0, 9696))
            .set_insert("T", 1, {"sm"}, integer(0))
            .set_insert("T", 1, {"sm"}, decimal(0, -20, true)));
  EXPECT_EQ(boost::json::parse(elements("sm")).at("$set").as_array().size(), 4U);
}

TEST_F(state_collection, values_of_other_types_are_different_elements) {
  apply(b.set_insert("T", 1, {"sm"}, integer(1))
            .set_insert("T", 1, {"sm"}, boolean(true))
            .set_insert("T", 1, {"sm"}, string("1"))
            .set_insert("T", 1, {"sm"}, binary("1"))
            .set_insert("T", 1, {"sm"}, time(1))
            .set_insert("T", 1, {"sm"}, id(1))
            .set_insert("T", 1, {"sm"}, unique(1))
            .set_insert("T", 1, {"sm"}, link_to("T", 1))
            .set_insert("T", 1, {"sm"}, link_to("T", 2))
            .set_insert("T", 1, {"sm"}, null()));
  commit();
  EXPECT_EQ(boost::json::parse(elements("sm")).at("$set").as_array().size(), 10U);
  EXPECT_EQ(stored_field("T", 1, "sm"), elements("sm"));
}

TEST_F(state_collection, decimals_that_are_equal_are_one_element_of_a_typed_set) {
  apply(b.set_insert("T", 1, {"sdec"}, decimal(120, -2))
            .set_insert("T", 1, {"sdec"}, decimal(12, -1))
            .set_insert("T", 1, {"sdec"}, decimal(12, -2)));
  EXPECT_EQ(boost::json::parse(elements("sdec")).at("$set").as_array().size(), 2U);
}

} // namespace
} // namespace ros::test
