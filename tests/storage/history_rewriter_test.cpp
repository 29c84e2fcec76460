// What compaction changes, from rewriting to the rows it becomes.
#include "storage/history_rewriter.hpp"
#include "storage/realm_store.hpp"
#include "support/scratch_directory.hpp"
#include "support/storage_samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>

namespace ros::storage {
namespace {

using namespace test;

/// A Realm whose entries are rewritten by a rule, beside a model of what must come out.
struct history_rewriter_test : testing::Test {
  scratch_directory root;
  std::unique_ptr<database> db = open_database(root.path(), {.fsync = false});
  sample_realm realm = make_sample_realm(5);
  std::map<sync::version_type, std::string> model; ///< data of entries that are not empty

  void add(std::uint64_t versions, std::size_t size = 40) {
    const auto first = realm.record.head.version + 1;
    realm_entry_builder builder{realm.shard, realm.id};
    sync::integrated changes;
    for (auto v = first; v < first + versions; ++v) {
      auto entry = sample_history(realm.id, v, size);
      realm.record.history_bytes += entry.data.size();
      realm.record.cumulative_size += entry.data.size();
      entry.cumulative_size = realm.record.cumulative_size;
      if (!entry.data.empty())
        model[v] = std::string{entry.data.view()};
      if (v % sync::summary_block_length == 0)
        changes.block_summaries.emplace_back(v / sync::summary_block_length - 1,
                                             sample_bytes(5, v, 'b'));
      changes.entries.push_back(std::move(entry));
    }
    realm.record.head.version += versions;
    builder.add(changes);
    write(builder);
  }
  void write(realm_entry_builder& builder) {
    ++realm.record.sequence;
    ASSERT_TRUE(write_one(*db, builder.finish(realm.record)));
  }

  /// Nothing: the entry stays. Text: the entry becomes it.
  using rule = std::function<std::optional<std::string>(sync::version_type)>;
  rewriting rewrite(sync::version_type horizon, const rule& change) {
    history_rewriter rewriter{*db, realm.shard, realm.id, realm.record, horizon};
    for (auto it = model.begin(); it != model.end() && it->first <= horizon;) {
      const auto text = change(it->first);
      if (text) {
        const auto done = rewriter.rewrite(it->first, sync::bytes{*text},
                                           sync::bytes{text->empty() ? "" : std::string{"s"}});
        EXPECT_TRUE(done.has_value()) << done.error().message;
      }
      if (text && text->empty()) {
        it = model.erase(it);
        continue;
      }
      if (text)
        it->second = *text;
      ++it;
    }
    auto done = rewriter.finish();
    EXPECT_TRUE(done.has_value()) << done.error().message;
    return std::move(*done);
  }
  /// Stages and folds everything.
  void publish(const rewriting& x) {
    for (std::size_t i = 0; i < x.parts.size(); ++i) {
      realm_entry_builder builder{realm.shard, realm.id};
      builder.stage(i + 1, x.parts.read(i)->view());
      write(builder);
    }
    realm.record.horizon = x.horizon;
    realm.record.history_bytes -= x.bytes_before;
    realm.record.history_bytes += x.bytes;
    for (std::size_t i = 0; i < x.parts.size(); ++i) {
      realm_store store{*db, realm.shard, realm.id};
      realm_entry_builder builder{realm.shard, realm.id};
      const auto part = store.staged_part(i + 1);
      ASSERT_TRUE(part.has_value()) << part.error().message;
      ASSERT_TRUE(builder.fold(i + 1, part->view()));
      write(builder);
      EXPECT_FALSE(store.staged_part(i + 1).has_value());
    }
  }
  /// Everything readers see is what the model says.
  void check() {
    realm_store store{*db, realm.shard, realm.id};
    ASSERT_TRUE(store.refresh().has_value());
    std::map<sync::version_type, std::string> seen;
    const auto visited = store.visit(1, store.head(), true, [&](const sync::history_entry& x) {
      if (!x.data.empty())
        seen[x.version] = std::string{x.data.view()};
      else if (x.version < realm.record.horizon)
        ADD_FAILURE() << "an empty entry is left at " << x.version;
      EXPECT_EQ(x.original_size, sample_history(5, x.version, 40).original_size);
      return true;
    });
    ASSERT_TRUE(visited.has_value()) << visited.error().message;
    EXPECT_EQ(seen, model);
    EXPECT_TRUE(store.read(realm.record.head.version).has_value());
    check_sizes(store);
  }
  void check_sizes(realm_store& store) {
    std::uint64_t behind = 0;
    auto it = model.rbegin();
    for (auto v = store.head(); v > 0; --v) {
      // Empty entries are never where a download stops.
      if (v == store.head() || model.contains(v)) {
        const auto size = store.size_behind(v);
        ASSERT_TRUE(size.has_value()) << v << ": " << size.error().message;
        EXPECT_EQ(*size, behind) << v;
      }
      if (it != model.rend() && it->first == v)
        behind += (it++)->second.size();
    }
    EXPECT_EQ(*store.size_behind(0), behind);
    EXPECT_EQ(store.record().history_bytes, behind);
  }
};

TEST_F(history_rewriter_test, without_changes_empty_entries_go_and_sizes_stay) {
  add(1000);
  auto x = rewrite(700, [](auto) { return std::nullopt; });
  EXPECT_EQ(x.changed_entries, 0u);
  EXPECT_EQ(x.deleted_entries, 139u); // every fifth up to 699: the one at the horizon stays
  EXPECT_EQ(x.bytes, x.bytes_before);
  publish(x);
  check();
}

TEST_F(history_rewriter_test, entries_get_smaller_bigger_or_go) {
  add(1000);
  publish(rewrite(900, [](auto v) -> std::optional<std::string> {
    if (v % 11 == 0)
      return std::string(100, 'x'); // content of a list, say
    if (v % 3 == 0)
      return "y";
    if (v > 300 && v < 640)
      return "";
    return std::nullopt;
  }));
  check();
}

TEST_F(history_rewriter_test, the_second_compaction_builds_on_the_first) {
  add(1000);
  const auto drop = [](sync::version_type from, sync::version_type to) {
    return [=](auto v) {
      return v >= from && v <= to ? std::optional<std::string>{""} : std::nullopt;
    };
  };
  publish(rewrite(600, drop(100, 550)));
  check();
  add(500);
  check();
  publish(rewrite(1500, drop(40, 1200)));
  check();
  publish(rewrite(1500, [](auto v) { return std::optional<std::string>{v == 1 ? "z" : ""}; }));
  check();
  EXPECT_EQ(model.size(), 1u);
}

TEST_F(history_rewriter_test, the_entry_at_the_horizon_keeps_its_salt) {
  add(10);
  publish(rewrite(9, [](auto) { return std::optional<std::string>{""}; }));
  realm_store store{*db, realm.shard, realm.id};
  ASSERT_TRUE(store.refresh().has_value());
  EXPECT_FALSE(store.read(8).has_value());
  const auto kept = store.read(9);
  ASSERT_TRUE(kept.has_value());
  EXPECT_TRUE(kept->data.empty());
  EXPECT_EQ(kept->salt, sample_history(5, 9).salt);
}

TEST_F(history_rewriter_test, block_summaries_hold_what_is_left) {
  add(800);
  publish(rewrite(700,
                  [](auto v) { return v <= 256 ? std::optional<std::string>{""} : std::nullopt; }));
  realm_store store{*db, realm.shard, realm.id};
  ASSERT_TRUE(store.refresh().has_value());
  EXPECT_TRUE(store.block_summary(0)->empty());
  EXPECT_EQ(store.block_summary(1)->view(), sample_bytes(5, 512, 'b').view());
}

TEST_F(history_rewriter_test, long_rewritings_come_in_parts_and_go_through_a_file) {
  add(4000);
  auto x = rewrite(4000, [](auto) { return std::optional<std::string>{std::string(1000, 'x')}; });
  EXPECT_GT(x.parts.size(), 8u);
  EXPECT_GT(x.parts.bytes(), 3'000'000u);
  publish(x);
  check();
}

TEST_F(history_rewriter_test, a_staged_rewriting_that_was_given_up_leaves_nothing) {
  add(4000);
  const auto kept = model;
  auto x = rewrite(4000, [](auto) { return std::optional<std::string>{std::string(500, 'x')}; });
  model = kept;
  for (std::size_t i = 0; i < x.parts.size(); ++i) {
    realm_entry_builder builder{realm.shard, realm.id};
    builder.stage(i + 1, x.parts.read(i)->view());
    write(builder);
  }
  check();
  realm_entry_builder builder{realm.shard, realm.id};
  builder.stage(1, "");
  write(builder);
  realm_store store{*db, realm.shard, realm.id};
  EXPECT_TRUE(store.staged_part(1)->empty());
  EXPECT_FALSE(store.staged_part(2).has_value());
}

TEST_F(history_rewriter_test, what_is_damaged_is_refused) {
  add(100);
  {
    history_rewriter rewriter{*db, realm.shard, realm.id, realm.record, 50};
    EXPECT_EQ(rewriter.rewrite(60, {}, {}).error().code, ec::corrupt);
  }
  realm.record.head.version = 110;
  history_rewriter rewriter{*db, realm.shard, realm.id, realm.record, 110};
  EXPECT_EQ(rewriter.finish().error().code, ec::corrupt);
  realm_entry_builder builder{realm.shard, realm.id};
  EXPECT_FALSE(builder.fold(1, "nonsense"));
}

TEST_F(history_rewriter_test, reclaiming_gives_the_space_back) {
  add(1500);
  std::minstd_rand noise;
  publish(rewrite(1490, [&](auto) {
    std::string text(4000, '\0');
    std::generate(text.begin(), text.end(), [&] { return static_cast<char>(noise() >> 8); });
    return std::optional{text};
  }));
  EXPECT_TRUE(db->reclaim(realm.shard, realm.id).has_value());
  const auto before = root.size();
  EXPECT_GT(before, 4'000'000u);
  publish(rewrite(1490, [](auto) { return std::optional<std::string>{""}; }));
  EXPECT_TRUE(db->reclaim(realm.shard, realm.id).has_value());
  EXPECT_LT(root.size(), before / 4);
}

} // namespace
} // namespace ros::storage
