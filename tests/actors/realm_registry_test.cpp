#include "actors/realm_registry.hpp"

#include "actors/directory.hpp"
#include "actors/errors.hpp"
#include "actors/realm_data.hpp"
#include "support/actor_world.hpp"

namespace ros::actors {
namespace {

struct fake_realm_state {
  static inline const char* name = "fake_realm";
};

/// Stands for a realm: holds nothing, ends when told to.
realm_actor::behavior_type fake_realm(realm_actor::stateful_pointer<fake_realm_state> self) {
  return {
      [](allocate_client_file&) {
        return sync::salted_file_ident{2, 1};
      },
      [](attach_session&) { return session_attached{}; },
      [](integrate_upload&) {},
      [](const detach_session&) {},
      [](const find_client_version&) { return std::uint64_t{0}; },
      [](const read_download&) { return download_chunk{}; },
      [](head_atom) { return sync::salted_version{}; },
      [](const transact&) { return transacted{}; },
      [](const read_objects&) { return objects_read{}; },
      [](const read_schema&) { return realm_schema{}; },
      [](const follow_realm&) { return realm_changes{}; },
      [](commit_atom) {},
      [](idle_atom) {},
      [](upkeep_atom) {},
      [self](stop_atom) { self->quit(); },
      [self](forget_atom) { self->quit(); },
  };
}

class RealmRegistry : public ::testing::Test {
protected:
  realm_actor open(const std::string& path) {
    auto answer = world.ask<realm_actor>(registry, open_realm{path, 1, ""});
    EXPECT_TRUE(answer);
    return answer ? *answer : realm_actor{};
  }
  ~RealmRegistry() override {
    for (auto& x : spawned)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    caf::anon_send_exit(registry, caf::exit_reason::kill);
    world.run();
  }

  test::actor_world world;
  std::vector<realm_actor> spawned;
  realm_registry_actor registry =
      world.system().spawn(realm_registry, realm_spawner{[this](const open_realm&) {
                             spawned.push_back(world.system().spawn(fake_realm));
                             return spawned.back();
                           }});
};

TEST_F(RealmRegistry, starts_one_actor_for_each_path) {
  auto first = open("/a");
  EXPECT_EQ(open("/a"), first);
  EXPECT_NE(open("/b"), first);
  EXPECT_EQ(spawned.size(), 2u);
}

TEST_F(RealmRegistry, starts_a_fresh_actor_only_after_the_released_one_has_ended) {
  auto first = open("/a");
  caf::scoped_actor self{world.system()};
  caf::send_as(caf::actor_cast<caf::actor>(first), registry, release_atom_v, std::string{"/a"});
  world.run();
  auto second = open("/a");
  EXPECT_NE(second, first);
  EXPECT_EQ(spawned.size(), 2u);
}

TEST_F(RealmRegistry, ignores_a_release_that_an_earlier_actor_sent) {
  auto first = open("/a");
  auto old = caf::actor_cast<caf::actor>(first);
  caf::anon_send(first, stop_atom_v);
  world.run();
  auto second = open("/a");
  ASSERT_NE(second, first);
  caf::send_as(old, registry, release_atom_v, std::string{"/a"});
  world.run();
  EXPECT_EQ(open("/a"), second);
}

TEST_F(RealmRegistry, replaces_an_actor_that_failed) {
  auto first = open("/a");
  caf::anon_send_exit(first, caf::exit_reason::kill);
  world.run();
  EXPECT_NE(open("/a"), first);
}

TEST_F(RealmRegistry, ends_every_realm_and_then_refuses) {
  open("/a");
  open("/b");
  auto stopped = world.ask<bool>(registry, stop_atom_v);
  ASSERT_TRUE(stopped);
  EXPECT_TRUE(*stopped);
  auto late = world.ask<realm_actor>(registry, open_realm{"/c", 3, ""});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error(), ec::unavailable);
}

TEST_F(RealmRegistry, ends_a_deleted_realm_and_opens_its_id_never_again) {
  auto first = open("/a");
  auto gone = world.ask<bool>(registry, forget_atom_v, std::string{"/a"}, std::uint64_t{1});
  ASSERT_TRUE(gone);
  auto late = world.ask<realm_actor>(registry, open_realm{"/a", 1, ""});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error(), ec::session_error);
  auto next = world.ask<realm_actor>(registry, open_realm{"/a", 2, ""});
  ASSERT_TRUE(next);
  EXPECT_NE(*next, first);
  // Asking again, as after a crash, leaves the next one alone.
  EXPECT_TRUE(world.ask<bool>(registry, forget_atom_v, std::string{"/a"}, std::uint64_t{1}));
  auto again = world.ask<realm_actor>(registry, open_realm{"/a", 2, ""});
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *next);
}

TEST_F(RealmRegistry, replaces_a_realm_by_its_next_incarnation_before_it_hears_of_the_deletion) {
  auto first = open("/a");
  auto next = world.ask<realm_actor>(registry, open_realm{"/a", 2, ""});
  ASSERT_TRUE(next);
  EXPECT_NE(*next, first);
  auto late = world.ask<realm_actor>(registry, open_realm{"/a", 1, ""});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error(), ec::session_error);
}

TEST_F(RealmRegistry, lifts_the_quarantine_of_a_deleted_realm) {
  auto first = open("/a");
  caf::send_as(caf::actor_cast<caf::actor>(first), registry, failed_atom_v, std::string{"damage"});
  caf::anon_send(first, stop_atom_v);
  world.run();
  EXPECT_FALSE(world.ask<realm_actor>(registry, open_realm{"/a", 1, ""}));
  EXPECT_TRUE(world.ask<bool>(registry, forget_atom_v, std::string{"/a"}, std::uint64_t{1}));
  EXPECT_TRUE(world.ask<realm_actor>(registry, open_realm{"/a", 2, ""}));
}

TEST(Directory, lists_living_actors_by_name) {
  test::actor_world world;
  auto list = world.system().spawn(directory);
  auto a = world.system().spawn(fake_realm), b = world.system().spawn(fake_realm);
  caf::send_as(caf::actor_cast<caf::actor>(b), list, actor_record{"realm/b", "realm", "x"});
  caf::send_as(caf::actor_cast<caf::actor>(a), list, actor_record{"realm/a", "realm", "x"});
  auto names = [&] {
    std::vector<std::string> all;
    auto records = world.ask<std::vector<actor_record>>(list, list_atom_v);
    EXPECT_TRUE(records);
    if (records)
      for (auto& x : *records)
        all.push_back(x.name);
    return all;
  };
  EXPECT_EQ(names(), (std::vector<std::string>{"realm/a", "realm/b"}));
  caf::anon_send_exit(a, caf::exit_reason::kill);
  world.run();
  EXPECT_EQ(names(), (std::vector<std::string>{"realm/b"}));
  for (auto x : {caf::actor_cast<caf::actor>(b), caf::actor_cast<caf::actor>(list)})
    caf::anon_send_exit(x, caf::exit_reason::kill);
  world.run();
}

} // namespace
} // namespace ros::actors
