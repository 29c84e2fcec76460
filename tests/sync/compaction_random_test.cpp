// Random changes of every kind of field, compacted at random versions. ROS_SEEDS sets how
// many histories are tried.
#include "compaction_fixture.hpp"
#include "fuzz/compaction_properties.hpp"
#include "state_random.hpp"

#include <cstdlib>

namespace ros::test {
namespace {

unsigned number_of_seeds(unsigned otherwise) {
  const char* const text = std::getenv("ROS_SEEDS");
  return text ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : otherwise;
}

/// What can be applied of what comes up, some of it in one changeset.
std::vector<sync::changeset> random_history(unsigned seed, int length) {
  random_changes random(seed);
  const memory_state nothing;
  sync::object_state state(nothing);
  std::vector<sync::changeset> all{random_changes::schema()};
  state.begin_batch();
  (void)state.apply(all.front());
  state.keep_batch();
  for (int i = 0; i < length; ++i) {
    auto changes = random.next(state);
    state.begin_batch();
    if (state.apply(changes)) {
      state.keep_batch();
      all.push_back(std::move(changes));
    } else {
      state.drop_batch();
    }
  }
  return all;
}

TEST(compaction_random, every_kind_of_field_is_as_before) {
  for (unsigned seed = 1; seed <= number_of_seeds(4); ++seed)
    ASSERT_EQ(sync::testing::compaction_problem(random_history(seed, 300)), "") << "seed " << seed;
}

TEST(compaction_random, short_histories_as_well) {
  for (unsigned seed = 1; seed <= number_of_seeds(4) * 15; ++seed)
    ASSERT_EQ(sync::testing::compaction_problem(random_history(seed, 10)), "") << "seed " << seed;
}

TEST(compaction_random, again_and_again_while_the_history_grows) {
  for (unsigned seed = 1; seed <= number_of_seeds(2); ++seed) {
    random_changes random(seed);
    auto history = sync::testing::history_of(random_history(seed, 200));
    sync::version_type horizon = 0;
    while (horizon < history.head()) {
      horizon = std::min(history.head(), horizon + 1 + random.below(150));
      ASSERT_EQ(compact_checked(history, horizon, {.memory_bytes = 1U << random.below(20)}), "")
          << "seed " << seed << ", version " << horizon;
    }
  }
}

} // namespace
} // namespace ros::test
