// Who is told of what by the ADMIN REALM actor: sessions of their rights, mirrors of
// changed rows, operators of what was done; and the set-up of the first administrator.
#include "auth_world.hpp"

#include "actors/admin_state_rows.hpp"

#include <caf/event_based_actor.hpp>

#include <gtest/gtest.h>

#include <map>

namespace ros::actors {

namespace {

const caller admin{admin_user_id, true};

class admin_watch_test : public ::testing::Test {
public:
  admin_watch_test() {
    jane = world.add_user("jane@x");
    paul = world.add_user("paul@x");
    notes = "/" + jane + "/notes";
    ask<realm_grant>(ensure_realm{{jane, false}, notes, ""});
  }
  template <class T, class Question>
  caf::expected<T> ask(Question question) {
    return world.ask<T>(world.admin_realm, std::move(question));
  }
  /// Asks without waiting; the outcome appears in `heard` and `told`.
  template <class T, class Question>
  caf::actor start(int number, Question question) {
    auto who = world.system().spawn(
        [this, number](caf::event_based_actor* self, const admin_realm_actor& whom,
                       const Question& x) {
          self->request(whom, caf::infinite, x)
              .then([this, number](const T& x) { heard[number] = describe(x); },
                    [this, number](const caf::error& e) { told[number] = e; });
        },
        world.admin_realm, std::move(question));
    world.run();
    return caf::actor_cast<caf::actor>(who);
  }
  static std::string describe(rights x) { return to_string(x); }
  static std::string describe(bool) { return "yes"; }
  static std::string describe(const user_record& x) { return x.id; }
  static std::string describe(const permission_changed&) { return "changed"; }
  static std::string describe(const admin_changes& x) {
    std::string text = x.everything ? "everything" : "";
    for (const auto& row : x.rows)
      text += (row.kind == admin_row_kind::user    ? "user "
               : row.kind == admin_row_kind::realm ? "realm "
                                                   : "permission ") +
              row.user + row.path + ';';
    return text;
  }
  void give(const std::string& whom, rights x) {
    ASSERT_TRUE(ask<permission_changed>(change_permission{
        admin, notes, {whom}, x.read, x.write, x.manage, {admin_user_id, "::1"}}));
  }
  watch_realm watch(const std::string& user, rights known) { return {{user, false}, notes, known}; }

  ros::test::auth_world world;
  std::string jane, paul, notes;
  std::map<int, std::string> heard;
  std::map<int, caf::error> told;
};

TEST_F(admin_watch_test, a_session_is_told_when_its_rights_change_and_not_before) {
  start<rights>(1, watch(paul, no_rights));
  start<rights>(2, watch(jane, all_rights));
  EXPECT_TRUE(heard.empty());
  give(paul, read_write);
  EXPECT_EQ(heard, (std::map<int, std::string>{{1, "rw-"}}));
  start<rights>(3, watch(paul, no_rights));
  EXPECT_EQ(heard[3], "rw-") << "who knows less hears at once";
}

TEST_F(admin_watch_test, default_rows_suspension_and_promotion_count_too) {
  start<rights>(1, watch(paul, no_rights));
  give("*", read_only);
  EXPECT_EQ(heard[1], "r--");
  start<rights>(2, watch(paul, read_only));
  ASSERT_TRUE(ask<user_record>(put_user{.user_id = paul, .is_admin = true}));
  EXPECT_EQ(heard[2], "rwm");
  start<rights>(3, watch(jane, all_rights));
  ASSERT_TRUE(ask<user_record>(put_user{.user_id = jane, .suspended = true}));
  EXPECT_EQ(heard[3], "---");
}

TEST_F(admin_watch_test, a_session_is_told_that_its_realm_was_deleted) {
  start<rights>(1, watch(jane, all_rights));
  ASSERT_TRUE(ask<realm_record>(delete_realm{admin, notes}));
  EXPECT_EQ(told.at(1), auth_ec::realm_not_found);
}

TEST_F(admin_watch_test, a_connection_is_told_of_the_end_of_its_access) {
  start<bool>(1, watch_access{jane, "s:1", world.clock.unix_ms() / 1000});
  start<bool>(2, watch_access{paul, "s:2", world.clock.unix_ms() / 1000});
  ASSERT_TRUE(ask<bool>(revoke_user_tokens{jane}));
  EXPECT_EQ(told.at(1), auth_ec::revoked_token);
  ASSERT_TRUE(ask<user_record>(put_user{.user_id = paul, .suspended = true}));
  EXPECT_EQ(told.at(2), auth_ec::user_disabled);
}

TEST_F(admin_watch_test, who_has_ended_is_not_remembered) {
  auto watcher = start<rights>(1, watch(paul, no_rights));
  caf::anon_send_exit(watcher, caf::exit_reason::user_shutdown);
  world.run();
  give(paul, read_only);
  EXPECT_TRUE(heard.empty());
}

TEST_F(admin_watch_test, a_mirror_hears_of_every_row_once) {
  start<admin_changes>(1, follow_admin{0});
  EXPECT_EQ(heard[1], "everything");
  const auto from = ask<admin_rows>(scan_admin_rows{})->sequence;
  start<admin_changes>(2, follow_admin{from});
  EXPECT_FALSE(heard.contains(2));
  give(paul, read_only);
  EXPECT_EQ(heard[2], "permission " + paul + notes + ";");
  ASSERT_TRUE(ask<user_record>(put_user{.user_id = jane, .suspended = true}));
  ASSERT_TRUE(ask<bool>(delete_user{paul}));
  start<admin_changes>(3, follow_admin{from});
  EXPECT_NE(heard[3].find("user " + jane), std::string::npos) << heard[3];
  EXPECT_NE(heard[3].find("user " + paul), std::string::npos) << heard[3];
  EXPECT_NE(heard[3].find("permission " + paul + notes), std::string::npos) << heard[3];
  start<admin_changes>(4, follow_admin{from + 1000});
  EXPECT_EQ(heard[4], "everything") << "from another life";
  auto rows = ask<admin_rows>(read_admin_rows{{{admin_row_kind::user, paul, ""},
                                               {admin_row_kind::user, jane, ""},
                                               {admin_row_kind::permission, jane, notes},
                                               {admin_row_kind::realm, "", notes}}});
  EXPECT_EQ(rows->users.size(), 1u) << "paul is gone";
  EXPECT_EQ(rows->realms.size(), 1u);
  EXPECT_EQ(rows->permissions.size(), 1u);
}

TEST_F(admin_watch_test, a_mirror_that_asks_again_and_again_misses_nothing) {
  auto from = ask<admin_rows>(scan_admin_rows{})->sequence;
  caf::scoped_actor mirror{world.system()};
  for (int i = 0; i < 20; ++i) {
    mirror->send(world.admin_realm, follow_admin{from});
    world.run();
    EXPECT_TRUE(mirror->mailbox().empty());
    give(paul, i % 2 == 0 ? read_only : read_write);
    mirror->receive([&](const admin_changes& x) {
      from = x.sequence;
      EXPECT_EQ(describe(x), "permission " + paul + notes + ";");
    });
  }
}

TEST_F(admin_watch_test, a_mirror_that_is_too_far_behind_reads_everything) {
  const auto from = ask<admin_rows>(scan_admin_rows{})->sequence;
  for (int batch = 0; batch < 11; ++batch) {
    import_users users;
    for (int i = 0; i < 1000; ++i)
      users.users.push_back({.accounts = {{"password", std::to_string(batch * 1000 + i) + "@x"}}});
    ASSERT_EQ(ask<import_result>(users)->created, 1000u);
  }
  start<admin_changes>(1, follow_admin{from});
  EXPECT_EQ(heard[1], "everything");
  const auto totals = ask<admin_totals>(read_totals{});
  EXPECT_EQ(totals->users, 11'002u);
}

TEST_F(admin_watch_test, fifty_set_ups_at_once_make_one_administrator) {
  world.log.hold = true;
  for (int i = 0; i < 50; ++i)
    start<user_record>(i, set_up_admin{{"password", "root" + std::to_string(i) + "@x"}, "hash"});
  while (world.log.held() > 0) {
    world.log.release();
    world.run();
  }
  EXPECT_EQ(heard.size(), 1u);
  EXPECT_EQ(told.size(), 49u);
  for (const auto& [number, error] : told)
    EXPECT_EQ(error, ec::denied);
  world.start_admin_realm();
  EXPECT_EQ(ask<admin_totals>(read_totals{})->admins, 1u);
  EXPECT_FALSE(ask<admin_totals>(read_totals{})->needs_setup);
}

TEST_F(admin_watch_test, two_managers_cannot_leave_a_realm_without_one_by_acting_at_once) {
  give(paul, all_rights);
  auto drop = [&](const std::string& who) {
    return change_permission{{who, false}, notes, {who}, true, true, false};
  };
  world.log.hold = true;
  start<user_record>(0, register_user{{"password", "x"}}); // keeps the log busy
  start<permission_changed>(1, drop(jane));
  start<permission_changed>(2, drop(paul));
  world.log.hold = false;
  while (world.log.held() > 0) {
    world.log.release();
    world.run();
  }
  EXPECT_EQ(told.size(), 1u);
  EXPECT_EQ(told.begin()->second, ec::denied);
}

// -- audit --------------------------------------------------------------------------

TEST_F(admin_watch_test, what_was_done_is_in_the_audit_log_once_it_is_durable) {
  give(paul, read_only);
  ASSERT_TRUE(ask<bool>(note_audit{{admin_user_id, "::1"}, "release_realm", "/x"}));
  ASSERT_TRUE(ask<user_record>(put_user{.user_id = paul,
                                        .account = account_name{"password", "paul@x"},
                                        .credential = std::string{"$argon2id$secret"},
                                        .by = {admin_user_id, "::1"}}));
  world.log.full = true;
  ASSERT_FALSE(ask<bool>(note_audit{{admin_user_id, ""}, "lost"}));
  world.log.full = false;
  world.clock.advance_ms(500);
  world.start_admin_realm();
  auto page = ask<audit_page>(list_audit{});
  ASSERT_TRUE(page);
  std::vector<std::string> actions;
  for (const auto& record : page->records)
    actions.push_back(record.action);
  EXPECT_EQ(actions, (std::vector<std::string>{"put_user", "release_realm", "change_permission"}));
  const auto& change = page->records.back();
  EXPECT_EQ(change.number, 1u);
  EXPECT_EQ(change.by, (initiator{admin_user_id, "::1"}));
  EXPECT_EQ(change.target, notes);
  EXPECT_NE(change.detail.find(paul), std::string::npos) << change.detail;
  for (const auto& record : page->records)
    EXPECT_EQ(record.detail.find("secret"), std::string::npos) << record.detail;
  ASSERT_TRUE(ask<bool>(note_audit{{}, "next"}));
  EXPECT_EQ(ask<audit_page>(list_audit{})->records.front().number, 4u) << "numbers go on";
}

TEST_F(admin_watch_test, the_audit_log_is_read_page_by_page_and_by_filter) {
  for (int i = 0; i < 25; ++i)
    ASSERT_TRUE(ask<bool>(note_audit{{i % 2 == 0 ? jane : paul, ""},
                                     "act" + std::to_string(i % 5),
                                     "target" + std::to_string(i)}));
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t before = 0;;) {
    auto page = ask<audit_page>(list_audit{before, 10});
    for (const auto& record : page->records)
      numbers.push_back(record.number);
    before = page->next;
    if (before == 0)
      break;
  }
  ASSERT_EQ(numbers.size(), 25u);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    EXPECT_EQ(numbers[i], 25 - i);
  EXPECT_EQ(ask<audit_page>(list_audit{.user = jane})->records.size(), 13u);
  EXPECT_EQ(ask<audit_page>(list_audit{.action = "act3"})->records.size(), 5u);
  EXPECT_EQ(ask<audit_page>(list_audit{.target = "target7"})->records.size(), 1u);
}

// -- deleted Realms -----------------------------------------------------------------

TEST_F(admin_watch_test, the_data_of_a_deleted_realm_is_removed_even_after_a_restart) {
  std::vector<std::string> asked;
  bool works = false;
  auto spawn_remover = [&] {
    return caf::actor_cast<realm_remover_actor>(
        world.system().spawn([&](caf::event_based_actor*) -> caf::behavior {
          return {[&](const remove_realm_data& x) -> caf::result<bool> {
            asked.push_back(x.path);
            if (works)
              return true;
            return caf::make_error(ec::unavailable, std::string{"busy"});
          }};
        }));
  };
  caf::anon_send(world.admin_realm, spawn_remover());
  ASSERT_TRUE(ask<realm_record>(delete_realm{admin, notes}));
  EXPECT_EQ(asked, (std::vector<std::string>{notes}));
  works = true;
  world.start_admin_realm();
  caf::anon_send(world.admin_realm, spawn_remover());
  world.run();
  EXPECT_EQ(asked, (std::vector<std::string>{notes, notes}));
  ASSERT_TRUE(ask<bool>(note_audit{{}, "something"}));
  EXPECT_EQ(asked.size(), 2u) << "it is done";
}

} // namespace

} // namespace ros::actors
