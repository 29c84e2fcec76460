// The legacy log-in, request by request (http-api.md 2, 4, 5.4).
#include "http_world.hpp"

#include <gtest/gtest.h>

namespace json = boost::json;

namespace ros::actors {

namespace {

using ros::test::http_world;

json::object by_password(const std::string& name, const std::string& password) {
  return {{"provider", "password"},
          {"data", name},
          {"user_info", {{"password", password}}},
          {"app_id", "com.example.app"}};
}

json::object registering(const std::string& name, const std::string& password, bool wanted = true) {
  auto body = by_password(name, password);
  body["user_info"].as_object()["register"] = wanted;
  return body;
}

std::string text(const json::value& from) {
  return std::string{from.as_string()};
}

void expect_problem(const test::http_answer& answer, unsigned status, int code) {
  EXPECT_EQ(answer.status, status) << answer.body;
  EXPECT_EQ(answer.header("Content-Type"), "application/json; charset=utf-8");
  auto document = answer.json();
  ASSERT_TRUE(document.is_object()) << answer.body;
  EXPECT_EQ(document.at("status").as_int64(), status);
  EXPECT_EQ(document.at("code").as_int64(), code) << answer.body;
  EXPECT_TRUE(document.at("title").is_string());
  EXPECT_TRUE(
      document.at("type").as_string().starts_with("https://realm.io/docs/object-server/problems/"));
}

class http_legacy_test : public ::testing::Test {
public:
  explicit http_legacy_test(const std::function<void(config::configuration&)>& change = {})
      : world{change} {}

  test::http_answer auth(const json::object& body, test::header_list headers = {}) {
    return world.post("/auth", body, std::move(headers));
  }
  /// Registers; the refresh token's part of the answer.
  json::value jane() { return auth(registering("jane", "secret")).json().at("refresh_token"); }
  test::http_answer exchange(const json::value& token, const std::string& path) {
    return auth({{"provider", "realm"}, {"data", token}, {"path", path}, {"app_id", "my.app"}});
  }

  http_world world;
};

// -- log-in by password --------------------------------------------------------------

TEST_F(http_legacy_test, a_registration_answers_with_all_that_sdks_parse) {
  auto answer = auth(registering("jane", "secret"));
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer.header("Content-Type"), "application/json; charset=utf-8");
  auto document = answer.json().as_object();
  EXPECT_EQ(document.size(), 1u) << "Java takes any further member for an object";
  auto data = document.at("refresh_token").at("token_data").as_object();
  EXPECT_EQ(data.at("app_id"), "com.example.app");
  EXPECT_EQ(data.at("identity").as_string().size(), 32u);
  EXPECT_EQ(data.at("access"), json::value(json::array{"refresh"}));
  EXPECT_EQ(data.at("salt").as_string().size(), 8u);
  EXPECT_EQ(data.at("expires").as_int64(), world.clock.unix_ms() / 1000 + 315'360'000);
  EXPECT_EQ(data.at("is_admin"), false);
  EXPECT_EQ(data.size(), 6u);
}

TEST_F(http_legacy_test, the_second_log_in_is_the_same_user) {
  auto first = jane();
  auto again = auth(by_password("jane", "secret")).json().at("refresh_token");
  EXPECT_EQ(again.at("token_data").at("identity"), first.at("token_data").at("identity"));
  EXPECT_NE(again.at("token"), first.at("token"));
}

TEST_F(http_legacy_test, a_name_taken_a_wrong_password_and_an_unknown_name_are_611) {
  jane();
  expect_problem(auth(registering("jane", "other")), 401, 611);
  expect_problem(auth(by_password("jane", "guess")), 401, 611);
  expect_problem(auth(by_password("paul", "guess")), 401, 611);
  expect_problem(auth(registering("paul", "guess", false)), 401, 611);
}

TEST_F(http_legacy_test, users_of_one_api_log_in_at_the_other) {
  auto identity = jane().at("token_data").at("identity");
  auto answer = world.post("/api/client/v2.0/app/x/auth/providers/local-userpass/login",
                           json::object{{"username", "jane"}, {"password", "secret"}});
  EXPECT_EQ(answer.json().at("user_id"), identity);
}

TEST_F(http_legacy_test, the_flat_form_of_curl_users_is_understood) {
  const json::object made{
      {"provider", "password"}, {"username", "jane"}, {"password", "secret"}, {"register", true}};
  auto answer = auth(made);
  EXPECT_EQ(answer.status, 200u) << answer.body;
  EXPECT_EQ(answer.json().at("refresh_token").at("token_data").at("app_id"), "io.realm.Auth");
}

TEST_F(http_legacy_test, absent_members_are_602_and_named) {
  const std::vector<std::pair<json::object, std::string>> cases{
      {{}, "provider"},
      {{{"provider", nullptr}}, "provider"},
      {{{"provider", "password"}}, "data"},
      {{{"provider", "password"}, {"data", ""}}, "data"},
      {{{"provider", "password"}, {"data", "jane"}}, "user_info.password"},
      {{{"provider", "password"}, {"data", "jane"}, {"user_info", {{"password", 5}}}},
       "user_info.password"},
      {{{"provider", "realm"}}, "data"},
  };
  for (const auto& [body, name] : cases) {
    auto answer = auth(body);
    expect_problem(answer, 400, 602);
    EXPECT_EQ(answer.json().at("invalid_params").at(0).at("name"), json::value(name));
  }
}

TEST_F(http_legacy_test, members_of_a_wrong_type_and_unknown_providers_are_601) {
  const std::vector<std::pair<json::object, std::string>> cases{
      {{{"provider", 5}}, "provider"},
      {{{"provider", "google"}, {"data", "x"}}, "provider"},
      {{{"provider", "anonymous"}}, "provider"},
      {{{"provider", "password"}, {"data", 5}}, "data"},
      {{{"provider", "password"}, {"data", "x"}, {"user_info", "x"}}, "user_info"},
      {{{"provider", "password"}, {"data", "x"}, {"app_id", 5}}, "app_id"},
      {{{"provider", "realm"}, {"data", "x"}, {"path", 5}}, "path"},
      {{{"provider", "password"},
        {"data", "x"},
        {"user_info", {{"password", "x"}, {"register", "yes"}}}},
       "user_info.register"},
      {{{"provider", "password"},
        {"data", std::string(1025, 'x')},
        {"user_info", {{"password", "x"}}}},
       "data"},
  };
  for (const auto& [body, name] : cases) {
    auto answer = auth(body);
    expect_problem(answer, 400, 601);
    EXPECT_EQ(answer.json().at("invalid_params").at(0).at("name"), json::value(name));
  }
}

TEST_F(http_legacy_test, an_empty_password_is_allowed) {
  EXPECT_EQ(auth(registering("jane", "")).status, 200u);
  EXPECT_EQ(auth(by_password("jane", "")).status, 200u);
}

TEST_F(http_legacy_test, old_dotnet_gets_the_error_type_it_insists_on) {
  auto answer = auth(by_password("jane", "guess"),
                     {{"Accept", "application/json, Application/Problem+JSON"}});
  EXPECT_EQ(answer.status, 401u);
  EXPECT_EQ(answer.header("Content-Type"), "application/problem+json; charset=utf-8");
  auto good = auth(registering("jane", "secret"), {{"Accept", "application/problem+json"}});
  EXPECT_EQ(good.header("Content-Type"), "application/json; charset=utf-8");
}

class http_legacy_options_test : public http_legacy_test {
public:
  http_legacy_options_test()
      : http_legacy_test([](auto& x) {
          x.auth.password.auto_register = true;
          x.auth.password.reveal_unknown_accounts = true;
          x.auth.password.max_attempts_per_minute = 2;
          x.auth.anonymous = true;
          x.network.sync_route_prefix = "/elsewhere";
          x.auth.sync_hosts = {"sync.example:9080"};
        }) {}
};

TEST_F(http_legacy_options_test, switches_of_the_password_provider_work) {
  EXPECT_EQ(auth(by_password("jane", "secret")).status, 200u) << "registered by log-in";
  expect_problem(auth(registering("paul", "secret", false)), 400, 612);
}

TEST_F(http_legacy_options_test, too_many_attempts_are_429_without_a_code) {
  jane();
  for (int i = 0; i < 2; ++i)
    expect_problem(auth(by_password("jane", "guess")), 401, 611);
  auto answer = auth(by_password("jane", "secret"));
  EXPECT_EQ(answer.status, 429u);
  EXPECT_FALSE(answer.json().as_object().contains("code"));
}

TEST_F(http_legacy_options_test, anonymous_users_are_new_each_time) {
  const json::object body{{"provider", "anonymous"}, {"data", ""}};
  auto one = auth(body), other = auth(body);
  ASSERT_EQ(one.status, 200u) << one.body;
  EXPECT_NE(one.json().at("refresh_token").at("token_data").at("identity"),
            other.json().at("refresh_token").at("token_data").at("identity"));
}

TEST_F(http_legacy_options_test, another_route_prefix_is_told_to_clients) {
  auto answer = exchange(jane().at("token"), "/~/notes");
  EXPECT_EQ(answer.json().at("sync_worker"), (json::value{{"path", "/elsewhere"}}));
}

TEST_F(http_legacy_options_test, paths_on_foreign_hosts_are_616_where_hosts_are_listed) {
  auto token = jane().at("token");
  expect_problem(exchange(token, "realm://evil.example/~/notes"), 400, 616);
  for (const auto& url :
       std::vector<std::string>{"realm://sync.example:9080/~/notes",
                                "realm://SYNC.example:9080/~/notes", "realm://localhost/~/notes",
                                "/~/notes", "realm://" + world.client().host() + "/~/notes"})
    EXPECT_EQ(exchange(token, url).status, 200u) << url;
}

// -- exchange -------------------------------------------------------------------------

TEST_F(http_legacy_test, a_refresh_token_opens_the_own_home) {
  auto refresh = jane();
  auto answer = exchange(refresh.at("token"), "/~/settings");
  EXPECT_EQ(answer.status, 200u);
  auto document = answer.json().as_object();
  EXPECT_EQ(document.size(), 1u);
  auto data = document.at("access_token").at("token_data").as_object();
  auto identity = text(refresh.at("token_data").at("identity"));
  EXPECT_EQ(data.at("path"), json::value("/" + identity + "/settings"));
  EXPECT_EQ(data.at("access"), json::value(json::array{"download", "upload", "manage"}));
  EXPECT_EQ(data.at("sync_label"), "default");
  EXPECT_EQ(data.at("app_id"), "my.app");
  EXPECT_EQ(data.at("expires").as_int64(), world.clock.unix_ms() / 1000 + 600);
  EXPECT_EQ(data.size(), 7u);
}

TEST_F(http_legacy_test, partitions_are_open_as_far_as_the_default_says) {
  auto answer = exchange(jane().at("token"), "/__partition/s-abc");
  EXPECT_EQ(answer.json().at("access_token").at("token_data").at("access"),
            json::value(json::array{"download", "upload"}));
}

TEST_F(http_legacy_test, foreign_and_absent_realms_are_614_and_impossible_paths_601) {
  auto token = jane().at("token");
  auto paul = auth(registering("paul", "secret")).json().at("refresh_token");
  auto other = text(paul.at("token_data").at("identity"));
  for (const auto& path : std::vector<std::string>{"/" + other + "/notes", "/shared"})
    expect_problem(exchange(token, path), 403, 614);
  for (const auto* path : {"", "/", "/a//b", "/~/x.realm", "/%zz", "/a/__partial/u/1"})
    expect_problem(exchange(token, path), 400, 601);
}

TEST_F(http_legacy_test, without_a_path_there_is_a_user_token) {
  auto refresh = jane();
  auto answer = auth({{"provider", "realm"}, {"data", refresh.at("token")}});
  EXPECT_EQ(answer.status, 200u);
  auto user = answer.json().at("user_token");
  EXPECT_EQ(user.at("token_data").at("access"), json::value(json::array{}));
  EXPECT_EQ(user.at("token_data").at("is_admin"), false);
  expect_problem(exchange(user.at("token"), "/~/x"), 403, 614);
}

TEST_F(http_legacy_test, dead_and_forged_refresh_tokens_are_614_and_expired_ones_615) {
  auto refresh = jane();
  token_maker forger{test::foreign_keys(), world.random, {}};
  auto forged = forger.legacy_refresh({text(refresh.at("token_data").at("identity")), true}, {},
                                      world.clock.unix_ms() / 1000);
  expect_problem(exchange(json::value(forged.token), "/~/x"), 403, 614);
  expect_problem(exchange("nonsense", "/~/x"), 403, 614);
  expect_problem(exchange(json::value(runtime::make_admin_token(test::signing_keys())), "/x"), 403,
                 614);
  auto app = world.post("/api/client/v2.0/app/x/auth/providers/anon-user/login", json::object{});
  expect_problem(exchange(app.json().at("refresh_token"), "/~/x"), 403, 614);
  world.clock.advance_ms(315'360'000'000);
  expect_problem(exchange(refresh.at("token"), "/~/x"), 403, 615);
}

TEST_F(http_legacy_test, trouble_of_the_disk_is_802) {
  auto token = jane().at("token");
  world.log.full = true;
  expect_problem(exchange(token, "/~/new"), 503, 802);
}

// -- the caller's own token --------------------------------------------------------------

TEST_F(http_legacy_test, a_token_nobody_asked_for_must_still_be_good) {
  auto refresh = text(jane().at("token"));
  const auto body = by_password("jane", "secret");
  EXPECT_EQ(auth(body, {{"Authorization", refresh}}).status, 200u);
  EXPECT_EQ(auth(body, {{"X-Realm-Access-Token", refresh}}).status, 200u);
  EXPECT_EQ(auth(body, {{"Authorization", "Realm-Access-Token version=1 token=\"" + refresh + '"'}})
                .status,
            200u);
  expect_problem(auth(body, {{"Authorization", "nonsense"}}), 401, 611);
  expect_problem(auth(body, {{"Authorization", runtime::make_admin_token(test::foreign_keys())}}),
                 401, 611);
  EXPECT_EQ(auth(body, {{"Authorization", runtime::make_admin_token(test::signing_keys())}}).status,
            200u);
  world.post("/auth/revoke", json::object{{"token", refresh}});
  expect_problem(auth(body, {{"Authorization", refresh}}), 403, 614);
}

// -- revocation ---------------------------------------------------------------------------

TEST_F(http_legacy_test, a_revoked_refresh_token_opens_nothing_more) {
  auto refresh = jane().at("token");
  const json::object body{{"token", refresh}};
  auto answer = world.post("/auth/revoke", body, {{"Authorization", text(refresh)}});
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer.json(), json::value(json::object{}));
  expect_problem(exchange(refresh, "/~/x"), 403, 614);
  EXPECT_EQ(world.post("/auth/revoke", body).status, 200u) << "once more is fine";
  EXPECT_EQ(auth(by_password("jane", "secret")).status, 200u);
}

TEST_F(http_legacy_test, only_refresh_tokens_of_this_server_are_revoked) {
  auto refresh = jane().at("token");
  auto access = exchange(refresh, "/~/x").json().at("access_token").at("token");
  expect_problem(world.post("/auth/revoke", json::object{{"token", access}}), 400, 601);
  expect_problem(world.post("/auth/revoke", json::object{{"token", "nonsense"}}), 400, 601);
  expect_problem(world.post("/auth/revoke", json::object{}), 400, 602);
}

} // namespace

} // namespace ros::actors
