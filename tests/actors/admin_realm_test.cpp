// The ADMIN REALM actor: what is written when, what concurrent changes come to, and
// what becomes of them when the log fails.
#include "auth_world.hpp"

#include <caf/event_based_actor.hpp>

#include <gtest/gtest.h>

#include <map>

namespace ros::actors {

namespace {

class admin_realm_test : public ::testing::Test {
public:
  /// Asks without waiting; the answer appears in `answers` under this number.
  template <class T, class Question>
  void start(int number, Question question) {
    world.system().spawn(
        [this, number](caf::event_based_actor* self, const admin_realm_actor& whom,
                       const Question& x) {
          self->request(whom, caf::infinite, x)
              .then([this, number](const T&) { answers[number] = caf::error{}; },
                    [this, number](const caf::error& e) { answers[number] = e; });
        },
        world.admin_realm, std::move(question));
    world.run();
  }
  static register_user new_user(const std::string& name) { return {{"password", name}, "hash"}; }

  ros::test::auth_world world;
  std::map<int, caf::error> answers;
};

TEST_F(admin_realm_test, a_change_is_told_only_once_it_is_durable) {
  world.log.hold = true;
  start<user_record>(1, new_user("jane"));
  EXPECT_TRUE(answers.empty());
  EXPECT_EQ(
      world.ask<account_record>(world.admin_realm, find_account{{"password", "jane"}})->user_id,
      "");
  world.log.release();
  world.run();
  EXPECT_EQ(answers.at(1), caf::none);
  EXPECT_NE(
      world.ask<account_record>(world.admin_realm, find_account{{"password", "jane"}})->user_id,
      "");
}

TEST_F(admin_realm_test, concurrent_registrations_of_one_name_make_one_user) {
  world.log.hold = true;
  for (int i = 0; i < 10; ++i)
    start<user_record>(i, new_user("jane"));
  while (world.log.held() > 0) {
    world.log.release();
    world.run();
  }
  int made = 0;
  for (const auto& [number, error] : answers)
    if (error)
      EXPECT_EQ(error, auth_ec::account_exists);
    else
      ++made;
  EXPECT_EQ(answers.size(), 10u);
  EXPECT_EQ(made, 1);
  EXPECT_EQ(world.log.entries.size(), 1u);
}

TEST_F(admin_realm_test, changes_that_wait_share_one_entry) {
  world.log.hold = true;
  for (int i = 0; i < 20; ++i)
    start<user_record>(i, new_user("user" + std::to_string(i)));
  EXPECT_EQ(world.log.held(), 1u) << "only one entry is on its way";
  world.log.release();
  world.run();
  EXPECT_EQ(answers.size(), 1u);
  world.log.release();
  world.run();
  EXPECT_EQ(answers.size(), 20u);
  EXPECT_EQ(world.log.entries.size(), 2u);
  for (const auto& [number, error] : answers)
    EXPECT_EQ(error, caf::none);
}

TEST_F(admin_realm_test, many_new_realms_in_one_entry_get_ids_of_their_own) {
  world.log.hold = true;
  const caller admin{admin_user_id, true};
  start<user_record>(0, new_user("jane")); // keeps the log busy
  for (int i = 1; i <= 5; ++i)
    start<realm_grant>(i, ensure_realm{admin, "/realm" + std::to_string(i), ""});
  start<realm_grant>(6, ensure_realm{admin, "/realm1", ""}); // the same one twice
  world.log.hold = false;
  while (world.log.held() > 0) {
    world.log.release();
    world.run();
  }
  EXPECT_EQ(answers.size(), 7u);
  world.start_admin_realm(); // from storage
  std::set<std::uint64_t> ids;
  for (int i = 1; i <= 5; ++i)
    ids.insert(world
                   .ask<realm_grant>(world.admin_realm,
                                     ensure_realm{admin, "/realm" + std::to_string(i), ""})
                   ->realm.id);
  EXPECT_EQ(ids, (std::set<std::uint64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(world.ask<realm_grant>(world.admin_realm, ensure_realm{admin, "/next", ""})->realm.id,
            6u);
}

TEST_F(admin_realm_test, a_realm_of_a_user_deleted_meanwhile_is_refused) {
  auto jane = world.add_user("jane");
  world.log.hold = true;
  start<user_record>(0, new_user("somebody"));
  start<bool>(1, delete_user{jane});
  start<realm_grant>(2, ensure_realm{{jane, false}, "/" + jane + "/notes", ""});
  while (world.log.held() > 0) {
    world.log.release();
    world.run();
  }
  EXPECT_EQ(answers.at(1), caf::none);
  EXPECT_EQ(answers.at(2), ec::denied);
}

TEST_F(admin_realm_test, everything_is_there_after_a_restart) {
  auto jane = world.add_user("jane", "the hash");
  world.ask<bool>(world.admin_realm, revoke_token_key{"s:1", 0});
  world.ask<realm_grant>(world.admin_realm, ensure_realm{{jane, false}, "/" + jane + "/notes", ""});
  world.start_admin_realm();
  auto account = world.ask<account_record>(world.admin_realm, find_account{{"password", "jane"}});
  ASSERT_TRUE(account);
  EXPECT_EQ(account->user_id, jane);
  EXPECT_EQ(account->credential, "the hash");
  auto revoked = world.ask<caller>(world.admin_realm, check_token{jane, "s:1"});
  ASSERT_FALSE(revoked);
  EXPECT_EQ(revoked.error(), auth_ec::revoked_token);
  auto user = world.ask<user_record>(world.admin_realm, read_user{jane});
  ASSERT_TRUE(user);
  EXPECT_EQ(user->created_ms, world.clock.unix_ms());
  EXPECT_TRUE(world.ask<user_record>(world.admin_realm, new_user("paul"))) << "the sequence fits";
}

TEST_F(admin_realm_test, a_change_that_could_not_be_written_is_unavailable_and_has_no_effect) {
  world.log.full = true;
  auto refused = world.ask<user_record>(world.admin_realm, new_user("jane"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), ec::unavailable);
  EXPECT_EQ(
      world.ask<account_record>(world.admin_realm, find_account{{"password", "jane"}})->user_id,
      "");
  world.log.full = false;
  world.clock.advance_ms(500);
  EXPECT_TRUE(world.ask<user_record>(world.admin_realm, new_user("jane"))) << "no restart needed";
}

TEST_F(admin_realm_test, reads_go_on_while_changes_fail) {
  auto jane = world.add_user("jane");
  world.log.full = true;
  world.unreadable = true;
  ASSERT_FALSE(world.ask<bool>(world.admin_realm, revoke_token_key{"s:1", 0}));
  EXPECT_TRUE(world.ask<caller>(world.admin_realm, check_token{jane, "s:1"}));
  EXPECT_EQ(
      world.ask<rights>(world.admin_realm, authorize_realm{{jane, false}, "/" + jane + "/notes"}),
      all_rights);
}

TEST_F(admin_realm_test, an_entry_that_was_written_although_the_log_failed_is_found_again) {
  world.log.lose_answer = true;
  ASSERT_FALSE(world.ask<user_record>(world.admin_realm, new_user("jane")));
  world.log.lose_answer = false;
  world.clock.advance_ms(500);
  auto again = world.ask<user_record>(world.admin_realm, new_user("jane"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), auth_ec::account_exists);
  EXPECT_TRUE(world.ask<user_record>(world.admin_realm, new_user("paul")));
}

TEST_F(admin_realm_test, after_trouble_the_rows_are_read_again_once_in_a_while_only) {
  world.log.full = true;
  ASSERT_FALSE(world.ask<user_record>(world.admin_realm, new_user("jane")));
  EXPECT_EQ(world.loads, 1);
  for (int i = 0; i < 10; ++i)
    EXPECT_FALSE(world.ask<user_record>(world.admin_realm, new_user("jane")));
  EXPECT_EQ(world.loads, 1);
  EXPECT_EQ(world.log.entries.size(), 1u);
  world.clock.advance_ms(500);
  EXPECT_FALSE(world.ask<user_record>(world.admin_realm, new_user("jane")));
  EXPECT_EQ(world.loads, 2);
  EXPECT_EQ(world.log.entries.size(), 2u);
}

TEST_F(admin_realm_test, whoever_waits_behind_a_lost_entry_is_told_too) {
  world.log.hold = true;
  for (int i = 0; i < 5; ++i)
    start<user_record>(i, new_user("user" + std::to_string(i)));
  world.log.full = true;
  world.log.release();
  world.run();
  ASSERT_EQ(answers.size(), 5u);
  for (const auto& [number, error] : answers)
    EXPECT_EQ(error, ec::unavailable);
}

TEST_F(admin_realm_test, waiting_changes_are_bounded) {
  world.start_admin_realm({no_rights, 3, 500});
  world.log.hold = true;
  for (int i = 0; i < 10; ++i)
    start<user_record>(i, new_user("user" + std::to_string(i)));
  // One in flight, three wait, six are refused at once.
  ASSERT_EQ(answers.size(), 6u);
  for (const auto& [number, error] : answers)
    EXPECT_EQ(error, ec::overloaded);
  while (world.log.held() > 0) {
    world.log.release();
    world.run();
  }
  EXPECT_EQ(answers.size(), 10u);
}

TEST_F(admin_realm_test, what_needs_no_write_is_answered_although_the_queue_is_full) {
  auto jane = world.add_user("jane");
  const ensure_realm home{{jane, false}, "/" + jane + "/notes", ""};
  ASSERT_TRUE(world.ask<realm_grant>(world.admin_realm, home));
  world.start_admin_realm({no_rights, 0, 500});
  EXPECT_TRUE(world.ask<realm_grant>(world.admin_realm, home));
  EXPECT_EQ(world.ask<user_record>(world.admin_realm, new_user("jane")).error(),
            auth_ec::account_exists);
  EXPECT_EQ(world.ask<user_record>(world.admin_realm, new_user("paul")).error(), ec::overloaded);
}

TEST_F(admin_realm_test, unreadable_storage_makes_everything_unavailable_until_it_can_be_read) {
  auto jane = world.add_user("jane");
  world.unreadable = true;
  world.start_admin_realm();
  EXPECT_EQ(world.ask<caller>(world.admin_realm, check_token{jane, ""}).error(), ec::unavailable);
  EXPECT_EQ(world.ask<user_record>(world.admin_realm, new_user("paul")).error(), ec::unavailable);
  world.unreadable = false;
  EXPECT_EQ(world.ask<caller>(world.admin_realm, check_token{jane, ""}).error(), ec::unavailable)
      << "not before the retry time";
  world.clock.advance_ms(500);
  EXPECT_TRUE(world.ask<caller>(world.admin_realm, check_token{jane, ""}));
}

TEST_F(admin_realm_test, outdated_revocations_leave_with_later_entries) {
  const auto now_s = world.clock.unix_ms() / 1000;
  world.ask<bool>(world.admin_realm, revoke_token_key{"s:1", now_s + 10});
  world.clock.advance_ms(2 * 24 * 3600 * 1000);
  world.add_user("jane");
  std::vector<std::string> keys;
  ASSERT_TRUE(storage::visit_admin_rows(
      *world.database, [&](std::string_view key, std::string_view) { keys.emplace_back(key); }));
  for (const auto& key : keys)
    EXPECT_FALSE(key.starts_with("t/")) << key;
}

TEST_F(admin_realm_test, watchers_hear_of_the_end_of_a_token_or_user_once_it_is_durable) {
  const auto jane = world.add_user("jane");
  const auto paul = world.add_user("paul");
  start<bool>(1, watch_access{jane, "s:1"});
  start<bool>(2, watch_access{jane, "s:2"});
  start<bool>(3, watch_access{paul, "s:3"});
  EXPECT_TRUE(answers.empty());
  world.log.hold = true;
  start<bool>(10, revoke_token_key{"s:1", 0});
  EXPECT_TRUE(answers.empty());
  world.log.release();
  world.run();
  EXPECT_EQ(answers.at(1), auth_ec::revoked_token);
  EXPECT_FALSE(answers.contains(2));
  world.log.hold = false;
  ASSERT_TRUE(world.ask<bool>(world.admin_realm, delete_user{jane}));
  EXPECT_EQ(answers.at(2), auth_ec::unknown_user);
  EXPECT_FALSE(answers.contains(3));
  // Who asks too late hears at once.
  start<bool>(4, watch_access{paul, "s:1"});
  EXPECT_EQ(answers.at(4), auth_ec::revoked_token);
}

TEST_F(admin_realm_test, a_log_that_died_is_trouble_like_any_other) {
  caf::anon_send_exit(world.log_actor, caf::exit_reason::kill);
  world.run();
  auto refused = world.ask<user_record>(world.admin_realm, new_user("jane"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), ec::unavailable);
}

} // namespace

} // namespace ros::actors
