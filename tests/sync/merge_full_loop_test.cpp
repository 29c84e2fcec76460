// The engine tries only pairs that can interact, in an order of its own. These
// tests compare it with the full double loop over thousands of random merges
// (merge-rules.md 20, assertions 14 and 26).
#include "merge_helpers.hpp"
#include "support/full_loop_merge.hpp"
#include "support/random_changesets.hpp"
#include "sync/changeset_codec.hpp"

#include <gtest/gtest.h>

namespace ros::test {
namespace {

struct world {
  random_changeset_options options;
  int changesets = 3;   ///< most per side
  int instructions = 8; ///< most per changeset
};

std::vector<made> random_side(std::mt19937_64& random, const world& w, sync::file_ident origin) {
  random_changesets device(random(), w.options);
  std::vector<made> side;
  const auto count = 1 + random() % static_cast<unsigned>(w.changesets);
  sync::origin_timestamp now = 10 + random() % 20;
  for (unsigned i = 0; i < count; ++i) {
    const auto instructions = 1 + random() % static_cast<unsigned>(w.instructions);
    side.emplace_back(device.next(static_cast<int>(instructions)), now, origin);
    now += random() % 5;
  }
  return side;
}

std::vector<std::string> encoded(const std::vector<sync::changeset>& side) {
  std::vector<std::string> result;
  for (const auto& changes : side)
    result.push_back(sync::encode_changeset(changes));
  return result;
}

lines all_lines(const std::vector<made>& side) {
  lines result;
  for (const auto& m : side) {
    result.push_back("at " + std::to_string(m.what.timestamp));
    for (auto& line : lines_of(m.what.changes))
      result.push_back(std::move(line));
  }
  return result;
}

struct tally {
  int merged = 0;
  int refused = 0;
  int changed = 0;
};

void compare_once(const std::vector<made>& a, const std::vector<made>& b, tally& t) {
  const auto wanted = merge_copies(a, b, &full_loop_merge);
  const auto got = merge_copies(a, b);
  const auto exchanged = merge_copies(b, a);
  ASSERT_EQ(got.outcome.has_value(), wanted.outcome.has_value())
      << (got.outcome ? wanted.outcome : got.outcome).error().message;
  ASSERT_EQ(exchanged.outcome.has_value(), wanted.outcome.has_value());
  if (!wanted.outcome) {
    ++t.refused;
    return;
  }
  ++t.merged;
  ASSERT_EQ(encoded(got.majors), encoded(wanted.majors));
  ASSERT_EQ(encoded(got.minors), encoded(wanted.minors));
  ASSERT_EQ(got.majors_changed, wanted.majors_changed);
  ASSERT_EQ(got.minors_changed, wanted.minors_changed);
  ASSERT_EQ(encoded(exchanged.minors), encoded(wanted.majors));
  ASSERT_EQ(encoded(exchanged.majors), encoded(wanted.minors));
  t.changed += encoded(got.majors) != encoded(merge_copies(a, {}).majors);
}

tally compare(const world& w, int rounds, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  tally t;
  for (int round = 0; round < rounds && !testing::Test::HasFatalFailure(); ++round) {
    const auto a = random_side(random, w, 2);
    const auto b = random_side(random, w, 3);
    SCOPED_TRACE(testing::Message()
                 << "round " << round << "\nA " << testing::PrintToString(all_lines(a)) << "\nB "
                 << testing::PrintToString(all_lines(b)));
    compare_once(a, b, t);
  }
  return t;
}

TEST(merge_full_loop, 26_the_index_gives_the_bytes_of_the_double_loop) {
  const auto t = compare({.options = {}, .changesets = 3, .instructions = 8}, 6000, 1);
  EXPECT_GT(t.merged, 4000);
  EXPECT_GT(t.changed, 2000);
}

TEST(merge_full_loop, also_where_most_instructions_change_the_schema) {
  const auto t =
      compare({.options = {.objects = 2, .schema_percent = 60}, .changesets = 4, .instructions = 6},
              4000, 2);
  EXPECT_GT(t.merged, 3000);
}

TEST(merge_full_loop, also_where_objects_come_and_go) {
  const auto t =
      compare({.options = {.objects = 1, .object_percent = 50}, .changesets = 4, .instructions = 6},
              3000, 3);
  EXPECT_GT(t.merged, 2000);
}

TEST(merge_full_loop, also_for_paths_that_contradict_each_other) {
  const auto t = compare(
      {.options = {.objects = 1, .odd_percent = 15}, .changesets = 2, .instructions = 6}, 3000, 4);
  EXPECT_GT(t.refused, 300);
  EXPECT_GT(t.merged, 300);
}

TEST(merge_full_loop, also_for_long_histories) {
  const auto t = compare(
      {.options = {.objects = 20, .schema_percent = 1}, .changesets = 40, .instructions = 6}, 60,
      5);
  EXPECT_GT(t.merged, 20);
}

} // namespace
} // namespace ros::test
