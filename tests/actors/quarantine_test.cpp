// What becomes of a Realm that cannot go on, and of its sessions; on both logs.
#include "realm_fixture.hpp"

#include "actors/realm_registry.hpp"
#include "support/damage.hpp"

#include <stdexcept>

namespace ros::actors {
namespace {

struct quarantine_test : realm_test {
  /// Whatever is stored of the Realm in a family; nothing of it is in memory afterwards.
  void damage(storage::family what) {
    world.restart();
    world.damage(what);
  }
  /// The realm has told the registry once, and has ended.
  void expect_quarantined(const std::string& part_of_reason) {
    world.run();
    ASSERT_EQ(world.failed.size(), 1u);
    EXPECT_NE(world.failed[0].find(part_of_reason), std::string::npos) << world.failed[0];
    EXPECT_TRUE(world.has_ended());
  }
  static read_download everything(const realm_client& client) {
    return {client.file.ident, {0, 0}, 1 << 20};
  }
};
INSTANTIATE_TEST_SUITE_P(logs, quarantine_test,
                         ::testing::Values(log_kind::one_copy, log_kind::three_copies),
                         test::log_kind_name);

TEST_P(quarantine_test, a_damaged_history_row_is_found_by_a_download) {
  auto old = first_client();
  damage(storage::family::history);
  auto reader = world.join(), other = world.join();
  auto read = world.ask_as<download_chunk>(reader, everything(reader));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error(), ec::unavailable);
  for (const auto* client : {&reader, &other}) {
    ASSERT_EQ(client->told->failures.size(), 1u);
    EXPECT_EQ(client->told->failures[0].code, 201);
  }
  expect_quarantined("version 1");
}

TEST_P(quarantine_test, a_damaged_changeset_is_found_by_a_download) {
  first_client();
  damage(storage::family::changesets);
  auto reader = world.join();
  EXPECT_FALSE(world.ask_as<download_chunk>(reader, everything(reader)));
  expect_quarantined("changeset 1");
}

TEST_P(quarantine_test, a_damaged_object_is_found_by_an_upload_and_nobody_is_blamed) {
  auto writer = first_client();
  world.upload(writer, 3, 1, object(1));
  world.run();
  damage(storage::family::objects);
  auto other = world.join();
  const auto before = world.stored().head.version;
  world.upload(other, 2, before, object(1));
  world.run();
  ASSERT_EQ(other.told->failures.size(), 1u);
  EXPECT_EQ(other.told->failures[0].code, 201);
  EXPECT_EQ(world.stored().head.version, before);
  expect_quarantined("object");
}

TEST_P(quarantine_test, a_damaged_client_file_makes_no_client_reset) {
  const auto file = first_client().file;
  damage(storage::family::clients);
  auto client = world.open_session(99);
  client.file = file;
  auto answer = world.attach(client, {1, 2}, world.stored().head);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error(), ec::unavailable); // and not 208
  expect_quarantined("client file");
}

TEST_P(quarantine_test, damage_met_while_an_entry_is_in_flight_lets_the_entry_end) {
  auto writer = first_client();
  world.restart();
  auto reader = world.join();
  auto old = world.open_session(77);
  old.file = writer.file;
  world.gate().hold = true;
  world.upload(reader, 2, 1, object(1));
  world.run();
  world.damage(storage::family::history);
  EXPECT_FALSE(world.ask_as<download_chunk>(reader, everything(reader)));
  EXPECT_EQ(world.failed.size(), 1u);
  EXPECT_FALSE(world.has_ended());
  world.open_gate();
  expect_quarantined("version");
  EXPECT_EQ(world.stored().head.version, 2u);
}

TEST_P(quarantine_test, an_exception_ends_the_realm_with_its_text) {
  world.random.before_next = [] { throw std::runtime_error("no more salts"); };
  caf::anon_send(world.realm, allocate_client_file{"u"});
  world.run();
  ASSERT_TRUE(world.has_ended());
  EXPECT_EQ(world.end_reason(), ec::quarantined);
  EXPECT_NE(caf::to_string(world.end_reason().context()).find("no more salts"), std::string::npos);
}

// -- with the registry ------------------------------------------------------------

/// Two Realms behind a real registry.
struct two_realms : realm_test {
  two_realms() { registry = world.start_registry(); }
  ~two_realms() override {
    world.actors().ask<bool>(registry, stop_atom_v); // no Realm stays behind
    caf::anon_send_exit(registry, caf::exit_reason::kill);
    world.run();
  }
  caf::expected<realm_actor> open(const std::string& path) {
    return world.actors().ask<realm_actor>(registry,
                                           open_realm{path, path == "/a" ? 11u : 12u, ""});
  }
  /// A fresh client file of the Realm at a path; an error if it is out of service.
  caf::expected<sync::salted_file_ident> allocate(const std::string& path) {
    auto realm = open(path);
    if (!realm)
      return realm.error();
    return world.actors().ask<sync::salted_file_ident>(*realm, allocate_client_file{"u"});
  }
  std::vector<realm_status> list() {
    auto all = world.actors().ask<std::vector<realm_status>>(registry, list_atom_v);
    return all ? *all : std::vector<realm_status>{};
  }
  void close(const std::string& path) {
    auto realm = open(path);
    ASSERT_TRUE(realm);
    caf::anon_send(*realm, stop_atom_v);
    world.run();
  }
  static std::string prefix(std::uint64_t realm_id) { return storage::realm_prefix(3, realm_id); }
  realm_registry_actor registry;
};
INSTANTIATE_TEST_SUITE_P(logs, two_realms, ::testing::Values(log_kind::one_copy),
                         test::log_kind_name);

TEST_P(two_realms, one_is_quarantined_until_it_is_repaired_and_released) {
  ASSERT_TRUE(allocate("/a"));
  ASSERT_TRUE(allocate("/b"));
  close("/a");
  const auto good = damage_rows(world.database(), storage::family::realms, prefix(11));
  for (int i = 0; i < 3; ++i) {
    auto refused = allocate("/a");
    ASSERT_FALSE(refused);
    if (i > 0) { // the first one meets the realm that finds it out
      EXPECT_EQ(refused.error(), ec::quarantined);
    }
    EXPECT_TRUE(allocate("/b"));
  }
  auto all = list();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].path, "/a");
  EXPECT_EQ(all[0].condition, realm_condition::quarantined);
  EXPECT_NE(all[0].reason.find("record is damaged"), std::string::npos) << all[0].reason;
  EXPECT_EQ(all[1].condition, realm_condition::open);

  // Released without repair it is found out again.
  EXPECT_EQ(world.actors().ask<bool>(registry, restore_atom_v, std::string{"/a"}), true);
  EXPECT_FALSE(allocate("/a"));
  EXPECT_EQ(list()[0].condition, realm_condition::quarantined);

  put_rows(world.database(), storage::family::realms, good);
  EXPECT_EQ(allocate("/a").error(), ec::quarantined);
  EXPECT_EQ(world.actors().ask<bool>(registry, restore_atom_v, std::string{"/a"}), true);
  EXPECT_EQ(world.actors().ask<bool>(registry, restore_atom_v, std::string{"/a"}), false);
  auto file = allocate("/a");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->ident, 3u); // nothing was forgotten
}

TEST_P(two_realms, one_that_breaks_down_stays_closed) {
  ASSERT_TRUE(allocate("/b"));
  world.random.before_next = [] { throw std::runtime_error("no more salts"); };
  ASSERT_FALSE(allocate("/a"));
  world.random.before_next = nullptr;
  EXPECT_EQ(allocate("/a").error(), ec::quarantined);
  EXPECT_TRUE(allocate("/b"));
  EXPECT_NE(list()[0].reason.find("no more salts"), std::string::npos) << list()[0].reason;
  EXPECT_EQ(world.actors().ask<bool>(registry, restore_atom_v, std::string{"/a"}), true);
  EXPECT_TRUE(allocate("/a"));
}

} // namespace
} // namespace ros::actors
