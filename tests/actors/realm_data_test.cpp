// The server's own access to a Realm through its actor, on both logs: what is written is
// durable before it is told, sessions see it, and followers miss nothing.
#include "actors/realm_data.hpp"
#include "realm_fixture.hpp"

namespace ros::actors {
namespace {

using sync::value_type;

struct realm_data_test : realm_test {
  /// Somebody in the server.
  realm_client server = world.open_session(0);

  void restart() {
    world.restart();
    server = world.open_session(0);
  }
  static transact schema_and(std::vector<sync::write_operation> more = {}) {
    transact x{{sync::declare_class{"P", "id", value_type::string},
                sync::declare_property{"P", "i", value_type::integer}}};
    x.operations.insert(x.operations.end(), more.begin(), more.end());
    return x;
  }
  static sync::put_object object(const std::string& key, std::int64_t i) {
    return {"P", key, {{"i", {i}}}};
  }
  transacted write(transact x) {
    auto done = world.ask_as<transacted>(server, std::move(x));
    EXPECT_TRUE(done) << caf::to_string(done.error());
    return done ? *done : transacted{};
  }
  objects_read read(read_objects x) {
    auto found = world.ask_as<objects_read>(server, std::move(x));
    EXPECT_TRUE(found);
    return found ? *found : objects_read{};
  }
  realm_changes changes_behind(sync::version_type from) {
    auto found = world.ask_as<realm_changes>(server, follow_realm{from});
    EXPECT_TRUE(found);
    return found ? *found : realm_changes{};
  }
  static std::int64_t number(const found_object& x) {
    return std::get<std::int64_t>(x.object.fields.at(0).value.data);
  }
};

INSTANTIATE_TEST_SUITE_P(logs, realm_data_test,
                         ::testing::Values(log_kind::one_copy, log_kind::three_copies),
                         test::log_kind_name);

// -- writing ---------------------------------------------------------------------

TEST_P(realm_data_test, writes_the_first_version_of_a_realm) {
  const auto done = write(schema_and({object("a", 1)}));
  EXPECT_TRUE(done.written);
  EXPECT_EQ(done.head, 1u);
  EXPECT_EQ(world.stored().head.version, 1u);
  restart();
  const auto found = read({"P"});
  EXPECT_EQ(found.head, 1u);
  ASSERT_EQ(found.objects.size(), 1u);
  EXPECT_EQ(number(found.objects[0]), 1);
}

TEST_P(realm_data_test, tells_nobody_of_a_transaction_before_it_is_durable) {
  auto client = world.join();
  world.gate().hold = true;
  auto answer = world.start_ask<transacted>(server, schema_and());
  auto news = world.start_ask<realm_changes>(server, follow_realm{0});
  world.run();
  EXPECT_FALSE(*answer);
  EXPECT_FALSE(*news);
  EXPECT_TRUE(client.told->published.empty());
  world.open_gate();
  ASSERT_TRUE(*answer && **answer);
  EXPECT_EQ((*answer)->value().head, 1u);
  ASSERT_TRUE(*news && **news);
  ASSERT_EQ(client.told->published.size(), 1u);
  EXPECT_EQ(client.told->published[0]->entries.at(0).origin, sync::server_file_ident);
}

TEST_P(realm_data_test, merges_with_uploads_of_bound_clients) {
  auto client = world.join();
  write(schema_and({object("a", 1)}));
  const auto update = [](const char* key, int i) {
    return sync::bytes{sync::encode_changeset(
        test::changeset_builder{}.update("P", std::string{key}, {"i"}, i).take())};
  };
  // Neither has seen the other's change; the client's clock says 1970.
  world.upload(client, 2, 1, update("a", 2));
  auto done = world.start_ask<transacted>(server, transact{{object("a", 3)}});
  world.run();
  EXPECT_EQ(world.stored().head.version, 3u);
  EXPECT_EQ(number(read({"P"}).objects.at(0)), 3);
  world.upload(client, 3, 1, update("a", 4)); // older, and has not seen version 3
  world.run();
  EXPECT_EQ(number(read({"P"}).objects.at(0)), 3);
  EXPECT_TRUE(client.told->failures.empty());
}

TEST_P(realm_data_test, writes_nothing_if_all_is_so_already) {
  write(schema_and({object("a", 1)}));
  world.gate().entries = 0;
  const auto again = write(schema_and({object("a", 1)}));
  EXPECT_FALSE(again.written);
  EXPECT_EQ(again.head, 1u);
  EXPECT_EQ(world.gate().entries, 0);
}

TEST_P(realm_data_test, writes_only_onto_the_version_that_the_decision_rests_on) {
  write(schema_and());
  transact wanted{{object("a", 1)}};
  wanted.if_head = 0;
  auto refused = write(wanted);
  EXPECT_TRUE(refused.moved_on);
  EXPECT_FALSE(refused.written);
  EXPECT_EQ(refused.head, 1u);
  EXPECT_TRUE(read({"P"}).objects.empty());
  wanted.if_head = 1;
  EXPECT_TRUE(write(wanted).written);
  // Of two that rest on the same version, one is written.
  wanted.operations = {object("b", 1)};
  wanted.if_head = 2;
  auto first = world.start_ask<transacted>(server, wanted);
  auto second = world.start_ask<transacted>(server, wanted);
  world.run();
  EXPECT_TRUE((*first)->value().written);
  EXPECT_TRUE((*second)->value().moved_on);
}

TEST_P(realm_data_test, refuses_what_cannot_be_carried_out_and_goes_on) {
  write(schema_and());
  auto refused =
      world.ask_as<transacted>(server, transact{{object("a", 1), sync::put_object{"Q", "x"}}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), ec::bad_operation);
  EXPECT_EQ(world.stored().head.version, 1u);
  EXPECT_FALSE(world.has_ended());
  EXPECT_EQ(write(transact{{object("a", 1)}}).head, 2u);
}

TEST_P(realm_data_test, says_so_if_a_transaction_could_not_be_stored) {
  write(schema_and());
  world.gate().fail = cluster::ec::no_space;
  auto lost = world.ask_as<transacted>(server, transact{{object("a", 1)}});
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error(), ec::unavailable);
  world.gate().fail.reset();
  EXPECT_TRUE(read({"P"}).objects.empty());
  EXPECT_EQ(write(transact{{object("a", 2)}}).head, 2u);
  EXPECT_EQ(number(read({"P"}).objects.at(0)), 2);
}

TEST_P(realm_data_test, lets_only_so_many_operations_wait) {
  write(schema_and());
  world.gate().hold = true;
  auto in_flight = world.start_ask<transacted>(server, transact{{object("a", 1)}});
  world.run();
  std::vector<realm_world::pending_answer<transacted>> answers;
  for (int n = 0; n < 15; ++n)
    answers.push_back(world.start_ask<transacted>(
        server,
        transact{std::vector<sync::write_operation>(sync::max_operations, object("b", n))}));
  world.run();
  const auto refused = std::count_if(answers.begin(), answers.end(), [](const auto& x) {
    return *x && !**x && (*x)->error() == ec::overloaded;
  });
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, 15);
  world.open_gate();
  EXPECT_TRUE((*in_flight)->value().written);
  EXPECT_TRUE(answers.front()->value());
}

TEST_P(realm_data_test, ends_those_who_wait_when_the_realm_is_damaged) {
  write(schema_and({object("a", 1)}));
  restart();
  auto follower = world.start_ask<realm_changes>(server, follow_realm{1});
  world.run();
  world.damage(storage::family::objects);
  auto found = world.ask_as<objects_read>(server, read_objects{"P"});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error(), ec::unavailable);
  ASSERT_TRUE(*follower);
  EXPECT_EQ((*follower)->error(), ec::unavailable);
  EXPECT_EQ(world.failed.size(), 1u);
}

// -- reading ---------------------------------------------------------------------

TEST_P(realm_data_test, reads_pages_and_keys_and_chosen_properties) {
  transact many = schema_and({sync::declare_property{"P", "s", value_type::string}});
  for (int n = 0; n < 25; ++n)
    many.operations.emplace_back(object("k" + std::to_string(100 + n), n));
  write(many);
  read_objects page{"P"};
  page.limit = 10;
  std::vector<std::int64_t> seen;
  for (int pages = 1;; ++pages) {
    const auto found = read(page);
    for (const auto& x : found.objects)
      seen.push_back(number(x));
    ASSERT_LE(pages, 3);
    if (!found.more)
      break;
    page.after = found.objects.back().key;
  }
  ASSERT_EQ(seen.size(), 25u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));

  read_objects some{"P", {std::string{"k103"}, std::string{"none"}, std::string{"k101"}}};
  some.properties = {"s", "unknown"};
  const auto found = read(some);
  EXPECT_EQ(found.looked_at, 3u);
  EXPECT_FALSE(found.more);
  ASSERT_EQ(found.objects.size(), 2u);
  EXPECT_EQ(found.objects[0].key, sync::primary_key{std::string{"k103"}});
  ASSERT_EQ(found.objects[0].object.fields.size(), 1u);
  EXPECT_EQ(found.objects[0].object.fields[0].name, "s");
}

TEST_P(realm_data_test, reads_nothing_of_a_class_that_is_not_there) {
  EXPECT_TRUE(read({"P"}).objects.empty());
  EXPECT_EQ(read({"P", {std::string{"a"}}}).looked_at, 1u);
  auto schema = world.ask_as<realm_schema>(server, read_schema{});
  ASSERT_TRUE(schema);
  EXPECT_TRUE(schema->classes.empty());
  write(schema_and());
  schema = world.ask_as<realm_schema>(server, read_schema{});
  ASSERT_TRUE(schema);
  ASSERT_EQ(schema->classes.size(), 1u);
  EXPECT_EQ(schema->classes[0].key_field, "id");
  EXPECT_EQ(schema->head, 1u);
}

TEST_P(realm_data_test, answers_with_so_many_bytes_at_most) {
  auto many = schema_and({sync::declare_property{"P", "s", value_type::string}});
  for (int n = 0; n < 6; ++n)
    many.operations.emplace_back(
        sync::put_object{"P", std::to_string(n), {{"s", {std::string(400'000, 'x')}}}});
  write(many);
  auto page = read({"P"});
  EXPECT_EQ(page.objects.size(), 3u);
  EXPECT_TRUE(page.more);
  read_objects keys{"P"};
  for (int n = 0; n < 6; ++n)
    keys.keys.emplace_back(std::to_string(n));
  page = read(keys);
  EXPECT_EQ(page.looked_at, 3u);
  EXPECT_TRUE(page.more);
}

TEST_P(realm_data_test, reads_no_half_written_state) {
  write(schema_and({object("a", 1)}));
  world.gate().hold = true;
  auto done = world.start_ask<transacted>(server, transact{{object("a", 2)}});
  world.run();
  auto found = world.start_ask<objects_read>(server, read_objects{"P"});
  world.run();
  EXPECT_FALSE(*found);
  world.open_gate();
  ASSERT_TRUE(*found && **found);
  EXPECT_EQ((*found)->value().head, 2u);
  EXPECT_EQ(number((*found)->value().objects.at(0)), 2);
}

// -- following -------------------------------------------------------------------

TEST_P(realm_data_test, tells_a_follower_what_clients_and_the_server_touched) {
  write(schema_and({object("a", 1)}));
  auto client = world.join();
  auto news = world.start_ask<realm_changes>(server, follow_realm{1});
  world.run();
  EXPECT_FALSE(*news);
  world.upload(client, 2, 1,
               sync::bytes{sync::encode_changeset(test::changeset_builder{}
                                                      .update("P", std::string{"a"}, {"i"}, 2)
                                                      .create("P", std::string{"b"})
                                                      .take())});
  world.run();
  ASSERT_TRUE(*news && **news);
  const auto& told = (*news)->value();
  EXPECT_EQ(told.version, 2u);
  EXPECT_FALSE(told.everything);
  ASSERT_EQ(told.changes.size(), 1u);
  EXPECT_EQ(told.changes[0].origin, client.file.ident);
  EXPECT_EQ(told.changes[0].user, "u");
  EXPECT_EQ(told.changes[0].objects,
            (std::vector<sync::touched_object>{
                {"P", std::string{"a"}, sync::object_change::updated, {"i"}},
                {"P", std::string{"b"}, sync::object_change::created, {}}}));
  write(transact{{sync::erase_object{"P", std::string{"b"}}}});
  const auto later = changes_behind(2);
  ASSERT_EQ(later.changes.size(), 1u);
  EXPECT_EQ(later.changes[0].origin, sync::server_file_ident);
  EXPECT_EQ(later.changes[0].user, "");
  EXPECT_EQ(later.changes[0].objects.at(0).what, sync::object_change::erased);
}

TEST_P(realm_data_test, tells_what_was_missed_even_after_a_restart) {
  write(schema_and({object("a", 1)}));
  write(transact{{object("a", 2)}});
  write(transact{{object("a", 3)}});
  restart();
  const auto told = changes_behind(1);
  EXPECT_EQ(told.version, 3u);
  ASSERT_EQ(told.changes.size(), 2u);
  EXPECT_EQ(told.changes[0].version, 2u);
  // A version that is not there any more: restored from a backup.
  EXPECT_TRUE(changes_behind(9).everything);
}

TEST_P(realm_data_test, tells_much_in_parts_and_too_much_as_everything) {
  write(schema_and({sync::declare_property{"P", "s", value_type::string}}));
  for (int n = 0; n < 4; ++n)
    write(
        transact{{sync::put_object{"P", std::to_string(n), {{"s", {std::string(600'000, 'x')}}}}}});
  auto told = changes_behind(1);
  EXPECT_EQ(told.version, 3u);
  told = changes_behind(told.version);
  EXPECT_EQ(told.version, 5u);
  EXPECT_FALSE(told.everything);

  // Half a million instructions of a few bytes.
  auto client = world.join();
  test::changeset_builder many;
  for (int n = 0; n < 500'000; ++n)
    many.update("P", std::string{"1"}, {"i"}, 1);
  world.upload(client, 2, 5, sync::bytes{sync::encode_changeset(many.take())});
  world.run();
  told = changes_behind(5);
  EXPECT_TRUE(told.everything);
  EXPECT_EQ(told.version, 6u);
}

TEST_P(realm_data_test, answers_a_follower_that_asks_again_as_if_it_were_closing) {
  write(schema_and());
  auto first = world.start_ask<realm_changes>(server, follow_realm{1});
  auto second = world.start_ask<realm_changes>(server, follow_realm{1});
  world.run();
  ASSERT_TRUE(*first && **first);
  EXPECT_TRUE((*first)->value().closing);
  EXPECT_EQ((*first)->value().version, 1u);
  EXPECT_FALSE(*second);
  write(transact{{object("a", 1)}});
  EXPECT_EQ((*second)->value().version, 2u);
}

TEST_P(realm_data_test, stays_in_memory_for_followers_that_want_it_so) {
  write(schema_and());
  auto loose = world.open_session(0);
  auto first = world.start_ask<realm_changes>(server, follow_realm{1, true});
  auto second = world.start_ask<realm_changes>(loose, follow_realm{1, false});
  world.run();
  world.actors().advance(std::chrono::minutes(10));
  EXPECT_TRUE(world.released.empty());
  caf::anon_send_exit(server.session, caf::exit_reason::kill);
  world.run();
  world.actors().advance(std::chrono::minutes(10));
  EXPECT_FALSE(world.released.empty());
  caf::anon_send(world.realm, stop_atom_v);
  world.run();
  EXPECT_TRUE(world.has_ended());
  ASSERT_TRUE(*second && **second);
  EXPECT_TRUE((*second)->value().closing);
}

} // namespace
} // namespace ros::actors
