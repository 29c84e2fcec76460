// What followers of a Realm are told of a changeset.
#include "sync/touched_objects.hpp"

#include "state_helpers.hpp"

namespace ros::test {
namespace {

using sync::object_change;
using sync::touched_object;

TEST(touched_objects, are_named_once_with_the_fields_that_changed) {
  builder b;
  b.add_table("T").add_column("T", "i", value_type::integer);
  b.update("T", 2, {"z"}, 1).update("T", 1, {"i"}, 1).update("T", 2, {"a"}, 1);
  b.update("T", 2, {"z", "inner"}, 1).insert("T", 2, {"l", 0}, 5, 0);
  const auto touched = sync::touched_objects(b.changes(), 10);
  ASSERT_TRUE(touched);
  EXPECT_EQ(*touched, (std::vector<touched_object>{
                          {"T", std::int64_t{1}, object_change::updated, {"i"}},
                          {"T", std::int64_t{2}, object_change::updated, {"a", "l", "z"}}}));
}

TEST(touched_objects, are_created_or_erased_as_the_last_of_it_says) {
  builder b;
  b.create("T", 1).update("T", 1, {"i"}, 1);
  b.create("T", 2).erase("T", 2);
  b.erase("T", 3).create("T", 3);
  b.update("T", 4, {"i"}, 1).erase("T", 4);
  b.create("U", std::string{"1"}).create("U", sync::global_key{3, 4});
  const auto touched = sync::touched_objects(b.changes(), 10);
  ASSERT_TRUE(touched);
  EXPECT_EQ(*touched, (std::vector<touched_object>{
                          {"T", std::int64_t{1}, object_change::created, {}},
                          {"T", std::int64_t{2}, object_change::erased, {}},
                          {"T", std::int64_t{3}, object_change::created, {}},
                          {"T", std::int64_t{4}, object_change::erased, {}},
                          {"U", std::string{"1"}, object_change::created, {}},
                          {"U", sync::global_key{3, 4}, object_change::created, {}}}));
}

TEST(touched_objects, are_not_told_if_they_are_too_many_or_a_class_goes) {
  builder b;
  b.create("T", 1).create("T", 2).create("T", 3);
  EXPECT_TRUE(sync::touched_objects(b.changes(), 3));
  EXPECT_FALSE(sync::touched_objects(b.changes(), 2));
  builder e;
  e.erase_table("T");
  EXPECT_FALSE(sync::touched_objects(e.changes(), 3));
  EXPECT_TRUE(sync::touched_objects({}, 0)->empty());
}

} // namespace
} // namespace ros::test
