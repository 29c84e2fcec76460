// Collections that are stored in pieces: any order of changes gives what a plain
// container gives, live and read back from the store, and only the pieces concerned
// are read and written.

#include "sync/state_helpers.hpp"

#include "sync/state_value.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace ros::test {
namespace {

/// Cache size 0: every log entry begins with a cold cache.
class state_pieces : public state_fixture, public testing::WithParamInterface<std::size_t> {
public:
  state_pieces() : state_fixture(options(GetParam())) {}

  void SetUp() override {
    apply(b.add_table("T")
              .add_embedded("E")
              .add_column("T", "l", value_type::string, list_of)
              .add_column("T", "d", value_type::integer, dictionary_of)
              .add_column("T", "s", value_type::integer, set_of)
              .add_column("T", "m", value_type::null)
              .add_column("T", "el", value_type::link, to("E", collection_type::list))
              .add_column("E", "l", value_type::integer, list_of)
              .create("T", 1));
    commit();
  }
  static sync::object_state_options options(std::size_t cache_bytes) {
    sync::object_state_options chosen;
    chosen.cache_bytes = cache_bytes;
    return chosen;
  }
  /// Row plus pieces of the only object.
  void expect_stored_like_live() { ASSERT_EQ(stored_content(), content()); }
  static std::string json_of(const std::vector<std::string>& model) {
    boost::json::array out;
    for (const auto& element : model) {
      out.emplace_back(element);
    }
    return boost::json::serialize(out);
  }

  builder b;
};

INSTANTIATE_TEST_SUITE_P(cold_and_warm, state_pieces, testing::Values(0U, 64U << 20),
                         [](const auto& info) { return info.param == 0 ? "cold" : "warm"; });

TEST_P(state_pieces, a_list_behaves_like_a_vector_in_any_order_of_changes) {
  std::mt19937 random(11);
  std::vector<std::string> model;
  int made = 0;
  // Grows to about 1500 elements, then shrinks to nothing.
  for (int round = 0; round < 90; ++round) {
    const bool growing = round < 45;
    for (int step = 0; step < 60; ++step) {
      const auto n = static_cast<std::uint32_t>(model.size());
      const auto choice = random() % 10;
      if (n < 2 || (growing ? choice < 7 : choice < 2)) {
        const auto index = random() % 4 == 0 ? n : static_cast<std::uint32_t>(random() % (n + 1));
        std::string value = "value " + std::to_string(made++);
        value.append(random() % 50 == 0 ? 3000 : random() % 20, 'x');
        b.insert("T", 1, {"l", index}, string(value), n);
        model.insert(model.begin() + index, value);
      } else if (choice == 7) {
        const auto index = static_cast<std::uint32_t>(random() % n);
        const std::string value = "changed " + std::to_string(made++);
        b.update("T", 1, {"l", index}, string(value), n);
        model[index] = value;
      } else if (choice == 8) {
        const auto from = static_cast<std::uint32_t>(random() % n);
        const auto target = static_cast<std::uint32_t>((from + 1 + random() % (n - 1)) % n);
        b.move("T", 1, {"l", from}, target, n);
        auto value = model[from];
        model.erase(model.begin() + from);
        model.insert(model.begin() + target, value);
      } else {
        const auto index = static_cast<std::uint32_t>(random() % n);
        b.remove("T", 1, {"l", index}, n);
        model.erase(model.begin() + index);
      }
    }
    apply(b);
    commit();
    if (round % 5 == 4) {
      ASSERT_EQ(stored_field("T", 1, "l"), json_of(model));
      ASSERT_EQ(field("T", 1, "l"), json_of(model));
    }
  }
  for (auto n = static_cast<std::uint32_t>(model.size()); n > 0; --n) {
    b.remove("T", 1, {"l", static_cast<std::uint32_t>(random() % n)}, n);
  }
  apply(b);
  commit();
  EXPECT_EQ(stored_field("T", 1, "l"), "[]");
  EXPECT_EQ(rows(), 1U);
}

TEST_P(state_pieces, a_dictionary_and_a_set_behave_like_map_and_set) {
  std::mt19937 random(12);
  std::map<std::string, std::int64_t> entries;
  std::set<std::int64_t> elements;
  for (int round = 0; round < 60; ++round) {
    const bool growing = round < 40;
    for (int step = 0; step < 60; ++step) {
      const auto number = static_cast<std::int64_t>(random() % 3000) - 1500;
      const auto key = "key " + std::to_string(number);
      if (random() % 10 < (growing ? 8U : 2U)) {
        b.update("T", 1, {"d", key}, integer(number * round))
            .set_insert("T", 1, {"s"}, integer(number));
        entries[key] = number * round;
        elements.insert(number);
      } else {
        b.update("T", 1, {"d", key}, erased()).set_erase("T", 1, {"s"}, integer(number));
        entries.erase(key);
        elements.erase(number);
      }
    }
    apply(b);
    commit();
    auto object = sync::object_reader(store).find("T", 1);
    ASSERT_TRUE(object && *object);
    const auto& read = (*object)->fields;
    const auto& d = std::get<sync::read_collection>(read[0].value.data).entries;
    ASSERT_EQ(read[0].name, "d");
    ASSERT_EQ(d.size(), entries.size());
    auto expected = entries.begin();
    for (const auto& entry : d) {
      ASSERT_EQ(entry.key, expected->first);
      ASSERT_EQ(std::get<std::int64_t>(entry.value.data), (expected++)->second);
    }
    const auto& s = std::get<sync::read_collection>(read[4].value.data).entries;
    ASSERT_EQ(read[4].name, "s");
    ASSERT_EQ(s.size(), elements.size());
    auto member = elements.begin();
    for (const auto& entry : s) {
      ASSERT_EQ(std::get<std::int64_t>(entry.value.data), *member++);
    }
  }
  apply(b.clear("T", 1, {"d"}, collection_type::dictionary)
            .clear("T", 1, {"s"}, collection_type::set));
  commit();
  EXPECT_EQ(rows(), 1U);
  expect_stored_like_live();
}

TEST_P(state_pieces, a_list_gets_pieces_of_its_own_one_element_above_the_limit) {
  std::vector<std::string> model;
  for (std::uint32_t i = 0; i < sync::max_piece_entries; ++i) {
    model.push_back(std::to_string(i));
    b.insert("T", 1, {"l", i}, string(model.back()), i);
  }
  apply(b);
  commit();
  EXPECT_EQ(rows(), 1U);
  model.emplace_back("last");
  apply(b.insert("T", 1, {"l", sync::max_piece_entries}, string("last"), sync::max_piece_entries));
  commit();
  EXPECT_EQ(rows(), 3U);
  EXPECT_EQ(stored_field("T", 1, "l"), json_of(model));
  // It does not go back at once, but it does when it is small.
  for (std::uint32_t n = sync::max_piece_entries + 1; n > 100; --n) {
    b.remove("T", 1, {"l", n - 1}, n);
    model.pop_back();
    if (n % 50 == 0) {
      apply(b);
      commit();
      ASSERT_EQ(stored_field("T", 1, "l"), json_of(model));
    }
  }
  apply(b);
  commit();
  EXPECT_EQ(stored_field("T", 1, "l"), json_of(model));
  EXPECT_EQ(rows(), 1U);
}

TEST_P(state_pieces, big_elements_are_cut_by_bytes) {
  std::vector<std::string> model;
  for (std::uint32_t i = 0; i < 40; ++i) {
    model.push_back(std::string(1000, static_cast<char>('a' + i % 26)));
    b.insert("T", 1, {"l", i}, string(model.back()), i);
  }
  model[20] = std::string(100'000, '#');
  apply(b.update("T", 1, {"l", 20}, string(model[20]), 40));
  commit();
  EXPECT_EQ(stored_field("T", 1, "l"), json_of(model));
  std::size_t largest = 0;
  for (const auto& [key, value] : store.column_rows(sync::state_column::objects)) {
    if (value.size() < 100'000) {
      largest = std::max(largest, value.size());
    }
  }
  EXPECT_GE(rows(), 5U);
  EXPECT_LE(largest, 2U * sync::max_piece_bytes);
}

TEST_P(state_pieces, one_insertion_writes_two_rows) {
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    b.insert("T", 1, {"l", i}, string(std::to_string(i)), i);
  }
  apply(b);
  commit();
  for (const std::uint32_t index : {0U, 5'000U, 9'999U}) {
    const auto reads = store.reads;
    apply(b.update("T", 1, {"l", index}, string("x"), 10'000));
    EXPECT_LE(store.reads - reads, 2U);
    const auto mutations = state.take_mutations();
    EXPECT_EQ(mutations.size(), 2U);
    store.apply(mutations);
    state.committed();
  }
}

TEST_P(state_pieces, membership_of_a_big_set_reads_one_piece) {
  for (int i = 0; i < 10'000; ++i) {
    b.set_insert("T", 1, {"s"}, integer(i));
  }
  apply(b);
  commit();
  state.discard();
  const auto reads = store.reads;
  apply(b.set_insert("T", 1, {"s"}, integer(7'777)));
  EXPECT_EQ(store.reads - reads, 2U);
}

TEST_P(state_pieces, a_dropped_batch_leaves_pieces_as_they_were) {
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    b.insert("T", 1, {"l", i}, string(std::to_string(i)), i);
  }
  apply(b);
  commit();
  const auto before = content();
  for (const std::uint32_t index : {0U, 500U, 999U}) {
    b.insert("T", 1, {"l", index}, string("x"), 1'000).update("T", 1, {"l", 300}, string("y"), 0);
    refuse(b.create("Nope", 1));
  }
  refuse(b.clear("T", 1, {"l"}, collection_type::list).create("Nope", 1));
  refuse(b.erase("T", 1).create("Nope", 1));
  EXPECT_EQ(content(), before);
  commit();
  EXPECT_EQ(stored_content(), before);
}

TEST_P(state_pieces, nested_collections_have_pieces_and_lose_them_with_their_owner) {
  const auto fill = [this] {
    apply(b.update("T", 1, {"m"}, new_list()));
    for (std::uint32_t i = 0; i < 600; ++i) {
      b.insert("T", 1, {"m", i}, integer(i), i);
    }
    apply(b.update("T", 1, {"m", 300}, new_dictionary(), 600));
    for (int i = 0; i < 600; ++i) {
      b.update("T", 1, {"m", 300, "key " + std::to_string(i)}, integer(i));
    }
    for (std::uint32_t i = 0; i < 300; ++i) {
      b.insert("T", 1, {"el", i}, new_object(), i);
    }
    for (std::uint32_t i = 0; i < 300; ++i) {
      b.insert("T", 1, {"el", 7, "l", i}, integer(i), i);
    }
    apply(b);
    commit();
    expect_stored_like_live();
    EXPECT_GE(rows(), 8U);
  };
  fill();
  apply(b.update("T", 1, {"m", 300, "key 5"}, integer(-1)).move("T", 1, {"m", 300}, 0, 600));
  apply(b.update("T", 1, {"m", 0, "key 6"}, integer(-2))
            .update("T", 1, {"el", 7, "l", 8}, integer(-3), 0));
  commit();
  expect_stored_like_live();
  apply(b.update("T", 1, {"m"}, null()).clear("T", 1, {"el"}, collection_type::list));
  commit();
  EXPECT_EQ(rows(), 1U);
  fill();
  apply(b.erase("T", 1));
  commit();
  EXPECT_EQ(rows(), 0U);
  apply(b.create("T", 1));
  fill();
  apply(b.erase("T", 1).create("T", 1));
  commit();
  EXPECT_EQ(rows(), 1U);
  fill();
  apply(b.erase_table("T"));
  commit();
  EXPECT_EQ(rows(), 0U);
}

TEST_P(state_pieces, what_an_erased_column_left_goes_with_the_next_change_of_the_object) {
  for (std::uint32_t i = 0; i < 600; ++i) {
    b.insert("T", 1, {"l", i}, string("x"), i);
  }
  apply(b);
  commit();
  EXPECT_GT(rows(), 1U);
  apply(b.erase_column("T", "l").add_column("T", "l", value_type::string, list_of));
  commit();
  EXPECT_EQ(stored_field("T", 1, "l"), "[]");
  apply(b.update("T", 1, {"m"}, integer(1)));
  commit();
  EXPECT_EQ(rows(), 1U);
  expect_stored_like_live();
}

TEST_P(state_pieces, a_window_reads_only_the_pieces_in_it) {
  for (std::uint32_t i = 0; i < 5'000; ++i) {
    b.insert("T", 1, {"l", i}, string(std::to_string(i)), i);
  }
  apply(b);
  commit();
  const auto reads = store.reads;
  auto object = sync::object_reader(store).find("T", 1, {4'000, 3});
  ASSERT_TRUE(object && *object);
  EXPECT_LE(store.reads - reads, 3U);
  const auto& list = std::get<sync::read_collection>((*object)->fields[2].value.data);
  EXPECT_EQ(list.size, 5'000U);
  ASSERT_EQ(list.entries.size(), 3U);
  EXPECT_EQ(std::get<std::string>(list.entries[1].value.data), "4001");
  EXPECT_EQ(list.gaps, (std::vector<sync::read_gap>{{0, 4'000}, {4'003, 997}}));
}

} // namespace
} // namespace ros::test
