// The App-Services-compatible API, request by request (http-api.md 9).
#include "http_world.hpp"

#include "runtime/encoding.hpp"

#include <gtest/gtest.h>

namespace json = boost::json;

namespace ros::actors {

namespace {

using ros::test::http_world;

const std::string app = "/api/client/v2.0/app/my-app";
const std::string providers = app + "/auth/providers/";
const std::string session = "/api/client/v2.0/auth/session";
const std::string profile = "/api/client/v2.0/auth/profile";

class http_app_services_test : public ::testing::Test {
public:
  test::http_answer register_user(const std::string& email, const std::string& password) {
    return world.post(providers + "local-userpass/register",
                      json::object{{"email", email}, {"password", password}});
  }
  test::http_answer log_in(const std::string& name, const std::string& password) {
    return world.post(providers + "local-userpass/login",
                      json::object{{"username", name}, {"password", password}});
  }
  json::object jane() {
    EXPECT_EQ(register_user("jane@example.com", "secret").status, 201u);
    return log_in("jane@example.com", "secret").json().as_object();
  }
  static test::header_list bearer(const json::object& tokens, std::string_view which) {
    return {{"Authorization", "Bearer " + std::string{tokens.at(which).as_string()}}};
  }
  static void expect_error(const test::http_answer& answer, unsigned status,
                           std::string_view code) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.header("Content-Type"), "application/json");
    auto document = answer.json();
    ASSERT_TRUE(document.is_object()) << answer.body;
    EXPECT_EQ(document.at("error_code"), json::value(code));
    EXPECT_TRUE(document.at("error").is_string());
    EXPECT_TRUE(document.at("link").is_string());
  }

  http_world world;
};

// -- location ----------------------------------------------------------------------

TEST_F(http_app_services_test, the_location_is_where_the_client_came_to) {
  auto answer = world.get(app + "/location", {{"Host", "sync.example:9080"}});
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer.header("Content-Type"), "application/json");
  EXPECT_EQ(answer.json(), (json::value{{"deployment_model", "LOCAL"},
                                        {"location", "US-VA"},
                                        {"hostname", "http://sync.example:9080"},
                                        {"ws_hostname", "ws://sync.example:9080"}}));
}

TEST_F(http_app_services_test, a_stranger_cannot_make_the_location_secure) {
  auto answer = world.get(app + "/location", {{"X-Forwarded-Proto", "https"}});
  EXPECT_TRUE(answer.json().at("hostname").as_string().starts_with("http://"));
}

TEST(http_location_test, a_trusted_proxy_says_that_the_client_uses_tls) {
  http_world world{[](auto& x) { x.proxy.trusted_proxies = {"127.0.0.0/8"}; }};
  auto answer =
      world.get(app + "/location", {{"X-Forwarded-Proto", "https"}, {"Host", "sync.example"}});
  EXPECT_EQ(answer.json().at("hostname"), "https://sync.example");
  EXPECT_EQ(answer.json().at("ws_hostname"), "wss://sync.example");
}

TEST(http_location_test, a_configured_url_wins_over_the_request) {
  http_world world{[](auto& x) { x.app_services.public_url = "https://realm.example/base/"; }};
  auto answer = world.get(app + "/location");
  EXPECT_EQ(answer.json().at("hostname"), "https://realm.example/base");
  EXPECT_EQ(answer.json().at("ws_hostname"), "wss://realm.example/base");
}

TEST_F(http_app_services_test, a_host_header_that_is_none_is_refused) {
  expect_error(world.get(app + "/location", {{"Host", "a b\"c"}}), 400, "BadRequest");
}

TEST_F(http_app_services_test, app_ids_follow_the_rules) {
  EXPECT_EQ(world.get("/api/client/v2.0/app/any_App.1-x/location").status, 200u);
  for (const auto& id : std::vector<std::string>{"a%20b", "a%2Fb", std::string(65, 'a')})
    expect_error(world.get("/api/client/v2.0/app/" + id + "/location"), 404, "AppNotFound");
}

TEST(http_app_ids_test, only_listed_apps_are_served) {
  http_world world{[](auto& x) { x.app_services.app_ids = {"my-app"}; }};
  EXPECT_EQ(world.get(app + "/location").status, 200u);
  auto answer = world.get("/api/client/v2.0/app/other/location");
  EXPECT_EQ(answer.status, 404u);
  EXPECT_EQ(answer.json().at("error"), "cannot find app using Client App ID 'other'");
}

TEST(http_app_ids_test, the_whole_api_can_be_switched_off) {
  http_world world{[](auto& x) { x.app_services.enable = false; }};
  EXPECT_EQ(world.get(app + "/location").status, 404u);
  EXPECT_EQ(world.get("/health").status, 200u);
}

// -- registration and log-in ----------------------------------------------------------

TEST_F(http_app_services_test, a_registered_user_logs_in_and_sees_the_profile) {
  auto registered = register_user("jane@example.com", "secret");
  EXPECT_EQ(registered.status, 201u);
  EXPECT_EQ(registered.json(), json::value(json::object{}));
  auto answer = log_in("jane@example.com", "secret");
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
  auto tokens = answer.json().as_object();
  EXPECT_EQ(tokens.size(), 4u);
  EXPECT_EQ(tokens.at("device_id").as_string().size(), 24u);
  auto who = world.get(profile, bearer(tokens, "access_token"));
  EXPECT_EQ(who.status, 200u);
  auto document = who.json().as_object();
  EXPECT_EQ(document.at("user_id"), tokens.at("user_id"));
  EXPECT_EQ(document.at("type"), "normal");
  EXPECT_EQ(document.at("data"), (json::value{{"email", "jane@example.com"}}));
  auto identity = document.at("identities").at(0);
  EXPECT_EQ(identity.at("provider_type"), "local-userpass");
  EXPECT_EQ(identity.at("id").as_string().size(), 24u);
  auto again = log_in("jane@example.com", "secret").json();
  EXPECT_EQ(again.at("user_id"), tokens.at("user_id"));
  auto same = world.get(profile, bearer(again.as_object(), "access_token")).json();
  EXPECT_EQ(same.at("identities").at(0).at("id"), identity.at("id"));
}

TEST_F(http_app_services_test, an_anonymous_user_needs_nothing) {
  auto answer = world.post(providers + "anon-user/login", json::object{{"provider", "anon-user"}});
  EXPECT_EQ(answer.status, 200u);
  auto document = world.get(profile, bearer(answer.json().as_object(), "access_token")).json();
  EXPECT_EQ(document.at("data"), json::value(json::object{}));
  EXPECT_EQ(document.at("identities").at(0).at("provider_type"), "anon-user");
}

TEST(http_anonymous_test, anonymous_users_can_be_switched_off) {
  http_world world{[](auto& x) { x.app_services.anonymous = false; }};
  auto answer = world.post(providers + "anon-user/login", json::object{});
  EXPECT_EQ(answer.status, 404u);
  EXPECT_EQ(answer.json().at("error_code"), "AuthProviderNotFound");
}

TEST_F(http_app_services_test, a_device_keeps_its_id) {
  const auto* body = R"({"options":{"device":{"deviceId":"0123456789abcdef01234567","sdk":"JS"}}})";
  auto answer = world.client().post(providers + "anon-user/login", body);
  EXPECT_EQ(answer.json().at("device_id"), "0123456789abcdef01234567");
  for (const auto* odd : {R"({"options":5})", R"({"options":{"device":[]}})",
                          R"({"options":{"device":{"deviceId":5}}})"})
    EXPECT_EQ(world.client().post(providers + "anon-user/login", odd).status, 200u) << odd;
}

TEST_F(http_app_services_test, a_name_is_registered_once) {
  EXPECT_EQ(register_user("jane@example.com", "secret").status, 201u);
  auto again = register_user("jane@example.com", "other secret");
  expect_error(again, 409, "AccountNameInUse");
  EXPECT_EQ(again.json().at("error"), "name already in use");
  EXPECT_EQ(log_in("jane@example.com", "secret").status, 200u) << "nothing has changed";
}

TEST_F(http_app_services_test, passwords_have_6_to_128_characters) {
  expect_error(register_user("jane@example.com", "12345"), 400, "BadRequest");
  expect_error(register_user("jane@example.com", std::string(129, 'x')), 400, "BadRequest");
  std::string umlauts;
  for (int i = 0; i < 5; ++i)
    umlauts += "\xc3\xa4"; // ten bytes, five characters
  expect_error(register_user("jane@example.com", umlauts), 400, "BadRequest");
  EXPECT_EQ(register_user("jane@example.com", "123456").status, 201u);
  EXPECT_EQ(register_user("paul@example.com", std::string(128, 'x')).status, 201u);
}

TEST_F(http_app_services_test, a_registration_without_its_members_is_a_bad_request) {
  for (const auto& body :
       {json::object{}, json::object{{"email", "jane"}}, json::object{{"password", "secret"}},
        json::object{{"email", ""}, {"password", "secret"}},
        json::object{{"email", 5}, {"password", "secret"}},
        json::object{{"email", std::string(1025, 'x')}, {"password", "secret"}}})
    expect_error(world.post(providers + "local-userpass/register", body), 400, "BadRequest");
}

TEST_F(http_app_services_test, wrong_and_unknown_credentials_look_alike) {
  jane();
  auto wrong = log_in("jane@example.com", "guess!");
  auto unknown = log_in("paul@example.com", "guess!");
  expect_error(wrong, 401, "InvalidPassword");
  EXPECT_EQ(wrong.body, unknown.body);
  EXPECT_EQ(wrong.json().at("error"), "invalid username/password");
  expect_error(log_in("", "guess!"), 401, "InvalidPassword");
}

TEST_F(http_app_services_test, a_log_in_without_its_members_says_so) {
  expect_error(world.post(providers + "local-userpass/login", json::object{}), 400,
               "MissingParameter");
  expect_error(world.post(providers + "local-userpass/login",
                          json::object{{"username", "jane"}, {"password", 5}}),
               400, "MissingParameter");
}

TEST_F(http_app_services_test, providers_that_are_not_enabled_are_not_found) {
  for (const auto* provider : {"oauth2-google", "custom-token", "oauth2-apple", "nothing"})
    expect_error(world.post(providers + provider + "/login", json::object{}), 404,
                 "AuthProviderNotFound");
}

TEST_F(http_app_services_test, a_log_in_never_registers) {
  expect_error(log_in("jane@example.com", "secret"), 401, "InvalidPassword");
}

TEST(http_attempts_test, guessing_is_slowed_down_whoever_the_guesser_claims_to_be) {
  http_world world{[](auto& x) { x.auth.password.max_attempts_per_minute = 3; }};
  const json::object guess{{"username", "jane"}, {"password", "guess!"}};
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(world
                  .post(providers + "local-userpass/login", guess,
                        {{"X-Forwarded-For", "10.0.0." + std::to_string(i)}})
                  .status,
              401u);
  EXPECT_EQ(world.post(providers + "local-userpass/login", guess).status, 429u);
}

TEST_F(http_app_services_test, nobody_links_to_an_anonymous_identity) {
  auto tokens = jane();
  auto answer = world.post(providers + "anon-user/login?link=true", json::object{},
                           bearer(tokens, "access_token"));
  expect_error(answer, 400, "BadRequest");
}

TEST_F(http_app_services_test, linking_takes_the_access_token_of_a_user) {
  auto tokens = jane();
  const json::object proof{{"username", "jane@example.com"}, {"password", "secret"}};
  const auto target = providers + "local-userpass/login?link=true";
  auto absent = world.post(target, proof);
  expect_error(absent, 401, "InvalidSession");
  EXPECT_EQ(absent.json().at("error"), "must authenticate first");
  expect_error(world.post(target, proof, bearer(tokens, "refresh_token")), 401, "InvalidSession");
}

TEST_F(http_app_services_test, an_anonymous_user_is_linked_to_an_account_that_nobody_used) {
  const json::object anna{{"email", "anna@example.com"}, {"password", "secret"}};
  EXPECT_EQ(world.post(providers + "local-userpass/register", anna).status, 201u);
  auto tokens = world.post(providers + "anon-user/login", json::object{}).json().as_object();
  const json::object proof{{"username", "anna@example.com"}, {"password", "secret"}};
  const auto target = providers + "local-userpass/login";
  auto linked = world.post(target + "?link=true", proof, bearer(tokens, "access_token"));
  EXPECT_EQ(linked.status, 200u) << linked.body;
  EXPECT_EQ(linked.json().at("user_id"), tokens.at("user_id"));
  EXPECT_EQ(world.post(target, proof).json().at("user_id"), tokens.at("user_id"));
  auto other = world.post(providers + "anon-user/login", json::object{}).json().as_object();
  auto refused = world.post(target + "?link=true", proof, bearer(other, "access_token"));
  expect_error(refused, 401, "AuthError");
  EXPECT_EQ(refused.json().at("error"), "a user already exists with the specified provider");
}

TEST_F(http_app_services_test, an_account_that_was_used_is_not_linked_away) {
  jane(); // logs in
  auto tokens = world.post(providers + "anon-user/login", json::object{}).json().as_object();
  const json::object proof{{"username", "jane@example.com"}, {"password", "secret"}};
  expect_error(world.post(providers + "local-userpass/login?link=true", proof,
                          bearer(tokens, "access_token")),
               401, "AuthError");
}

TEST_F(http_app_services_test, linking_needs_credentials_that_hold) {
  auto tokens = jane();
  const json::object proof{{"username", "jane@example.com"}, {"password", "guess!"}};
  expect_error(world.post(providers + "local-userpass/login?link=true", proof,
                          bearer(tokens, "access_token")),
               401, "InvalidPassword");
}

// -- sessions -------------------------------------------------------------------------

TEST_F(http_app_services_test, a_session_is_refreshed_with_the_refresh_token) {
  auto tokens = jane();
  auto fresh = world.send("POST", session, bearer(tokens, "refresh_token"));
  EXPECT_EQ(fresh.status, 201u);
  EXPECT_EQ(world.get(profile, bearer(fresh.json().as_object(), "access_token")).status, 200u);
}

TEST_F(http_app_services_test, an_access_token_runs_out_and_a_refresh_helps) {
  auto tokens = jane();
  world.clock.advance_ms(1'800'000);
  expect_error(world.get(profile, bearer(tokens, "access_token")), 401, "InvalidSession");
  auto fresh = world.send("POST", session, bearer(tokens, "refresh_token"));
  EXPECT_EQ(world.get(profile, bearer(fresh.json().as_object(), "access_token")).status, 200u);
  world.clock.advance_ms(5'184'000'000);
  expect_error(world.send("POST", session, bearer(tokens, "refresh_token")), 401, "InvalidSession");
}

TEST_F(http_app_services_test, after_a_log_out_both_tokens_are_dead) {
  auto tokens = jane();
  auto answer = world.send("DELETE", session, bearer(tokens, "refresh_token"));
  EXPECT_EQ(answer.status, 204u);
  EXPECT_EQ(answer.body, "");
  expect_error(world.send("POST", session, bearer(tokens, "refresh_token")), 401, "InvalidSession");
  expect_error(world.get(profile, bearer(tokens, "access_token")), 401, "InvalidSession");
  EXPECT_EQ(world.send("DELETE", session, bearer(tokens, "refresh_token")).status, 204u);
  EXPECT_EQ(log_in("jane@example.com", "secret").status, 200u);
}

TEST_F(http_app_services_test, wrong_tokens_open_no_session) {
  auto tokens = jane();
  expect_error(world.send("POST", session), 401, "InvalidSession");
  EXPECT_EQ(world.send("POST", session).json().at("error"), "must authenticate first");
  expect_error(world.get(profile), 401, "InvalidSession");
  expect_error(world.get(profile, bearer(tokens, "refresh_token")), 401, "InvalidSession");
  expect_error(world.send("POST", session, bearer(tokens, "access_token")), 401, "InvalidSession");
  expect_error(world.send("POST", session, {{"Authorization", "Bearer nonsense"}}), 401,
               "InvalidSession");
  token_maker forger{test::foreign_keys(), world.random, {}};
  auto forged = forger.start_session(std::string{tokens.at("user_id").as_string()}, {},
                                     world.clock.unix_ms() / 1000);
  expect_error(world.get(profile, {{"Authorization", "Bearer " + forged.access_token}}), 401,
               "InvalidSession");
  expect_error(
      world.get(profile, {{"Authorization", runtime::make_admin_token(test::signing_keys())}}), 401,
      "InvalidSession");
}

TEST_F(http_app_services_test, a_deleted_user_is_gone_with_its_tokens) {
  auto tokens = jane();
  const auto target = "/api/client/v2.0/auth/delete";
  expect_error(world.send("DELETE", target), 401, "InvalidSession");
  expect_error(world.send("DELETE", target, bearer(tokens, "refresh_token")), 401,
               "InvalidSession");
  auto answer = world.send("DELETE", target, bearer(tokens, "access_token"));
  EXPECT_EQ(answer.status, 204u);
  EXPECT_EQ(answer.body, "");
  expect_error(world.get(profile, bearer(tokens, "access_token")), 401, "InvalidSession");
  expect_error(world.send("POST", session, bearer(tokens, "refresh_token")), 401, "InvalidSession");
  expect_error(log_in("jane@example.com", "secret"), 401, "InvalidPassword");
}

// -- functions and push ---------------------------------------------------------------

TEST_F(http_app_services_test, functions_do_not_exist) {
  auto tokens = jane();
  const json::object call{{"name", "sum"}, {"arguments", json::array{}}};
  expect_error(world.post(app + "/functions/call", call), 401, "InvalidSession");
  expect_error(world.post(app + "/functions/call", call, bearer(tokens, "refresh_token")), 401,
               "InvalidSession");
  auto answer = world.post(app + "/functions/call", call, bearer(tokens, "access_token"));
  expect_error(answer, 404, "FunctionNotFound");
  EXPECT_EQ(answer.json().at("error"), "function not found: 'sum'");
}

TEST_F(http_app_services_test, functions_have_no_event_streams) {
  auto tokens = jane();
  const auto target = app + "/functions/call?baas_request=" +
                      runtime::base64url_encode(R"({"name":"watch","a":"??"})") + "&baas_at=";
  auto answer = world.get(target + std::string{tokens.at("access_token").as_string()});
  expect_error(answer, 404, "FunctionNotFound");
  EXPECT_EQ(answer.json().at("error"), "function not found: 'watch'");
  expect_error(world.get(target + "nonsense"), 401, "InvalidSession");
  expect_error(world.get(app + "/functions/call"), 401, "InvalidSession");
}

TEST_F(http_app_services_test, push_services_do_not_exist) {
  for (const auto* method : {"PUT", "DELETE"}) {
    auto answer = world.send(method, app + "/push/providers/gcm/registration");
    expect_error(answer, 404, "ServiceNotFound");
    EXPECT_EQ(answer.json().at("error"), "service not found: 'gcm'");
  }
}

TEST_F(http_app_services_test, trouble_of_the_disk_is_answered_as_such) {
  world.log.full = true;
  expect_error(register_user("jane@example.com", "secret"), 503, "MaintenanceInProgress");
}

} // namespace

} // namespace ros::actors
