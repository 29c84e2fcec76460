// The PASSWORD PROVIDER and the ANONYMOUS PROVIDER against http-api.md 4.4, 4.5.
#include "actors/password_provider.hpp"

#include "actors/anonymous_provider.hpp"
#include "actors/auth_attempts.hpp"
#include "actors/auth_names.hpp"
#include "actors/hash_pool.hpp"
#include "auth_world.hpp"
#include "fake_hash_worker.hpp"

#include <gtest/gtest.h>

namespace ros::actors {

namespace {

class password_provider_test : public ::testing::Test {
public:
  password_provider_test() {
    pool = world.system().spawn(hash_pool, hash_pool_options{},
                                [this] { return workers.spawn(world.system()); });
    start({});
  }
  ~password_provider_test() override {
    world.stop(provider);
    world.stop(pool);
  }
  void start(password_provider_options options) {
    world.stop(provider);
    provider =
        world.system().spawn(password_provider, password_provider_context{world.admin_realm, pool,
                                                                          &world.clock, options});
  }
  caf::expected<recognised> present(const std::string& name, const std::string& password,
                                    registration enrol = registration::by_configuration,
                                    const std::string& address = "10.0.0.1") {
    return world.ask<recognised>(provider, credentials{name, password, enrol, address});
  }
  std::string credential(const std::string& name) {
    return world.ask<account_record>(world.admin_realm, find_account{{"password", name}})
        ->credential;
  }

  ros::test::auth_world world;
  ros::test::fake_hash_workers workers;
  hash_pool_actor pool;
  auth_provider_actor provider;
};

TEST_F(password_provider_test, registers_and_then_recognises) {
  auto made = present("jane", "secret", registration::required);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->user_id.size(), 32u);
  EXPECT_FALSE(made->is_admin);
  auto again = present("jane", "secret");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->user_id, made->user_id);
}

TEST_F(password_provider_test, refuses_to_register_twice) {
  ASSERT_TRUE(present("jane", "secret", registration::required));
  EXPECT_EQ(present("jane", "secret", registration::required).error(), auth_ec::account_exists);
}

TEST_F(password_provider_test, refuses_wrong_passwords_and_unknown_names_alike) {
  ASSERT_TRUE(present("jane", "secret", registration::required));
  const auto before = workers.jobs;
  EXPECT_EQ(present("jane", "guess").error(), auth_ec::invalid_credentials);
  const auto known = workers.jobs - before;
  EXPECT_EQ(present("paul", "guess").error(), auth_ec::invalid_credentials);
  EXPECT_EQ(workers.jobs - before - known, known) << "both cost the same hashing";
}

TEST_F(password_provider_test, says_that_an_account_is_unknown_only_if_told_to) {
  start({false, true, 30});
  EXPECT_EQ(present("jane", "x").error(), auth_ec::unknown_account);
}

TEST_F(password_provider_test, creates_accounts_on_log_in_only_if_told_to) {
  start({true, false, 30});
  auto made = present("jane", "secret");
  ASSERT_TRUE(made);
  EXPECT_EQ(present("jane", "secret")->user_id, made->user_id);
  EXPECT_EQ(present("jane", "guess").error(), auth_ec::invalid_credentials);
  EXPECT_EQ(present("paul", "secret", registration::forbidden).error(),
            auth_ec::invalid_credentials);
}

TEST_F(password_provider_test, an_empty_password_is_a_value_like_any_other) {
  ASSERT_TRUE(present("jane", "", registration::required));
  EXPECT_TRUE(present("jane", ""));
  EXPECT_EQ(present("jane", "x").error(), auth_ec::invalid_credentials);
}

TEST_F(password_provider_test, an_account_without_credential_has_no_password) {
  world.ask<user_record>(world.admin_realm, register_user{{"password", "jane"}, ""});
  EXPECT_EQ(present("jane", "").error(), auth_ec::invalid_credentials);
}

TEST_F(password_provider_test, a_suspended_user_is_told_so_only_with_the_right_password) {
  auto id = present("jane", "secret", registration::required)->user_id;
  const auto row = R"({"admin":false,"suspended":true,"created":1})";
  std::vector<bool> refused;
  auto entry = storage::make_admin_entry(2, {{"u/" + id, row}});
  ASSERT_TRUE(world.database->write({&entry, 1}, refused));
  world.start_admin_realm();
  start({});
  EXPECT_EQ(present("jane", "secret").error(), auth_ec::user_disabled);
  EXPECT_EQ(present("jane", "guess").error(), auth_ec::invalid_credentials);
}

TEST_F(password_provider_test, a_hash_of_outdated_cost_is_renewed_at_log_in) {
  world.add_user("jane", "old:H(secret)");
  EXPECT_EQ(present("jane", "guess").error(), auth_ec::invalid_credentials);
  EXPECT_EQ(credential("jane"), "old:H(secret)");
  ASSERT_TRUE(present("jane", "secret"));
  EXPECT_EQ(credential("jane"), "H(secret)");
}

TEST_F(password_provider_test, a_log_in_succeeds_although_the_hash_cannot_be_renewed) {
  world.add_user("jane", "old:H(secret)");
  world.log.full = true;
  EXPECT_TRUE(present("jane", "secret"));
}

TEST_F(password_provider_test, failed_attempts_are_limited_per_account_and_address) {
  start({false, false, 3});
  ASSERT_TRUE(present("jane", "secret", registration::required));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(present("jane", "guess").error(), auth_ec::invalid_credentials);
  EXPECT_EQ(present("jane", "secret").error(), auth_ec::too_many_attempts);
  EXPECT_TRUE(present("jane", "secret", registration::forbidden, "10.0.0.2"));
  EXPECT_EQ(present("paul", "secret").error(), auth_ec::invalid_credentials);
  world.clock.advance_ms(60'000);
  EXPECT_TRUE(present("jane", "secret"));
}

TEST_F(password_provider_test, right_passwords_are_not_limited) {
  start({false, false, 3});
  ASSERT_TRUE(present("jane", "secret", registration::required));
  for (int i = 0; i < 10; ++i)
    EXPECT_TRUE(present("jane", "secret"));
}

TEST_F(password_provider_test, impossible_names_are_bad_parameters) {
  const std::vector<std::string> bad{"", std::string(1025, 'x'), "\xff\xfe"};
  for (const auto& name : bad)
    EXPECT_EQ(present(name, "secret", registration::required).error(), auth_ec::bad_parameter);
  EXPECT_TRUE(present(std::string(1024, 'x'), "secret", registration::required));
}

TEST_F(password_provider_test, one_name_in_two_unicode_spellings_is_one_account) {
  auto composed = present("andr\xc3\xa9", "secret", registration::required);
  ASSERT_TRUE(composed);
  auto decomposed = present("andre\xcc\x81", "secret");
  ASSERT_TRUE(decomposed);
  EXPECT_EQ(decomposed->user_id, composed->user_id);
  EXPECT_FALSE(present("ANDR\xc3\x89", "secret")) << "case counts";
}

TEST_F(password_provider_test, a_registration_that_could_not_be_written_is_unavailable) {
  world.log.full = true;
  EXPECT_EQ(present("jane", "secret", registration::required).error(), ec::unavailable);
}

TEST_F(password_provider_test, two_registrations_at_once_make_one_account) {
  workers.hold = true;
  int made = 0, refused = 0;
  for (int i = 0; i < 2; ++i)
    world.system().spawn([&](caf::event_based_actor* self) {
      self->request(provider, caf::infinite,
                    credentials{"jane", "secret", registration::required, ""})
          .then([&](const recognised&) { ++made; },
                [&](const caf::error& e) { refused += e == auth_ec::account_exists; });
    });
  world.run();
  workers.release();
  world.run();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(refused, 1);
}

TEST(auth_attempts, forgetting_under_pressure_keeps_memory_bounded) {
  auth_attempts attempts{1, 4};
  for (int i = 0; i < 100; ++i)
    EXPECT_TRUE(attempts.take("account" + std::to_string(i), "address", 0));
  EXPECT_FALSE(attempts.take("account99", "address", 0));
}

TEST(auth_attempts, account_and_address_do_not_run_together) {
  auth_attempts attempts{1};
  EXPECT_TRUE(attempts.take("ab", "c", 0));
  EXPECT_TRUE(attempts.take("a", "bc", 0));
  EXPECT_FALSE(attempts.take("ab", "c", 59'999));
  EXPECT_TRUE(attempts.take("ab", "c", 60'000));
}

TEST(anonymous_provider_test, every_log_in_is_a_new_user) {
  ros::test::auth_world world;
  auto provider = world.system().spawn(anonymous_provider, world.admin_realm);
  auto first = world.ask<recognised>(provider, credentials{});
  auto second = world.ask<recognised>(provider, credentials{});
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->user_id, second->user_id);
  auto user = world.ask<user_record>(world.admin_realm, read_user{first->user_id});
  ASSERT_TRUE(user);
  EXPECT_EQ(user->accounts, (std::vector<account_name>{{"anonymous", first->user_id}}));
  world.stop(provider);
}

} // namespace

} // namespace ros::actors
