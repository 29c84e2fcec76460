// What the integrator keeps in memory, and that it reads no more than it must
// (merge-rules.md 17.2).
#include "integrate_fixture.hpp"

#include "sync/integrate_reciprocals.hpp"
#include "sync/summary.hpp"

namespace ros::test {
namespace {

changeset_builder title(unsigned number) {
  changeset_builder t;
  t.update("T", 1, {"m"}, static_cast<int>(number));
  return t;
}

constexpr auto block = sync::summary_block_length;

class caching : public integrating {
protected:
  explicit caching(sync::integration_options options = {}) : integrating(options) {}

  /// A client that makes `count` objects, and one more column somewhere.
  void make_history(int count) {
    const sync::version_type first = server.history.head();
    std::vector<uploaded> changesets;
    for (int i = 0; i < count; ++i) {
      changeset_builder t;
      t.create("T", 1000 + i);
      changesets.push_back({2u + static_cast<sync::version_type>(i), first, 10, t});
    }
    upload(client_a, {1u + static_cast<sync::version_type>(count), first}, changesets);
  }
};

TEST_F(caching, summarizes_every_block_once_it_is_complete) {
  make_history(2 * block + 10);
  ASSERT_TRUE(server.history.block_summary(0));
  ASSERT_TRUE(server.history.block_summary(1));
  EXPECT_FALSE(server.history.block_summary(2));
  std::vector<std::string_view> parts;
  for (sync::version_type v = block + 1; v <= 2 * block; ++v)
    parts.push_back(entry(v).summary.view());
  EXPECT_EQ(server.history.block_summary(1)->view(), sync::merge_summaries(parts));
}

TEST_F(caching, completes_a_block_that_began_in_another_process) {
  make_history(block / 2);
  server.integrator.discard();
  std::vector<uploaded> changesets;
  for (unsigned i = 0; i < block; ++i)
    changesets.push_back({2 + i, 1, 10, assign(static_cast<int>(i))});
  upload(client_b, {2 + block, 1}, changesets);
  std::vector<std::string_view> parts;
  for (sync::version_type v = 1; v <= block; ++v)
    parts.push_back(entry(v).summary.view());
  ASSERT_TRUE(server.history.block_summary(0));
  EXPECT_EQ(server.history.block_summary(0)->view(), sync::merge_summaries(parts));
}

TEST_F(caching, reads_no_entry_that_an_upload_cannot_interact_with) {
  make_history(20 * block);
  server.integrator.discard();
  server.history.reads = server.history.visited = 0;
  upload(client_b, {2, 0}, {{2, 0, 10, schema_and_object()}});
  // The blocks with the schema and with the end of history are looked at.
  EXPECT_LE(server.history.visited, 2 * block);
  EXPECT_LE(server.history.reads, 2u); // version 1, and the size of history
}

TEST_F(caching, reads_nothing_for_an_upload_based_on_the_head) {
  make_history(10);
  server.history.reads = server.history.visited = 0;
  upload(client_b, {2, 11}, {{2, 11, 10, assign(1)}});
  EXPECT_EQ(server.history.reads + server.history.visited, 0u);
}

TEST_F(caching, reads_what_it_merges_again_and_again_only_once) {
  for (unsigned i = 0; i < 20; ++i)
    upload(client_a, {2 + i, 1}, {{2 + i, 1, 10, insert(i, "A", i)}});
  server.integrator.discard();
  upload(client_b, {2, 1}, {{2, 1, 20, insert(0, "B", 0)}});
  server.history.reads = server.history.visited = 0;
  for (unsigned i = 1; i < 5; ++i)
    upload(client_b, {2 + i, 1}, {{2 + i, 1, 20 + i, insert(0, "B", i)}});
  EXPECT_EQ(server.history.reads + server.history.visited, 0u);
  EXPECT_EQ(reciprocal(client_b, 2), canonical(insert(0, "A", 5)));
}

TEST_F(caching, forgets_what_exceeds_a_smaller_budget_and_goes_on) {
  make_history(20 * block);
  for (unsigned i = 0; i < 20; ++i)
    upload(client_b, {2 + i, 1}, {{2 + i, 1, 20, insert(0, "B", i)}});
  const auto before = server.integrator.memory_use();
  server.integrator.set_cache_bytes(32 << 10, 16 << 10);
  EXPECT_LT(server.integrator.memory_use(), before / 4);
  const auto head = server.history.head();
  upload(client_a, {20 * block + 2, head}, {{20 * block + 2, head, 30, insert(0, "A", 20)}});
  EXPECT_EQ(server.history.head(), head + 1);
  EXPECT_LT(server.integrator.memory_use(), before / 4);
}

class caching_little : public caching {
protected:
  static sync::integration_options options() {
    sync::integration_options o;
    o.history_cache_bytes = 64 << 10;
    o.object_cache_bytes = 64 << 10;
    return o;
  }
  caching_little() : caching(options()) {}
};

TEST_F(caching_little, stays_within_its_budget) {
  make_history(20 * block);
  for (unsigned i = 0; i < 300; ++i) {
    const sync::file_ident client = 10 + i;
    upload(client, {2, 0}, {{2, 0, 20, schema_and_object()}, {3, 0, 20, insert(0, "B", 0)}});
  }
  EXPECT_LE(server.integrator.memory_use(), std::size_t{256} << 10);
  const auto before = server.integrator.memory_use();
  server.integrator.discard();
  EXPECT_LT(server.integrator.memory_use(), before);
}

TEST_F(caching_little, merges_a_window_of_any_length_as_if_it_were_short) {
  memory_server plenty;
  EXPECT_TRUE(plenty.integrator.integrate_local(schema_and_object().changes(), 1));
  plenty.commit();
  constexpr unsigned count = 6000;
  for (memory_server* s : {&server, &plenty}) {
    std::vector<uploaded> ours;
    for (unsigned i = 0; i < count; ++i) // the view of every other one changes
      ours.push_back({2 + i, 1, i, i % 2 == 0 ? assign(static_cast<int>(i)) : title(i)});
    ASSERT_TRUE(s->upload(message(client_a, {count + 1, 1}, ours)));
    s->commit();
    ASSERT_TRUE(s->upload(
        message(client_b, {3, 2}, {{2, 1, count, assign(-1)}, {3, 2, count, assign(-2)}})));
    s->commit();
  }
  EXPECT_EQ(data(count + 2), canonical(assign(-1)));
  EXPECT_EQ(data(count + 3), canonical(assign(-2)));
  EXPECT_EQ(reciprocal(client_b, 4), "");
  EXPECT_EQ(reciprocal(client_b, 5), "-");
  EXPECT_EQ(server.history.reciprocals(client_b), plenty.history.reciprocals(client_b));
  EXPECT_LE(server.integrator.memory_use(), std::size_t{256} << 10);
}

TEST(renew_tokens, gives_the_tokens_of_encoding_and_parsing_again) {
  changeset_builder t;
  t.set_erase("T", 1, {"s"}, "abc")
      .set_insert("T", "key", {"s"}, "longer")
      .set_erase("T", 1, {"other"}, "x")
      .update("T", 1, {"l"}, "last");
  auto raw = sync::parse_changeset(client_bytes(t.changes()));
  ASSERT_TRUE(raw);
  raw->instructions.erase(raw->instructions.begin() + 1);
  auto again = sync::parse_changeset(sync::bytes(sync::encode_changeset(*raw)));
  ASSERT_TRUE(again);
  auto token = [](const sync::changeset& c, std::size_t i) {
    return std::get<sync::text>(c.instructions[i].value.data).offset;
  };
  ASSERT_NE(token(*raw, 1), token(*again, 1));
  sync::renew_tokens(*raw);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(token(*raw, i), token(*again, i)) << i;
  EXPECT_EQ(raw->virtual_size, again->virtual_size);
}

TEST(renew_tokens, leaves_no_string_behind_without_instructions) {
  auto raw = sync::parse_changeset(client_bytes(assign(1).changes()));
  ASSERT_TRUE(raw);
  raw->instructions.clear();
  sync::renew_tokens(*raw);
  EXPECT_TRUE(raw->strings.empty());
  EXPECT_EQ(raw->virtual_size, 0u);
}

} // namespace
} // namespace ros::test
