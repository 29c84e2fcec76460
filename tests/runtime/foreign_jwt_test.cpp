// JWTs of others: which signatures hold, and every way of forging one.
#include "runtime/foreign_jwt.hpp"

#include "support/jwt_maker.hpp"
#include "support/test_keys.hpp"

#include <boost/json/array.hpp>

#include <gtest/gtest.h>

namespace ros::runtime {
namespace {

using test::key_text;
using test::make_jwk;
using test::make_jwt;

const std::string secret = "0123456789abcdef0123456789abcdef";
const boost::json::object claims{{"userId", "jane"}};

/// Whether this key accepts the token.
bool accepts(const jwt_key::result& key, const std::string& text) {
  const auto token = read_foreign_jwt(text);
  return key && token && key->verify(token->algorithm, token->signed_bytes, token->signature);
}

jwt_key::result rsa() {
  return jwt_key::from_pem(key_text("a.spki.pem"));
}

TEST(foreign_jwt, each_kind_of_key_verifies_its_algorithms) {
  const auto rsa_private = key_text("a.pkcs8.pem"), ec_private = key_text("ec.pkcs8.pem");
  for (const char* algorithm : {"RS256", "RS384", "RS512"})
    EXPECT_TRUE(accepts(rsa(), make_jwt(algorithm, rsa_private, claims))) << algorithm;
  EXPECT_TRUE(accepts(jwt_key::from_pem(key_text("a.pkcs1.pub.pem")),
                      make_jwt("RS256", rsa_private, claims)));
  EXPECT_TRUE(
      accepts(jwt_key::from_pem(key_text("ec.spki.pem")), make_jwt("ES256", ec_private, claims)));
  EXPECT_TRUE(accepts(jwt_key::from_secret(secret), make_jwt("HS256", secret, claims)));
}

TEST(foreign_jwt, the_key_of_somebody_else_verifies_nothing) {
  EXPECT_FALSE(accepts(rsa(), make_jwt("RS256", key_text("b.pkcs8.pem"), claims)));
  EXPECT_FALSE(accepts(jwt_key::from_secret(secret), make_jwt("HS256", secret + 'x', claims)));
}

TEST(foreign_jwt, the_algorithm_belongs_to_the_key_and_not_to_the_token) {
  // "none", with and without a signature
  const auto unsigned_token = make_jwt("none", {}, claims);
  EXPECT_FALSE(accepts(rsa(), unsigned_token));
  EXPECT_FALSE(accepts(jwt_key::from_secret(secret), unsigned_token));
  EXPECT_FALSE(accepts(rsa(), make_jwt("None", {}, claims)));
  // the public key taken for a secret
  EXPECT_FALSE(accepts(rsa(), make_jwt("HS256", key_text("a.spki.pem"), claims)));
  // an algorithm of another kind of key, and one that nobody takes
  EXPECT_FALSE(accepts(jwt_key::from_pem(key_text("ec.spki.pem")),
                       make_jwt("RS256", key_text("a.pkcs8.pem"), claims)));
  auto renamed = make_jwt("RS256", key_text("a.pkcs8.pem"), claims);
  renamed.replace(0, renamed.find('.'), base64url_encode(R"({"alg":"PS256"})"));
  EXPECT_FALSE(accepts(rsa(), renamed));
}

TEST(foreign_jwt, every_changed_bit_is_noticed) {
  const auto good = make_jwt("ES256", key_text("ec.pkcs8.pem"), claims);
  const auto key = jwt_key::from_pem(key_text("ec.spki.pem"));
  ASSERT_TRUE(accepts(key, good));
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (std::size_t i = 0; i < good.size(); ++i) {
    if (good[i] == '.')
      continue;
    auto bad = good;
    bad[i] = alphabet[(alphabet.find(good[i]) + 1) % alphabet.size()];
    EXPECT_FALSE(accepts(key, bad)) << i;
  }
  for (std::size_t n = 0; n < good.size(); ++n)
    EXPECT_FALSE(accepts(key, good.substr(0, n))) << n;
}

TEST(foreign_jwt, what_is_no_token_is_refused) {
  const auto head = base64url_encode(R"({"alg":"RS256"})"), body = base64url_encode("{}");
  for (const auto& bad :
       {std::string{}, std::string{"."}, std::string{".."}, head + '.' + body,
        head + '.' + body + ".AA.AA", base64url_encode("[]") + '.' + body + ".AA",
        head + '.' + base64url_encode("1") + ".AA", head + '.' + base64url_encode("{") + ".AA",
        head + "=." + body + ". AA", base64url_encode("{}") + '.' + body + ".AA",
        base64url_encode(R"({"alg":5})") + '.' + body + ".AA",
        base64url_encode(R"({"alg":"RS256","crit":["exp"]})") + '.' + body + ".AA",
        head + '.' + base64url_encode('{' + std::string(20'000, ' ') + '}') + ".AA"})
    EXPECT_FALSE(read_foreign_jwt(bad)) << bad.substr(0, 100);
}

TEST(foreign_jwt, keys_that_are_too_weak_or_none_are_refused_with_a_reason) {
  EXPECT_EQ(jwt_key::from_pem(key_text("small.spki.pem")).error().message,
            "the RSA key has less than 2048 bits");
  EXPECT_EQ(jwt_key::from_pem(key_text("ed.spki.pem")).error().message,
            "the key is neither RSA nor EC P-256");
  EXPECT_EQ(jwt_key::from_pem("nonsense").error().message, "this is no public key");
  EXPECT_EQ(jwt_key::from_pem(key_text("a.pkcs8.pem")).error().message, "this is no public key");
  EXPECT_EQ(jwt_key::from_secret("short").error().message, "the secret has less than 32 bytes");
}

TEST(foreign_jwt, a_certificate_is_a_key) {
  const auto key = jwt_key::from_pem(key_text("tls-one.pem"));
  ASSERT_TRUE(key);
  const auto pem = key_text("tls-one.key.pem");
  const bool is_rsa = EVP_PKEY_is_a(test::read_private_key(pem).get(), "RSA") == 1;
  EXPECT_TRUE(accepts(key, make_jwt(is_rsa ? "RS256" : "ES256", pem, claims)));
}

TEST(foreign_jwt, a_jwk_set_gives_its_keys_by_id_and_leaves_out_the_rest) {
  const auto rsa_private = key_text("a.pkcs8.pem"), ec_private = key_text("ec.pkcs8.pem");
  boost::json::array keys;
  keys.push_back(make_jwk(rsa_private, "one"));
  keys.push_back(make_jwk(ec_private, "two"));
  keys.push_back(boost::json::object{{"kty", "oct"}, {"kid", "secret"}, {"k", "AAAA"}});
  keys.push_back(boost::json::object{{"kty", "RSA"}, {"kid", "empty"}});
  auto encrypts = make_jwk(rsa_private, "encrypts");
  encrypts["use"] = "enc";
  keys.push_back(encrypts);
  keys.push_back(7);
  const auto set = read_jwk_set(boost::json::serialize(boost::json::object{{"keys", keys}}));
  ASSERT_TRUE(set);
  ASSERT_EQ(set->size(), 2u);
  EXPECT_EQ(set->at(0).first, "one");
  EXPECT_TRUE(accepts(set->at(0).second, make_jwt("RS256", rsa_private, claims)));
  EXPECT_EQ(set->at(1).first, "two");
  EXPECT_TRUE(accepts(set->at(1).second, make_jwt("ES256", ec_private, claims)));
  for (const char* bad : {"", "[]", "{}", R"({"keys":5})", "{"})
    EXPECT_FALSE(read_jwk_set(bad)) << bad;
}

TEST(foreign_jwt, a_jwk_that_names_an_algorithm_verifies_no_other) {
  const auto pem = key_text("a.pkcs8.pem");
  auto jwk = make_jwk(pem, "one");
  jwk["alg"] = "RS512";
  const auto key = jwt_key::from_jwk(jwk);
  EXPECT_TRUE(accepts(key, make_jwt("RS512", pem, claims)));
  EXPECT_FALSE(accepts(key, make_jwt("RS256", pem, claims)));
}

TEST(foreign_jwt, an_ec_point_off_the_curve_is_no_key) {
  auto jwk = make_jwk(key_text("ec.pkcs8.pem"), "one");
  auto y = base64url_decode(std::string_view{jwk["y"].as_string()}).value();
  y.back() = static_cast<char>(y.back() ^ 1);
  jwk["y"] = base64url_encode(y);
  EXPECT_FALSE(jwt_key::from_jwk(jwk));
}

TEST(foreign_jwt, hmac_is_that_of_rfc_4231) {
  EXPECT_EQ(hex_encode(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(foreign_jwt, only_an_ec_key_signs_for_cloudkit) {
  EXPECT_TRUE(sign_es256_der(key_text("ec.pkcs8.pem"), "x"));
  EXPECT_FALSE(sign_es256_der(key_text("a.pkcs8.pem"), "x"));
  EXPECT_FALSE(sign_es256_der(key_text("ec.spki.pem"), "x"));
  EXPECT_FALSE(sign_es256_der("", "x"));
}

} // namespace
} // namespace ros::runtime
