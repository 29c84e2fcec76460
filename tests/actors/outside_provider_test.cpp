// OUTSIDE PROVIDERs: from a judge's verdict to a user.
#include "actors/outside_provider.hpp"

#include "auth_world.hpp"
#include "fake_web.hpp"

#include <gtest/gtest.h>

namespace ros::actors {

namespace {

/// Says what the test says.
class scripted final : public judge {
public:
  scripted(judge_means means, caf::expected<verdict>& x) : means_(std::move(means)), verdict_(x) {}
  void examine(const credentials&, verdict_handler then) override {
    means_.ask_web(web_call{"GET", "https://x"},
                   [this, then](const caf::expected<web_answer>& answer) {
                     if (answer)
                       then(verdict_);
                     else
                       then(answer.error());
                   });
  }

private:
  judge_means means_;
  caf::expected<verdict>& verdict_;
};

class outside_provider_test : public ::testing::Test {
public:
  outside_provider_test() {
    pool = web.spawn<web_pool_actor>(world.system());
    outside_provider_context context{"custom/x", world.admin_realm, pool, &world.clock, {}};
    context.make_judge = [this](judge_means means) {
      return std::make_unique<scripted>(std::move(means), word);
    };
    provider = world.system().spawn(outside_provider, std::move(context));
    world.run();
  }
  ~outside_provider_test() override {
    world.stop(provider);
    world.stop(pool);
  }
  caf::expected<recognised> present() {
    return world.ask<recognised>(provider, credentials{"x", "", {}, "10.0.0.1"});
  }
  user_record user(const std::string& id) {
    return *world.ask<user_record>(world.admin_realm, read_user{id});
  }

  ros::test::auth_world world;
  ros::test::fake_web web;
  web_pool_actor pool;
  auth_provider_actor provider;
  caf::expected<verdict> word{verdict{}};
};

TEST_F(outside_provider_test, the_first_log_in_makes_a_user_and_later_ones_find_it) {
  word = verdict{"ann", false, {}, {{"name", "Ann"}}};
  auto first = present();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->user_id.size(), 32u);
  EXPECT_FALSE(first->is_admin);
  word = verdict{"ann", false, {}, {{"name", "Anna"}}};
  auto second = present();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->user_id, first->user_id);
  const auto now = user(first->user_id);
  EXPECT_EQ(now.accounts, (std::vector<account_name>{{"custom/x", "ann"}}));
  EXPECT_EQ(now.metadata, (std::vector<metadata_row>{{"name", "Anna"}}));
}

TEST_F(outside_provider_test, who_owns_the_ids_dictates_them) {
  word = verdict{"jane", true, true};
  auto x = present();
  ASSERT_TRUE(x);
  EXPECT_EQ(x->user_id, "jane");
  EXPECT_TRUE(x->is_admin);
  // Another administrator, so that this one can be none.
  ASSERT_TRUE(world.ask<user_record>(
      world.admin_realm, register_user{.account = {"password", "boss"}, .is_admin = true}));
  word = verdict{"jane", true, false};
  EXPECT_FALSE(present()->is_admin) << "it is decided anew at every log-in";
}

TEST_F(outside_provider_test, one_name_in_two_unicode_forms_is_one_account) {
  word = verdict{"Andr\xc3\xa9"};
  auto composed = present();
  word = verdict{"Andre\xcc\x81"};
  EXPECT_EQ(present()->user_id, composed->user_id);
}

TEST_F(outside_provider_test, an_id_that_is_no_name_is_refused) {
  for (const auto& bad : {std::string{}, std::string{"\xff"}, std::string(1025, 'a')}) {
    word = verdict{bad};
    EXPECT_EQ(present().error(), auth_ec::invalid_credentials);
  }
}

TEST_F(outside_provider_test, failures_are_passed_on_and_make_nobody) {
  for (const auto code : {auth_ec::invalid_credentials, auth_ec::provider_unreachable}) {
    word = caf::make_error(code);
    EXPECT_EQ(present().error(), code);
  }
  EXPECT_EQ(world.ask<user_page>(world.admin_realm, list_users{})->total, 0u);
}

TEST_F(outside_provider_test, identifying_makes_nobody_either) {
  word = verdict{"ann", false, {}, {{"name", "Ann"}}};
  auto x = world.ask<identified>(provider, identify{credentials{"x", "", {}, ""}});
  ASSERT_TRUE(x);
  EXPECT_EQ(x->account, (account_name{"custom/x", "ann"}));
  EXPECT_EQ(x->metadata.size(), 1u);
  EXPECT_EQ(world.ask<user_page>(world.admin_realm, list_users{})->total, 0u);
}

TEST_F(outside_provider_test, a_suspended_user_stays_out) {
  word = verdict{"ann"};
  auto x = present();
  ASSERT_TRUE(x);
  put_user change;
  change.user_id = x->user_id;
  change.suspended = true;
  ASSERT_TRUE(world.ask<user_record>(world.admin_realm, change));
  EXPECT_EQ(present().error(), auth_ec::user_disabled);
}

} // namespace

} // namespace ros::actors
