// Makes JWTs as identity providers do: RS256, RS384, RS512, ES256, HS256, or whatever a
// forger writes into the head.
#pragma once

#include "runtime/encoding.hpp"
#include "runtime/foreign_jwt.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace ros::test {

using private_key = std::shared_ptr<EVP_PKEY>;

inline private_key read_private_key(const std::string& pem) {
  std::unique_ptr<BIO, decltype(&BIO_free_all)> text(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free_all);
  auto* key = PEM_read_bio_PrivateKey(text.get(), nullptr, nullptr, nullptr);
  if (!key)
    throw std::runtime_error("this is no private key");
  return {key, &EVP_PKEY_free};
}

inline std::string sign_rsa(const private_key& key, const EVP_MD* digest,
                            const std::string& bytes) {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                  &EVP_MD_CTX_free);
  std::size_t size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key.get());
  EVP_DigestSign(context.get(), nullptr, &size, data, bytes.size());
  std::string out(size, '\0');
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, data,
                 bytes.size());
  out.resize(size);
  return out;
}

/// r and s of a DER signature side by side.
inline std::string raw_of_der(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), &ECDSA_SIG_free);
  std::string out(64, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), to, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), to + 32, 32);
  return out;
}

/// Signed as `algorithm` says with a private key in PEM, or for HS256 with a secret.
inline std::string make_jwt(const std::string& algorithm, const std::string& key,
                            const boost::json::object& claims,
                            boost::json::object more_in_head = {}) {
  more_in_head["alg"] = algorithm;
  const auto encode = [](const boost::json::object& x) {
    return runtime::base64url_encode(boost::json::serialize(x));
  };
  const auto bytes = encode(more_in_head) + '.' + encode(claims);
  std::string signature;
  if (algorithm == "HS256")
    signature = runtime::hmac_sha256(key, bytes);
  else if (algorithm == "ES256")
    signature = raw_of_der(runtime::sign_es256_der(key, bytes).value());
  else if (algorithm.starts_with("RS"))
    signature = sign_rsa(read_private_key(key),
                         algorithm == "RS256"   ? EVP_sha256()
                         : algorithm == "RS384" ? EVP_sha384()
                                                : EVP_sha512(),
                         bytes);
  return bytes + '.' + runtime::base64url_encode(signature);
}

inline std::string number_text(const BIGNUM* x, int size) {
  std::string out(static_cast<std::size_t>(size), '\0');
  BN_bn2binpad(x, reinterpret_cast<unsigned char*>(out.data()), size);
  return runtime::base64url_encode(out);
}

/// The public half of a private key in PEM as a member of a JWK set.
inline boost::json::object make_jwk(const std::string& pem, const std::string& key_id) {
  const auto key = read_private_key(pem);
  const auto number = [&](const char* name, int size) {
    BIGNUM* x = nullptr;
    EVP_PKEY_get_bn_param(key.get(), name, &x);
    auto text = number_text(x, size == 0 ? BN_num_bytes(x) : size);
    BN_free(x);
    return text;
  };
  if (EVP_PKEY_is_a(key.get(), "RSA") == 1)
    return {{"kty", "RSA"},
            {"kid", key_id},
            {"use", "sig"},
            {"n", number(OSSL_PKEY_PARAM_RSA_N, 0)},
            {"e", number(OSSL_PKEY_PARAM_RSA_E, 0)}};
  return {{"kty", "EC"},
          {"kid", key_id},
          {"crv", "P-256"},
          {"x", number(OSSL_PKEY_PARAM_EC_PUB_X, 32)},
          {"y", number(OSSL_PKEY_PARAM_EC_PUB_Y, 32)}};
}

} // namespace ros::test
