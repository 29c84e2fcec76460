// The rows of the object state: order of keys, damage, and what a reader makes of them.

#include "sync/state_helpers.hpp"

#include "sync/state_codec.hpp"

#include <limits>

namespace ros::test {
namespace {

using sync::primary_key;

std::vector<primary_key> keys_in_order() {
  sync::object_id small_id;
  sync::object_id big_id;
  big_id.raw.fill(0xff);
  sync::uuid small_uuid;
  sync::uuid big_uuid;
  big_uuid.raw.fill(0xff);
  return {primary_key(),
          std::numeric_limits<std::int64_t>::min(),
          std::int64_t{-256},
          std::int64_t{-1},
          std::int64_t{0},
          std::int64_t{1},
          std::int64_t{256},
          std::numeric_limits<std::int64_t>::max(),
          std::string(),
          std::string("\0", 1),
          std::string("\0\0", 2),
          std::string("\0\xff", 2),
          std::string("\1"),
          std::string("a"),
          std::string("a\0", 2),
          std::string("a\0b", 3),
          std::string("a\1"),
          std::string("ab"),
          std::string("b"),
          std::string("\xff"),
          small_id,
          big_id,
          small_uuid,
          big_uuid,
          sync::global_key{0, 5},
          sync::global_key{2, 0},
          sync::global_key{2, 300},
          sync::global_key{3, 0}};
}

TEST(state_key, encoded_keys_sort_like_keys_and_none_begins_another) {
  const auto keys = keys_in_order();
  for (std::size_t i = 0; i + 1 < keys.size(); ++i) {
    const auto a = sync::encode_key(keys[i]);
    const auto next = sync::encode_key(keys[i + 1]);
    EXPECT_LT(a, next) << i;
    EXPECT_FALSE(next.starts_with(a)) << i;
  }
}

TEST(state_key, encoded_keys_read_back) {
  for (const auto& key : keys_in_order()) {
    const auto text = sync::encode_key(key) + "rest";
    std::string_view in = text;
    const auto read = sync::take_key(in);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, key);
    EXPECT_EQ(in, "rest");
    for (std::size_t size = 0; size + 4 < text.size(); ++size) {
      std::string_view cut = std::string_view(text).substr(0, size);
      EXPECT_FALSE(sync::take_key(cut)) << size;
    }
  }
}

class state_damage : public state_fixture {
public:
  void SetUp() override {
    apply(b.add_table("T")
              .add_embedded("E")
              .add_column("T", "m", value_type::null)
              .add_column("T", "e", value_type::link, to("E"))
              .add_column("T", "l", value_type::string, list_of)
              .add_column("T", "d", value_type::string, dictionary_of)
              .add_column("T", "s", value_type::null, set_of)
              .add_column("E", "i", value_type::integer)
              .create("T", 1)
              .update("T", 1, {"m"}, new_list())
              .insert("T", 1, {"m", 0}, link_to("T", 1), 0)
              .insert("T", 1, {"m", 1}, decimal(5, -2), 1)
              .insert("T", 1, {"m", 2}, id(3), 2)
              .insert("T", 1, {"m", 3}, time(5, 6), 3)
              .insert("T", 1, {"m", 4}, real(0.5), 4)
              .update("T", 1, {"e"}, new_object())
              .update("T", 1, {"d", "key"}, string("x"))
              .set_insert("T", 1, {"s"}, unique(3)));
    for (std::uint32_t i = 0; i < 300; ++i) {
      b.insert("T", 1, {"l", i}, string("x"), i);
      b.update("T", 1, {"d", "k" + std::to_string(i)}, string("y"));
    }
    apply(b);
    commit();
    state.discard();
  }
  /// Reads and changes everything; anything may fail, nothing may break.
  void use() {
    sync::object_state other(store);
    other.begin_batch();
    b.update("T", 1, {"e", "i"}, integer(1))
        .update("T", 1, {"l", 299}, string("y"))
        .update("T", 1, {"m", 4}, null())
        .update("T", 1, {"d", "key"}, string("z"))
        .update("T", 1, {"d", "k555"}, string("z"))
        .set_insert("T", 1, {"s"}, integer(1));
    const auto applied = other.apply(b.take());
    if (!applied) {
      EXPECT_FALSE(applied.error().message.empty());
      other.drop_batch();
    } else {
      other.keep_batch();
    }
    other.begin_batch();
    (void)other.apply(b.erase("T", 1).take());
    other.keep_batch();
    (void)other.take_mutations();
    (void)sync::object_reader(store).classes();
    (void)sync::object_reader(store).visit(
        "T", nullptr, [](const primary_key&, const sync::read_object&) { return true; });
  }
  builder b;
};

TEST_F(state_damage, rows_that_are_cut_or_changed_do_no_harm) {
  const auto intact = store.columns;
  for (std::size_t column = 0; column < 2; ++column) {
    for (const auto& [key, value] : intact[column]) {
      const std::size_t step = 1 + value.size() / 100;
      for (std::size_t at = 0; at < value.size(); at += step) {
        store.columns[column][key] = value.substr(0, at);
        use();
        for (const char flip : {'\1', '\x80', '\xff'}) {
          auto changed = value;
          changed[at] = static_cast<char>(changed[at] ^ flip);
          store.columns[column][key] = changed;
          use();
        }
      }
      store.columns[column][key] = value;
    }
  }
}

TEST_F(state_damage, a_damaged_row_is_reported_as_such) {
  auto& objects = store.columns[1];
  objects.begin()->second.resize(5);
  const auto applied = try_apply(b.update("T", 1, {"m"}, null()).take());
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, sync::ec::corrupt_store);
  EXPECT_EQ(applied.error().protocol_code, 0);
  const auto read = sync::object_reader(store).find("T", std::int64_t{1});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, sync::ec::corrupt_store);
}

TEST_F(state_damage, a_missing_piece_is_reported_as_such) {
  auto& objects = store.columns[1];
  ASSERT_EQ(objects.size(), 5U);
  objects.erase(std::next(objects.begin()), objects.end());

  const auto applied = try_apply(
      b.update("T", 1, {"l", 299}, string("y")).update("T", 1, {"d", "k5"}, string("z")).take());
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, sync::ec::corrupt_store);
}

TEST_F(state_damage, a_damaged_schema_is_reported_as_such) {
  store.columns[0].begin()->second = "\2";
  const auto applied = try_apply(b.create("T", 2).take());
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, sync::ec::corrupt_store);
  EXPECT_FALSE(sync::object_reader(store).classes());
}

class object_reading : public state_fixture {
public:
  void SetUp() override {
    apply(b.add_table("T").add_column("T", "i", value_type::integer));
    for (int key = 0; key < 10; ++key) {
      b.create("T", key).update("T", key, {"i"}, integer(key * 10));
    }
    apply(b);
    commit();
    apply(b.erase("T", 4).create("T", 11).update("T", 7, {"i"}, integer(-7)));
  }
  template <class Source>
  static std::string visit(const Source& source, const primary_key* from, int most) {
    std::string out;
    const auto visited = sync::object_reader(source).visit(
        "T", from, [&](const primary_key& key, const sync::read_object& object) {
          out += sync::describe_key(key) + '=' +
                 std::to_string(std::get<std::int64_t>(object.fields[0].value.data)) + ' ';
          return --most > 0;
        });
    EXPECT_TRUE(visited);
    return out;
  }
  builder b;
};

TEST_F(object_reading, sees_what_is_applied_or_what_is_committed) {
  const primary_key from = std::int64_t{3};
  EXPECT_EQ(visit(state, &from, 4), "3=30 5=50 6=60 7=-7 ");
  EXPECT_EQ(visit(store, &from, 4), "3=30 4=40 5=50 6=60 ");
  EXPECT_EQ(visit(state, nullptr, 2), "0=0 1=10 ");
}

TEST_F(object_reading, goes_on_behind_the_last_committed_object) {
  const primary_key from = std::int64_t{9};
  EXPECT_EQ(visit(state, &from, 99), "9=90 11=0 ");
  EXPECT_EQ(visit(store, &from, 99), "9=90 ");
}

TEST_F(object_reading, finds_objects_that_exist_only) {
  EXPECT_EQ(field("T", 7, "i"), "-7");
  EXPECT_EQ(stored_field("T", 7, "i"), "70");
  EXPECT_EQ(field("T", 4, "i"), "absent");
  EXPECT_EQ(field("T", "7", "i"), "absent");
  const auto unknown = sync::object_reader(state).find("Nope", std::int64_t{1});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, sync::ec::apply_failure);
}

TEST_F(object_reading, describes_classes) {
  apply(b.add_embedded("E").add_column("T", "e", value_type::link, to("E", collection_type::list)));
  const auto classes = sync::object_reader(state).classes();
  ASSERT_TRUE(classes);
  ASSERT_EQ(classes->size(), 2U);
  EXPECT_EQ((*classes)[0].name, "E");
  EXPECT_EQ((*classes)[0].kind, class_kind::embedded);
  const auto& t = (*classes)[1];
  EXPECT_EQ(t.key_field, "_id");
  EXPECT_EQ(t.key_type, value_type::integer);
  ASSERT_EQ(t.columns.size(), 2U);
  EXPECT_EQ(t.columns[0].target_class, "E");
  EXPECT_TRUE(t.columns[0].embedded);
  EXPECT_EQ(t.columns[0].collection, collection_type::list);
}

} // namespace
} // namespace ros::test
