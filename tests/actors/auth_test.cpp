// AUTH: sessions of the App-Services API, forgery, the admin token, sync upgrades
// (http-api.md 3, 8.3, 9).
#include "auth_fixture.hpp"

#include "runtime/encoding.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace json = boost::json;

namespace ros::actors {

namespace {

json::object payload_of(const std::string& jwt) {
  auto first = jwt.find('.'), second = jwt.find('.', first + 1);
  auto text = runtime::base64url_decode(jwt.substr(first + 1, second - first - 1));
  return json::parse(*text).as_object();
}

using auth_test = auth_fixture;

// -- App-Services sessions -------------------------------------------------------

TEST_F(auth_test, a_log_in_gives_the_tokens_that_clients_decode) {
  auto jane = log_jane_in();
  auto access = payload_of(jane.access_token), refresh = payload_of(jane.refresh_token);
  EXPECT_EQ(access.at("sub"), json::value(jane.user_id));
  EXPECT_EQ(access.at("typ"), "access");
  EXPECT_EQ(access.at("iat").as_int64(), now_s());
  EXPECT_EQ(access.at("exp").as_int64(), now_s() + 1800);
  EXPECT_EQ(access.at("user_data"), json::object{});
  EXPECT_EQ(access.at("iss"), "this server");
  EXPECT_EQ(refresh.at("typ"), "refresh");
  EXPECT_EQ(refresh.at("exp").as_int64(), now_s() + 5'184'000);
  EXPECT_EQ(refresh.at("baas_id"), access.at("baas_id"));
  EXPECT_FALSE(refresh.contains("user_data"));
  EXPECT_EQ(jane.device_id.size(), 24u);
}

TEST_F(auth_test, a_known_device_keeps_its_id_and_nonsense_does_not) {
  log_jane_in();
  const std::string device = "0123456789abcdef01234567";
  EXPECT_EQ(ask<logged_in>(log_in{"password", secret_of("jane"), device})->device_id, device);
  auto odd = ask<logged_in>(log_in{"password", secret_of("jane"), "my phone"});
  EXPECT_NE(odd->device_id, "my phone");
  EXPECT_EQ(odd->device_id.size(), 24u);
}

TEST_F(auth_test, an_access_token_speaks_for_its_user) {
  auto jane = log_jane_in();
  auto who = ask<principal>(
      authenticate{"Bearer " + jane.access_token, token_kind::access, api_face::app_services});
  ASSERT_TRUE(who);
  EXPECT_EQ(who->who.user_id, jane.user_id);
  EXPECT_FALSE(who->who.is_admin);
  EXPECT_EQ(who->kind, token_kind::access);
  EXPECT_EQ(who->expires_s, now_s() + 1800);
  EXPECT_EQ(who->path, "");
}

TEST_F(auth_test, kinds_of_tokens_are_not_mixed_up) {
  auto jane = log_jane_in();
  auto as = [&](const std::string& token, token_kind kind) {
    return ask<principal>(authenticate{token, kind, api_face::app_services});
  };
  EXPECT_EQ(as(jane.refresh_token, token_kind::access).error(), auth_ec::wrong_token_kind);
  EXPECT_EQ(as(jane.access_token, token_kind::refresh).error(), auth_ec::wrong_token_kind);
  EXPECT_TRUE(as(jane.access_token, token_kind::user));
  EXPECT_EQ(ask<std::string>(refresh_session{jane.access_token}).error(),
            auth_ec::wrong_token_kind);
  EXPECT_EQ(ask<bool>(log_out{jane.access_token}).error(), auth_ec::wrong_token_kind);
}

TEST_F(auth_test, a_session_is_refreshed_until_its_refresh_token_runs_out) {
  auto jane = log_jane_in();
  world.clock.advance_ms(1'800'000);
  EXPECT_EQ(upgrade(jane.access_token).error(), auth_ec::expired_token);
  auto fresh = ask<std::string>(refresh_session{"Bearer " + jane.refresh_token});
  ASSERT_TRUE(fresh);
  EXPECT_TRUE(upgrade(*fresh));
  EXPECT_EQ(payload_of(*fresh).at("baas_id"), payload_of(jane.access_token).at("baas_id"));
  world.clock.advance_ms(5'184'000'000);
  EXPECT_EQ(ask<std::string>(refresh_session{jane.refresh_token}).error(), auth_ec::expired_token);
}

TEST_F(auth_test, logging_out_ends_the_session_and_no_other_one) {
  auto phone = log_jane_in();
  auto laptop = *ask<logged_in>(log_in{"password", secret_of("jane"), {}});
  EXPECT_TRUE(*ask<bool>(log_out{"Bearer " + phone.refresh_token}));
  EXPECT_EQ(ask<std::string>(refresh_session{phone.refresh_token}).error(), auth_ec::revoked_token);
  EXPECT_EQ(upgrade(phone.access_token).error(), auth_ec::revoked_token);
  EXPECT_TRUE(ask<std::string>(refresh_session{laptop.refresh_token}));
  EXPECT_TRUE(upgrade(laptop.access_token));
  EXPECT_TRUE(*ask<bool>(log_out{phone.refresh_token})) << "once more does no harm";
}

TEST_F(auth_test, a_log_out_survives_a_restart) {
  auto jane = log_jane_in();
  ask<bool>(log_out{jane.refresh_token});
  std::vector<std::string> keys;
  ASSERT_TRUE(storage::visit_admin_rows(
      *world.database, [&](std::string_view key, std::string_view) { keys.emplace_back(key); }));
  EXPECT_EQ(std::count_if(keys.begin(), keys.end(),
                          [](const auto& key) { return key.starts_with("t/s:"); }),
            1);
}

TEST_F(auth_test, logging_out_with_an_expired_token_writes_nothing) {
  auto jane = log_jane_in();
  world.clock.advance_ms(6'000'000'000);
  auto entries = world.log.entries.size();
  EXPECT_TRUE(*ask<bool>(log_out{jane.refresh_token}));
  EXPECT_EQ(world.log.entries.size(), entries);
}

TEST_F(auth_test, a_deleted_user_is_shut_out_at_once) {
  auto jane = log_jane_in();
  world.ask<bool>(world.admin_realm, delete_user{jane.user_id});
  EXPECT_EQ(upgrade(jane.access_token).error(), auth_ec::unknown_user);
  EXPECT_EQ(ask<std::string>(refresh_session{jane.refresh_token}).error(), auth_ec::unknown_user);
}

TEST_F(auth_test, an_anonymous_user_gets_a_session_without_credentials) {
  auto one = ask<logged_in>(log_in{"anonymous", {}, {}});
  auto other = ask<logged_in>(log_in{"anonymous", {}, {}});
  ASSERT_TRUE(one && other);
  EXPECT_NE(one->user_id, other->user_id);
  EXPECT_TRUE(upgrade(one->access_token));
}

TEST_F(auth_test, providers_are_switched_on_for_each_api_of_their_own) {
  EXPECT_EQ(ask<legacy_token>(legacy_log_in{"anonymous", {}, {}}).error(),
            auth_ec::unknown_provider);
  EXPECT_EQ(ask<logged_in>(log_in{"google", {}, {}}).error(), auth_ec::unknown_provider);
  EXPECT_EQ(ask<recognised>(enrol_account{"google", {}}).error(), auth_ec::unknown_provider);
}

TEST_F(auth_test, a_wrong_password_gives_no_token) {
  log_jane_in();
  auto wrong = secret_of("jane");
  wrong.password = "guess";
  EXPECT_EQ(ask<logged_in>(log_in{"password", wrong, {}}).error(), auth_ec::invalid_credentials);
  EXPECT_EQ(ask<legacy_token>(legacy_log_in{"password", wrong, {}}).error(),
            auth_ec::invalid_credentials);
}

// -- forgery ----------------------------------------------------------------------

TEST_F(auth_test, tokens_of_another_key_are_refused) {
  auto jane = log_jane_in();
  token_maker forger{foreign_keys(), world.random, {}};
  auto forged = forger.start_session(jane.user_id, {}, now_s());
  EXPECT_EQ(upgrade(forged.access_token).error(), auth_ec::bad_signature);
  EXPECT_EQ(ask<std::string>(refresh_session{forged.refresh_token}).error(),
            auth_ec::bad_signature);
  auto legacy = forger.legacy_refresh({jane.user_id, true}, {}, now_s());
  EXPECT_EQ(exchange(legacy.token, "/~/x").error(), auth_ec::bad_signature);
  EXPECT_EQ(upgrade(runtime::make_admin_token(foreign_keys())).error(), auth_ec::bad_signature);
}

TEST_F(auth_test, an_altered_byte_anywhere_spoils_a_token) {
  auto jane = log_jane_in();
  auto legacy = log_jane_in_legacy().token;
  for (const auto& token : {jane.access_token, legacy})
    for (std::size_t i = 0; i < token.size(); i += 7) {
      auto altered = token;
      altered[i] = altered[i] == 'A' ? 'B' : 'A';
      auto who = ask<principal>(authenticate{altered, token_kind::user, api_face::legacy});
      ASSERT_FALSE(who) << i;
      EXPECT_TRUE(who.error() == auth_ec::bad_signature || who.error() == auth_ec::malformed_token);
    }
}

TEST_F(auth_test, what_is_no_token_is_malformed) {
  for (const auto* text : {"", "x", "Bearer ", "Bearer x", "a:b:c", "a.b", "a.b.c.d",
                           "Realm-Access-Token version=1", "Realm-Access-Token token=\"x\""}) {
    auto who = ask<principal>(authenticate{text, token_kind::user, api_face::legacy});
    ASSERT_FALSE(who) << text;
    EXPECT_EQ(who.error(), auth_ec::malformed_token) << text;
  }
}

TEST_F(auth_test, nobody_becomes_administrator_by_name_or_claim) {
  auto jane = log_jane_in();
  const auto expiring =
      R"({"identity":"__admin","access":["upload","download","manage"],"expires":9999999999})";
  EXPECT_EQ(upgrade(own_tool(expiring, signing_keys()), api_face::legacy).error(),
            auth_ec::unknown_user);
  const auto bound =
      R"({"identity":"__admin","access":["upload","download","manage"],"path":"/x"})";
  EXPECT_EQ(upgrade(own_tool(bound, signing_keys()), api_face::legacy).error(),
            auth_ec::unknown_user);
  const auto claiming = R"({"identity":")" + jane.user_id +
                        R"(","access":["download"],"is_admin":true,"expires":9999999999})";
  auto who = upgrade(own_tool(claiming, signing_keys()), api_face::legacy);
  ASSERT_TRUE(who);
  EXPECT_FALSE(who->who.is_admin);
}

// -- the admin token and the operator's own tokens --------------------------------

TEST_F(auth_test, the_admin_token_opens_everything) {
  for (const auto& token :
       {runtime::make_admin_token(signing_keys()),
        own_tool("{\n\t\"identity\": \"__admin\",\n\t\"access\": [\"download\", "
                 "\"upload\", \"manage\"]\n}",
                 signing_keys())}) {
    for (auto face : {api_face::legacy, api_face::app_services}) {
      auto who = upgrade(token, face);
      ASSERT_TRUE(who);
      EXPECT_EQ(who->who.user_id, admin_user_id);
      EXPECT_TRUE(who->who.is_admin);
      EXPECT_EQ(who->kind, token_kind::admin);
      EXPECT_EQ(who->granted, all_rights);
      EXPECT_EQ(who->expires_s, 0);
      EXPECT_TRUE(ask<principal>(authenticate{token, token_kind::access, face}));
    }
  }
}

TEST_F(auth_test, a_jwt_of_the_operators_tools_is_good_at_both_faces) {
  auto jane = log_jane_in();
  runtime::token_claims claims;
  claims.identity = jane.user_id;
  claims.expires = now_s() + 60;
  const auto jwt = runtime::make_jwt(claims, signing_keys());
  for (auto face : {api_face::legacy, api_face::app_services}) {
    auto who = upgrade(jwt, face);
    ASSERT_TRUE(who);
    EXPECT_EQ(who->who.user_id, jane.user_id);
    EXPECT_EQ(who->granted, no_rights) << "it grants nothing by itself";
  }
}

TEST_F(auth_test, a_jwt_of_an_unknown_type_counts_as_nothing) {
  auto jane = log_jane_in();
  runtime::token_claims claims;
  claims.identity = jane.user_id;
  claims.typ = "ID";
  EXPECT_EQ(upgrade(runtime::make_jwt(claims, signing_keys())).error(), auth_ec::wrong_token_kind);
}

// -- sync upgrades ----------------------------------------------------------------

TEST_F(auth_test, upgrades_take_access_tokens_of_their_own_face_only) {
  auto app = log_jane_in();
  auto refresh = log_jane_in_legacy();
  auto access = exchange(refresh.token, "/~/notes");
  auto user = exchange(refresh.token, "");
  ASSERT_TRUE(access && user);
  EXPECT_TRUE(upgrade(app.access_token, api_face::app_services));
  EXPECT_TRUE(upgrade(access->token, api_face::legacy));
  for (const auto& [token, face] :
       std::vector<std::pair<std::string, api_face>>{{app.access_token, api_face::legacy},
                                                     {app.refresh_token, api_face::app_services},
                                                     {access->token, api_face::app_services},
                                                     {refresh.token, api_face::legacy},
                                                     {user->token, api_face::legacy}})
    EXPECT_EQ(upgrade(token, face).error(), auth_ec::wrong_token_kind);
}

TEST_F(auth_test, an_expired_token_passes_an_upgrade_only_where_that_is_asked_for) {
  auto jane = log_jane_in();
  world.clock.advance_ms(1'800'000);
  EXPECT_EQ(upgrade(jane.access_token).error(), auth_ec::expired_token);
  EXPECT_TRUE(upgrade(jane.access_token, api_face::app_services, true));
  ask<bool>(log_out{jane.refresh_token});
  EXPECT_EQ(upgrade(jane.access_token, api_face::app_services, true).error(),
            auth_ec::revoked_token);
}

TEST(token_in, finds_the_token_in_every_form_of_the_header) {
  EXPECT_EQ(token_in("abc"), "abc");
  EXPECT_EQ(token_in("  abc "), "abc");
  EXPECT_EQ(token_in("Bearer abc"), "abc");
  EXPECT_EQ(token_in("bearer  abc "), "abc");
  EXPECT_EQ(token_in("Realm-Access-Token version=1 token=\"a:b==\""), "a:b==");
  EXPECT_EQ(token_in("Bearerabc"), "Bearerabc");
  EXPECT_EQ(token_in("Realm-Access-Token version=1"), "");
}

} // namespace

} // namespace ros::actors
