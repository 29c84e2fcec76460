// Random administration, many changes at a time: what is stored never contradicts itself,
// a restart changes nothing, and a mirror that follows the feed ends with the same rows.
#include "auth_world.hpp"

#include "actors/admin_state_rows.hpp"

#include <caf/event_based_actor.hpp>

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace ros::actors {

namespace {

const caller admin{admin_user_id, true};

/// Everything that a mirror shows, as text.
using mirror = std::map<std::string, std::string>;

void enter(mirror& into, const admin_rows& rows) {
  for (const auto& x : rows.users) {
    auto& text = into["user " + x.id];
    text = std::to_string(x.is_admin) + std::to_string(x.suspended);
    for (const auto& name : x.accounts)
      text += ' ' + name.provider + ':' + name.id;
  }
  for (const auto& x : rows.realms)
    into["realm " + x.path] = std::to_string(x.id) + ' ' + x.owner;
  for (const auto& x : rows.permissions)
    into["permission " + x.path + ' ' + x.user] = to_string(x.allowed);
}

std::string name_of(const admin_row_name& x) {
  if (x.kind == admin_row_kind::user)
    return "user " + x.user;
  return x.kind == admin_row_kind::realm ? "realm " + x.path
                                         : "permission " + x.path + ' ' + x.user;
}

class admin_random_test : public ::testing::TestWithParam<int> {
public:
  std::uint64_t below(std::uint64_t n) { return random() % n; }
  std::string user() { return "user" + std::to_string(below(5)); }
  caller somebody() { return below(4) == 0 ? admin : caller{user(), false}; }
  std::string path() {
    const auto n = std::to_string(below(3));
    return below(3) == 0 ? "/shared" + n : "/" + user() + "/r" + n;
  }
  rights flags() { return {below(2) == 0, below(2) == 0, below(2) == 0}; }
  account_name account() { return {"password", user() + "@x"}; }
  std::string offer() { return user() + ":0123456789abcde" + std::to_string(below(3)); }

  template <class Question>
  void start(Question question) {
    world.system().spawn(
        [](caf::event_based_actor* self, const admin_realm_actor& whom, const Question& x) {
          self->send(whom, x);
          self->set_default_handler(caf::drop);
        },
        world.admin_realm, std::move(question));
  }
  void act() {
    switch (below(20)) {
    case 0:
    case 1:
      return start(register_user{.account = account(), .wanted_id = user()});
    case 2:
      return start(delete_user{user()});
    case 3:
      return start(put_user{.user_id = user(), .must_exist = true, .is_admin = below(2) == 0});
    case 4:
      return start(put_user{.user_id = user(), .must_exist = true, .suspended = below(2) == 0});
    case 5:
      return start(admit_account{.account = {"jwt", user()},
                                 .wanted_id = user(),
                                 .join = true,
                                 .is_admin = below(2) == 0});
    case 6:
      return start(link_account{user(), account()});
    case 7:
      return start(create_api_key{user(), "key" + std::to_string(below(3)), user()});
    case 8:
      return start(create_mail_token{mail_purpose::reset_password, account(), user(), 1LL << 60});
    case 9:
      return start(consume_mail_token{mail_purpose::reset_password, user(), "new"});
    case 10:
    case 11:
      return start(ensure_realm{somebody(), path(), ""});
    case 12:
      return start(delete_realm{somebody(), path()});
    case 13:
      return start(set_realm_owner{path(), user()});
    case 14:
      return start(make_offer{somebody(), offer().substr(6), path(), flags()});
    case 15:
      return start(accept_offer{somebody(), offer()});
    case 16:
      return start(
          put_realm_permissions{path(), {{user(), flags()}, {"", flags()}}, below(2) == 0});
    case 17:
      return start(set_user_quota{user(), quota{.realms = below(4)}});
    default: {
      const auto x = flags();
      return start(change_permission{somebody(),
                                     below(8) == 0 ? "*" : path(),
                                     {below(4) == 0 ? "*" : user()},
                                     x.read,
                                     x.write,
                                     x.manage});
    }
    }
  }
  /// Lets everything held through, in the order it came.
  void settle() {
    world.run();
    while (world.log.held() > 0) {
      world.log.release();
      world.run();
    }
  }
  mirror scan(std::uint64_t limit) {
    mirror all;
    scan_admin_rows page{.limit = limit};
    do {
      auto rows = world.ask<admin_rows>(world.admin_realm, page);
      EXPECT_LE(rows->users.size() + rows->realms.size() + rows->permissions.size(), limit);
      enter(all, *rows);
      page.after = rows->next;
    } while (page.after);
    return all;
  }
  /// Follows the feed to its end.
  void catch_up(mirror& all, std::uint64_t& sequence) {
    for (;;) {
      caf::scoped_actor self{world.system()};
      self->send(world.admin_realm, follow_admin{sequence});
      world.run();
      if (self->mailbox().empty())
        return; // it waits for more
      admin_changes news;
      self->receive([&](admin_changes& x) { news = std::move(x); });
      sequence = news.sequence;
      ASSERT_FALSE(news.everything);
      for (const auto& name : news.rows)
        all.erase(name_of(name));
      enter(all, *world.ask<admin_rows>(world.admin_realm, read_admin_rows{news.rows}));
    }
  }

  std::mt19937_64 random{static_cast<std::uint64_t>(GetParam())};
  ros::test::auth_world world;
};

std::string text_of(const std::string& value, const char* member) {
  row_reader reader{value};
  return reader.text(member);
}

/// Rows that speak of rows that are not there.
std::vector<std::string> dangling(const std::map<std::string, std::string>& rows) {
  std::vector<std::string> bad;
  auto need = [&](const std::string& key, const std::string& needed) {
    if (!rows.contains(needed))
      bad.push_back(key + " without " + needed);
  };
  auto need_user = [&](const std::string& key, const std::string& id) {
    if (!id.empty() && id != admin_user_id)
      need(key, "u/" + id);
  };
  for (const auto& [key, value] : rows) {
    const auto name = key.substr(2);
    const auto parts = split_name(name);
    switch (static_cast<row_kind>(key[0])) {
    case row_kind::permission:
      need(key, "r/" + std::string{parts->first});
      need_user(key, std::string{parts->second});
      break;
    case row_kind::offer:
      need_user(key, std::string{parts->first});
      need(key, "r/" + text_of(value, "path"));
      break;
    case row_kind::account:
    case row_kind::key:
      need_user(key, text_of(value, "user"));
      break;
    case row_kind::realm:
      need_user(key, text_of(value, "owner"));
      break;
    case row_kind::mail:
      need(key, account_key({text_of(value, "provider"), text_of(value, "account")}));
      break;
    case row_kind::quota:
      need(key, name[0] == 'u' ? "u/" + name.substr(1) : "r/" + name.substr(1));
      break;
    default:
      break;
    }
  }
  return bad;
}

TEST_P(admin_random_test, changes_that_meet_in_one_entry_leave_a_state_that_makes_sense) {
  ASSERT_TRUE(world.ask<bool>(world.admin_realm, note_audit{{}, "begin"})); // sequence 1
  mirror followed;
  std::uint64_t sequence = world.ask<admin_rows>(world.admin_realm, scan_admin_rows{})->sequence;
  bool had_admin = false;
  for (int round = 0; round < 40; ++round) {
    world.log.hold = true;
    for (auto n = 1 + below(12); n > 0; --n)
      act();
    settle();
    world.log.hold = false;
    std::map<std::string, std::string> rows;
    ASSERT_TRUE(storage::visit_admin_rows(
        *world.database,
        [&](std::string_view key, std::string_view value) { rows.emplace(key, value); },
        first_audit_key));
    ASSERT_EQ(dangling(rows), std::vector<std::string>{}) << "round " << round;
    const auto totals = world.ask<admin_totals>(world.admin_realm, read_totals{});
    had_admin = had_admin || totals->admins > 0;
    ASSERT_EQ(totals->admins > 0, had_admin) << "an administrator stays";
    ASSERT_EQ(totals->needs_setup, !had_admin);
    if (round % 7 == 0)
      catch_up(followed, sequence);
  }
  catch_up(followed, sequence);
  const auto now = scan(1000);
  EXPECT_EQ(followed, now);
  EXPECT_EQ(scan(1 + below(4)), now) << "page by page";
  world.start_admin_realm();
  EXPECT_EQ(scan(1000), now) << "after a restart";
  const auto audit = world.ask<audit_page>(world.admin_realm, list_audit{.limit = 500});
  for (std::size_t i = 0; i < audit->records.size(); ++i)
    EXPECT_EQ(audit->records[i].number, audit->records.front().number - i);
}

INSTANTIATE_TEST_SUITE_P(seeds, admin_random_test, ::testing::Range(1, 41));

} // namespace

} // namespace ros::actors
