// The judges of google, facebook, CloudKit and webhooks against http-api.md 4.5, 4.6.
#include "actors/outside_judges.hpp"

#include "fake_web.hpp"
#include "runtime/encoding.hpp"
#include "runtime/foreign_jwt.hpp"
#include "support/jwt_maker.hpp"
#include "support/test_keys.hpp"

#include <gtest/gtest.h>

namespace ros::actors {

namespace {

using ros::test::examine;

class outside_judges : public ::testing::Test {
public:
  void answer(std::uint16_t status, const std::string& body) {
    web.answer = [status, body](const web_call&) { return web_answer{status, body}; };
  }
  void go_away() {
    web.answer = [](const web_call&) { return web_answer{0, {}, "gone"}; };
  }
  std::unique_ptr<judge> google(const std::string& secret = {}) {
    return google_judge(web.means(now_s), {{"app-1", "app-2"}, secret});
  }
  std::unique_ptr<judge> facebook(facebook_rules rules = {}) {
    return facebook_judge(web.means(now_s), std::move(rules));
  }
  std::unique_ptr<judge> cloudkit() {
    return cloudkit_judge(web.means(now_s), {"k1", ros::test::key_text("ec.pkcs8.pem"),
                                             "iCloud.org.example", "production"});
  }
  std::unique_ptr<judge> webhook(const std::string& secret = "s3cret") {
    return webhook_judge(web.means(now_s), {"custom/mine", "https://hook/x", secret});
  }

  std::int64_t now_s = 1'600'000'000;
  ros::test::fake_web web;
};

// -- all -------------------------------------------------------------------------------

TEST_F(outside_judges, without_credentials_nobody_is_asked) {
  for (auto& judge : {google(), facebook(), cloudkit(), webhook()})
    EXPECT_EQ(examine(*judge, "").error(), auth_ec::bad_parameter);
  EXPECT_TRUE(web.calls.empty());
}

TEST_F(outside_judges, what_is_no_judgement_is_trouble_and_no_refusal) {
  for (auto& judge : {google(), facebook(), cloudkit(), webhook()}) {
    go_away();
    EXPECT_EQ(examine(*judge, "x").error(), auth_ec::provider_unreachable);
    for (const std::uint16_t status : {404, 429, 500, 502, 302}) {
      answer(status, "{}");
      EXPECT_EQ(examine(*judge, "x").error(), auth_ec::provider_unreachable) << status;
    }
    for (const char* nonsense : {"", "<html>", "[]", "null", "{"}) {
      answer(200, nonsense);
      EXPECT_EQ(examine(*judge, "x").error(), auth_ec::provider_unreachable) << nonsense;
    }
  }
}

// -- google ----------------------------------------------------------------------------

TEST_F(outside_judges, google_lets_in_who_has_a_token_for_the_app) {
  answer(200, R"({"sub":"u1","aud":"app-2","exp":"1600000001","email":"a@x","name":"Ann",
                  "picture":"https://p"})");
  auto x = examine(*google(), "to ken");
  ASSERT_TRUE(x);
  EXPECT_EQ(x->account_id, "u1");
  EXPECT_FALSE(x->is_user_id);
  EXPECT_FALSE(x->is_admin);
  EXPECT_EQ(x->metadata, (std::vector<metadata_row>{
                             {"email", "a@x"}, {"name", "Ann"}, {"picture_url", "https://p"}}));
  EXPECT_EQ(web.calls[0].url, "https://www.googleapis.com/oauth2/v3/tokeninfo?id_token=to%20ken");
}

TEST_F(outside_judges, google_refuses_other_apps_old_tokens_and_those_of_nobody) {
  for (const char* body :
       {R"({"sub":"u1","aud":"other","exp":1700000000})",
        R"({"sub":"u1","aud":"app-1","exp":1600000000})",
        R"({"sub":"u1","aud":"app-1","exp":"1599999999"})",
        R"({"sub":"u1","aud":"app-1","exp":"soon"})", R"({"sub":"u1","aud":"app-1"})",
        R"({"aud":"app-1","exp":1700000000})", R"({"sub":7,"aud":"app-1","exp":1700000000})",
        R"({"sub":"u1","aud":["app-1"],"exp":1700000000})"}) {
    answer(200, body);
    EXPECT_EQ(examine(*google(), "x").error(), auth_ec::invalid_credentials) << body;
  }
  answer(400, R"({"error":"invalid_token"})");
  EXPECT_EQ(examine(*google(), "x").error(), auth_ec::invalid_credentials);
}

TEST_F(outside_judges, google_redeems_an_authorisation_code_with_the_secret) {
  web.answer = [](const web_call& call) {
    if (call.method == "POST")
      return web_answer{200, R"({"id_token":"tok"})"};
    return web_answer{200, R"({"sub":"u1","aud":"app-1","exp":1700000000})"};
  };
  credentials x;
  x.extras = R"({"authCode":"4/abc"})";
  EXPECT_EQ(examine(*google(), x).error(), auth_ec::bad_parameter) << "there is no secret";
  EXPECT_TRUE(web.calls.empty());
  auto found = examine(*google("sec&ret"), x);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->account_id, "u1");
  ASSERT_EQ(web.calls.size(), 2u);
  EXPECT_EQ(web.calls[0].url, "https://oauth2.googleapis.com/token");
  EXPECT_EQ(web.calls[0].body, "code=4%2Fabc&client_id=app-1&client_secret=sec%26ret&redirect_uri="
                               "&grant_type=authorization_code");
  EXPECT_FALSE(web.calls[0].is_repeatable) << "a code is good for one use";
  EXPECT_TRUE(web.calls[1].url.ends_with("?id_token=tok"));
}

// -- facebook --------------------------------------------------------------------------

TEST_F(outside_judges, facebook_tells_whose_a_token_is) {
  answer(200, R"({"id":"77","name":"Ann"})");
  auto x = examine(*facebook(), "t/k");
  ASSERT_TRUE(x);
  EXPECT_EQ(x->account_id, "77");
  EXPECT_EQ(web.calls[0].url, "https://graph.facebook.com/me?access_token=t%2Fk");
  answer(200, R"({"name":"Ann"})");
  EXPECT_EQ(examine(*facebook(), "x").error(), auth_ec::invalid_credentials);
  answer(400, R"({"error":{"code":190}})");
  EXPECT_EQ(examine(*facebook(), "x").error(), auth_ec::invalid_credentials);
}

TEST_F(outside_judges, facebook_tokens_of_other_apps_are_refused_where_the_app_is_known) {
  std::string debug = R"({"data":{"app_id":"5","is_valid":true}})";
  web.answer = [&debug](const web_call& call) {
    return web_answer{200, call.url.find("/debug_token?") != std::string::npos ? debug
                                                                               : R"({"id":"77"})"};
  };
  auto judge = facebook({"5", "sec"});
  ASSERT_TRUE(examine(*judge, "tok"));
  EXPECT_EQ(web.calls[0].url,
            "https://graph.facebook.com/debug_token?input_token=tok&access_token=5%7Csec");
  for (const char* bad :
       {R"({"data":{"app_id":"6","is_valid":true}})", R"({"data":{"app_id":"5","is_valid":false}})",
        R"({"data":{"app_id":"5"}})", R"({"data":[]})", "{}"}) {
    debug = bad;
    web.calls.clear();
    EXPECT_EQ(examine(*judge, "tok").error(), auth_ec::invalid_credentials) << bad;
    EXPECT_EQ(web.calls.size(), 1u) << "the token went further";
  }
}

// -- CloudKit --------------------------------------------------------------------------

TEST_F(outside_judges, cloudkit_is_asked_with_a_signature_that_holds) {
  answer(200, R"({"users":[{"lookupInfo":{"userRecordName":"_a"}}]})");
  auto x = examine(*cloudkit(), "_a");
  ASSERT_TRUE(x);
  EXPECT_EQ(x->account_id, "_a");
  const auto& call = web.calls.at(0);
  EXPECT_EQ(call.method, "POST");
  EXPECT_EQ(call.url, "https://api.apple-cloudkit.com/database/1/iCloud.org.example/production/"
                      "public/users/discover");
  EXPECT_EQ(call.body, R"({"lookupInfos":[{"userRecordName":"_a"}]})");
  EXPECT_EQ(call.headers.at("Content-Type"), "text/plain");
  EXPECT_EQ(call.headers.at("X-Apple-CloudKit-Request-KeyID"), "k1");
  EXPECT_EQ(call.headers.at("X-Apple-CloudKit-Request-ISO8601Date"), "2020-09-13T12:26:40Z");
  const auto text = "2020-09-13T12:26:40Z:" + runtime::base64_encode(runtime::sha256(call.body)) +
                    ":/database/1/iCloud.org.example/production/public/users/discover";
  const auto key = runtime::jwt_key::from_pem(ros::test::key_text("ec.spki.pem"));
  const auto der =
      runtime::base64_decode(call.headers.at("X-Apple-CloudKit-Request-SignatureV1")).value();
  EXPECT_TRUE(key->verify("ES256", text, ros::test::raw_of_der(der)));
}

TEST_F(outside_judges, cloudkit_refuses_who_is_not_the_user) {
  for (const auto& [status, body] : std::vector<std::pair<std::uint16_t, std::string>>{
           {400, R"({"reason":"No valid user ids to lookup","serverErrorCode":"BAD_REQUEST"})"},
           {200, R"({"users":[{"lookupInfo":{"userRecordName":"_b"}}]})"},
           {200, R"({"users":[{"serverErrorCode":"NOT_FOUND",
                                "lookupInfo":{"userRecordName":"_a"}}]})"},
           {200, R"({"users":[{}]})"}}) {
    answer(status, body);
    EXPECT_EQ(examine(*cloudkit(), "_a").error(), auth_ec::invalid_credentials) << body;
  }
}

TEST_F(outside_judges, a_bad_cloudkit_key_is_the_operators_trouble) {
  for (const auto& [status, body] : std::vector<std::pair<std::uint16_t, std::string>>{
           {401, R"({"serverErrorCode":"AUTHENTICATION_FAILED","reason":"no auth method found"})"},
           {200, R"({"users":[]})"},
           {200, R"({"users":[{"lookupInfo":{"userRecordName":"_a"}},{}]})"}}) {
    answer(status, body);
    EXPECT_EQ(examine(*cloudkit(), "_a").error(), auth_ec::provider_unreachable) << body;
  }
}

// -- webhooks --------------------------------------------------------------------------

TEST_F(outside_judges, a_webhook_gets_everything_signed_and_decides) {
  answer(200, R"({"provider_id":"p1","is_admin":true,"metadata":{"a":"b","n":5}})");
  credentials presented;
  presented.data = "tok";
  presented.extras = R"({"k":[1]})";
  presented.app_id = "app";
  auto x = examine(*webhook(), presented);
  ASSERT_TRUE(x);
  EXPECT_EQ(x->account_id, "p1");
  EXPECT_EQ(x->is_admin, true);
  EXPECT_EQ(x->metadata, (std::vector<metadata_row>{{"a", "b"}, {"n", "5"}}));
  const auto& call = web.calls.at(0);
  EXPECT_EQ(call.method, "POST");
  EXPECT_EQ(call.url, "https://hook/x");
  EXPECT_EQ(call.body,
            R"({"provider":"custom/mine","data":"tok","user_info":{"k":[1]},"app_id":"app"})");
  EXPECT_EQ(call.headers.at("X-Realm-Signature"),
            "sha256=" + runtime::hex_encode(runtime::hmac_sha256("s3cret", call.body)));
  ASSERT_TRUE(examine(*webhook({}), presented));
  EXPECT_FALSE(web.calls.at(1).headers.contains("X-Realm-Signature"));
}

TEST_F(outside_judges, a_webhook_may_refuse_or_fail) {
  for (const std::uint16_t status : {401, 403}) {
    answer(status, "");
    EXPECT_EQ(examine(*webhook(), "x").error(), auth_ec::invalid_credentials);
  }
  answer(200, R"({"provider_id":""})");
  EXPECT_EQ(examine(*webhook(), "x").error(), auth_ec::provider_unreachable);
  answer(200, R"({"provider_id":"p1","is_admin":"yes"})");
  EXPECT_FALSE(examine(*webhook(), "x")->is_admin) << "only true makes an administrator";
}

TEST_F(outside_judges, a_payload_without_data_is_enough_for_a_webhook) {
  answer(200, R"({"provider_id":"p1"})");
  credentials presented;
  presented.extras = R"({"username":"ann"})";
  EXPECT_TRUE(examine(*webhook(), presented));
}

} // namespace

} // namespace ros::actors
