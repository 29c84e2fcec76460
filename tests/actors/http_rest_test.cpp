// Users, permissions, Realms and administration over HTTP (http-api.md 5, 6, 10).
#include "http_world.hpp"

#include "actors/http_routes.hpp"
#include "runtime/encoding.hpp"
#include "runtime/tokens.hpp"

#include <gtest/gtest.h>

namespace json = boost::json;

namespace ros::actors {

namespace {

using ros::test::http_world;

struct user {
  std::string id, token;
  [[nodiscard]] test::header_list as() const { return {{"Authorization", token}}; }
};

test::header_list as_admin() {
  return {{"Authorization", runtime::make_admin_token(test::signing_keys())}};
}

std::string encoded(const std::string& path) {
  std::string out;
  for (char c : path)
    out += c == '/' ? "%2F" : std::string(1, c);
  return out;
}

class http_rest : public ::testing::Test {
public:
  explicit http_rest(const std::function<void(config::configuration&)>& change = {})
      : world{change} {}

  user log_in(const std::string& name, bool is_new = true) {
    auto answer =
        world.post("/auth", {{"provider", "password"},
                             {"data", name},
                             {"user_info", {{"password", "secret"}, {"register", is_new}}}});
    EXPECT_EQ(answer.status, 200u) << answer.body;
    auto token = answer.json().at("refresh_token");
    return {std::string{token.at("token_data").at("identity").as_string()},
            std::string{token.at("token").as_string()}};
  }
  test::http_answer send(std::string_view method, const std::string& target,
                         const test::header_list& who, const json::value& body = json::object{}) {
    auto headers = who;
    headers.emplace_back("Content-Type", "application/json");
    return world.send(method, target, headers, json::serialize(body));
  }
  static void expect_problem(const test::http_answer& answer, unsigned status, int code) {
    EXPECT_EQ(answer.status, status) << answer.body;
    ASSERT_TRUE(answer.json().is_object()) << answer.body;
    EXPECT_EQ(answer.json().at("code").to_number<int>(), code) << answer.body;
  }
  /// A Realm of the user.
  std::string realm_of(const user& owner) {
    auto answer =
        world.post("/auth", {{"provider", "realm"}, {"data", owner.token}, {"path", "/~/a"}});
    EXPECT_EQ(answer.status, 200u) << answer.body;
    return "/" + owner.id + "/a";
  }

  http_world world;
};

// -- users ----------------------------------------------------------------------------

TEST_F(http_rest, a_user_sees_itself_and_an_administrator_everybody) {
  const auto jane = log_in("jane@x"), paul = log_in("paul@x");
  auto own = world.get("/auth/users/" + jane.id, jane.as());
  EXPECT_EQ(own.status, 200u);
  const auto document = own.json().as_object();
  EXPECT_EQ(document.at("user_id"), json::value(jane.id));
  EXPECT_EQ(document.at("is_admin"), false);
  EXPECT_EQ(document.at("accounts"),
            (json::array{json::object{{"provider", "password"}, {"provider_id", "jane@x"}}}));
  expect_problem(world.get("/auth/users/" + jane.id, paul.as()), 403, 614);
  expect_problem(world.get("/auth/users/" + jane.id), 401, 611);
  EXPECT_EQ(world.get("/auth/users/" + jane.id, as_admin()).status, 200u);
  expect_problem(world.get("/auth/users/nobody", as_admin()), 404, 612);
  EXPECT_EQ(world.get("/auth/users/password/jane%40x", jane.as()).json().at("user_id"),
            json::value(jane.id));
  expect_problem(world.get("/auth/users/password/jane%40x", paul.as()), 403, 614);
  expect_problem(world.get("/auth/users/password/nobody", paul.as()), 403, 614);
  expect_problem(world.get("/auth/users/password/nobody", as_admin()), 404, 612);
  const auto account = world.get("/api/providers/password/accounts/jane%40x", as_admin()).json();
  EXPECT_EQ(account.at("user").at("id"), json::value(jane.id));
  expect_problem(world.get("/api/providers/password/accounts/jane%40x", jane.as()), 403, 614);
}

TEST_F(http_rest, users_are_listed_and_put_by_administrators) {
  const auto jane = log_in("jane@x");
  expect_problem(world.get("/auth/users", jane.as()), 403, 614);
  auto put = send("PUT", "/auth/users", as_admin(),
                  {{"provider_id", "new@x"},
                   {"password", "first one"},
                   {"metadata", json::array{json::object{{"key", "team"}, {"value", "red"}}}}});
  ASSERT_EQ(put.status, 200u) << put.body;
  EXPECT_EQ(world.get("/auth/users?search=new", as_admin()).json().at("total"), 1);
  auto login = world.post(
      "/auth",
      {{"provider", "password"}, {"data", "new@x"}, {"user_info", {{"password", "first one"}}}});
  EXPECT_EQ(login.status, 200u) << login.body;
  const auto id = std::string{put.json().at("user_id").as_string()};
  EXPECT_EQ(send("PATCH", "/auth/users/" + id, as_admin(), {{"status", "suspended"}}).status, 200u);
  const auto token = std::string{login.json().at("refresh_token").at("token").as_string()};
  expect_problem(world.get("/auth/users/" + id, {{"Authorization", token}}), 403, 614);
  expect_problem(send("PATCH", "/auth/users/" + id, as_admin(), {{"status", "sleeping"}}), 400,
                 601);
  expect_problem(send("DELETE", "/auth/users/" + jane.id, jane.as()), 403, 614);
  EXPECT_EQ(send("DELETE", "/auth/user/" + jane.id, as_admin()).status, 200u);
  expect_problem(send("DELETE", "/auth/user/" + jane.id, as_admin()), 404, 612);
}

TEST_F(http_rest, passwords_are_changed_in_both_forms) {
  const auto jane = log_in("jane@x"), paul = log_in("paul@x");
  auto works = [&](const std::string& password) {
    return world
               .post("/auth", {{"provider", "password"},
                               {"data", "jane@x"},
                               {"user_info", {{"password", password}}}})
               .status == 200;
  };
  EXPECT_EQ(send("PUT", "/auth/password", jane.as(), {{"data", {{"new_password", "two"}}}}).status,
            200u);
  EXPECT_TRUE(works("two"));
  EXPECT_FALSE(works("secret"));
  EXPECT_EQ(
      send("PUT", "/auth/password", {}, {{"token", jane.token}, {"password", "three"}}).status,
      200u);
  EXPECT_TRUE(works("three"));
  expect_problem(send("PUT", "/auth/password", paul.as(),
                      {{"user_id", jane.id}, {"data", {{"new_password", "x"}}}}),
                 403, 614);
  EXPECT_EQ(send("PUT", "/auth/password", as_admin(),
                 {{"user_id", jane.id}, {"data", {{"new_password", "four"}}}})
                .status,
            200u);
  EXPECT_TRUE(works("four"));
  expect_problem(send("PUT", "/auth/password", jane.as(), {{"data", {{"new_password", ""}}}}), 400,
                 602);
  expect_problem(send("PUT", "/auth/password", {}, {{"password", "x"}}), 401, 611);
  expect_problem(send("POST", "/auth/password/updateAccount", {},
                      {{"provider_id", "jane@x"}, {"data", {{"action", "reset_password"}}}}),
                 501, 803);
}

// -- providers for trials -------------------------------------------------------------

class http_rest_by_name : public http_rest {
public:
  http_rest_by_name()
      : http_rest{[](config::configuration& x) { x.auth.nickname = x.auth.debug = true; }} {}
  test::http_answer say(const char* provider, const std::string& name,
                        const json::value& info = json::object{}) {
    return world.post("/auth", {{"provider", provider}, {"data", name}, {"user_info", info}});
  }
  static json::value who(const test::http_answer& answer) {
    EXPECT_EQ(answer.status, 200u) << answer.body;
    return answer.json().at("refresh_token").at("token_data");
  }
};

TEST_F(http_rest_by_name, whoever_says_a_name_is_its_user) {
  const auto anna = who(say("nickname", "anna"));
  EXPECT_EQ(anna.at("identity"), "anna");
  EXPECT_EQ(anna.at("is_admin"), false);
  EXPECT_EQ(who(say("nickname", "anna")).at("identity"), "anna");
  EXPECT_NE(who(say("debug", "anna")).at("identity"), "anna") << "another provider, another user";
  EXPECT_NE(who(say("debug", "a b/c")).at("identity"), "a b/c") << "no path segment";
  EXPECT_NE(who(say("debug", "__admin")).at("identity"), "__admin");
  EXPECT_EQ(who(say("debug", "admin")).at("is_admin"), true);
  EXPECT_EQ(who(say("debug", "root", {{"is_admin", true}})).at("is_admin"), true);
  expect_problem(say("nickname", ""), 400, 602);
}

TEST_F(http_rest, nobody_gets_in_by_a_name_alone_unless_that_is_switched_on) {
  for (const char* provider : {"nickname", "debug", "anonymous"})
    expect_problem(world.post("/auth", {{"provider", provider}, {"data", "anna"}}), 400, 601);
}

// -- permissions ----------------------------------------------------------------------

TEST_F(http_rest, permissions_are_given_seen_and_taken) {
  const auto jane = log_in("jane@x"), paul = log_in("paul@x");
  const auto path = realm_of(jane);
  auto apply = [&](const user& who, const json::value& condition, const char* level) {
    return send("POST", "/permissions/apply", who.as(),
                {{"condition", condition}, {"realmPath", path}, {"accessLevel", level}});
  };
  auto exchange = [&](const user& who) {
    return world.post("/auth", {{"provider", "realm"}, {"data", who.token}, {"path", path}});
  };
  expect_problem(exchange(paul), 403, 614);
  auto given = apply(jane, {{"metadataKey", "email"}, {"metadataValue", "paul@x"}}, "read");
  EXPECT_EQ(given.status, 200u) << given.body;
  EXPECT_EQ(given.json().at("affectedUsers"), 1);
  EXPECT_EQ(exchange(paul).json().at("access_token").at("token_data").at("access"),
            (json::array{"download"}));
  auto seen = world.get("/permissions?recipient=currentUser", paul.as()).json().at("permissions");
  ASSERT_EQ(seen.as_array().size(), 1u);
  const auto& row = seen.at(0).as_object();
  EXPECT_EQ(row.at("userId"), json::value(paul.id));
  EXPECT_EQ(row.at("path"), json::value(path));
  EXPECT_EQ(row.at("accessLevel"), "read");
  EXPECT_EQ(row.at("realmOwnerId"), json::value(jane.id));
  EXPECT_TRUE(row.at("updatedAt").as_string().ends_with("Z"));
  EXPECT_EQ(world.get("/permissions?recipient=OTHERUSER", jane.as())
                .json()
                .at("permissions")
                .as_array()
                .size(),
            1u);
  EXPECT_EQ(apply(jane, {{"userId", "*"}}, "write").json().at("affectedUsers"), -1);
  EXPECT_EQ(apply(jane, {{"userId", paul.id}}, "none").status, 200u);
  expect_problem(exchange(paul), 403, 614);
  expect_problem(apply(paul, {{"userId", jane.id}}, "read"), 403, 614);
  expect_problem(apply(jane, {{"userId", "nobody"}}, "read"), 400, 601);
  expect_problem(apply(jane, {{"userId", paul.id}}, "all"), 400, 601);
  expect_problem(send("POST", "/permissions/apply", jane.as(),
                      {{"condition", {{"userId", paul.id}}},
                       {"realmPath", "/~/none"},
                       {"accessLevel", "read"}}),
                 400, 601);
  expect_problem(world.get("/permissions?recipient=me", jane.as()), 400, 601);
}

TEST_F(http_rest, offers_are_made_accepted_and_withdrawn) {
  const auto jane = log_in("jane@x"), paul = log_in("paul@x");
  const auto path = realm_of(jane);
  auto made = send("POST", "/permissions/offers", jane.as(),
                   {{"realmPath", "/~/a"}, {"accessLevel", "write"}});
  ASSERT_EQ(made.status, 200u) << made.body;
  const auto token = std::string{made.json().at("token").as_string()};
  EXPECT_EQ(made.json().at("expiresAt"), nullptr);
  EXPECT_EQ(world.get("/permissions/offers", jane.as()).json().at("offers").as_array().size(), 1u);
  const auto at = "/permissions/offers/" + runtime::percent_encode(token);
  EXPECT_EQ(send("POST", at + "/accept", paul.as()).json().at("path"), json::value(path));
  expect_problem(send("DELETE", at, paul.as()), 403, 614);
  EXPECT_EQ(send("DELETE", at, jane.as()).status, 200u);
  expect_problem(send("POST", at + "/accept", paul.as()), 400, 601);
  auto late = send("POST", "/permissions/offers", jane.as(),
                   {{"realmPath", path}, {"accessLevel", "read"}, {"expiresAt", 1000}});
  expect_problem(late, 403, 701);
  EXPECT_EQ(late.json().at("title"), "The permission offer is expired.");
  expect_problem(send("POST", "/permissions/offers", jane.as(),
                      {{"realmPath", "/~/__management"}, {"accessLevel", "read"}}),
                 403, 703);
  expect_problem(send("POST", "/permissions/offers", jane.as(),
                      {{"realmPath", path}, {"accessLevel", "read"}, {"expiresAt", "soon"}}),
                 400, 601);
}

// -- Realms ---------------------------------------------------------------------------

TEST_F(http_rest, the_directory_is_read_and_changed) {
  const auto jane = log_in("jane@x"), paul = log_in("paul@x");
  const auto file = "/realms/files/" + encoded("/" + jane.id + "/b");
  expect_problem(world.get(file, jane.as()), 404, 617);
  auto made = world.get(file + "?shouldCreate=true", jane.as());
  EXPECT_EQ(made.status, 200u) << made.body;
  EXPECT_EQ(made.json(), (json::object{{"path", "/" + jane.id + "/b"},
                                       {"exists", true},
                                       {"realmType", "full"},
                                       {"syncLabel", "default"}}));
  expect_problem(world.get(file, paul.as()), 403, 614);
  expect_problem(world.get(file + "?realmType=partial", jane.as()), 400, 619);
  EXPECT_EQ(world.get("/realms", as_admin()).json().at("total"), 1);
  expect_problem(world.get("/realms", jane.as()), 403, 614);
  expect_problem(send("DELETE", file, jane.as()), 403, 614);
  EXPECT_EQ(send("DELETE", file, as_admin()).status, 200u);
  expect_problem(send("DELETE", file, as_admin()), 404, 617);
  expect_problem(send("DELETE", "/realms/files/%2F__admin", as_admin()), 403, 614);
}

// -- administration -------------------------------------------------------------------

TEST_F(http_rest, the_first_administrator_sets_the_server_up_and_uses_the_dashboard) {
  EXPECT_EQ(world.get("/api/admin/v1/setup").json().at("needs_setup"), true);
  const json::value login{{"email", "root@x"}, {"password", "very secret"}};
  auto made = send("POST", "/api/admin/v1/setup", {}, login);
  ASSERT_EQ(made.status, 201u) << made.body;
  EXPECT_EQ(world.get("/api/admin/v1/setup").json().at("needs_setup"), false);
  expect_problem(send("POST", "/api/admin/v1/setup", {}, login), 403, 614);

  auto session = send("POST", "/api/admin/v1/session", {}, login);
  ASSERT_EQ(session.status, 200u) << session.body;
  const auto cookie = session.header("Set-Cookie");
  for (const auto* needed : {"HttpOnly", "SameSite=Strict", "Path=/api/admin/v1"})
    EXPECT_NE(cookie.find(needed), std::string::npos) << cookie;
  const test::header_list browser{{"Cookie", cookie.substr(0, cookie.find(';'))}};
  EXPECT_EQ(world.get("/api/admin/v1/users", browser).status, 200u);
  const json::value wish{{"email", "new@x"}, {"password", "secret"}};
  expect_problem(send("POST", "/api/admin/v1/users", browser, wish), 403, 614);
  auto dashboard = browser;
  dashboard.emplace_back("X-Requested-With", "ros-dashboard");
  EXPECT_EQ(send("POST", "/api/admin/v1/users", dashboard, wish).status, 201u);
  EXPECT_EQ(send("DELETE", "/api/admin/v1/session", dashboard).status, 200u);
  EXPECT_EQ(world.get("/api/admin/v1/users", browser).status, 403u) << "logged out";
  log_in("jane@x");
  expect_problem(
      send("POST", "/api/admin/v1/session", {}, {{"email", "jane@x"}, {"password", "secret"}}), 403,
      614);
  expect_problem(
      send("POST", "/api/admin/v1/session", {}, {{"email", "jane@x"}, {"password", "no"}}), 401,
      611);
}

TEST_F(http_rest, administrators_manage_users) {
  const std::string users = "/api/admin/v1/users";
  auto made = send("POST", users, as_admin(), {{"email", "a@x"}, {"password", "secret"}});
  ASSERT_EQ(made.status, 201u) << made.body;
  const auto one = users + "/" + std::string{made.json().at("user_id").as_string()};
  expect_problem(send("POST", users, as_admin(), {{"email", "a@x"}, {"password", "secret"}}), 400,
                 613);
  expect_problem(send("POST", users, as_admin(), {{"email", "b@x"}, {"password", "123"}}), 400,
                 601);
  EXPECT_EQ(send("PATCH", one, as_admin(), {{"is_admin", true}}).json().at("is_admin"), true);
  expect_problem(send("PATCH", one, as_admin(), {{"is_admin", false}}), 403, 614);
  const auto jane = log_in("jane@x");
  EXPECT_EQ(send("POST", users + "/" + jane.id + "/revoke", as_admin()).status, 200u);
  expect_problem(world.get("/auth/users/" + jane.id, jane.as()), 403, 614);
  EXPECT_EQ(log_in("jane@x", false).id, jane.id);
  EXPECT_EQ(send("PUT", users + "/" + jane.id + "/quota", as_admin(), {{"realms", 3}}).status,
            200u);
  EXPECT_EQ(world.get(users + "/" + jane.id + "/quota", as_admin()).json().at("realms"), 3);
  expect_problem(send("PUT", users + "/" + jane.id + "/quota", as_admin(), {{"realms", -3}}), 400,
                 601);
  EXPECT_EQ(send("DELETE", users + "/" + jane.id, as_admin()).status, 204u);
  expect_problem(world.get(users + "/" + jane.id, as_admin()), 404, 612);
}

TEST_F(http_rest, administrators_manage_realms_and_see_what_was_done) {
  const auto jane = log_in("jane@x");
  const std::string realms = "/api/admin/v1/realms";
  auto made = send("POST", realms, as_admin(), {{"path", "/team"}, {"owner", jane.id}});
  ASSERT_EQ(made.status, 201u) << made.body;
  const auto one = realms + "/%2Fteam";
  EXPECT_EQ(world.get(one, as_admin()).json().at("owner"), json::value(jane.id));
  auto rows =
      send("PUT", one + "/permissions", as_admin(),
           {{"permissions", json::array{json::object{{"user_id", nullptr}, {"read", true}}}}});
  EXPECT_EQ(rows.json().at("permissions").as_array().size(), 1u) << rows.body;
  EXPECT_EQ(world.get(one + "/permissions", as_admin()).json().at("permissions").at(0).at("read"),
            true);
  EXPECT_EQ(send("PATCH", one, as_admin(), {{"owner", nullptr}}).json().at("owner"), nullptr);
  EXPECT_EQ(send("DELETE", one, as_admin()).status, 204u);
  auto audit = world.get("/api/admin/v1/audit?limit=3", as_admin()).json();
  std::string actions;
  for (const auto& record : audit.at("records").as_array())
    actions += std::string{record.at("action").as_string()} + ' ';
  EXPECT_EQ(actions, "delete_realm set_realm_owner put_realm_permissions ");
  EXPECT_EQ(audit.at("records").at(0).at("by"), "__admin");
  EXPECT_EQ(audit.at("records").at(0).at("address"), "127.0.0.1");
  const auto next = std::to_string(audit.at("next").to_number<int>());
  EXPECT_EQ(world.get("/api/admin/v1/audit?before=" + next, as_admin())
                .json()
                .at("records")
                .at(0)
                .at("action"),
            "create_realm");
}

TEST_F(http_rest, users_move_in_with_their_hashes) {
  json::array users;
  for (int i = 0; i < 500; ++i)
    users.push_back(json::object{
        {"user_id", "moved" + std::to_string(i)},
        {"accounts", json::array{json::object{{"provider", "password"},
                                              {"provider_id", std::to_string(i) + "@old"}}}},
        {"metadata", json::array{json::object{{"key", "long"}, {"value", std::string(500, 'x')}}}},
        {"created_at", "2020-01-02T03:04:05.678Z"}});
  auto moved = send("POST", "/api/admin/v1/users/import", as_admin(), {{"users", users}});
  ASSERT_EQ(moved.status, 200u) << moved.body.substr(0, 300);
  EXPECT_EQ(moved.json().at("created"), 500);
  EXPECT_EQ(world.get("/api/admin/v1/users/moved7", as_admin()).json().at("created_at"),
            "2020-01-02T03:04:05.678Z");
  auto again = send("POST", "/api/admin/v1/users/import", as_admin(), {{"users", users}});
  EXPECT_EQ(again.json().at("failures").as_array().size(), 500u);
}

TEST_F(http_rest, a_user_with_a_foreign_hash_logs_in_and_gets_one_of_ours) {
  const json::object moved{
      {"user_id", "moved"},
      {"accounts", json::array{json::object{{"provider", "password"}, {"provider_id", "m@old"}}}},
      {"password_hash", "$2b$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2"}};
  EXPECT_EQ(send("POST", "/api/admin/v1/users/import", as_admin(), {{"users", json::array{moved}}})
                .json()
                .at("created"),
            1);
  auto log_in_with = [&](const char* password) {
    return world
        .post(
            "/auth",
            {{"provider", "password"}, {"data", "m@old"}, {"user_info", {{"password", password}}}})
        .status;
  };
  EXPECT_EQ(log_in_with("wrong horse"), 401u);
  EXPECT_EQ(log_in_with("correct horse"), 200u);
  caf::scoped_actor self{world.system};
  std::string credential;
  for (int i = 0; i < 100 && !credential.starts_with("$argon2id$"); ++i) // written on the side
    self->request(world.services.admin_realm, caf::infinite, find_account{{"password", "m@old"}})
        .receive([&](const account_record& x) { credential = x.credential; },
                 [](const caf::error&) {});
  EXPECT_TRUE(credential.starts_with("$argon2id$")) << credential;
  EXPECT_EQ(log_in_with("correct horse"), 200u);
}

// -- who may call ---------------------------------------------------------------------

TEST_F(http_rest, routes_for_administrators_are_closed_to_everybody_else) {
  const auto jane = log_in("jane@x");
  for (const auto& route : http_routes()) {
    if (route.needs != route_needs::administrator)
      continue;
    // The names in braces are as good as any other segments.
    const auto path = std::string{route.pattern};
    EXPECT_EQ(send(route.method, path, {}).status, 401u) << route.method << ' ' << path;
    EXPECT_EQ(send(route.method, path, jane.as()).status, 403u) << route.method << ' ' << path;
  }
}

} // namespace

} // namespace ros::actors
