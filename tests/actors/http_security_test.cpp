// What attackers try over HTTP (issue 4, item 7): forged tokens, paths that climb, bodies
// that are too big, pages of other sites, secrets that leak into the log.
#include "http_world.hpp"

#include "runtime/encoding.hpp"
#include "runtime/log.hpp"
#include "runtime/tokens.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <thread>

namespace json = boost::json;

namespace ros::actors {

namespace {

using ros::test::http_world;

const std::string app = "/api/client/v2.0/app/my-app";
const std::string userpass = app + "/auth/providers/local-userpass/";

std::string text(const json::value& x) {
  return std::string{x.as_string()};
}

std::string as_jwt(const std::string& head, const std::string& claims,
                   const std::string& signature) {
  return runtime::base64url_encode(head) + '.' + runtime::base64url_encode(claims) + '.' +
         runtime::base64url_encode(signature);
}

/// The public key as an attacker knows it, for HS256.
std::string hmac(const std::string& key, const std::string& data) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(data.data()), data.size(),
       reinterpret_cast<unsigned char*>(out.data()), &size);
  out.resize(size);
  return out;
}

class http_security : public ::testing::Test {
public:
  http_security() {
    const json::object jane{{"email", "jane@x"}, {"password", "se-cret-1"}};
    EXPECT_EQ(world.post(userpass + "register", jane).status, 201u);
    tokens = world.post(userpass + "login", {{"username", "jane@x"}, {"password", "se-cret-1"}})
                 .json()
                 .as_object();
    id = text(tokens.at("user_id"));
  }
  /// Statuses of a legacy, an administrator's and an App-Services call with this token.
  std::vector<unsigned> tried(const std::string& token) {
    return {
        world.get("/auth/users/" + id, {{"Authorization", token}}).status,
        world.get("/api/admin/v1/users", {{"Authorization", "Bearer " + token}}).status,
        world.get("/api/client/v2.0/auth/profile", {{"Authorization", "Bearer " + token}}).status};
  }

  http_world world;
  json::object tokens;
  std::string id;
};

const std::vector<unsigned> all_refused{401, 401, 401};

TEST_F(http_security, forged_tokens_are_refused_everywhere) {
  std::ifstream file{test::key_path("a.spki.pem")};
  const std::string public_key{std::istreambuf_iterator<char>{file}, {}};
  ASSERT_FALSE(public_key.empty());
  const auto claims = R"({"sub":")" + id + R"(","typ":"access","exp":4000000000,"iat":1})";
  const std::string none = R"({"alg":"none","typ":"JWT"})", hs = R"({"alg":"HS256","typ":"JWT"})";
  EXPECT_EQ(tried(as_jwt(none, claims, "")), all_refused);
  const auto signed_part = runtime::base64url_encode(hs) + '.' + runtime::base64url_encode(claims);
  EXPECT_EQ(tried(as_jwt(hs, claims, hmac(public_key, signed_part))), all_refused)
      << "the public key is no secret";
  runtime::token_claims mine;
  mine.identity = id;
  mine.access = {"refresh"};
  mine.has_access = true;
  EXPECT_EQ(tried(runtime::make_legacy_token(mine, test::foreign_keys())), all_refused);
  EXPECT_EQ(tried(runtime::make_admin_token(test::foreign_keys())), all_refused);
  const auto good = text(tokens.at("access_token"));
  for (std::size_t cut : {std::size_t{1}, good.size() / 2, good.size() - 1})
    EXPECT_EQ(tried(good.substr(0, cut)), all_refused) << cut;
  auto changed = good;
  changed[good.find('.') + 5] ^= 1;
  EXPECT_EQ(tried(changed), all_refused);
  EXPECT_EQ(tried(std::string(20'000, 'a')), all_refused) << "beyond any token";
}

TEST_F(http_security, a_token_says_nothing_of_who_is_an_administrator) {
  runtime::token_claims claims;
  claims.identity = id;
  claims.access = {"refresh"};
  claims.has_access = true;
  claims.is_admin = true;
  const auto token = runtime::make_legacy_token(claims, test::signing_keys());
  EXPECT_EQ(world.get("/auth/users/" + id, {{"Authorization", token}}).status, 200u);
  EXPECT_EQ(world.get("/api/admin/v1/users", {{"Authorization", token}}).status, 403u);
}

TEST_F(http_security, a_token_is_worth_nothing_after_its_session_was_logged_out) {
  const auto access = text(tokens.at("access_token"));
  EXPECT_EQ(
      world.get("/api/client/v2.0/auth/profile", {{"Authorization", "Bearer " + access}}).status,
      200u);
  EXPECT_EQ(world
                .send("DELETE", "/api/client/v2.0/auth/session",
                      {{"Authorization", "Bearer " + text(tokens.at("refresh_token"))}})
                .status,
            204u);
  for (const auto* name : {"access_token", "refresh_token"}) {
    const auto seen = tried(text(tokens.at(name)));
    for (auto status : seen)
      EXPECT_TRUE(status == 401 || status == 403) << name << ' ' << status;
  }
}

TEST_F(http_security, no_path_climbs_out_of_its_realm) {
  const auto admin = runtime::make_admin_token(test::signing_keys());
  for (const auto* path :
       {"..%2F..%2Fetc%2Fpasswd", "%2F..%2Fx", "%2Fa%2F..%2F__admin", "%2Fa%2F.%2Fb", "%2Fa%2F%2Fb",
        "%252e%252e%252fx", "%2Fa%00b", "%2Fa%2F", "%5C..%5Cx"}) {
    const auto answer = world.get(std::string{"/realms/files/"} + path + "?shouldCreate=true",
                                  {{"Authorization", admin}});
    EXPECT_TRUE(answer.status == 400 || answer.status == 403 || answer.status == 404)
        << path << ' ' << answer.status << ' ' << answer.body;
  }
  for (const auto* target : {"/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd",
                             "/auth/users/../../x", "/api/admin/v1/..%2f..%2fusers"}) {
    const auto answer = world.get(target);
    EXPECT_TRUE(answer.status >= 400 && answer.status < 500) << target << ' ' << answer.status;
    EXPECT_EQ(answer.body.find("root:"), std::string::npos);
  }
  EXPECT_EQ(world.get("/api/admin/v1/realms", {{"Authorization", admin}}).json().at("total"), 0)
      << "nothing came into being";
}

TEST_F(http_security, bodies_beyond_the_limit_are_refused_on_every_kind_of_route) {
  const auto admin = runtime::make_admin_token(test::signing_keys());
  const std::string big = R"({"x":")" + std::string(150 * 1024, 'x') + "\"}";
  for (const auto* target : {"/auth", "/permissions/apply", "/api/admin/v1/setup",
                             "/api/admin/v1/users", "/api/client/v2.0/auth/api_keys"}) {
    const auto answer = world.client().post(target, big, {{"Authorization", admin}});
    EXPECT_EQ(answer.status, 413u) << target;
  }
  std::string deep(50'000, '[');
  const auto answer = world.client().post("/auth", R"({"user_info":)" + deep, {});
  EXPECT_EQ(answer.status, 400u);
}

TEST_F(http_security, pages_of_other_sites_cannot_use_the_administration_api) {
  const auto admin = runtime::make_admin_token(test::signing_keys());
  const test::header_list foreign{{"Authorization", admin}, {"Origin", "https://evil.example"}};
  EXPECT_EQ(world.get("/api/admin/v1/users", foreign).header("Access-Control-Allow-Origin"), "");
  auto preflight = world.send("OPTIONS", "/api/admin/v1/users",
                              {{"Origin", "https://evil.example"},
                               {"Access-Control-Request-Method", "POST"},
                               {"Access-Control-Request-Headers", "x-requested-with"}});
  EXPECT_EQ(preflight.header("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(preflight.header("Access-Control-Allow-Credentials"), "");
}

TEST_F(http_security, fifty_set_ups_at_once_make_one_administrator) {
  std::vector<unsigned> statuses(50);
  {
    std::vector<std::jthread> callers;
    for (std::size_t i = 0; i < statuses.size(); ++i)
      callers.emplace_back([&, i] {
        const json::object login{{"email", "root" + std::to_string(i) + "@x"},
                                 {"password", "very secret"}};
        statuses[i] = world.post("/api/admin/v1/setup", login).status;
      });
  }
  EXPECT_EQ(std::ranges::count(statuses, 201u), 1);
  EXPECT_EQ(std::ranges::count(statuses, 403u), 49);
  const auto admin = runtime::make_admin_token(test::signing_keys());
  EXPECT_EQ(
      world.get("/api/admin/v1/status", {{"Authorization", admin}}).json().at("administrators"), 1);
}

// -- secrets --------------------------------------------------------------------------

TEST_F(http_security, nothing_secret_is_logged_at_any_level) {
  const auto first = log::recent(~std::uint64_t{0}, log::level::trace).next;
  const log::options before;
  log::options loud;
  loud.threshold = *log::parse_level("all");
  loud.path = world.root.path() + "/log";
  ASSERT_EQ(log::configure(loud), std::nullopt);
  const auto admin = runtime::make_admin_token(test::signing_keys());
  const test::header_list as_admin{{"Authorization", admin}, {"Content-Type", "application/json"}};
  std::vector<std::string> secrets{admin, "pass-word-2", "pass-word-3", "se-cret-1", "$argon2"};
  auto login =
      world.post("/auth", {{"provider", "password"},
                           {"data", "paul@x"},
                           {"user_info", {{"password", "pass-word-2"}, {"register", true}}}});
  const auto refresh = text(login.json().at("refresh_token").at("token"));
  secrets.push_back(refresh);
  world.send("PUT", "/auth/password",
             {{"Authorization", refresh}, {"Content-Type", "application/json"}},
             R"({"data":{"new_password":"pass-word-3"}})");
  world.send("POST", "/api/admin/v1/setup", as_admin,
             R"({"email":"r@x","password":"pass-word-2"})");
  world.send("POST", "/api/admin/v1/session", as_admin,
             R"({"email":"r@x","password":"pass-word-2"})");
  world.send("PUT", "/auth/users", as_admin,
             R"({"provider_id":"n@x","password":"pass-word-3","user_id":"n"})");
  world.get("/auth/users/x?token=" + refresh, {{"Authorization", refresh}});
  const test::header_list bearer{{"Authorization", "Bearer " + text(tokens.at("refresh_token"))},
                                 {"Content-Type", "application/json"}};
  auto key = world.send("POST", "/api/client/v2.0/auth/api_keys", bearer, R"({"name":"k"})");
  ASSERT_EQ(key.status, 201u) << key.body;
  secrets.push_back(text(key.json().at("key")));
  world.post(app + "/auth/providers/api-key/login", {{"key", text(key.json().at("key"))}});
  world.post(userpass + "login", {{"username", "jane@x"}, {"password", "pass-word-2"}}); // wrong
  for (const auto* name : {"access_token", "refresh_token"})
    secrets.push_back(text(tokens.at(name)));
  ASSERT_EQ(log::configure(before), std::nullopt);

  const auto logged = log::recent(first, log::level::trace);
  EXPECT_EQ(logged.lost, 0u);
  EXPECT_GT(logged.lines.size(), 8u) << "the log says something";
  for (const auto& line : logged.lines)
    for (const auto& secret : secrets)
      EXPECT_EQ(line.text.find(secret), std::string::npos) << line.text;
}

} // namespace

} // namespace ros::actors
