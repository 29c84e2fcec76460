// What the server's tokens mean (http-api.md 3, 9.8): reading them for AUTH, and
// making them. Pure but for randomness; owned by AUTH.
#pragma once

#include "auth_errors.hpp"
#include "auth_messages.hpp"

#include "runtime/clock.hpp"
#include "runtime/tokens.hpp"

#include <caf/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace ros::actors {

/// A token whose signature holds.
struct read_token_result {
  runtime::token_claims claims;
  token_kind kind = token_kind::access;
  /// Made by the server for one of its two APIs; false for both: the admin token,
  /// or a JWT of the operator's own tools, which are good at either.
  bool of_legacy = false;
  bool of_app_services = false;
  bool expired = false;
  std::string key; ///< see revoke_token_key

  /// The user it speaks for.
  [[nodiscard]] std::string user_id() const;
  /// Unix seconds; 0 = not known.
  [[nodiscard]] std::int64_t issued_s() const { return claims.issued_at.value_or(0); }
  [[nodiscard]] principal as_principal(const caller& who) const;
};

/// The token in an Authorization value: behind "Bearer", in quotes behind
/// "Realm-Access-Token", or the whole text (http-api.md 2.1).
std::string_view token_in(std::string_view authorization);

/// Reads and classifies. Fails with malformed_token, bad_signature, wrong_token_kind (a
/// `typ` nobody knows) or unknown_user (it claims to be the administrator and is not
/// the admin token). Age is reported, not refused.
caf::expected<read_token_result> read_token(std::string_view authorization,
                                            const runtime::key_pair& keys, std::int64_t now_s);

/// What an access JWT tells of a user's metadata, as the text of a JSON object with string
/// values (http-api.md 9.5).
std::string user_data_of(const user_record& user);

/// Lifetimes in seconds and the issuer of JWTs.
struct token_options {
  std::string issuer; ///< this server's id
  std::int64_t access_ttl_s = 1800;
  std::int64_t refresh_ttl_s = 5'184'000;
  std::int64_t legacy_refresh_ttl_s = 315'360'000;
  std::int64_t legacy_access_ttl_s = 600;
};

/// Makes tokens. What it refers to outlives it.
class token_maker {
public:
  token_maker(runtime::key_pair keys, runtime::random_source& random, token_options options)
      : keys_(std::move(keys)), random_(&random), options_(std::move(options)) {}

  /// A new session: its refresh and first access JWT (http-api.md 9.3). `user_data` is a
  /// JSON object's text, see user_data_of().
  [[nodiscard]] logged_in start_session(const std::string& user_id, const std::string& device_id,
                                        std::int64_t now_s,
                                        const std::string& user_data = "{}") const;
  /// Another access JWT for the session of a refresh JWT.
  [[nodiscard]] std::string access_jwt(const runtime::token_claims& refresh, std::int64_t now_s,
                                       const std::string& user_data = "{}") const;
  /// http-api.md 4.2.
  [[nodiscard]] legacy_token legacy_refresh(const recognised& user, const std::string& app_id,
                                            std::int64_t now_s) const;
  /// http-api.md 4.3; at least one right is allowed.
  [[nodiscard]] legacy_token legacy_access(const caller& user, const std::string& app_id,
                                           const std::string& path, rights allowed,
                                           std::int64_t now_s) const;
  /// http-api.md 3.4.
  [[nodiscard]] legacy_token legacy_user(const caller& user, const std::string& app_id,
                                         std::int64_t now_s) const;

private:
  [[nodiscard]] legacy_token sign(legacy_token token, std::int64_t now_s) const;

  runtime::key_pair keys_;
  runtime::random_source* random_;
  token_options options_;
};

} // namespace ros::actors
