// JWTs that somebody else issued: identity providers and apps with users of their own
// (http-api.md 4.5). Which algorithms are good is decided by the key, never by the token.
#pragma once

#include "tokens.hpp"

#include <boost/json/object.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ros::runtime {

/// A key that verifies signatures of JWTs: RSA (RS256, RS384, RS512), EC P-256 (ES256) or a
/// shared secret (HS256). Copies share it; thread-safe.
class jwt_key {
public:
  using result = boost::system::result<jwt_key, key_error>;

  /// A public key as SPKI or PKCS#1, or a certificate; RSA of at least 2048 bits or P-256.
  static result from_pem(std::string_view pem);
  /// At least 32 bytes.
  static result from_secret(std::string secret);
  /// An RSA or EC key of a JWK set (RFC 7517), by its numbers or else its certificate ("x5c").
  /// If it names an algorithm it verifies that one only. Symmetric keys are refused.
  static result from_jwk(const boost::json::object& jwk);

  /// False for algorithms that this key is not for.
  [[nodiscard]] bool verify(std::string_view algorithm, std::string_view bytes,
                            std::string_view signature) const;

  struct impl;

private:
  explicit jwt_key(std::shared_ptr<const impl> x) : impl_(std::move(x)) {}
  std::shared_ptr<const impl> impl_;
};

/// A JWT, read but not verified.
struct foreign_jwt {
  std::string algorithm;
  std::string key_id; ///< "kid"; empty if there is none
  boost::json::object claims;
  std::string signed_bytes;
  std::string signature;
};

/// Reads three parts of base64url with JSON objects in the first two. Limit 16 KiB. Tokens
/// with critical headers ("crit") are refused.
boost::system::result<foreign_jwt, token_error> read_foreign_jwt(std::string_view text);

/// The keys for signatures of a JWK set with their ids; those that cannot be used are left
/// out, at most 100 are read. Fails if the text is no set.
boost::system::result<std::vector<std::pair<std::string, jwt_key>>, key_error>
read_jwk_set(std::string_view text);

/// HMAC-SHA256, 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view bytes);
/// DER signature, ECDSA with SHA-256, of an EC P-256 private key in PEM. Fails if it is none.
boost::system::result<std::string, key_error> sign_es256_der(std::string_view private_pem,
                                                             std::string_view bytes);

} // namespace ros::runtime
