// Before-images: what touched objects looked like at the last log entry.

#include "sync/state_helpers.hpp"

namespace ros::test {
namespace {

class before_images : public state_fixture {
public:
  before_images() : state_fixture(options()) {}
  static sync::object_state_options options() {
    sync::object_state_options chosen;
    chosen.before_images = true;
    return chosen;
  }
  void SetUp() override {
    apply(b.add_table("T")
              .add_column("T", "s", value_type::string)
              .add_column("T", "l", value_type::integer, list_of)
              .create("T", 1)
              .create("T", 2)
              .update("T", 1, {"s"}, string("old")));
    commit();
    (void)take();
  }
  std::vector<sync::before_image> take() {
    auto images = sync::decode_before_images(state.take_before_images());
    EXPECT_TRUE(images);
    return std::move(*images);
  }
  std::string field(const sync::before_image& image, std::string_view name) {
    auto object = sync::object_reader(state).read(image);
    EXPECT_TRUE(object) << object.error().message;
    if (!object || !*object) {
      return "absent";
    }
    for (const auto& f : (*object)->fields) {
      if (f.name == name) {
        return boost::json::serialize(value_to_json(f.value));
      }
    }
    return "no such field";
  }
  builder b;
};

TEST_F(before_images, show_objects_as_they_were_at_the_last_entry) {
  apply(b.update("T", 1, {"s"}, string("newer")));
  apply(b.update("T", 1, {"s"}, string("newest")).erase("T", 2).create("T", 3));
  commit();
  const auto images = take();
  ASSERT_EQ(images.size(), 3U);
  EXPECT_EQ(images[0].table, "T");
  EXPECT_EQ(images[0].key, sync::encode_key(std::int64_t{1}));
  EXPECT_EQ(field(images[0], "s"), R"("old")");
  EXPECT_EQ(images[1].key, sync::encode_key(std::int64_t{2}));
  EXPECT_EQ(field(images[1], "s"), R"("")");
  EXPECT_EQ(images[2].key, sync::encode_key(std::int64_t{3}));
  EXPECT_FALSE(images[2].value);
  EXPECT_TRUE(take().empty());
}

TEST_F(before_images, can_be_taken_before_the_mutations) {
  apply(b.update("T", 1, {"s"}, string("new")));
  EXPECT_EQ(take().size(), 1U);
  commit();
  EXPECT_TRUE(take().empty());
  apply(b.update("T", 1, {"s"}, string("newer")));
  commit();
  const auto images = take();
  ASSERT_EQ(images.size(), 1U);
  EXPECT_EQ(field(images[0], "s"), R"("new")");
}

TEST_F(before_images, show_what_is_in_flight_as_the_state_before) {
  apply(b.update("T", 1, {"s"}, string("first")));
  const auto first = state.take_mutations();
  EXPECT_EQ(take().size(), 1U);
  apply(b.update("T", 1, {"s"}, string("second")));
  store.apply(first);
  state.committed();
  commit();
  const auto images = take();
  ASSERT_EQ(images.size(), 1U);
  EXPECT_EQ(field(images[0], "s"), R"("first")");
}

TEST_F(before_images, leave_out_what_a_dropped_batch_touched) {
  refuse(b.update("T", 1, {"s"}, string("new")).create("Nope", 1));
  apply(b.update("T", 2, {"s"}, string("new")));
  const auto images = take();
  ASSERT_EQ(images.size(), 1U);
  EXPECT_EQ(images[0].key, sync::encode_key(std::int64_t{2}));
}

TEST_F(before_images, leave_out_objects_that_went_with_their_class) {
  apply(b.update("T", 1, {"s"}, string("new")).erase_table("T"));
  commit();
  EXPECT_TRUE(take().empty());
}

TEST_F(before_images, are_empty_unless_asked_for) {
  sync::object_state quiet(store);
  quiet.begin_batch();
  ASSERT_TRUE(quiet.apply(b.update("T", 1, {"s"}, string("new")).take()));
  quiet.keep_batch();
  EXPECT_EQ(quiet.take_mutations().size(), 1U);
  EXPECT_TRUE(quiet.take_before_images().empty());
}

TEST_F(before_images, carry_the_changed_pieces_of_a_big_list) {
  constexpr std::uint32_t n = 3'000;
  for (std::uint32_t i = 0; i < n; ++i) {
    b.insert("T", 1, {"l", i}, integer(i), i);
  }
  apply(b);
  commit();
  (void)take();
  for (const bool cold : {true, false}) {
    if (cold) {
      state.discard();
    }
    apply(b.update("T", 1, {"l", 700}, integer(-1), n));
    commit();
    const auto images = take();
    ASSERT_EQ(images.size(), 1U);
    ASSERT_EQ(images[0].pieces.size(), 1U);
    EXPECT_LT(images[0].pieces[0].content.size(), 2'000U);
    auto object = sync::object_reader(state).read(images[0]);
    ASSERT_TRUE(object && *object);
    const auto& list = std::get<sync::read_collection>((*object)->fields[0].value.data);
    EXPECT_EQ(list.size, n);
    ASSERT_EQ(list.gaps.size(), 2U);
    const auto first = list.gaps[0].count;
    ASSERT_LE(first, 700U);
    ASSERT_GT(list.gaps[1].index, 700U);
    EXPECT_EQ(std::get<std::int64_t>(list.entries[700 - first].value.data), 700);
    apply(b.update("T", 1, {"l", 700}, integer(700), n));
    commit();
    (void)take();
  }
}

TEST_F(before_images, of_an_erased_big_object_say_how_big_it_was) {
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    b.insert("T", 1, {"l", i}, integer(i), i);
  }
  apply(b);
  commit();
  (void)take();
  state.discard();
  apply(b.erase("T", 1));
  commit();
  const auto images = take();
  ASSERT_EQ(images.size(), 1U);
  auto object = sync::object_reader(state).read(images[0]);
  ASSERT_TRUE(object && *object);
  EXPECT_EQ(std::get<sync::read_collection>((*object)->fields[0].value.data).size, 1'000U);
}

TEST_F(before_images, do_not_grow_without_bound) {
  constexpr std::uint32_t n = 40;
  for (std::uint32_t i = 0; i < n; ++i) {
    b.insert("T", 1, {"l", 0}, integer(0), i);
  }
  apply(b.add_column("T", "big", value_type::string, list_of));
  for (std::uint32_t i = 0; i < n; ++i) {
    b.insert("T", 1, {"big", i}, string(std::string(100'000, 'x')), i);
  }
  apply(b);
  commit();
  (void)take();
  for (std::uint32_t i = 0; i < n; ++i) {
    b.update("T", 1, {"big", i}, string("y"), n);
  }
  apply(b);
  commit();
  const auto bytes = state.take_before_images();
  EXPECT_GT(bytes.size(), 900'000U);
  EXPECT_LT(bytes.size(), sync::max_image_pieces + 10'000);
}

TEST(before_image_format, is_fixed) {
  std::vector<sync::before_image> images(2);
  images[0].table = "T";
  images[0].key = "k";
  images[0].value = "value";
  images[0].pieces = {{300, "p"}};
  images[1].table = "U";
  images[1].key = "";
  const auto bytes = sync::encode_before_images(images);
  EXPECT_EQ(bytes.view(), std::string_view("\1\2\1T\1k\1\5value\1\xac\2\1p\1U\0\0", 22));
  auto read = sync::decode_before_images(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, images);
}

TEST(before_image_format, damage_is_an_error) {
  std::vector<sync::before_image> images(1);
  images[0].table = "T";
  images[0].value = "value";
  const auto bytes = sync::encode_before_images(images);
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    const auto read = sync::decode_before_images(bytes.slice(0, size));
    ASSERT_FALSE(read) << size;
    EXPECT_EQ(read.error().code, sync::ec::corrupt_store);
  }
  EXPECT_FALSE(sync::decode_before_images(sync::bytes(std::string(bytes.view()) + 'x')));
  EXPECT_FALSE(sync::decode_before_images(sync::bytes(std::string("\2\0", 2))));
  EXPECT_TRUE(sync::decode_before_images({}));
}

} // namespace
} // namespace ros::test
