// Checklist U11, D9 and E9 of sync-protocol.md 10: clients that apply what they get end
// with the same content as everybody else.
#include "conformance_fixture.hpp"

#include "protocol/resetting_app.hpp"
#include "support/random_user.hpp"

namespace ros::test {
namespace {

class ConvergenceConformanceTest : public ConformanceTest {
protected:
  static std::unique_ptr<app> open_app() { return std::make_unique<app>(as_user(), realm()); }
  static void receive_what_came(app& a) {
    while (auto m = a.client->next(0))
      a.session->receive(*m);
  }
};

TEST_F(ConvergenceConformanceTest, U11_two_writers_of_1000_changesets_each_end_equal) {
  auto a = open_app();
  auto b = open_app();
  a->file.write(new_dog(1, "Rex"), 1);
  b->file.write(new_dog(1, "Max"), 2);
  constexpr int rounds = 999;
  for (int i = 0; i < rounds; ++i) {
    const auto time = static_cast<std::uint64_t>(10 + 2 * i);
    a->file.write(i % 7 == 0 ? new_dog(10 + i, "a") : rename_dog(1, std::to_string(i) + "a"), time);
    a->session->upload();
    b->file.write(i % 5 == 0 ? new_dog(10 + i, "b") : rename_dog(1, std::to_string(i) + "b"),
                  time + 1);
    b->session->upload();
    receive_what_came(*a);
    receive_what_came(*b);
  }
  a->upload();
  b->upload();
  const auto content = a->settle();
  EXPECT_EQ(b->settle(), content);
  EXPECT_EQ(a->file.copy.latest, 2u * (rounds + 1)); // one version for every entry
  EXPECT_EQ(b->file.copy.latest, a->file.copy.latest);
  EXPECT_EQ(open_app()->settle(), content);
}

TEST_F(ConvergenceConformanceTest, D9_replaying_all_entries_gives_the_content_of_the_realm) {
  std::vector<std::unique_ptr<app>> apps;
  std::vector<std::unique_ptr<random_user>> users;
  for (int i = 0; i < 3; ++i) {
    auto& a = *apps.emplace_back(open_app());
    users.push_back(
        std::make_unique<random_user>(a.file.state(), a.file.copy.ident, user_habits{}));
    a.file.write(std::string{client_bytes(random_user::declare_schema().take()).view()}, 1);
  }
  for (std::uint64_t round = 0; round < 40; ++round)
    for (std::size_t i = 0; i < apps.size(); ++i) {
      auto work = users[i]->act(round * 10 + i);
      apps[i]->file.write(std::string{client_bytes(work.take()).view()}, 100 * round + i);
      if ((round + i) % 3 != 0)
        apps[i]->session->upload();
      if ((round + i) % 2 == 0)
        receive_what_came(*apps[i]);
    }
  for (auto& a : apps)
    a->upload();
  const auto content = apps[0]->settle();
  EXPECT_GT(content.size(), 1000u);
  EXPECT_EQ(apps[1]->settle(), content);
  EXPECT_EQ(apps[2]->settle(), content);
  EXPECT_EQ(open_app()->settle(), content);
}

/// As in the capture frames-client-reset-node: the temporary file and the app's file get
/// idents of their own. The SDK at hand has no automatic reset; more ways to go through
/// one are in tests/protocol/client_reset_test.cpp.
TEST_F(ConvergenceConformanceTest, E9_an_automatic_reset_keeps_or_discards_what_was_not_synced) {
  for (const bool recovers : {true, false}) {
    const auto path = realm(recovers ? "-recover" : "-discard");
    app other(as_user(), path);
    other.file.write(new_dog(1, "Rex"), 1);
    other.upload();
    app a(as_user(), path);
    a.settle();
    a.file.write(new_dog(2, "unsynced"), 2);
    a.client->send("json_error 212 15 1\n{\"message\":\"x\"}");
    const auto m = a.client->next();
    ASSERT_TRUE(m.has_value());
    EXPECT_EQ(m->error_code, 217);
    EXPECT_EQ(m->action, "ClientReset");
    a.client->send("unbind 1\n");
    const auto ident = a.file.copy.ident;
    a.reset({.recovers = recovers, .asks_anew = true});
    EXPECT_EQ(a.file.copy.ident, ident + 2);
    const auto content = a.settle();
    EXPECT_EQ(content.find("unsynced") != std::string::npos, recovers);
    EXPECT_NE(content.find("Rex"), std::string::npos);
    EXPECT_EQ(other.settle(), content);
    EXPECT_EQ(app(as_user(), path).settle(), content);
  }
}

} // namespace
} // namespace ros::test
