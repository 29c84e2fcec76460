// The HTTP SERVICE as such: routes, bodies, CORS, readiness, pages (http-api.md 1, 2, 7).
#include "http_world.hpp"

#include "actors/http_routes.hpp"

#include <gtest/gtest.h>

namespace json = boost::json;

namespace ros::actors {

namespace {

using ros::test::http_world;

const std::string app = "/api/client/v2.0/app/my-app";

std::string error_code(const test::http_answer& answer) {
  auto document = answer.json();
  return document.is_object() && document.as_object().contains("error_code")
             ? std::string{document.at("error_code").as_string()}
             : std::string{};
}

/// The code of a problem document; 0 if it has none, -1 if it is no such document.
std::int64_t problem_code(const test::http_answer& answer) {
  auto document = answer.json();
  if (!document.is_object() || !document.as_object().contains("status"))
    return -1;
  EXPECT_EQ(document.at("status").as_int64(), answer.status);
  return document.as_object().contains("code") ? document.at("code").as_int64() : 0;
}

TEST(http_service_test, health_tells_the_version_once_the_server_is_ready) {
  http_world world;
  auto ready = world.get("/health");
  EXPECT_EQ(ready.status, 200u);
  EXPECT_EQ(ready.json(), (json::value{{"version", "1.2.3"}}));
  EXPECT_EQ(ready.header("Access-Control-Allow-Origin"), "*");
  world.set_unready();
  auto stopping = world.get("/health");
  EXPECT_EQ(stopping.status, 503u);
  EXPECT_TRUE(stopping.header("Content-Type").starts_with("text/plain"));
  world.set_ready();
  EXPECT_EQ(world.get("/health").status, 200u);
}

TEST(http_service_test, before_it_is_ready_every_api_says_so_in_its_own_form) {
  http_world world;
  world.set_unready();
  auto app_answer = world.get(app + "/location");
  EXPECT_EQ(app_answer.status, 503u);
  EXPECT_EQ(error_code(app_answer), "MaintenanceInProgress");
  auto legacy = world.post("/auth", json::object{});
  EXPECT_EQ(legacy.status, 503u);
  EXPECT_EQ(problem_code(legacy), 802);
  EXPECT_EQ(world.send("OPTIONS", app + "/location").status, 204u);
}

TEST(http_service_test, unknown_paths_are_not_found_in_the_form_of_their_api) {
  http_world world;
  for (const auto& path : std::vector<std::string>{
           "/api/client", "/api/client/v2.0", app, app + "/nothing", app + "/location/x",
           "/api/client/v2.0/auth/nothing", app + "/auth/providers/local-userpass/nothing"}) {
    auto answer = world.get(path);
    EXPECT_EQ(answer.status, 404u) << path;
    EXPECT_EQ(answer.header("Content-Type"), "application/json") << path;
    EXPECT_NE(error_code(answer), "") << path;
    EXPECT_TRUE(answer.json().at("error").is_string()) << path;
    EXPECT_TRUE(answer.json().at("link").is_string()) << path;
  }
  for (const auto& path : std::vector<std::string>{"/nothing", "/auth/nothing", "/permissions/x",
                                                   "/realms/x/y", "/api/clients", "/stats"}) {
    auto answer = world.get(path);
    EXPECT_EQ(answer.status, 404u) << path;
    EXPECT_EQ(problem_code(answer), 0) << path << ": old Java throws on codes it does not know";
    EXPECT_EQ(answer.header("Content-Type"), "application/json; charset=utf-8") << path;
  }
}

TEST(http_service_test, known_paths_name_their_methods) {
  http_world world;
  auto legacy = world.get("/auth");
  EXPECT_EQ(legacy.status, 405u);
  EXPECT_EQ(legacy.header("Allow"), "POST, OPTIONS");
  EXPECT_EQ(problem_code(legacy), 0);
  auto session = world.get("/api/client/v2.0/auth/session");
  EXPECT_EQ(session.status, 405u);
  EXPECT_EQ(session.header("Allow"), "POST, DELETE, OPTIONS");
  EXPECT_NE(error_code(session), "");
  EXPECT_EQ(world.send("POST", "/health").header("Allow"), "GET, HEAD, OPTIONS");
}

TEST(http_service_test, head_answers_like_get_without_a_body) {
  http_world world;
  auto answer = world.send("HEAD", "/health");
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer.header("Content-Length"), "19");
  EXPECT_EQ(answer.body, "");
}

TEST(http_service_test, doubled_and_trailing_slashes_do_not_matter) {
  http_world world;
  for (const auto* path : {"//auth", "/auth/", "///auth//"})
    EXPECT_EQ(problem_code(world.post(path, json::object{})), 602) << path;
}

TEST(http_service_test, a_connection_serves_many_requests) {
  http_world world;
  auto client = world.client();
  for (int i = 0; i < 50; ++i)
    ASSERT_EQ(client.get(i % 2 ? "/health" : "/nothing").status, i % 2 ? 200u : 404u);
}

// -- bodies -----------------------------------------------------------------------

TEST(http_service_test, what_is_no_json_object_is_refused_by_name) {
  http_world world;
  for (const auto* body : {"{", "[]", "5", "\"x\"", "{\"a\":1}x", "\xff"}) {
    auto legacy = world.client().post("/auth", body);
    EXPECT_EQ(legacy.status, 400u) << body;
    EXPECT_EQ(problem_code(legacy), 601) << body;
    EXPECT_EQ(legacy.json().at("invalid_params").at(0).at("name"), "body");
    auto of_app = world.client().post(app + "/auth/providers/anon-user/login", body);
    EXPECT_EQ(of_app.status, 400u) << body;
    EXPECT_EQ(error_code(of_app), "BadRequest") << body;
  }
}

TEST(http_service_test, json_nested_without_end_is_refused) {
  http_world world;
  const std::string deep(50'000, '[');
  EXPECT_EQ(problem_code(world.client().post("/auth", "{\"a\":" + deep)), 601);
}

TEST(http_service_test, every_spelling_of_the_json_type_is_taken_and_others_are_not) {
  http_world world;
  const std::string body = R"({"provider":"realm"})";
  auto post = [&](const std::string& type) {
    return problem_code(world.send("POST", "/auth", {{"Content-Type", type}}, body));
  };
  for (const auto* type :
       {"application/json", "application/json;charset=utf-8", "application/json; charset=utf-8",
        "Application/JSON ; x=y", "application/vnd.realm+json"})
    EXPECT_EQ(post(type), 602) << type;
  for (const auto* type : {"text/plain", "application/x-www-form-urlencoded", "application/jsonx"})
    EXPECT_EQ(post(type), 601) << type;
  EXPECT_EQ(problem_code(world.send("POST", "/auth", {}, body)), 602) << "no type at all";
}

TEST(http_service_test, an_empty_body_is_an_empty_object) {
  http_world world;
  EXPECT_EQ(problem_code(world.client().post("/auth", "")), 602);
  EXPECT_EQ(world.client().post(app + "/auth/providers/anon-user/login", "").status, 200u);
}

TEST(http_service_test, bodies_above_100_kib_are_too_large) {
  http_world world;
  EXPECT_EQ(world.client().post("/auth", std::string(100 * 1024 + 1, ' ')).status, 413u);
  auto fits = R"({"provider":")" + std::string(100 * 1024 - 20, 'x') + "\"}";
  EXPECT_EQ(problem_code(world.client().post("/auth", fits)), 601);
}

TEST(http_service_test, chunked_bodies_and_continue_are_understood) {
  http_world world;
  auto client = world.client();
  client.socket().send("POST /auth HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                       "Content-Type: application/json\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_TRUE(client.socket().read_until("\r\n\r\n").starts_with("HTTP/1.1 100 "));
  client.socket().send("11\r\n{\"provider\":\"real\r\n3\r\nm\"}\r\n0\r\n\r\n");
  EXPECT_EQ(problem_code(client.read_answer()), 602);
}

// -- CORS -------------------------------------------------------------------------

TEST(http_service_test, preflights_are_answered_without_authentication) {
  http_world world;
  auto answer = world.send("OPTIONS", "/auth",
                           {{"Origin", "http://localhost:3000"},
                            {"Access-Control-Request-Method", "POST"},
                            {"Access-Control-Request-Headers", "authorization,content-type"}});
  EXPECT_EQ(answer.status, 204u);
  EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(answer.header("Access-Control-Allow-Methods"), "GET,HEAD,PUT,PATCH,POST,DELETE");
  EXPECT_EQ(answer.header("Access-Control-Allow-Headers"), "authorization,content-type");
  EXPECT_EQ(answer.header("Access-Control-Max-Age"), "86400");
  EXPECT_EQ(answer.header("Access-Control-Allow-Credentials"), "");
  EXPECT_EQ(world.send("OPTIONS", "/").header("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(world.send("OPTIONS", "/nothing").status, 404u);
}

TEST(http_service_test, errors_can_be_read_by_other_origins_too) {
  http_world world;
  EXPECT_EQ(world.get("/auth/nothing").header("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(world.get(app + "/nothing").header("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(world.get("/").header("Access-Control-Allow-Origin"), "");
}

TEST(http_service_test, listed_origins_are_echoed_and_no_others) {
  http_world world{[](auto& x) { x.network.cors_origins = {"https://a.example", "https://b"}; }};
  auto listed = world.get("/health", {{"Origin", "https://a.example"}});
  EXPECT_EQ(listed.header("Access-Control-Allow-Origin"), "https://a.example");
  EXPECT_EQ(listed.header("Vary"), "Origin");
  auto other = world.get("/health", {{"Origin", "https://evil.example"}});
  EXPECT_EQ(other.header("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(other.header("Vary"), "Origin");
}

// -- the front page ----------------------------------------------------------------

TEST(http_service_test, the_front_page_shows_where_to_connect) {
  http_world world;
  auto answer = world.get("/", {{"Host", "sync.example:9080"}});
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_NE(answer.body.find("http://sync.example:9080"), std::string::npos);
  EXPECT_NE(answer.body.find("1.2.3"), std::string::npos);
  EXPECT_EQ(answer.body.find('$'), std::string::npos);
}

TEST(http_service_test, no_host_header_gets_markup_into_the_front_page) {
  http_world world;
  auto answer = world.get("/", {{"Host", "<script>alert(1)</script>"}});
  EXPECT_EQ(answer.body.find("<script>"), std::string::npos);
}

// -- the table ----------------------------------------------------------------------

TEST(http_routes_test, parts_of_a_path_are_decoded_after_they_were_split) {
  auto match = find_route(http_routes(), "POST",
                          "/api/client/v2.0/app/a%2Fb/auth/providers/anon%2Duser/login");
  ASSERT_TRUE(match.route);
  EXPECT_EQ(match.parameters.at("app"), "a/b");
  EXPECT_EQ(match.parameters.at("provider"), "anon-user");
  EXPECT_FALSE(find_route(http_routes(), "GET", "/api/client/v2.0/app//location").route);
  EXPECT_FALSE(find_route(http_routes(), "GET", "/api/client/v2.0/app/%/location").route);
}

TEST(http_routes_test, a_fixed_segment_wins_over_a_named_one) {
  auto match = find_route(http_routes(), "POST",
                          "/api/client/v2.0/app/a/auth/providers/local-userpass/register");
  ASSERT_TRUE(match.route);
  EXPECT_TRUE(match.route->pattern.ends_with("register"));
}

TEST(http_routes_test, every_route_is_found_by_its_own_pattern_and_only_once) {
  for (const auto& route : http_routes()) {
    EXPECT_EQ(find_route(http_routes(), route.method, route.pattern).route, &route)
        << route.method << ' ' << route.pattern;
    EXPECT_EQ(route_path(route.pattern), route.pattern);
  }
}

} // namespace

} // namespace ros::actors
