// The WEB POOL: retries, circuit breaking, bounds.
#include "actors/web_pool.hpp"

#include "fake_web.hpp"
#include "support/actor_world.hpp"

#include <caf/event_based_actor.hpp>

#include <gtest/gtest.h>

#include <optional>

namespace ros::actors {

namespace {

using namespace std::chrono_literals;

web_answer no_answer(bool is_permanent = false) {
  return {0, {}, "https://x: connection refused", is_permanent};
}

class web_pool_test : public ::testing::Test {
public:
  web_pool_test() { start({}); }
  ~web_pool_test() override { stop(); }

  void start(web_pool_options options) {
    stop();
    pool = world.system().spawn(
        web_pool, options, [this] { return web.spawn<web_worker_actor>(world.system()); }, &clock);
    world.run();
  }
  void stop() {
    if (pool)
      caf::anon_send_exit(pool, caf::exit_reason::user_shutdown);
    world.run();
  }
  /// Asks without waiting.
  void send(const std::string& url, bool is_repeatable = true) {
    world.system().spawn([this, url, is_repeatable](caf::event_based_actor* self) {
      web_call call{"GET", url};
      call.is_repeatable = is_repeatable;
      self->request(pool, caf::infinite, std::move(call))
          .then([this](web_answer& x) { outcomes.emplace_back(std::move(x)); },
                [this](caf::error& e) { outcomes.emplace_back(std::move(e)); });
    });
    world.run();
  }
  void advance(std::chrono::milliseconds time) {
    clock.advance_ms(time.count());
    world.advance(time);
  }
  /// The outcome of a request that has one by now, without its retry.
  caf::expected<web_answer> ask(const std::string& url = "https://x/a") {
    outcomes.clear();
    send(url, false);
    if (outcomes.size() != 1)
      return caf::make_error(caf::sec::request_timeout);
    return outcomes.front();
  }

  ros::test::actor_world world;
  ros::test::manual_clock clock;
  ros::test::fake_web web;
  web_pool_actor pool;
  std::vector<caf::expected<web_answer>> outcomes;
};

TEST_F(web_pool_test, passes_on_what_a_server_says_whatever_the_status) {
  for (const std::uint16_t status : {200, 404, 500}) {
    web.answer = [status](const web_call&) { return web_answer{status, "text"}; };
    auto x = ask();
    ASSERT_TRUE(x);
    EXPECT_EQ(x->status, status);
    EXPECT_EQ(x->body, "text");
  }
  EXPECT_EQ(web.calls.size(), 3u);
}

TEST_F(web_pool_test, tries_once_more_when_no_answer_comes) {
  web.answer = [this](const web_call&) {
    return web.calls.size() == 1 ? no_answer() : web_answer{200};
  };
  send("https://x/a");
  EXPECT_TRUE(outcomes.empty());
  advance(249ms);
  EXPECT_EQ(web.calls.size(), 1u);
  advance(1ms);
  EXPECT_EQ(web.calls.size(), 2u);
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_TRUE(outcomes[0]);
}

TEST_F(web_pool_test, and_when_a_gateway_says_that_nobody_answers) {
  web.answer = [](const web_call&) { return web_answer{503, "busy"}; };
  send("https://x/a");
  advance(1s);
  EXPECT_EQ(web.calls.size(), 2u);
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0]->status, 503);
}

TEST_F(web_pool_test, does_not_repeat_what_must_not_or_cannot_be_repeated) {
  web.answer = [](const web_call&) { return no_answer(); };
  send("https://x/a", false);
  EXPECT_EQ(web.calls.size(), 1u);
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error(), auth_ec::provider_unreachable);
  web.answer = [](const web_call&) { return no_answer(true); };
  send("https://y/a");
  EXPECT_EQ(outcomes.size(), 2u);
  // Too late: who asked has waited long enough.
  web.answer = [this](const web_call&) {
    clock.advance_ms(5'000);
    return no_answer();
  };
  send("https://z/a");
  EXPECT_EQ(outcomes.size(), 3u);
  advance(10s);
  EXPECT_EQ(web.calls.size(), 3u);
}

TEST_F(web_pool_test, leaves_a_server_alone_that_failed_five_times_and_only_that) {
  web.answer = [](const web_call& call) {
    return call.url.starts_with("https://x/") ? no_answer() : web_answer{200};
  };
  for (int i = 0; i < 5; ++i)
    EXPECT_FALSE(ask());
  EXPECT_EQ(web.calls.size(), 5u);
  auto refused = ask("https://x/other");
  EXPECT_EQ(refused.error(), auth_ec::provider_unreachable);
  EXPECT_EQ(web.calls.size(), 5u) << "the server was asked all the same";
  EXPECT_TRUE(ask("https://y/"));
}

TEST_F(web_pool_test, after_a_rest_one_request_tries_and_decides_for_all) {
  bool is_up = false;
  web.answer = [&](const web_call&) { return is_up ? web_answer{200} : no_answer(); };
  for (int i = 0; i < 5; ++i)
    EXPECT_FALSE(ask());
  advance(30s);
  EXPECT_FALSE(ask());
  EXPECT_EQ(web.calls.size(), 6u);
  EXPECT_FALSE(ask());
  EXPECT_EQ(web.calls.size(), 6u) << "still down, so it rests again";
  is_up = true;
  advance(30s);
  EXPECT_TRUE(ask());
  EXPECT_TRUE(ask());
  EXPECT_EQ(web.calls.size(), 8u);
}

TEST_F(web_pool_test, a_success_makes_earlier_failures_forgotten) {
  bool is_up = false;
  web.answer = [&](const web_call&) { return is_up ? web_answer{500} : no_answer(); };
  for (int round = 0; round < 3; ++round) {
    is_up = false;
    for (int i = 0; i < 4; ++i)
      EXPECT_FALSE(ask());
    is_up = true;
    EXPECT_TRUE(ask()); // 500 is an answer, too
  }
}

} // namespace

} // namespace ros::actors
