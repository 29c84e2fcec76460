// Tokens of both client families: the legacy two-part form and three-part JWTs
// (http-api.md 3 and 9.8), signed with the configured RSA key pair. The
// algorithm is RS256, always; a token cannot choose another one.
#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ros::runtime {

enum class token_fault : std::uint8_t {
  /// Not a token: wrong number of parts, no base64, no JSON object, a member of a wrong type.
  malformed,
  /// The signature does not fit the key, or the header names another algorithm.
  bad_signature,
  /// Everything holds but `expires` has passed.
  expired,
};

/// What is wrong with a token. The message never contains the token.
struct token_error {
  token_fault reason = token_fault::malformed;
  std::string message;
};

/// What is wrong with a key file.
struct key_error {
  std::string message;
};

[[noreturn]] inline void throw_exception_from_error(const token_error& e,
                                                    const boost::source_location&) {
  throw std::logic_error("unchecked token error: " + e.message);
}
[[noreturn]] inline void throw_exception_from_error(const key_error& e,
                                                    const boost::source_location&) {
  throw std::logic_error("unchecked key error: " + e.message);
}

/// An RSA key pair, or the public half of one. Copies share the key; every
/// const member may be called from any thread.
class key_pair {
public:
  template <class T>
  using result = boost::system::result<T, key_error>;

  /// Reads PEM text: the private key as PKCS#1 or PKCS#8 without passphrase,
  /// the public one as SPKI or PKCS#1. Refuses keys that are not RSA, have less than
  /// 1024 bits or do not belong together.
  static result<key_pair> from_pem(std::string_view private_pem, std::string_view public_pem);
  /// A pair that can only verify.
  static result<key_pair> from_public_pem(std::string_view public_pem);
  /// The same from files; the message names the file.
  static result<key_pair> from_files(const std::string& private_path,
                                     const std::string& public_path);
  static result<key_pair> public_from_file(const std::string& public_path);
  /// A fresh pair; takes a few hundred milliseconds.
  static key_pair generate(unsigned bits = 2048);

  [[nodiscard]] bool can_sign() const noexcept;
  [[nodiscard]] unsigned bits() const noexcept;
  /// 16 hexadecimal digits that name the public key (the "kid" of JWTs).
  [[nodiscard]] const std::string& id() const noexcept;
  /// PKCS#8 PEM; empty without private key.
  [[nodiscard]] std::string private_pem() const;
  /// SPKI PEM.
  [[nodiscard]] std::string public_pem() const;

  /// RSASSA-PKCS1-v1_5 with SHA-256 over `bytes`. Needs can_sign(); throws
  /// std::runtime_error without private key or if OpenSSL runs out of memory.
  [[nodiscard]] std::string sign(std::string_view bytes) const;
  [[nodiscard]] bool verify(std::string_view bytes, std::string_view signature) const;

  struct keys;

private:
  explicit key_pair(std::shared_ptr<keys> k);
  std::shared_ptr<const keys> keys_;
};

/// The payload of either token form, with the aliases of http-api.md 3.2 resolved.
struct token_claims {
  std::string identity;                  ///< identity, sub
  std::vector<std::string> access;       ///< refresh; download, upload, manage
  bool has_access = false;               ///< the member was there, if only as []
  std::optional<std::string> path;       ///< absent = any path
  std::string app_id;                    ///< app_id, appId
  std::optional<std::int64_t> expires;   ///< expires, exp: Unix seconds; absent or 0 = never
  std::optional<std::int64_t> issued_at; ///< iat, timestamp: Unix seconds
  bool is_admin = false;                 ///< is_admin, admin, isAdmin
  std::string salt;                      ///< 8 hexadecimal digits
  std::string sync_label;                ///< sync_label, syncLabel
  std::optional<bool> email_confirmed;   ///< isEmailConfirmed

  std::string typ;        ///< as in the token; "access" or "refresh" in JWTs of our own making
  std::string issuer;     ///< iss
  std::string session_id; ///< baas_id, jti: links access tokens to their refresh token
  std::string device_id;  ///< baas_device_id, stitch_devId
  std::string domain_id;  ///< baas_domain_id, stitch_domainId
  std::string user_data;  ///< JSON text of an object; empty = none

  bool is_jwt = false; ///< came in three parts
  std::string payload; ///< the decoded payload bytes as received (revocation hashes these)

  [[nodiscard]] bool allows(std::string_view right) const;
  /// `expires` is set and has passed: now_s >= expires, without any skew.
  [[nodiscard]] bool expired(std::int64_t now_s) const;
  /// Means the built-in administrator of http-api.md 3.3.
  [[nodiscard]] bool is_admin_token() const;
};

/// base64(payload):base64(signature). Writes the members that are set; needs keys.can_sign().
std::string make_legacy_token(const token_claims& claims, const key_pair& keys);
/// The same around a payload that exists as JSON text already.
std::string make_legacy_token(std::string_view payload, const key_pair& keys);
/// A JWT of http-api.md 9.8; `expires` and `issued_at` should be set. Needs keys.can_sign().
std::string make_jwt(const token_claims& claims, const key_pair& keys);
/// The admin token of operations.md 3.3, without line end.
std::string make_admin_token(const key_pair& keys);

/// Reads either form and checks its signature, not its age. Limit 16 KiB.
boost::system::result<token_claims, token_error> read_token(std::string_view text,
                                                            const key_pair& keys);
/// read_token() plus token_fault::expired where `expires` is not after `now_s`.
boost::system::result<token_claims, token_error>
verify_token(std::string_view text, const key_pair& keys, std::int64_t now_s);

} // namespace ros::runtime
