// Mails as text, the MAILER and ACCOUNT MAIL against http-api.md 5.2, operations.md 2.6.
#include "actors/account_mail.hpp"
#include "actors/hash_pool.hpp"
#include "actors/mailer.hpp"

#include "auth_world.hpp"
#include "fake_hash_worker.hpp"
#include "runtime/encoding.hpp"

#include <caf/event_based_actor.hpp>

#include <gtest/gtest.h>

namespace ros::actors {

namespace {

using namespace std::chrono_literals;

/// The body of a mail without parts.
std::string body_of(const std::string& mail) {
  auto encoded = mail.substr(mail.find("\r\n\r\n") + 4);
  std::erase_if(encoded, [](char c) { return c == '\r' || c == '\n'; });
  return runtime::base64_decode(encoded).value_or("not base64");
}

const mail_head head{"ros@example.com", "ann@example.com", "1@example.com", 1'600'000'000'000};

// -- text ------------------------------------------------------------------------------

TEST(mail_text, has_the_head_that_mail_servers_want) {
  const auto mail = make_mail(head, {"Hello", "text"}, {});
  EXPECT_TRUE(mail.starts_with("From: <ros@example.com>\r\nTo: <ann@example.com>\r\n"
                               "Subject: Hello\r\nDate: Sun, 13 Sep 2020 12:26:40 +0000\r\n"
                               "Message-ID: <1@example.com>\r\n"))
      << mail;
  EXPECT_EQ(body_of(mail), "text");
}

TEST(mail_text, replaces_names_once) {
  const mail_values values{"http://u?a&b", "tok", "id", "$token@x"};
  EXPECT_EQ(body_of(make_mail(head, {"s", "$url $token $tokenId $email $other $"}, values)),
            "http://u?a&b tok id $token@x $other $");
}

TEST(mail_text, escapes_values_in_html) {
  const auto mail = make_mail(head, {"s", "t", "<b>$url</b>"}, {"http://u?a&b=\"<", {}, {}, {}});
  EXPECT_NE(mail.find("Content-Type: multipart/alternative"), std::string::npos);
  EXPECT_NE(mail.find(runtime::base64_encode("<b>http://u?a&amp;b=&quot;&lt;</b>")),
            std::string::npos)
      << mail;
}

TEST(mail_text, no_subject_makes_another_header) {
  const auto mail = make_mail(head, {"a\r\nBcc: all@x $email", "t"}, {"", "", "", "x\r\nBcc: y"});
  EXPECT_EQ(mail.find("\r\nBcc"), std::string::npos) << mail;
  const auto foreign = make_mail(head,
                                 {"Gr\xc3\xbc\xc3\x9f"
                                  "e",
                                  "t"},
                                 {});
  EXPECT_NE(foreign.find("Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n"), std::string::npos) << foreign;
}

TEST(mail_text, no_line_is_too_long) {
  const auto mail = make_mail(head, {std::string(3000, 'a'), std::string(5000, 'x'), "h"}, {});
  for (std::size_t at = 0; at < mail.size();) {
    const auto end = mail.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - at, 998u);
    at = end + 2;
  }
}

TEST(mail_text, knows_addresses) {
  for (const char* good : {"a@b", "a.b+c@example.com", "x_y@sub.example.org"})
    EXPECT_TRUE(is_mail_address(good)) << good;
  for (const char* bad : {"", "a", "@b", "a@", "a b@c", "a@b\r\nRCPT TO:<x>", "<a@b>", "a@b@c",
                          "a@b,c@d", "\"a\"@b", "\xc3\xa9@b"})
    EXPECT_FALSE(is_mail_address(bad)) << bad;
}

// -- the MAILER --------------------------------------------------------------------------

class mailer_test : public ::testing::Test {
public:
  explicit mailer_test(std::size_t max_waiting = 3) {
    mailer_context context;
    context.spawn_worker = [this] {
      return caf::actor_cast<mail_worker_actor>(
          world.system().spawn([this](caf::event_based_actor*) -> caf::behavior {
            return {[this](const mail_job& job) {
              jobs.push_back(job);
              return answer ? answer() : mail_outcome{true};
            }};
          }));
    };
    context.clock = &clock;
    context.random = &random;
    context.from = "ros@example.com";
    context.base_url = "https://ros.example.com";
    context.max_waiting = max_waiting;
    whom = world.system().spawn(mailer, std::move(context));
    world.run();
  }
  ~mailer_test() override {
    caf::anon_send_exit(whom, caf::exit_reason::user_shutdown);
    world.run();
  }
  caf::expected<bool> send(const std::string& to = "ann@example.com",
                           mail_purpose purpose = mail_purpose::reset_password) {
    return world.ask<bool>(whom, send_mail{purpose, to, "user-1", "tok"});
  }

  ros::test::actor_world world;
  ros::test::manual_clock clock;
  ros::test::seeded_random random;
  std::function<mail_outcome()> answer;
  std::vector<mail_job> jobs;
  mailer_with_retries whom;
};

TEST_F(mailer_test, mails_lead_to_the_page_with_the_token) {
  ASSERT_TRUE(send());
  ASSERT_TRUE(send("ann@example.com", mail_purpose::confirm_email));
  ASSERT_EQ(jobs.size(), 2u);
  EXPECT_EQ(jobs[0].to, "ann@example.com");
  const auto id = mail_token_id("tok");
  EXPECT_NE(body_of(jobs[0].text)
                .find("https://ros.example.com/reset-password?token=tok&tokenId=" + id + "\n"),
            std::string::npos)
      << body_of(jobs[0].text);
  EXPECT_NE(body_of(jobs[1].text)
                .find("https://ros.example.com/confirm-email?token=tok&tokenId=" + id + "\n"),
            std::string::npos);
}

TEST_F(mailer_test, a_server_that_is_busy_is_asked_again_later_and_later) {
  answer = [] { return mail_outcome{false, "busy"}; };
  ASSERT_TRUE(send());
  EXPECT_EQ(jobs.size(), 1u);
  world.advance(14s, 1s);
  EXPECT_EQ(jobs.size(), 1u);
  world.advance(1s, 1s);
  EXPECT_EQ(jobs.size(), 2u);
  world.advance(29s, 1s);
  EXPECT_EQ(jobs.size(), 2u);
  answer = nullptr;
  world.advance(1s, 1s);
  EXPECT_EQ(jobs.size(), 3u);
  world.advance(24h, 1h);
  EXPECT_EQ(jobs.size(), 3u) << "it was sent";
}

TEST_F(mailer_test, gives_up_what_the_server_will_never_take) {
  answer = [] { return mail_outcome{false, "no such mailbox", true}; };
  ASSERT_TRUE(send());
  world.advance(24h, 1h);
  EXPECT_EQ(jobs.size(), 1u);
}

TEST_F(mailer_test, and_in_the_end_everything) {
  answer = [] { return mail_outcome{false, "busy"}; };
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(send());
  EXPECT_EQ(send().error(), ec::overloaded);
  world.advance(48h, 15s);
  EXPECT_EQ(jobs.size(), 3u * 8);
  EXPECT_TRUE(send());
}

TEST_F(mailer_test, what_is_no_address_is_refused) {
  EXPECT_EQ(send("ann").error(), auth_ec::bad_parameter);
  EXPECT_EQ(send("ann@x\r\nDATA").error(), auth_ec::bad_parameter);
  EXPECT_TRUE(jobs.empty());
}

// -- ACCOUNT MAIL ------------------------------------------------------------------------

class account_mail_test : public ::testing::Test {
public:
  account_mail_test() {
    pool = world.system().spawn(hash_pool, hash_pool_options{},
                                [this] { return workers.spawn(world.system()); });
    postman = caf::actor_cast<mailer_actor>(
        world.system().spawn([this](caf::event_based_actor*) -> caf::behavior {
          return {[this](const send_mail& x) {
            mails.push_back(x);
            return true;
          }};
        }));
    start(postman);
    ann = world.add_user("ann@x");
  }
  ~account_mail_test() override {
    world.stop(whom);
    world.stop(postman);
    world.stop(pool);
  }
  void start(const mailer_actor& by) {
    world.stop(whom);
    whom = world.system().spawn(
        account_mail,
        account_mail_context{world.admin_realm, pool, by, &world.clock, &world.random, false});
    world.run();
  }
  caf::expected<std::string> request(const std::string& account = "ann@x",
                                     mail_purpose purpose = mail_purpose::reset_password,
                                     bool hand_over = false) {
    return world.ask<std::string>(whom, request_mail{purpose, account, "10.0.0.1", hand_over});
  }
  caf::expected<user_record> redeem(const std::string& token,
                                    mail_purpose purpose = mail_purpose::reset_password,
                                    const std::string& address = "10.0.0.1") {
    return world.ask<user_record>(whom, redeem_mail{purpose, token, "new", address});
  }
  account_record account() {
    return *world.ask<account_record>(world.admin_realm, find_account{{"password", "ann@x"}});
  }

  ros::test::auth_world world;
  ros::test::fake_hash_workers workers;
  hash_pool_actor pool;
  mailer_actor postman;
  account_mail_actor whom;
  std::vector<send_mail> mails;
  std::string ann;
};

TEST_F(account_mail_test, a_token_sets_a_new_password_once) {
  ASSERT_TRUE(request());
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_EQ(mails[0].to, "ann@x");
  EXPECT_EQ(mails[0].user_id, ann);
  EXPECT_EQ(mails[0].token.size(), 64u);
  const auto user = redeem(mails[0].token);
  ASSERT_TRUE(user);
  EXPECT_EQ(user->id, ann);
  EXPECT_EQ(account().credential, "H(new)");
  EXPECT_TRUE(account().email_confirmed) << "whoever got the mail has the address";
  EXPECT_EQ(redeem(mails[0].token).error(), auth_ec::bad_mail_token);
}

TEST_F(account_mail_test, a_token_confirms_the_address) {
  ASSERT_TRUE(request("ann@x", mail_purpose::confirm_email));
  ASSERT_TRUE(redeem(mails[0].token, mail_purpose::confirm_email));
  EXPECT_TRUE(account().email_confirmed);
  EXPECT_EQ(account().credential, "H(secret)");
  EXPECT_EQ(request("ann@x", mail_purpose::confirm_email).error(), auth_ec::already_confirmed);
}

TEST_F(account_mail_test, a_token_for_one_purpose_is_no_good_for_the_other) {
  ASSERT_TRUE(request("ann@x", mail_purpose::confirm_email));
  EXPECT_EQ(redeem(mails[0].token).error(), auth_ec::bad_mail_token);
  EXPECT_EQ(account().credential, "H(secret)");
}

TEST_F(account_mail_test, tokens_run_out) {
  ASSERT_TRUE(request());
  world.clock.advance_ms(12 * 3'600'000 - 1);
  world.clock.advance_ms(1);
  EXPECT_EQ(redeem(mails[0].token).error(), auth_ec::bad_mail_token);
  ASSERT_TRUE(request("ann@x", mail_purpose::confirm_email));
  world.clock.advance_ms(30LL * 24 * 3'600'000 - 1);
  EXPECT_TRUE(redeem(mails[1].token, mail_purpose::confirm_email));
}

TEST_F(account_mail_test, five_mails_an_hour_are_enough_for_an_account) {
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(request());
  EXPECT_EQ(request().error(), auth_ec::too_many_attempts);
  EXPECT_EQ(request("nobody@x").error(), auth_ec::unknown_account);
  world.clock.advance_ms(3'600'000);
  EXPECT_TRUE(request());
  EXPECT_EQ(mails.size(), 6u);
}

TEST_F(account_mail_test, a_name_that_is_no_address_is_refused_whether_it_exists_or_not) {
  world.add_user("bob");
  for (const char* name : {"bob", "nobody"})
    EXPECT_EQ(request(name).error(), auth_ec::bad_parameter) << name;
  EXPECT_TRUE(request("bob", mail_purpose::reset_password, true)) << "nothing is mailed";
}

TEST_F(account_mail_test, who_tries_tokens_is_stopped) {
  for (int i = 0; i < 30; ++i)
    EXPECT_EQ(redeem("guess").error(), auth_ec::bad_mail_token);
  EXPECT_EQ(redeem("guess").error(), auth_ec::too_many_attempts);
  EXPECT_EQ(redeem("guess", mail_purpose::reset_password, "10.0.0.2").error(),
            auth_ec::bad_mail_token);
}

TEST_F(account_mail_test, without_a_mail_server_tokens_can_only_be_handed_over) {
  start({});
  EXPECT_EQ(request().error(), auth_ec::no_mailer);
  auto token = request("ann@x", mail_purpose::reset_password, true);
  ASSERT_TRUE(token);
  EXPECT_TRUE(redeem(*token));
}

} // namespace

} // namespace ros::actors
