// AUTH with its providers, as its tests use it: tokens by log-in, questions by name.
#pragma once

#include "auth_world.hpp"
#include "fake_hash_worker.hpp"

#include "actors/anonymous_provider.hpp"
#include "actors/auth.hpp"
#include "actors/hash_pool.hpp"
#include "actors/password_provider.hpp"
#include "support/test_keys.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ros::actors {

using ros::test::foreign_keys;
using ros::test::signing_keys;

class auth_fixture : public ::testing::Test {
public:
  auth_fixture() {
    pool = world.system().spawn(hash_pool, hash_pool_options{},
                                [this] { return workers.spawn(world.system()); });
    password = world.system().spawn(
        password_provider, password_provider_context{world.admin_realm, pool, &world.clock, {}});
    anonymous = world.system().spawn(anonymous_provider, world.admin_realm);
    auth_context context;
    context.admin_realm = world.admin_realm;
    context.legacy_providers = {{"password", password}};
    context.app_providers = {{"password", password}, {"anonymous", anonymous}};
    context.keys = signing_keys();
    context.clock = &world.clock;
    context.random = &world.random;
    context.tokens.issuer = "this server";
    whom = world.system().spawn(auth, std::move(context));
    world.run();
  }
  ~auth_fixture() override {
    world.stop(whom);
    world.stop(password);
    world.stop(anonymous);
    world.stop(pool);
  }

  template <class T, class Question>
  caf::expected<T> ask(Question question) {
    return world.ask<T>(whom, std::move(question));
  }
  static credentials secret_of(const std::string& name) {
    return {name, "secret", registration::by_configuration, "10.0.0.1"};
  }
  logged_in log_jane_in() {
    ask<recognised>(enrol_account{"password", secret_of("jane")});
    return *ask<logged_in>(log_in{"password", secret_of("jane"), {}});
  }
  legacy_token log_jane_in_legacy(const std::string& app_id = {}) {
    ask<recognised>(enrol_account{"password", secret_of("jane")});
    return *ask<legacy_token>(legacy_log_in{"password", secret_of("jane"), app_id});
  }
  caf::expected<legacy_token> exchange(const std::string& token, const std::string& path) {
    return ask<legacy_token>(exchange_token{token, "my.app", path});
  }
  caf::expected<principal> upgrade(const std::string& token, api_face face = api_face::app_services,
                                   bool tolerate = false) {
    return ask<principal>(authenticate_upgrade{token, face, tolerate});
  }
  [[nodiscard]] std::int64_t now_s() const { return world.clock.unix_ms() / 1000; }
  /// A token of the operator's own tools.
  static std::string own_tool(const std::string& payload, const runtime::key_pair& keys) {
    return runtime::make_legacy_token(payload, keys);
  }

  ros::test::auth_world world;
  ros::test::fake_hash_workers workers;
  hash_pool_actor pool;
  auth_provider_actor password, anonymous;
  auth_actor whom;
};

} // namespace ros::actors
