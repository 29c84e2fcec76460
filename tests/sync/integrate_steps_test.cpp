// Integrating one upload in steps comes to the same as at once (merge-rules.md 17.3), and
// memory has a limit.
#include "integrate_fixture.hpp"

namespace ros::test {
namespace {

/// Two servers with the same history: version 1 and changes of client A up to 21.
struct integrating_in_steps : integrating {
  integrating_in_steps() {
    for (auto* x : {&server, &other}) {
      if (x == &other) {
        EXPECT_TRUE(x->integrator.integrate_local(schema_and_object().changes(), 1));
        x->commit();
      }
      for (sync::version_type v = 2; v < 22; ++v) {
        EXPECT_TRUE(x->upload(message(client_a, {v, 1},
                                      {{v, 1, v,
                                        insert(static_cast<std::uint32_t>(v - 2), "a",
                                               static_cast<std::uint32_t>(v - 2))}})));
        x->commit();
      }
    }
  }
  /// Of client B, from several bases; it was offline.
  static sync::upload_batch long_upload() {
    std::vector<uploaded> all;
    for (std::uint32_t i = 0; i < 30; ++i)
      all.push_back({i + 2, 1 + i / 10 * 5, 100 + i, insert(i + i / 10 * 5, "b", i + i / 10 * 5)});
    return message(client_b, {31, 11}, all);
  }

  memory_server other;
};

TEST_F(integrating_in_steps, comes_to_the_same_as_at_once) {
  const auto batch = long_upload();
  ASSERT_TRUE(other.upload(batch));
  other.commit();

  auto& file = server.files[client_b];
  server.integrator.begin(batch, 14);
  int steps = 1;
  for (;;) {
    const auto done = server.integrator.step(file, [] { return true; });
    ASSERT_TRUE(done) << done.error().message;
    if (*done)
      break;
    EXPECT_TRUE(server.integrator.is_integrating());
    EXPECT_EQ(file.progress, sync::upload_cursor{}); // nothing of it shows before its end
    ++steps;
  }
  EXPECT_GT(steps, 90); // parsed, applied and appended one by one
  EXPECT_FALSE(server.integrator.is_integrating());
  server.commit();

  EXPECT_EQ(file.progress, other.files[client_b].progress);
  ASSERT_EQ(server.history.head(), other.history.head());
  for (sync::version_type v = 1; v <= server.history.head(); ++v)
    EXPECT_EQ(data(v), other.history.entries().at(v - 1).data.view()) << v;
  EXPECT_EQ(server.state.columns, other.state.columns);
}

TEST_F(integrating_in_steps, leaves_nothing_behind_when_it_is_given_up) {
  const auto batch = long_upload();
  for (int steps = 1; steps < 95; steps += 7) {
    server.integrator.begin(batch, 14);
    for (int i = 0; i < steps; ++i)
      ASSERT_TRUE(server.integrator.step(server.files[client_b], [] { return true; }));
    server.fail();
    EXPECT_FALSE(server.integrator.is_integrating());
    EXPECT_EQ(server.integrator.head(), 21u);
  }
  ASSERT_TRUE(server.upload(batch));
  ASSERT_TRUE(other.upload(batch));
  server.commit();
  other.commit();
  EXPECT_EQ(server.state.columns, other.state.columns);
}

TEST_F(integrating_in_steps, an_error_in_the_middle_takes_everything_back) {
  auto batch = long_upload();
  batch.changesets[20].data = sync::bytes{std::string{"\x7f garbage"}};
  server.integrator.begin(batch, 14);
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(server.integrator.step(server.files[client_b], [] { return true; }));
  const auto failed = server.integrator.step(server.files[client_b], [] { return true; });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().protocol_code, 212);
  EXPECT_EQ(server.integrator.head(), 21u);
  EXPECT_FALSE(server.integrator.is_integrating());
}

struct integrating_with_little_memory : integrating {
  integrating_with_little_memory() : integrating({.max_parsed_bytes = 64 << 10}) {}
};

TEST_F(integrating_with_little_memory, refuses_an_upload_whose_instructions_take_more) {
  changeset_builder many;
  for (int i = 0; i < 2000; ++i)
    many.update("T", 1, {"i"}, i);
  const auto refused = refuse(client_a, {2, 1}, {{2, 1, 1, many}});
  EXPECT_EQ(refused.protocol_code, 212);
  EXPECT_NE(refused.message.find("memory"), std::string::npos) << refused.message;
  // In several changesets of one message they take as much.
  std::vector<uploaded> pieces;
  for (sync::version_type v = 2; v < 22; ++v) {
    changeset_builder some;
    for (int i = 0; i < 100; ++i)
      some.update("T", 1, {"i"}, i);
    pieces.push_back({v, 1, 1, some});
  }
  EXPECT_EQ(refuse(client_a, {21, 1}, pieces).protocol_code, 212);
  upload(client_a, {2, 1}, {{2, 1, 1, assign(1)}});
}

} // namespace
} // namespace ros::test
