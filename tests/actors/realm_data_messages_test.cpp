// The messages of realm_data.hpp survive the way to another node.
#include "actors/realm_data.hpp"

#include "support/actor_world.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

namespace ros::actors {
namespace {

using namespace sync;

struct realm_data_messages : ::testing::Test {
  test::actor_world world;

  std::vector<char> save(const auto& message) {
    std::vector<char> bytes;
    caf::binary_serializer sink{world.system(), bytes};
    auto copy = message;
    EXPECT_FALSE(sink(copy));
    return bytes;
  }
  template <class T>
  T load(const std::vector<char>& bytes) {
    T message;
    caf::binary_deserializer source{world.system(), bytes};
    EXPECT_FALSE(source(message));
    return message;
  }
  template <class T>
  T expect_same_after_transport(const T& message) {
    const auto bytes = save(message);
    auto arrived = load<T>(bytes);
    EXPECT_EQ(save(arrived), bytes);
    return arrived;
  }
};

std::vector<read_value> one_of_each() {
  return {{},
          {std::int64_t{-7}},
          {true},
          {std::string{"text"}},
          {read_binary{std::string("\0\1", 2)}},
          {timestamp{1, 2}},
          {float32{3}},
          {float64{4}},
          {decimal128{1, 2, -3, true}},
          {read_link{"T", std::string{"key"}, true}},
          {object_id{{1, 2, 3}}},
          {uuid{{4, 5, 6}}},
          {read_object{{{"inner", {std::int64_t{1}}}}}},
          {read_collection{collection_type::dictionary, 9, {{"k", {false}}}, {{1, 8}}}}};
}

TEST_F(realm_data_messages, carry_values_of_every_type) {
  objects_read answer{3, {}, 2, true};
  for (const auto& x : one_of_each())
    answer.objects.push_back({std::string{"k"}, {{{"f", x}}}});
  const auto arrived = expect_same_after_transport(answer);
  EXPECT_EQ(arrived.head, 3u);
  EXPECT_TRUE(arrived.more);
  ASSERT_EQ(arrived.objects.size(), answer.objects.size());
  for (std::size_t n = 0; n < arrived.objects.size(); ++n)
    EXPECT_EQ(arrived.objects[n].object.fields[0].value.data.index(), n);
  const auto& link = std::get<read_link>(arrived.objects[9].object.fields[0].value.data);
  EXPECT_EQ(link, (read_link{"T", std::string{"key"}, true}));
}

TEST_F(realm_data_messages, carry_operations_and_keys_of_every_type) {
  transact request;
  request.if_head = 12;
  request.operations = {
      declare_class{"C", "id", value_type::uuid, true, class_kind::asymmetric},
      declare_property{"C", "p", value_type::link, collection_type::list, true, "D"},
      erase_object{"C", global_key{1, 2}}};
  for (const primary_key& key :
       {primary_key{}, primary_key{std::int64_t{1}}, primary_key{std::string{"s"}},
        primary_key{global_key{3, 4}}, primary_key{object_id{{5}}}, primary_key{uuid{{6}}}})
    request.operations.emplace_back(put_object{"C", key, {{"p", {}}}, true});
  request.operations.emplace_back(edit_collection{
      "C", uuid{{6}}, "p", edit_collection::action::assign, 7, "entry", {std::int64_t{8}}});
  const auto arrived = expect_same_after_transport(request);
  ASSERT_TRUE(arrived.if_head);
  EXPECT_EQ(*arrived.if_head, 12u);
  ASSERT_EQ(arrived.operations.size(), request.operations.size());
  EXPECT_EQ(std::get<put_object>(arrived.operations[6]).key, (primary_key{global_key{3, 4}}));
  EXPECT_EQ(std::get<edit_collection>(arrived.operations.back()).index, 7u);
}

TEST_F(realm_data_messages, carry_changes_and_schema) {
  realm_changes changes{
      5, true, true, {{5, 2, "u", {{"T", std::int64_t{1}, object_change::erased, {}}}}}};
  EXPECT_EQ(expect_same_after_transport(changes).changes[0].objects, changes.changes[0].objects);
  realm_schema schema{1,
                      {{"T",
                        class_kind::embedded,
                        "",
                        value_type::global_key,
                        false,
                        {{"c", value_type::link, collection_type::set, true, "U", true}}}}};
  EXPECT_EQ(expect_same_after_transport(schema).classes, schema.classes);
  EXPECT_EQ(expect_same_after_transport(transacted{7, true, false, {{1, 2}}}).made,
            (std::vector<global_key>{{1, 2}}));
  EXPECT_FALSE(expect_same_after_transport(follow_realm{9, false}).keep_open);
}

TEST_F(realm_data_messages, that_are_damaged_are_refused) {
  auto bytes = save(read_value{std::int64_t{1}});
  bytes[0] = 99; // no alternative of a value
  read_value value;
  caf::binary_deserializer source{world.system(), bytes};
  EXPECT_TRUE(source(value));
}

} // namespace
} // namespace ros::actors
