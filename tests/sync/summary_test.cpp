// Summaries must never hide an interaction: compared with all pairs of
// instructions, and useful where it counts.
#include "sync/codec_random.hpp"
#include "sync/summary.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace ros::sync::testing {
namespace {

/// One side of a pair, with what its names stand for.
struct addressed {
  const changeset& changes;
  const instruction& in;

  [[nodiscard]] std::string_view class_name() const { return changes.string(in.class_name); }
  [[nodiscard]] std::string_view field() const { return changes.string(in.field); }
  [[nodiscard]] bool is(opcode op) const { return in.op == op; }
  [[nodiscard]] bool is_object_or_path() const {
    return is_path_instruction(in.op) || is(opcode::create_object) || is(opcode::erase_object);
  }
};

bool same_key(const addressed& a, const addressed& b) {
  if (const auto* const text_a = std::get_if<interned>(&a.in.key)) {
    const auto* const text_b = std::get_if<interned>(&b.in.key);
    return text_b != nullptr && a.changes.string(*text_a) == b.changes.string(*text_b);
  }
  return a.in.key == b.in.key;
}

/// The rows of merge-rules.md 17.1 in one direction, and P8: an EraseTable may
/// bring an EraseColumn of any column with it.
bool rows(const addressed& a, const addressed& b) {
  const bool same_class = a.class_name() == b.class_name();
  const bool same_field = same_class && a.field() == b.field();
  switch (a.in.op) {
  case opcode::add_table:
    return same_class && b.is(opcode::add_table);
  case opcode::erase_table:
    return same_class || b.is(opcode::add_column) || b.is(opcode::erase_column) ||
           b.is(opcode::update);
  case opcode::add_column:
    return same_field && b.is(opcode::add_column);
  case opcode::erase_column:
    return same_field &&
           (b.is(opcode::add_column) || b.is(opcode::erase_column) || b.is(opcode::update));
  default:
    return same_class && b.is_object_or_path() && same_key(a, b);
  }
}

bool any_pair_interacts(const changeset& left, const changeset& right) {
  return std::ranges::any_of(left.instructions, [&](const instruction& a) {
    return std::ranges::any_of(right.instructions, [&](const instruction& b) {
      return rows({left, a}, {right, b}) || rows({right, b}, {left, a});
    });
  });
}

run_signature run_of(std::initializer_list<const changeset*> parts) {
  run_signature run;
  for (const changeset* const part : parts) {
    run.add(*part);
  }
  run.finish();
  return run;
}

bool interact(const changeset& entry, const changeset& incoming) {
  return may_interact(summarize(entry), run_of({&incoming}));
}

changeset objects(int first, int count, std::string_view class_name = "T") {
  changeset changes;
  add_string(changes, class_name);
  for (int i = 0; i < count; ++i) {
    instruction in;
    in.op = opcode::create_object;
    in.key = std::int64_t{first + i};
    changes.instructions.push_back(in);
  }
  return changes;
}

changeset schema_of(std::string_view class_name) {
  changeset changes;
  add_string(changes, class_name);
  add_string(changes, "_id");
  instruction table;
  table.field = {1};
  table.type = value_type::integer;
  changes.instructions.push_back(table);
  instruction column;
  column.op = opcode::add_column;
  column.field = {1};
  column.type = value_type::string;
  changes.instructions.push_back(column);
  return changes;
}

changeset erase_table(std::string_view class_name) {
  instruction in;
  in.op = opcode::erase_table;
  return one({class_name}, in);
}

} // namespace

TEST(summary, every_interacting_pair_is_seen) {
  random_changesets random(20150101);
  int interacting = 0;
  int hidden = 0;
  for (int i = 0; i < 20'000; ++i) {
    const changeset entry = random({.instructions = 1 + static_cast<int>(random.below(4)),
                                    .keys = 20,
                                    .erasures = random.below(4) == 0});
    const changeset incoming = random({.instructions = 1 + static_cast<int>(random.below(4)),
                                       .keys = 20,
                                       .erasures = random.below(4) == 0});
    const bool seen = interact(entry, incoming);
    if (any_pair_interacts(entry, incoming)) {
      ++interacting;
      EXPECT_TRUE(seen) << "changesets " << i;
    } else {
      hidden += seen ? 0 : 1;
    }
  }
  // Both answers have to be common for the test to mean anything.
  EXPECT_GT(interacting, 2'000);
  EXPECT_GT(hidden, 5'000);
}

TEST(summary, without_erasures_the_answer_is_exact_for_small_changesets) {
  random_changesets random(7);
  for (int i = 0; i < 5'000; ++i) {
    const changeset entry = random({.instructions = 3, .erasures = false});
    const changeset incoming = random({.instructions = 3, .erasures = false});
    EXPECT_EQ(interact(entry, incoming), any_pair_interacts(entry, incoming)) << i;
  }
}

TEST(summary, merged_summaries_see_what_their_parts_see) {
  random_changesets random(11);
  for (int i = 0; i < 500; ++i) {
    std::vector<std::string> parts;
    for (std::uint32_t n = random.below(20); n != 0; --n) {
      parts.push_back(summarize(random({.instructions = static_cast<int>(random.below(3)),
                                        .keys = 50,
                                        .erasures = random.below(50) == 0})));
    }
    const std::vector<std::string_view> views(parts.begin(), parts.end());
    const std::string merged = merge_summaries(views);
    const changeset incoming = random({.instructions = 2, .keys = 50, .erasures = false});
    const run_signature run = run_of({&incoming});
    const bool any = std::ranges::any_of(
        views, [&run](std::string_view part) { return may_interact(part, run); });
    EXPECT_EQ(may_interact(merged, run), any) << i;
  }
}

TEST(summary, large_changesets_become_filters_that_hide_nothing) {
  const std::string summary = summarize(objects(0, 5'000));
  EXPECT_EQ(summary.size(), 4097U);
  int seen = 0;
  for (int key = 0; key < 10'000; ++key) {
    const changeset incoming = objects(key, 1);
    const bool interacts = may_interact(summary, run_of({&incoming}));
    EXPECT_TRUE(interacts || key >= 5'000) << key;
    seen += interacts && key >= 5'000 ? 1 : 0;
  }
  EXPECT_LT(seen, 500);
}

TEST(summary, filters_and_lists_merge) {
  const std::string large = summarize(objects(0, 2'000));
  const std::string other = summarize(objects(10'000, 2'000));
  const std::string small = summarize(objects(20'000, 3));
  const std::vector<std::string_view> parts{large, other, small, {}};
  const std::string merged = merge_summaries(parts);
  EXPECT_EQ(merged.size(), 4097U);
  for (const int key : {0, 1'999, 10'000, 11'999, 20'000, 20'002}) {
    const changeset incoming = objects(key, 1);
    EXPECT_TRUE(may_interact(merged, run_of({&incoming}))) << key;
  }
}

TEST(summary, many_lists_become_a_filter) {
  std::vector<std::string> summaries;
  for (int i = 0; i < 256; ++i) {
    summaries.push_back(summarize(objects(i * 10, 10)));
  }
  const std::vector<std::string_view> parts(summaries.begin(), summaries.end());
  const std::string merged = merge_summaries(parts);
  EXPECT_EQ(merged.size(), 4097U);
  int false_alarms = 0;
  for (int key = 0; key < 4'000; ++key) {
    const changeset incoming = objects(key, 1);
    const bool interacts = may_interact(merged, run_of({&incoming}));
    EXPECT_TRUE(interacts || key >= 2'560) << key;
    false_alarms += interacts && key >= 2'560 ? 1 : 0;
  }
  EXPECT_LT(false_alarms, 40); // of 1440
}

TEST(summary, one_object_takes_five_bytes) {
  EXPECT_EQ(summarize(objects(1, 1)).size(), 5U);
  EXPECT_EQ(summarize(objects(1, 1024)).size(), 4097U);
  EXPECT_EQ(summarize({}), "");
}

TEST(summary, a_schema_does_not_meet_entries_that_hold_only_data) {
  const changeset schema = schema_of("T");
  const run_signature run = run_of({&schema});
  EXPECT_FALSE(may_interact(summarize(objects(1, 3)), run));
  EXPECT_FALSE(may_interact(summarize(objects(1, 100'000)), run)); // a full filter
  EXPECT_TRUE(may_interact(summarize(schema_of("T")), run));
  EXPECT_FALSE(may_interact(summarize(schema_of("U")), run));
}

TEST(summary, a_run_is_everything_that_was_added) {
  const changeset first = objects(1, 1);
  const changeset second = objects(5, 1);
  const run_signature run = run_of({&first, &second});
  EXPECT_TRUE(may_interact(summarize(objects(1, 1)), run));
  EXPECT_TRUE(may_interact(summarize(objects(5, 1)), run));
  EXPECT_FALSE(may_interact(summarize(objects(3, 1)), run));
  EXPECT_TRUE(run_of({}).empty());
  EXPECT_FALSE(run.empty());
}

TEST(summary, erasures_of_classes_meet_everything_but_nothing) {
  // With a link column of the run, the erasure turns into one of that column (P8).
  const changeset run_changes = objects(1, 1, "Elsewhere");
  EXPECT_TRUE(interact(erase_table("T"), run_changes));
  EXPECT_TRUE(interact(run_changes, erase_table("T")));
  EXPECT_FALSE(interact(erase_table("T"), {}));
  EXPECT_FALSE(interact({}, erase_table("T")));
}

TEST(summary, objects_are_told_apart_by_class_and_key_type) {
  EXPECT_FALSE(interact(objects(1, 1, "T"), objects(1, 1, "U")));
  changeset text_key = objects(1, 1, "T");
  text_key.instructions[0].key = add_string(text_key, "1");
  EXPECT_FALSE(interact(objects(1, 1, "T"), text_key));
  EXPECT_TRUE(interact(text_key, text_key));
}

TEST(summary, equal_strings_with_other_indexes_are_the_same) {
  changeset left = one({"T", "k"}, {});
  left.instructions[0].op = opcode::erase_object;
  left.instructions[0].key = interned{1};
  changeset right = one({"x", "k", "T"}, {});
  right.instructions[0].op = opcode::create_object;
  right.instructions[0].class_name = {2};
  right.instructions[0].key = interned{1};
  EXPECT_TRUE(interact(left, right));
}

TEST(summary, damage_counts_as_interaction) {
  const changeset incoming = objects(1, 1);
  const run_signature run = run_of({&incoming});
  const std::string whole = summarize(objects(2, 2));
  ASSERT_FALSE(may_interact(whole, run));
  for (std::size_t size = 1; size < whole.size(); ++size) {
    if (size % 4 != 1 || size == 1) {
      EXPECT_TRUE(may_interact(whole.substr(0, size), run)) << size;
    }
  }
  EXPECT_TRUE(may_interact(std::string(1, '\0'), run));
  EXPECT_TRUE(may_interact("\x11", run));
  EXPECT_TRUE(may_interact("\x09too short for a filter", run));
  const std::vector<std::string_view> parts{whole, "\x11"};
  EXPECT_TRUE(may_interact(merge_summaries(parts), run));
}

TEST(summary, stored_hashes_do_not_change) {
  EXPECT_EQ(hex(summarize(objects(1, 1))), "015df98425");
  EXPECT_EQ(hex(summarize(schema_of("T"))), "02075ccb16e6adf9c4");
}

} // namespace ros::sync::testing
