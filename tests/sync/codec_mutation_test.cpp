// The properties of the fuzzers on a fixed set of random and mutated inputs, so
// that every run of the tests covers them.
#include "fuzz/changeset_properties.hpp"
#include "fuzz/merge_properties.hpp"
#include "sync/codec_random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace ros::sync::testing {
namespace {

/// One change to the bytes, of the kinds that break parsers.
std::string mutated(std::string raw, random_changesets& random) {
  if (raw.empty()) {
    return raw;
  }
  const auto at = random.below(static_cast<std::uint32_t>(raw.size()));
  switch (random.below(6)) {
  case 0:
    raw[at] = static_cast<char>(random.below(256));
    break;
  case 1:
    raw[at] = static_cast<char>(raw[at] ^ (1 << random.below(8)));
    break;
  case 2:
    raw.resize(at);
    break;
  case 3:
    raw.erase(at, 1 + random.below(4));
    break;
  case 4:
    raw.insert(at, 1 + random.below(4), static_cast<char>(random.below(256)));
    break;
  default:
    raw.insert(at, raw.substr(random.below(at + 1), 8));
  }
  return raw;
}

struct tally {
  int accepted = 0;
  int refused = 0;

  void check(const std::string& raw) {
    ASSERT_EQ(changeset_problem(raw), "") << hex(raw);
    (parse_changeset(bytes(raw)) ? accepted : refused) += 1;
  }
};

} // namespace

TEST(codec_mutation, random_changesets_survive_a_round_trip) {
  random_changesets random(1);
  for (int i = 0; i < 2'000; ++i) {
    const changeset changes = random({.instructions = static_cast<int>(random.below(20))});
    ASSERT_EQ(round_trip_problem(changes), "") << hex(encode_changeset(changes));
  }
}

TEST(codec_mutation, mutated_changesets_are_refused_or_survive_a_round_trip) {
  random_changesets random(2);
  tally outcomes;
  for (int i = 0; i < 6'000; ++i) {
    std::string raw = encode_changeset(
        random({.instructions = 1 + static_cast<int>(random.below(4)), .classes = 2}));
    for (std::uint32_t n = 1 + random.below(3); n != 0; --n) {
      raw = mutated(std::move(raw), random);
    }
    outcomes.check(raw);
  }
  EXPECT_GT(outcomes.accepted, 500);
  EXPECT_GT(outcomes.refused, 2'000);
}

TEST(codec_mutation, every_prefix_is_refused_or_survives_a_round_trip) {
  random_changesets random(3);
  tally outcomes;
  for (int i = 0; i < 40; ++i) {
    const std::string raw = encode_changeset(random({.instructions = 4}));
    for (std::size_t size = 0; size < raw.size(); ++size) {
      outcomes.check(raw.substr(0, size));
    }
  }
  EXPECT_GT(outcomes.refused, 2'000);
}

TEST(codec_mutation, random_bytes_do_no_harm) {
  random_changesets random(4);
  tally outcomes;
  for (int i = 0; i < 5'000; ++i) {
    std::string raw = unhex("3f0001543f010166");
    for (std::uint32_t n = random.below(40); n != 0; --n) {
      raw += static_cast<char>(random.coin() ? random.below(16) : random.below(256));
    }
    outcomes.check(raw);
  }
  EXPECT_GT(outcomes.refused, 2'000);
}

TEST(codec_mutation, merging_random_changesets_is_symmetric_and_summaries_hide_nothing) {
  random_changesets random(5);
  int merged = 0;
  for (int i = 0; i < 10'000; ++i) {
    const random_options options{.instructions = 1 + static_cast<int>(random.below(5)),
                                 .classes = 2,
                                 .keys = 2,
                                 .erasures = random.below(4) == 0};
    const changeset first = random(options);
    const changeset second = random(options);
    const bool second_is_older = random.coin();
    ASSERT_EQ(merge_problem(first, second, second_is_older), "")
        << hex(encode_changeset(first)) << ' ' << hex(encode_changeset(second));
    merged += merge_sides{{first, 2, 2}, {second, 3, 3}}.merge() ? 0 : 1;
  }
  EXPECT_GT(merged, 2'000);
}

TEST(codec_mutation, a_move_that_merging_made_pointless_can_be_read_back) {
  // Moving f[0] to 2 while f[0].g changes: rule N6 shifts the source of the move.
  instruction move = on_field(opcode::array_move, {}, {at_index(0)});
  move.to_index = 2;
  move.prior_size = 3;
  const instruction inner = on_field(opcode::update, int_value(5), {at_index(0), at_string(2)});
  const changeset first = one({"T", "f", "g"}, move);
  const changeset second = one({"T", "f", "g"}, inner);
  EXPECT_EQ(merge_problem(first, second, false), "");

  merge_sides sides{{first, 2, 2}, {second, 3, 3}};
  ASSERT_EQ(sides.merge(), std::nullopt);
  const bytes stored(encode_changeset(sides.major.changes));
  ASSERT_EQ(sides.major.changes.instructions[0].path.back().number, 2U);
  EXPECT_FALSE(parse_changeset(stored));
  const auto again = parse_stored_changeset(stored);
  ASSERT_TRUE(again);
  EXPECT_EQ(encode_changeset(*again), stored.view());
}

} // namespace ros::sync::testing
