// Batches, the overlay, the cache and the store under them: whatever is dropped leaves
// no trace, and the store alone always holds what was committed.

#include "sync/state_random.hpp"

namespace ros::test {
namespace {

struct batch_case {
  unsigned seed;
  std::size_t cache_bytes;
  bool before_images;
};

class state_batch : public testing::TestWithParam<batch_case> {
public:
  static sync::object_state_options options() {
    sync::object_state_options chosen;
    chosen.cache_bytes = GetParam().cache_bytes;
    chosen.before_images = GetParam().before_images;
    return chosen;
  }
};

INSTANTIATE_TEST_SUITE_P(seeds, state_batch,
                         testing::Values(batch_case{1, 64U << 20, false}, batch_case{2, 0, false},
                                         batch_case{3, 20'000, true},
                                         batch_case{4, 64U << 20, true},
                                         batch_case{5, 3'000, false}, batch_case{6, 0, true}),
                         [](const auto& info) {
                           return "seed_" + std::to_string(info.param.seed);
                         });

std::size_t count_pieces(const memory_state& store) {
  std::size_t count = 0;
  for (const auto& [key, value] : store.column_rows(sync::state_column::objects)) {
    count += key[4] == 1 ? 1U : 0U;
  }
  return count;
}

/// Never drops, never commits: knows the kept changesets only.
class twin {
public:
  void apply(const std::vector<sync::changeset>& kept) {
    state_.begin_batch();
    for (const auto& changes : kept) {
      const auto applied = state_.apply(changes);
      ASSERT_TRUE(applied) << applied.error().message;
    }
    state_.keep_batch();
  }
  std::string content() const { return state_fixture::describe(state_); }

private:
  memory_state empty_;
  sync::object_state state_{empty_};
};

TEST_P(state_batch, random_batches_are_kept_or_dropped_exactly) {
  memory_state store;
  sync::object_state state(store, options());
  twin expected;
  random_changes changes(GetParam().seed);
  int kept_batches = 0;
  std::size_t most_pieces = 0;
  std::vector<sync::state_mutation> in_flight;
  bool flying = false;
  std::string flying_content;

  std::vector<sync::changeset> schema{random_changes::schema()};
  state.begin_batch();
  ASSERT_TRUE(state.apply(schema.front()));
  state.keep_batch();
  expected.apply(schema);

  for (int round = 0; round < 500; ++round) {
    std::vector<sync::changeset> batch;
    state.begin_batch();
    bool good = true;
    for (auto steps = 1 + changes.below(3); steps > 0 && good; --steps) {
      batch.push_back(changes.next(state));
      const auto applied = state.apply(batch.back());
      ASSERT_TRUE(applied || applied.error().code != sync::ec::corrupt_store)
          << applied.error().message;
      good = applied.has_value();
    }
    if (good && changes.below(4) != 0) {
      state.keep_batch();
      expected.apply(batch);
      ++kept_batches;
    } else {
      state.drop_batch();
    }
    if (round % 50 == 0) {
      ASSERT_EQ(state_fixture::describe(state), expected.content()) << "round " << round;
    }
    // A log entry is taken now, stored some rounds later, and committed after that.
    if (!flying && changes.below(3) == 0) {
      in_flight = state.take_mutations();
      (void)state.take_before_images();
      flying_content = changes.below(6) == 0 ? expected.content() : "";
      flying = true;
    } else if (flying && changes.below(3) == 0) {
      store.apply(in_flight);
      state.committed();
      flying = false;
      if (!flying_content.empty()) {
        ASSERT_EQ(state_fixture::describe(store), flying_content) << "round " << round;
      }
      most_pieces = std::max(most_pieces, count_pieces(store));
    }
  }
  EXPECT_GT(kept_batches, 130);
  EXPECT_GT(most_pieces, 4U) << "no collection was big";
  ASSERT_EQ(state_fixture::describe(state), expected.content());
  if (flying) {
    store.apply(in_flight);
    state.committed();
  }
  store.apply(state.take_mutations());
  state.committed();
  EXPECT_EQ(state_fixture::describe(store), expected.content());

  // Nothing is left that no object owns.
  state.begin_batch();
  builder b;
  for (int key = 0; key < 8; ++key) {
    b.erase("T", key);
  }
  ASSERT_TRUE(state.apply(b.erase_table("T").take()));
  state.keep_batch();
  store.apply(state.take_mutations());
  state.committed();
  b.erase_table("Gone");
  state.begin_batch();
  if (state.apply(b.take())) {
    state.keep_batch();
  } else {
    state.drop_batch();
  }
  store.apply(state.take_mutations());
  EXPECT_TRUE(store.column_rows(sync::state_column::objects).empty());
}

class state_overlay : public state_fixture {
public:
  void SetUp() override {
    apply(b.add_table("T").add_column("T", "s", value_type::string).create("T", 1).create("T", 2));
    commit();
  }
  builder b;
};

TEST_F(state_overlay, changes_can_be_read_before_and_after_they_are_taken) {
  apply(b.update("T", 1, {"s"}, string("new")).erase("T", 2).create("T", 3));
  const auto after = content();
  EXPECT_EQ(field("T", 1, "s"), R"("new")");
  const auto mutations = state.take_mutations();
  EXPECT_EQ(content(), after);
  EXPECT_EQ(stored_field("T", 1, "s"), R"("")");
  store.apply(mutations);
  EXPECT_EQ(content(), after);
  state.committed();
  EXPECT_EQ(content(), after);
  EXPECT_EQ(stored_content(), after);
}

TEST_F(state_overlay, changes_on_top_of_what_is_in_flight_come_with_the_next_entry) {
  apply(b.update("T", 1, {"s"}, string("first")).erase("T", 2));
  const auto first = state.take_mutations();
  EXPECT_TRUE(state.take_mutations().empty());
  apply(b.create("T", 2).update("T", 2, {"s"}, string("again")));
  store.apply(first);
  state.committed();
  EXPECT_EQ(field("T", 2, "s"), R"("again")");
  EXPECT_EQ(stored_field("T", 2, "s"), "absent");
  commit();
  EXPECT_EQ(stored_field("T", 2, "s"), R"("again")");
  EXPECT_EQ(stored_field("T", 1, "s"), R"("first")");
}

TEST_F(state_overlay, one_bad_changeset_takes_the_whole_batch_with_it) {
  const auto before = content();
  state.begin_batch();
  ASSERT_TRUE(state.apply(b.add_table("U").create("U", 1).create("T", 3).take()));
  ASSERT_TRUE(state.apply(b.update("T", 3, {"s"}, string("x")).erase("T", 1).take()));
  EXPECT_FALSE(state.apply(b.update("T", 2, {"s"}, string("y")).create("Nope", 1).take()));
  state.drop_batch();
  EXPECT_EQ(content(), before);
  EXPECT_TRUE(state.take_mutations().empty());
}

TEST_F(state_overlay, an_object_that_came_and_went_is_not_written) {
  apply(b.create("T", 9));
  apply(b.erase("T", 9));
  EXPECT_TRUE(state.take_mutations().empty());
}

TEST_F(state_overlay, discarding_returns_to_what_is_stored) {
  const auto stored = content();
  apply(b.update("T", 1, {"s"}, string("lost")).create("T", 3).add_table("U"));
  (void)state.take_mutations();
  apply(b.erase("T", 2));
  state.discard();
  EXPECT_EQ(content(), stored);
  EXPECT_TRUE(state.take_mutations().empty());
  apply(b.update("T", 1, {"s"}, string("kept")));
  commit();
  EXPECT_EQ(stored_field("T", 1, "s"), R"("kept")");
}

TEST_F(state_overlay, a_failing_store_is_an_error_and_nothing_else) {
  state.discard();
  store.fail_reads = true;
  const auto applied = try_apply(b.update("T", 1, {"s"}, string("x")).take());
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, sync::ec::corrupt_store);
  store.fail_reads = false;
  apply(b.update("T", 1, {"s"}, string("x")));
}

class state_cache : public state_fixture {
public:
  static constexpr std::size_t budget = 50'000;
  state_cache() : state_fixture(options()) {}
  static sync::object_state_options options() {
    sync::object_state_options chosen;
    chosen.cache_bytes = budget;
    return chosen;
  }
  builder b;
};

TEST_F(state_cache, memory_stays_within_the_budget) {
  apply(b.add_table("T").add_column("T", "s", value_type::string));
  for (int key = 0; key < 2'000; ++key) {
    apply(b.create("T", key).update("T", key, {"s"}, string(std::string(100, 'x'))));
    commit();
    ASSERT_LE(state.memory_use(), budget);
  }
  // One batch that looks at every object without changing any.
  for (int key = 0; key < 2'000; ++key) {
    b.create("T", key);
  }
  state.begin_batch();
  ASSERT_TRUE(state.apply(b.take()));
  EXPECT_LE(state.memory_use(), budget + 2'000);
  state.drop_batch();
  EXPECT_LE(state.memory_use(), budget);
}

TEST_F(state_cache, recently_used_objects_are_not_read_again) {
  apply(b.add_table("T").add_column("T", "i", value_type::integer));
  for (int key = 0; key < 1'000; ++key) {
    b.create("T", key);
  }
  apply(b);
  commit();
  for (int key = 0; key < 1'000; ++key) {
    apply(b.add_integer("T", key, {"i"}, 1).add_integer("T", 0, {"i"}, 1));
    commit();
  }
  const auto reads = store.reads;
  apply(b.add_integer("T", 0, {"i"}, 1).add_integer("T", 999, {"i"}, 1));
  EXPECT_EQ(store.reads, reads);
  apply(b.add_integer("T", 1, {"i"}, 1));
  EXPECT_EQ(store.reads, reads + 1);
}

TEST_F(state_cache, what_is_not_committed_is_never_evicted) {
  apply(b.add_table("T").add_column("T", "s", value_type::string));
  for (int key = 0; key < 1'000; ++key) {
    apply(b.create("T", key).update("T", key, {"s"}, string(std::to_string(key))));
  }
  const auto mutations = state.take_mutations();
  for (int key = 0; key < 1'000; ++key) {
    ASSERT_EQ(field("T", key, "s"), '"' + std::to_string(key) + '"');
  }
  EXPECT_GT(state.memory_use(), budget);
  store.apply(mutations);
  state.committed();
  EXPECT_LE(state.memory_use(), budget);
}

} // namespace
} // namespace ros::test
