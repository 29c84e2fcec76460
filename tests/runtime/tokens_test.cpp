#include "runtime/encoding.hpp"
#include "support/test_keys.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace ros::runtime {
namespace {

const key_pair& keys() {
  return test::signing_keys();
}

std::string legacy(std::string_view payload) {
  return make_legacy_token(payload, keys());
}

std::string jwt(std::string_view header, std::string_view payload, const key_pair& by = keys()) {
  const auto text = base64url_encode(header) + '.' + base64url_encode(payload);
  return text + '.' + base64url_encode(by.sign(text));
}

constexpr auto rs256 = R"({"alg":"RS256","typ":"JWT"})";

token_fault fault(const std::string& text) {
  const auto claims = read_token(text, keys());
  EXPECT_FALSE(claims) << text;
  return claims ? token_fault::expired : claims.error().reason;
}

TEST(tokens, a_legacy_refresh_token_carries_what_was_put_in) {
  token_claims c;
  c.identity = "0123456789abcdef0123456789abcdef";
  c.app_id = "io.realm.Auth";
  c.access = {"refresh"};
  c.salt = "a1b2c3d4";
  c.expires = 1811808000;
  const auto text = make_legacy_token(c, keys());
  const auto r = read_token(text, keys()).value();
  EXPECT_EQ(r.payload,
            R"({"app_id":"io.realm.Auth","identity":"0123456789abcdef0123456789abcdef",)"
            R"("access":["refresh"],"salt":"a1b2c3d4","expires":1811808000,"is_admin":false})");
  EXPECT_EQ(r.identity, c.identity);
  EXPECT_EQ(r.app_id, c.app_id);
  EXPECT_TRUE(r.allows("refresh"));
  EXPECT_FALSE(r.allows("upload"));
  EXPECT_EQ(r.salt, c.salt);
  EXPECT_EQ(r.expires, 1811808000);
  EXPECT_FALSE(r.is_admin);
  EXPECT_FALSE(r.path);
  EXPECT_FALSE(r.is_jwt);
  EXPECT_FALSE(r.is_admin_token());
}

TEST(tokens, a_legacy_access_token_is_bound_to_its_path) {
  token_claims c;
  c.identity = "u";
  c.app_id = "a";
  c.access = {"download", "upload"};
  c.salt = "00000000";
  c.expires = 600;
  c.path = "/u/x";
  c.sync_label = "default";
  const auto r = read_token(make_legacy_token(c, keys()), keys()).value();
  EXPECT_EQ(r.payload, R"({"app_id":"a","identity":"u","access":["download","upload"],)"
                       R"("salt":"00000000","expires":600,"path":"/u/x","sync_label":"default"})");
  EXPECT_EQ(r.path, "/u/x");
  EXPECT_EQ(r.sync_label, "default");
}

TEST(tokens, a_user_token_has_an_empty_access_list) {
  token_claims c;
  c.identity = "u";
  c.has_access = true;
  const auto r = read_token(make_legacy_token(c, keys()), keys()).value();
  EXPECT_TRUE(r.has_access);
  EXPECT_TRUE(r.access.empty());
  EXPECT_FALSE(read_token(legacy("{}"), keys())->has_access);
}

TEST(tokens, the_admin_token_is_recognised_under_its_three_names) {
  const auto r = read_token(make_admin_token(keys()), keys()).value();
  EXPECT_EQ(r.payload, R"({"identity":"__auth","access":["upload","download","manage"]})");
  EXPECT_TRUE(r.is_admin_token());
  for (const auto* good :
       {R"({"identity":"__admin","access":["upload","download","manage"],"expires":null})",
        "{\n\t\"identity\": \"admin\",\n\t\"access\": [\"manage\", \"upload\", \"download\"]\n}"})
    EXPECT_TRUE(read_token(legacy(good), keys())->is_admin_token()) << good;
  for (const auto* bad :
       {R"({"identity":"somebody","access":["upload","download","manage"]})",
        R"({"identity":"admin","access":["upload","download"]})",
        R"({"identity":"admin","access":["upload","download","manage"],"path":"/x"})",
        R"({"identity":"admin","access":["upload","download","manage"],"expires":0})",
        R"({"identity":"admin","access":["upload","download","manage"],"typ":"access"})"})
    EXPECT_FALSE(read_token(legacy(bad), keys())->is_admin_token()) << bad;
}

TEST(tokens, aliases_of_operators_tools_are_understood) {
  const auto r = read_token(legacy(R"({"sub":"u","exp":5,"iat":3,"isAdmin":true,"appId":"a",)"
                                   R"("syncLabel":"s","isEmailConfirmed":true,"unknown":[{}]})"),
                            keys())
                     .value();
  EXPECT_EQ(r.identity, "u");
  EXPECT_EQ(r.expires, 5);
  EXPECT_EQ(r.issued_at, 3);
  EXPECT_TRUE(r.is_admin);
  EXPECT_EQ(r.app_id, "a");
  EXPECT_EQ(r.sync_label, "s");
  EXPECT_EQ(r.email_confirmed, true);
  EXPECT_TRUE(read_token(legacy(R"({"admin":true})"), keys())->is_admin);
  EXPECT_EQ(read_token(legacy(R"({"timestamp":7.9})"), keys())->issued_at, 7);
  // A proper name wins over an alias, null counts as absent.
  EXPECT_EQ(read_token(legacy(R"({"sub":"b","identity":"a"})"), keys())->identity, "a");
  EXPECT_EQ(read_token(legacy(R"({"sub":"b","identity":null})"), keys())->identity, "b");
}

TEST(tokens, a_jwt_carries_the_claims_of_app_services) {
  token_claims c;
  c.identity = "u";
  c.typ = "access";
  c.issuer = "server";
  c.session_id = "s1";
  c.device_id = "d1";
  c.domain_id = "m1";
  c.issued_at = 100;
  c.expires = 1900;
  c.user_data = R"({"name":"x"})";
  const auto text = make_jwt(c, keys());
  const auto r = read_token(text, keys()).value();
  EXPECT_TRUE(r.is_jwt);
  EXPECT_EQ(r.identity, "u");
  EXPECT_EQ(r.typ, "access");
  EXPECT_EQ(r.issuer, "server");
  EXPECT_EQ(r.session_id, "s1");
  EXPECT_EQ(r.device_id, "d1");
  EXPECT_EQ(r.domain_id, "m1");
  EXPECT_EQ(r.issued_at, 100);
  EXPECT_EQ(r.expires, 1900);
  EXPECT_EQ(r.user_data, c.user_data);
  EXPECT_FALSE(r.has_access);
  const auto header = boost::json::parse(base64url_decode(text.substr(0, text.find('.'))).value());
  EXPECT_EQ(header.at("alg"), "RS256");
  EXPECT_EQ(header.at("kid").as_string(), keys().id().c_str());
}

TEST(tokens, a_jwt_payload_is_padded_to_whole_groups_and_stays_json) {
  for (const auto* name : {"a", "ab", "abc", "abcd"}) {
    token_claims c;
    c.identity = name;
    const auto r = read_token(make_jwt(c, keys()), keys()).value();
    EXPECT_EQ(r.payload.size() % 3, 0u) << name;
    EXPECT_EQ(r.identity, name);
  }
  token_claims only_data;
  only_data.user_data = "{}";
  EXPECT_EQ(read_token(make_jwt(only_data, keys()), keys())->user_data, "{}");
}

TEST(tokens, the_signature_covers_the_bytes_as_received) {
  const std::string pretty = "{\n\t\"identity\" : \"u\"\n}";
  EXPECT_EQ(read_token(legacy(pretty), keys())->payload, pretty);
  const auto good = legacy(R"({"identity":"u"})");
  const auto forged = base64_encode(R"({"identity":"v"})") + good.substr(good.find(':'));
  EXPECT_EQ(fault(forged), token_fault::bad_signature);
}

TEST(tokens, another_key_signs_in_vain) {
  EXPECT_EQ(fault(make_admin_token(test::foreign_keys())), token_fault::bad_signature);
  EXPECT_EQ(fault(jwt(rs256, "{}", test::foreign_keys())), token_fault::bad_signature);
}

TEST(tokens, a_jwt_cannot_choose_its_algorithm) {
  EXPECT_TRUE(read_token(jwt(rs256, "{}"), keys()));
  for (const auto* header : {R"({"alg":"none"})", R"({"alg":"HS256"})", R"({"alg":"rs256"})",
                             R"({"alg":["RS256"]})", R"({})", R"({"alg":null})"})
    EXPECT_EQ(fault(jwt(header, "{}")), token_fault::bad_signature) << header;
  EXPECT_EQ(fault(jwt(R"({"alg":"RS256","crit":["b64"],"b64":false})", "{}")),
            token_fault::malformed);
  const auto unsigned_one =
      base64url_encode(R"({"alg":"none"})") + '.' + base64url_encode("{}") + '.';
  EXPECT_EQ(fault(unsigned_one), token_fault::bad_signature);
  EXPECT_EQ(fault(base64url_encode(rs256) + '.' + base64url_encode("{}") + '.'),
            token_fault::bad_signature);
}

TEST(tokens, a_part_of_one_form_does_not_pass_as_the_other) {
  const std::string payload = R"({"identity":"__auth","access":["upload","download","manage"]})";
  const auto j = jwt(rs256, payload);
  const auto signature = base64url_decode(j.substr(j.rfind('.') + 1)).value();
  EXPECT_EQ(fault(base64_encode(payload) + ':' + base64_encode(signature)),
            token_fault::bad_signature);
}

TEST(tokens, garbage_is_malformed) {
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(":"), std::string("a:b"), std::string("Zg==:"),
        std::string("Zg==:Zg==:Zg=="), std::string("."), std::string(".."), std::string("a.b.c.d"),
        std::string("Zg.Zg.Zg"), std::string(20'000, 'A'), std::string("Zg==:Zg==\n")})
    EXPECT_NE(fault(text), token_fault::expired) << text;
  for (const auto* payload :
       {"", "[]", "7", "{", "{}x", R"({"identity":7})", R"({"access":"upload"})",
        R"({"access":[1]})", R"({"expires":"soon"})", R"({"expires":1e300})",
        R"({"is_admin":"yes"})", R"({"path":[]})", R"({"user_data":"x"})", R"({"iat":true})",
        "{\"identity\":\"\xff\"}"})
    EXPECT_EQ(fault(legacy(payload)), token_fault::malformed) << payload;
  EXPECT_EQ(fault(legacy("{\"a\":" + std::string(5000, '[') + std::string(5000, ']') + "}")),
            token_fault::malformed);
}

TEST(tokens, no_message_repeats_the_token) {
  const auto r = read_token(legacy(R"({"identity":["secret-thing"]})"), keys());
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().message, "token member \"identity\" is not a string");
}

TEST(tokens, age_is_checked_without_any_skew) {
  const auto text = legacy(R"({"identity":"u","expires":1000})");
  EXPECT_TRUE(verify_token(text, keys(), 999));
  const auto late = verify_token(text, keys(), 1000);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().reason, token_fault::expired);
  EXPECT_TRUE(read_token(text, keys()));
  for (const auto* eternal : {R"({})", R"({"expires":null})", R"({"expires":0})"})
    EXPECT_TRUE(verify_token(legacy(eternal), keys(), INT64_MAX)) << eternal;
  EXPECT_FALSE(verify_token(legacy(R"({"expires":-5})"), keys(), 0));
}

} // namespace
} // namespace ros::runtime
