#include "foreign_jwt.hpp"

#include "encoding.hpp"
#include "openssl_ptr.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <optional>

namespace json = boost::json;

namespace ros::runtime {

namespace {

using pkey_context_ptr = std::unique_ptr<EVP_PKEY_CTX, openssl_deleter<EVP_PKEY_CTX_free>>;
using number_ptr = std::unique_ptr<BIGNUM, openssl_deleter<BN_free>>;
using builder_ptr = std::unique_ptr<OSSL_PARAM_BLD, openssl_deleter<OSSL_PARAM_BLD_free>>;
using params_ptr = std::unique_ptr<OSSL_PARAM, openssl_deleter<OSSL_PARAM_free>>;
using x509_ptr = std::unique_ptr<X509, openssl_deleter<X509_free>>;
using ecdsa_ptr = std::unique_ptr<ECDSA_SIG, openssl_deleter<ECDSA_SIG_free>>;

constexpr std::size_t most_key_bytes = 256 * 1024;
constexpr std::size_t most_token_bytes = 16 * 1024;
constexpr std::size_t most_keys = 100;
constexpr int least_rsa_bits = 2048;
constexpr std::size_t least_secret_bytes = 32;
constexpr std::size_t es256_half = 32; ///< bytes of r, and of s

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string_view text_of(const json::object& x, std::string_view name) {
  const auto* value = x.if_contains(name);
  return value && value->is_string() ? std::string_view{value->get_string()} : std::string_view{};
}

bool is_p256(const EVP_PKEY* key) {
  std::array<char, 80> group{};
  std::size_t size = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1 &&
         std::string_view(group.data(), size) == "prime256v1";
}

std::string flaw_of(const EVP_PKEY* key) {
  if (!key)
    return "this is no public key";
  if (EVP_PKEY_is_a(key, "RSA") == 1)
    return EVP_PKEY_get_bits(key) >= least_rsa_bits
               ? std::string{}
               : "the RSA key has less than " + std::to_string(least_rsa_bits) + " bits";
  return is_p256(key) ? std::string{} : "the key is neither RSA nor EC P-256";
}

number_ptr number_of(std::string_view base64url) {
  const auto bytes = base64url_decode(base64url);
  if (!bytes || bytes->empty())
    return nullptr;
  return number_ptr(BN_bin2bn(bytes_of(*bytes), static_cast<int>(bytes->size()), nullptr));
}

pkey_ptr make_key(const char* type, OSSL_PARAM_BLD* builder) {
  const params_ptr params(OSSL_PARAM_BLD_to_param(builder));
  const pkey_context_ptr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return nullptr;
  return pkey_ptr(key);
}

pkey_ptr rsa_key(const json::object& jwk) {
  const auto n = number_of(text_of(jwk, "n")), e = number_of(text_of(jwk, "e"));
  const builder_ptr builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return nullptr;
  return make_key("RSA", builder.get());
}

pkey_ptr p256_key(const json::object& jwk) {
  const auto x = base64url_decode(text_of(jwk, "x")), y = base64url_decode(text_of(jwk, "y"));
  if (text_of(jwk, "crv") != "P-256" || !x || !y || x->size() != es256_half ||
      y->size() != es256_half)
    return nullptr;
  const auto point = '\x04' + *x + *y; // uncompressed
  const builder_ptr builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1)
    return nullptr;
  return make_key("EC", builder.get());
}

/// The key of the first certificate of "x5c".
pkey_ptr certified_key(const json::object& jwk) {
  const auto* chain = jwk.if_contains("x5c");
  if (!chain || !chain->is_array() || chain->get_array().empty() ||
      !chain->get_array().front().is_string())
    return nullptr;
  const auto der = base64_decode(std::string_view{chain->get_array().front().get_string()});
  if (!der)
    return nullptr;
  const auto* at = bytes_of(*der);
  const x509_ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der->size())));
  return pkey_ptr(certificate ? X509_get_pubkey(certificate.get()) : nullptr);
}

const EVP_MD* digest_of(std::string_view algorithm) {
  if (algorithm.ends_with("256"))
    return EVP_sha256();
  return algorithm.ends_with("384") ? EVP_sha384() : EVP_sha512();
}

/// r and s side by side, as JWTs have them, to DER, as OpenSSL wants them.
std::optional<std::string> der_of(std::string_view signature) {
  if (signature.size() != 2 * es256_half)
    return std::nullopt;
  number_ptr r(BN_bin2bn(bytes_of(signature), es256_half, nullptr));
  number_ptr s(BN_bin2bn(bytes_of(signature) + es256_half, es256_half, nullptr));
  const ecdsa_ptr pair(ECDSA_SIG_new());
  if (!r || !s || !pair || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1)
    return std::nullopt;
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  if (size <= 0)
    return std::nullopt;
  std::string result(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return result;
}

std::optional<json::object> decode_object(std::string_view base64url) {
  const auto text = base64url_decode(base64url);
  boost::system::error_code failed;
  auto value = text ? json::parse(*text, failed) : json::value{};
  if (failed || !value.is_object())
    return std::nullopt;
  return std::move(value.get_object());
}

token_error malformed(const char* what) {
  return {token_fault::malformed, what};
}

} // namespace

struct jwt_key::impl {
  pkey_ptr key;          ///< null: a secret
  std::string secret;    ///< of HS256
  std::string algorithm; ///< the only one; empty: all that fit the kind of key
  bool is_rsa = false;

  [[nodiscard]] bool takes(std::string_view name) const {
    if (!algorithm.empty() && name != algorithm)
      return false;
    if (!key)
      return name == "HS256";
    if (is_rsa)
      return name == "RS256" || name == "RS384" || name == "RS512";
    return name == "ES256";
  }
};

jwt_key::result jwt_key::from_pem(std::string_view pem) {
  const error_queue_guard guard;
  if (pem.size() > most_key_bytes)
    return key_error{"the key is too long"};
  const auto read = [&](auto&& reader) {
    const bio_ptr text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return text ? reader(text.get()) : nullptr;
  };
  pkey_ptr key(
      read([](BIO* text) { return PEM_read_bio_PUBKEY(text, nullptr, nullptr, nullptr); }));
  if (!key) {
    const x509_ptr certificate(
        read([](BIO* text) { return PEM_read_bio_X509(text, nullptr, nullptr, nullptr); }));
    key.reset(certificate ? X509_get_pubkey(certificate.get()) : nullptr);
  }
  if (!key) { // PKCS#1
    if (auto pair = key_pair::from_public_pem(pem))
      return from_pem(pair->public_pem());
  }
  if (auto flaw = flaw_of(key.get()); !flaw.empty())
    return key_error{std::move(flaw)};
  auto x = std::make_shared<impl>();
  x->is_rsa = EVP_PKEY_is_a(key.get(), "RSA") == 1;
  x->key = std::move(key);
  return jwt_key(std::move(x));
}

jwt_key::result jwt_key::from_secret(std::string secret) {
  if (secret.size() < least_secret_bytes)
    return key_error{"the secret has less than " + std::to_string(least_secret_bytes) + " bytes"};
  auto x = std::make_shared<impl>();
  x->secret = std::move(secret);
  return jwt_key(std::move(x));
}

jwt_key::result jwt_key::from_jwk(const json::object& jwk) {
  const error_queue_guard guard;
  const auto kind = text_of(jwk, "kty");
  if (auto use = text_of(jwk, "use"); !use.empty() && use != "sig")
    return key_error{"the key is not for signatures"};
  pkey_ptr key;
  if (kind == "RSA")
    key = rsa_key(jwk);
  else if (kind == "EC")
    key = p256_key(jwk);
  if (!key && (kind == "RSA" || kind == "EC"))
    key = certified_key(jwk);
  if (auto flaw = flaw_of(key.get()); !flaw.empty())
    return key_error{std::move(flaw)};
  auto x = std::make_shared<impl>();
  x->is_rsa = EVP_PKEY_is_a(key.get(), "RSA") == 1;
  x->algorithm = text_of(jwk, "alg");
  x->key = std::move(key);
  return jwt_key(std::move(x));
}

bool jwt_key::verify(std::string_view algorithm, std::string_view bytes,
                     std::string_view signature) const {
  const error_queue_guard guard;
  if (!impl_->takes(algorithm))
    return false;
  if (!impl_->key) {
    const auto right = hmac_sha256(impl_->secret, bytes);
    return right.size() == signature.size() &&
           CRYPTO_memcmp(right.data(), signature.data(), right.size()) == 0;
  }
  std::string plain(signature);
  if (!impl_->is_rsa) {
    auto der = der_of(signature);
    if (!der)
      return false;
    plain = std::move(*der);
  }
  const md_context_ptr context(EVP_MD_CTX_new());
  return context &&
         EVP_DigestVerifyInit(context.get(), nullptr, digest_of(algorithm), nullptr,
                              impl_->key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(plain), plain.size(), bytes_of(bytes),
                          bytes.size()) == 1;
}

boost::system::result<foreign_jwt, token_error> read_foreign_jwt(std::string_view text) {
  if (text.size() > most_token_bytes)
    return malformed("the token is too long");
  const auto first = text.find('.');
  const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos)
    return malformed("a JWT has three parts");
  auto header = decode_object(text.substr(0, first));
  auto claims = decode_object(text.substr(first + 1, second - first - 1));
  auto signature = base64url_decode(text.substr(second + 1));
  if (!header || !claims || !signature)
    return malformed("a part of the JWT cannot be decoded");
  if (text_of(*header, "alg").empty())
    return malformed("the JWT does not say how it is signed");
  if (header->contains("crit"))
    return malformed("the JWT wants extensions that are not understood");
  return foreign_jwt{std::string(text_of(*header, "alg")), std::string(text_of(*header, "kid")),
                     std::move(*claims), std::string(text.substr(0, second)),
                     std::move(*signature)};
}

boost::system::result<std::vector<std::pair<std::string, jwt_key>>, key_error>
read_jwk_set(std::string_view text) {
  boost::system::error_code failed;
  const auto value = json::parse(text, failed);
  const auto* keys =
      !failed && value.is_object() ? value.get_object().if_contains("keys") : nullptr;
  if (!keys || !keys->is_array())
    return key_error{"this is no JWK set"};
  std::vector<std::pair<std::string, jwt_key>> result;
  const auto& all = keys->get_array();
  for (std::size_t i = 0; i < std::min(all.size(), most_keys); ++i)
    if (const auto* jwk = all[i].if_object())
      if (auto key = jwt_key::from_jwk(*jwk))
        result.emplace_back(text_of(*jwk, "kid"), std::move(*key));
  return result;
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  std::string result(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(bytes), bytes.size(),
       reinterpret_cast<unsigned char*>(result.data()), &size);
  result.resize(size);
  return result;
}

boost::system::result<std::string, key_error> sign_es256_der(std::string_view private_pem,
                                                             std::string_view bytes) {
  const error_queue_guard guard;
  const bio_ptr text(BIO_new_mem_buf(private_pem.data(), static_cast<int>(private_pem.size())));
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  const pkey_ptr key(text ? PEM_read_bio_PrivateKey(text.get(), nullptr, no_passphrase, nullptr)
                          : nullptr);
  if (!key || !is_p256(key.get()))
    return key_error{"this is no EC P-256 private key without passphrase"};
  const md_context_ptr context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes_of(bytes), bytes.size()) != 1)
    return key_error{"the key cannot sign"};
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes_of(bytes), bytes.size()) != 1)
    return key_error{"the key cannot sign"};
  signature.resize(size);
  return {boost::system::in_place_value, std::move(signature)};
}

} // namespace ros::runtime
