// AUTH: legacy log-in and the exchange of refresh tokens (http-api.md 3, 4).
#include "auth_fixture.hpp"

namespace ros::actors {

namespace {

using auth_legacy_test = auth_fixture;

TEST_F(auth_legacy_test, a_legacy_log_in_gives_a_refresh_token_with_all_members) {
  auto token = log_jane_in_legacy("com.example.app");
  EXPECT_EQ(token.app_id, "com.example.app");
  EXPECT_EQ(token.access, std::vector<std::string>{"refresh"});
  EXPECT_EQ(token.expires_s, now_s() + 315'360'000);
  EXPECT_EQ(token.salt.size(), 8u);
  EXPECT_FALSE(token.is_admin);
  auto read = runtime::verify_token(token.token, signing_keys(), now_s());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->identity, token.identity);
  EXPECT_EQ(read->expires, token.expires_s);
  EXPECT_EQ(log_jane_in_legacy().app_id, "io.realm.Auth");
}

TEST_F(auth_legacy_test, a_refresh_token_opens_a_realm_of_the_own_home) {
  auto jane = log_jane_in_legacy();
  auto access = exchange(jane.token, "/~/notes");
  ASSERT_TRUE(access);
  EXPECT_EQ(access->path, "/" + jane.identity + "/notes");
  EXPECT_EQ(access->access, (std::vector<std::string>{"download", "upload", "manage"}));
  EXPECT_EQ(access->expires_s, now_s() + 600);
  EXPECT_EQ(access->app_id, "my.app");
  auto who = upgrade(access->token, api_face::legacy);
  ASSERT_TRUE(who);
  EXPECT_EQ(who->path, access->path);
  EXPECT_EQ(who->granted, all_rights);
  auto row = world.ask<realm_grant>(world.admin_realm,
                                    ensure_realm{{jane.identity, false}, access->path, ""});
  EXPECT_EQ(row->realm.owner, jane.identity) << "the Realm is registered";
}

TEST_F(auth_legacy_test, foreign_homes_and_absent_realms_elsewhere_are_denied) {
  auto jane = log_jane_in_legacy();
  auto paul = world.add_user("paul");
  for (const auto& path : std::vector<std::string>{"/" + paul + "/notes", "/shared", "/a/b"})
    EXPECT_EQ(exchange(jane.token, path).error(), ec::denied) << path;
  EXPECT_EQ(exchange(jane.token, "/a//b").error(), auth_ec::bad_parameter);
  EXPECT_EQ(exchange(jane.token, "/~/x.realm").error(), auth_ec::bad_parameter);
}

TEST_F(auth_legacy_test, the_partition_default_names_the_rights_of_the_access_token) {
  auto jane = log_jane_in_legacy();
  EXPECT_EQ(exchange(jane.token, "/__partition/s-abc").error(), ec::denied);
  auto own = exchange(jane.token, "/__partition/s-" + jane.identity);
  ASSERT_TRUE(own);
  EXPECT_EQ(own->access.size(), 3u);
}

TEST_F(auth_legacy_test, without_a_path_there_is_a_user_token_that_exchanges_for_nothing) {
  auto jane = log_jane_in_legacy();
  auto user = exchange(jane.token, "");
  ASSERT_TRUE(user);
  EXPECT_EQ(user->kind, token_kind::user);
  EXPECT_TRUE(user->access.empty());
  EXPECT_EQ(user->expires_s, now_s() + 3600);
  auto who = ask<principal>(authenticate{user->token, token_kind::user, api_face::legacy});
  ASSERT_TRUE(who);
  EXPECT_EQ(who->kind, token_kind::user);
  EXPECT_EQ(exchange(user->token, "/~/x").error(), auth_ec::wrong_token_kind);
}

TEST_F(auth_legacy_test, only_live_legacy_refresh_tokens_are_exchanged) {
  auto jane = log_jane_in_legacy();
  auto access = exchange(jane.token, "/~/notes");
  auto app = log_jane_in();
  EXPECT_EQ(exchange(access->token, "/~/notes").error(), auth_ec::wrong_token_kind);
  EXPECT_EQ(exchange(app.refresh_token, "/~/notes").error(), auth_ec::wrong_token_kind);
  EXPECT_EQ(exchange(runtime::make_admin_token(signing_keys()), "/x").error(),
            auth_ec::wrong_token_kind);
  EXPECT_EQ(ask<std::string>(refresh_session{jane.token}).error(), auth_ec::wrong_token_kind);
  ask<bool>(log_out{jane.token});
  EXPECT_EQ(exchange(jane.token, "/~/notes").error(), auth_ec::revoked_token);
  auto later = log_jane_in_legacy();
  world.clock.advance_ms(315'360'000'000);
  EXPECT_EQ(exchange(later.token, "/~/notes").error(), auth_ec::expired_token);
}

TEST_F(auth_legacy_test, app_services_routes_take_no_legacy_token) {
  auto jane = log_jane_in_legacy();
  auto user = exchange(jane.token, "");
  EXPECT_EQ(
      ask<principal>(authenticate{user->token, token_kind::user, api_face::app_services}).error(),
      auth_ec::wrong_token_kind);
}

TEST_F(auth_legacy_test, trouble_of_the_node_is_passed_on_as_such) {
  auto jane = log_jane_in_legacy();
  world.log.full = true;
  EXPECT_EQ(exchange(jane.token, "/~/new").error(), ec::unavailable);
  EXPECT_EQ(ask<bool>(log_out{jane.token}).error(), ec::unavailable);
}

} // namespace

} // namespace ros::actors
