// The judge of JWTs and its sources of keys against http-api.md 4.5, 9.3.
#include "actors/jwt_judge.hpp"

#include "fake_web.hpp"
#include "support/jwt_maker.hpp"
#include "support/test_keys.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

namespace ros::actors {

namespace {

namespace json = boost::json;
using ros::test::examine;
using ros::test::key_text;
using ros::test::make_jwk;
using ros::test::make_jwt;

constexpr std::int64_t now = 1'600'000'000;

jwt_rules app_rules() {
  return {.id_fields = {"userId"},
          .admin_field = "isAdmin",
          .escaped_characters = "|",
          .owns_user_ids = true};
}

caf::expected<verdict> judge(const char* claims, const jwt_rules& rules = app_rules()) {
  std::string why;
  auto x = judge_claims(json::parse(claims).as_object(), rules, now, why);
  EXPECT_EQ(x ? "" : "said", x ? why : why.empty() ? "nothing" : "said") << claims;
  return x;
}

TEST(jwt_claims, name_the_user) {
  auto x = judge(R"({"userId":"jane"})");
  ASSERT_TRUE(x);
  EXPECT_EQ(x->account_id, "jane");
  EXPECT_TRUE(x->is_user_id);
  EXPECT_EQ(x->is_admin, false);
  EXPECT_EQ(judge(R"({"userId":"auth0|5"})")->account_id, "auth0_5");
  EXPECT_EQ(judge(R"({"userId":42})")->account_id, "42");
}

TEST(jwt_claims, that_name_nobody_who_can_be_a_user_are_refused) {
  for (const char* claims : {"{}", R"({"userId":""})", R"({"userId":null})", R"({"userId":["a"]})",
                             R"({"userId":1.5})", R"({"userId":"__admin"})", R"({"userId":"a/b"})",
                             R"({"userId":"."})", R"({"userId":".."})", R"({"user":"a"})"})
    EXPECT_EQ(judge(claims).error(), auth_ec::invalid_credentials) << claims;
  const auto longest = R"({"userId":")" + std::string(201, 'a') + "\"}";
  EXPECT_FALSE(judge(longest.c_str()));
  // Escaping comes first: it must not make a system's name of an innocent one.
  EXPECT_FALSE(judge(R"({"userId":"||admin"})"));
}

TEST(jwt_claims, hold_within_their_time) {
  EXPECT_TRUE(judge(R"({"userId":"a","exp":1600000001,"nbf":1600000000})"));
  EXPECT_FALSE(judge(R"({"userId":"a","exp":1600000000})"));
  EXPECT_FALSE(judge(R"({"userId":"a","exp":"never"})"));
  EXPECT_TRUE(judge(R"({"userId":"a","exp":1600000000.5})"));
  EXPECT_TRUE(judge(R"({"userId":"a","nbf":1600000060})")) << "clocks differ a little";
  EXPECT_FALSE(judge(R"({"userId":"a","nbf":1600000061})"));
  auto rules = app_rules();
  rules.must_expire = true;
  EXPECT_FALSE(judge(R"({"userId":"a"})", rules));
}

TEST(jwt_claims, are_for_this_server_from_that_issuer) {
  auto rules = app_rules();
  rules.issuer = "https://i";
  rules.audiences = {"one", "two"};
  EXPECT_TRUE(judge(R"({"userId":"a","iss":"https://i","aud":"two"})", rules));
  EXPECT_TRUE(judge(R"({"userId":"a","iss":"https://i","aud":["x","one"]})", rules));
  for (const char* claims :
       {R"({"userId":"a","iss":"https://j","aud":"one"})", R"({"userId":"a","aud":"one"})",
        R"({"userId":"a","iss":"https://i"})", R"({"userId":"a","iss":"https://i","aud":"x"})",
        R"({"userId":"a","iss":"https://i","aud":[]})",
        R"({"userId":"a","iss":"https://i","aud":["x",1]})"})
    EXPECT_FALSE(judge(claims, rules)) << claims;
}

TEST(jwt_claims, have_the_required_attributes) {
  auto rules = app_rules();
  rules.required = {{"tier", "gold"}, {"level", 3}, {"ok", true}};
  EXPECT_TRUE(judge(R"({"userId":"a","tier":"gold","level":3,"ok":true})", rules));
  for (const char* claims : {R"({"userId":"a","tier":"gold","level":3})",
                             R"({"userId":"a","tier":"gold","level":"3","ok":true})",
                             R"({"userId":"a","tier":"tin","level":3,"ok":true})"})
    EXPECT_FALSE(judge(claims, rules)) << claims;
}

TEST(jwt_claims, make_administrators_by_value) {
  EXPECT_EQ(judge(R"({"userId":"a","isAdmin":true})")->is_admin, true);
  for (const char* claims : {R"({"userId":"a","isAdmin":"true"})", R"({"userId":"a","isAdmin":1})",
                             R"({"userId":"a","isAdmin":false})"})
    EXPECT_EQ(judge(claims)->is_admin, false) << claims;
  auto rules = app_rules();
  rules.admin_field = "role";
  rules.admin_value = "boss";
  EXPECT_EQ(judge(R"({"userId":"a","role":"boss"})", rules)->is_admin, true);
  rules.admin_field.clear();
  EXPECT_FALSE(judge(R"({"userId":"a","role":"boss"})", rules)->is_admin)
      << "such tokens leave administrators as they are";
}

TEST(jwt_claims, of_azure_take_the_name_and_else_the_object_id) {
  jwt_rules rules{.id_fields = {"unique_name", "oid"}};
  EXPECT_EQ(judge(R"({"unique_name":"a@x","oid":"1"})", rules)->account_id, "a@x");
  EXPECT_EQ(judge(R"({"oid":"1"})", rules)->account_id, "1");
  EXPECT_FALSE(judge(R"({"oid":"1"})", rules)->is_user_id);
}

// -- keys -------------------------------------------------------------------------------

class jwt_keys : public ::testing::Test {
public:
  void offer(std::vector<json::object> keys) {
    json::array all(keys.begin(), keys.end());
    set = json::serialize(json::object{{"keys", std::move(all)}});
    web.answer = [this](const web_call& call) {
      if (call.url.ends_with("/openid"))
        return web_answer{200, R"({"jwks_uri":"https://i/keys"})"};
      return web_answer{200, set};
    };
  }
  std::unique_ptr<ros::actors::judge> on_web(bool by_openid = false) {
    const auto means = web.means(now_s);
    return jwt_judge(
        means, app_rules(),
        keys_on_web(means, {by_openid ? "https://i/openid" : "https://i/keys", by_openid, "i"}));
  }
  static std::string token(const std::string& pem, const std::string& key_id,
                           const std::string& algorithm = "RS256") {
    json::object head;
    if (!key_id.empty())
      head["kid"] = key_id;
    return make_jwt(algorithm, pem, {{"userId", "jane"}}, head);
  }

  std::int64_t now_s = now;
  std::string set;
  ros::test::fake_web web;
  const std::string a = key_text("a.pkcs8.pem"), b = key_text("c.pkcs8.pem"),
                    ec = key_text("ec.pkcs8.pem");
};

TEST_F(jwt_keys, of_the_configuration_need_no_web) {
  auto judge = jwt_judge(web.means(now_s), app_rules(),
                         fixed_keys({*runtime::jwt_key::from_pem(key_text("a.spki.pem"))}));
  EXPECT_TRUE(examine(*judge, token(a, "")));
  EXPECT_TRUE(examine(*judge, token(a, "whatever")));
  EXPECT_EQ(examine(*judge, token(b, "")).error(), auth_ec::invalid_credentials);
  EXPECT_EQ(examine(*judge, "nonsense").error(), auth_ec::invalid_credentials);
  EXPECT_EQ(examine(*judge, "").error(), auth_ec::bad_parameter);
  EXPECT_TRUE(web.calls.empty());
}

TEST_F(jwt_keys, on_the_web_are_read_once_and_kept) {
  offer({make_jwk(a, "one"), make_jwk(ec, "two")});
  auto judge = on_web();
  EXPECT_TRUE(examine(*judge, token(a, "one")));
  EXPECT_TRUE(examine(*judge, token(ec, "two", "ES256")));
  EXPECT_TRUE(examine(*judge, token(ec, "", "ES256"))) << "any key may have signed it";
  EXPECT_EQ(web.calls.size(), 1u);
  EXPECT_FALSE(examine(*judge, token(a, "two", "RS256"))) << "the key of that id has not";
}

TEST_F(jwt_keys, are_found_through_an_openid_configuration) {
  offer({make_jwk(a, "one")});
  auto judge = on_web(true);
  EXPECT_TRUE(examine(*judge, token(a, "one")));
  ASSERT_EQ(web.calls.size(), 2u);
  EXPECT_EQ(web.calls[1].url, "https://i/keys");
}

TEST_F(jwt_keys, that_are_new_are_found_but_nobody_can_make_the_server_ask_all_the_time) {
  offer({make_jwk(a, "one")});
  auto judge = on_web();
  EXPECT_TRUE(examine(*judge, token(a, "one")));
  offer({make_jwk(a, "one"), make_jwk(b, "two")});
  EXPECT_FALSE(examine(*judge, token(b, "two")));
  EXPECT_EQ(web.calls.size(), 1u);
  now_s += 30;
  EXPECT_TRUE(examine(*judge, token(b, "two")));
  EXPECT_EQ(web.calls.size(), 2u);
  for (int i = 0; i < 100; ++i)
    EXPECT_FALSE(examine(*judge, token(b, "made up " + std::to_string(i))));
  EXPECT_EQ(web.calls.size(), 2u);
}

TEST_F(jwt_keys, that_are_withdrawn_are_no_longer_good_after_an_hour) {
  offer({make_jwk(a, "one"), make_jwk(b, "two")});
  auto judge = on_web();
  EXPECT_TRUE(examine(*judge, token(b, "two")));
  offer({make_jwk(a, "one")});
  now_s += 3600;
  EXPECT_FALSE(examine(*judge, token(b, "two")));
}

TEST_F(jwt_keys, known_ones_serve_while_the_issuer_is_away) {
  offer({make_jwk(a, "one")});
  auto judge = on_web();
  EXPECT_TRUE(examine(*judge, token(a, "one")));
  for (const auto& away :
       {web_answer{0}, web_answer{500}, web_answer{200, "{}"}, web_answer{200, R"({"keys":[]})"}}) {
    now_s += 3600;
    web.answer = [away](const web_call&) { return away; };
    EXPECT_TRUE(examine(*judge, token(a, "one"))) << away.status << away.body;
  }
}

TEST_F(jwt_keys, a_bounded_number_waits_for_one_answer) {
  auto means = web.means(now_s);
  judge_means::answer_handler pending;
  std::size_t asked = 0;
  means.ask_web = [&](const web_call&, judge_means::answer_handler then) {
    ++asked;
    pending = std::move(then);
  };
  offer({make_jwk(a, "one")});
  auto keys = keys_on_web(means, {"https://i/keys", false, "i"});
  std::size_t answered = 0, refused = 0;
  for (int i = 0; i < 1003; ++i)
    keys->find("one", [&](caf::expected<jwk_source::keys> x) { ++(x ? answered : refused); });
  EXPECT_EQ(asked, 1u);
  EXPECT_EQ(answered, 0u);
  EXPECT_EQ(refused, 3u);
  pending(web_answer{200, set});
  EXPECT_EQ(answered, 1000u);
}

TEST_F(jwt_keys, nobody_is_judged_while_none_is_known) {
  web.answer = [](const web_call&) { return web_answer{0}; };
  for (const bool by_openid : {false, true}) {
    auto judge = on_web(by_openid);
    EXPECT_EQ(examine(*judge, token(a, "one")).error(), auth_ec::provider_unreachable);
    EXPECT_EQ(examine(*judge, token(a, "one")).error(), auth_ec::provider_unreachable);
  }
  EXPECT_EQ(web.calls.size(), 2u) << "who is away is not asked with every log-in";
  // An OpenID configuration may lead nowhere.
  web.answer = [](const web_call&) {
    return web_answer{200, R"({"jwks_uri":"file:///etc/passwd"})"};
  };
  EXPECT_EQ(examine(*on_web(true), token(a, "one")).error(), auth_ec::provider_unreachable);
}

} // namespace

} // namespace ros::actors
