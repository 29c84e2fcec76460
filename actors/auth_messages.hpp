// Messages of log-in: what HTTP routes and the sync service ask AUTH, and AUTH the
// providers. All of them are serialisable; those that carry passwords or tokens must
// never be logged. Users and permissions are in admin_messages.hpp.
#pragma once

#include "access_messages.hpp"
#include "admin_key_messages.hpp"

#include <caf/meta/type_name.hpp>
#include <caf/optional.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace ros::actors {

// -- tokens --------------------------------------------------------------------

/// Which of the two APIs a client speaks; they take different tokens.
enum class api_face : std::uint8_t { legacy, app_services };

enum class token_kind : std::uint8_t {
  admin,   ///< the admin token (http-api.md 3.3)
  access,  ///< rights on a Realm, or an App-Services access JWT
  refresh, ///< lets its holder get access tokens
  user,    ///< REST calls in the name of a user only (http-api.md 3.4)
};

/// Whom does this text speak for? `text` is a token, or a whole Authorization
/// value (http-api.md 2.1).
struct authenticate {
  std::string text;
  token_kind needs = token_kind::user; ///< admin tokens always pass; `user`: any kind does
  /// App-Services routes take no legacy token but the admin's; legacy routes take all.
  api_face face = api_face::legacy;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, authenticate& x) {
  return f(caf::meta::type_name("authenticate"), x.text, x.needs, x.face);
}

/// The same for a sync upgrade or a BIND (http-api.md 8.3, 8.4): takes access
/// tokens of the face, JWTs of the operator's own tools and the admin token.
struct authenticate_upgrade {
  std::string text;
  api_face face = api_face::app_services;
  bool tolerate_expiry = false; ///< for clients that take 401 as fatal (8.3)
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, authenticate_upgrade& x) {
  return f(caf::meta::type_name("authenticate_upgrade"), x.text, x.face, x.tolerate_expiry);
}

/// A verified token.
struct principal {
  caller who; ///< is_admin as of now; the admin token's user id is "__admin"
  token_kind kind = token_kind::access;
  std::int64_t expires_s = 0; ///< Unix seconds; 0 = never
  std::string path;           ///< the Realm a legacy access token is bound to; empty = any
  rights granted;             ///< named in a legacy token
  std::string token_key;      ///< under which the token is revoked, see revoke_token_key
  std::int64_t issued_s = 0;  ///< Unix seconds; 0 = not known
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, principal& x) {
  return f(caf::meta::type_name("principal"), x.who, x.kind, x.expires_s, x.path, x.granted,
           x.token_key, x.issued_s);
}

// -- log-in --------------------------------------------------------------------

/// What to do about an account that does not exist (http-api.md 4.4).
enum class registration : std::uint8_t {
  by_configuration,
  forbidden,
  required, ///< create it and let its user in
  ahead,    ///< create it for a log-in to come (http-api.md 9.6); until then it can be linked
};

/// What a client presents to a provider.
struct credentials {
  std::string data;     ///< user name or the like
  std::string password; ///< only for provider "password"
  registration enrol = registration::by_configuration;
  std::string address;  ///< of the client, for rate limits and the audit log
  std::string extras{}; ///< user_info as JSON text: what else the provider may need
  std::string app_id{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, credentials& x) {
  return f(caf::meta::type_name("credentials"), x.data, x.password, x.enrol, x.address, x.extras,
           x.app_id);
}

/// Whom a provider recognised.
struct recognised {
  std::string user_id;
  bool is_admin = false;
  std::int64_t tokens_from_s = 0;        ///< the user's; a new token must not look older
  caf::optional<bool> email_confirmed{}; ///< where confirmation by mail is used
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, recognised& x) {
  return f(caf::meta::type_name("recognised"), x.user_id, x.is_admin, x.tokens_from_s,
           x.email_confirmed);
}

/// Create an account at a provider without logging in (http-api.md 9.6).
struct enrol_account {
  std::string provider;
  credentials proof;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, enrol_account& x) {
  return f(caf::meta::type_name("enrol_account"), x.provider, x.proof);
}

/// Show that these credentials hold without starting a session, and give the account to
/// the user of this access token (http-api.md 9.3, `link=true`).
struct link_identity {
  std::string access_token; ///< token, or a whole Authorization value
  std::string provider;
  credentials proof;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, link_identity& x) {
  return f(caf::meta::type_name("link_identity"), x.access_token, x.provider, x.proof);
}

/// To a provider: whom do these credentials speak for, without creating or letting in
/// anybody? For linking.
struct identify {
  credentials proof;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, identify& x) {
  return f(caf::meta::type_name("identify"), x.proof);
}

/// An account that somebody proved to have.
struct identified {
  account_name account;
  std::string credential{}; ///< to store with it, e.g. the hash of a new password
  std::vector<metadata_row> metadata{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, identified& x) {
  return f(caf::meta::type_name("identified"), x.account, x.credential, x.metadata);
}

/// App-Services log-in (http-api.md 9.3).
struct log_in {
  std::string provider; ///< the server's name for it, e.g. "password"
  credentials proof;
  std::string device_id; ///< 24 hexadecimal digits; empty: make one
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, log_in& x) {
  return f(caf::meta::type_name("log_in"), x.provider, x.proof, x.device_id);
}

struct logged_in {
  std::string access_token;
  std::string refresh_token;
  std::string user_id;
  std::string device_id;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, logged_in& x) {
  return f(caf::meta::type_name("logged_in"), x.access_token, x.refresh_token, x.user_id,
           x.device_id);
}

/// A fresh access token for this refresh token (http-api.md 9.4).
struct refresh_session {
  std::string refresh_token; ///< token, or a whole Authorization value
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, refresh_session& x) {
  return f(caf::meta::type_name("refresh_session"), x.refresh_token);
}

/// Revoke this refresh token of either face (http-api.md 5.4, 9.4).
struct log_out {
  std::string refresh_token; ///< token, or a whole Authorization value
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, log_out& x) {
  return f(caf::meta::type_name("log_out"), x.refresh_token);
}

/// Legacy log-in at any provider but "realm" (http-api.md 4).
struct legacy_log_in {
  std::string provider;
  credentials proof;
  std::string app_id;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, legacy_log_in& x) {
  return f(caf::meta::type_name("legacy_log_in"), x.provider, x.proof, x.app_id);
}

/// Legacy exchange of a refresh token (http-api.md 4.3). `path` is as the client
/// sent it; empty: a user token is wanted.
struct exchange_token {
  std::string refresh_token;
  std::string app_id;
  std::string path;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, exchange_token& x) {
  return f(caf::meta::type_name("exchange_token"), x.refresh_token, x.app_id, x.path);
}

/// A legacy token with the members of its token_data (http-api.md 4.2, 4.3).
struct legacy_token {
  token_kind kind = token_kind::refresh;
  std::string token;
  std::string app_id;
  std::string identity;
  std::vector<std::string> access;
  std::string salt;
  std::int64_t expires_s = 0;
  bool is_admin = false;
  std::string path;
  std::int64_t issued_s = 0;
  caf::optional<bool> email_confirmed{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, legacy_token& x) {
  return f(caf::meta::type_name("legacy_token"), x.kind, x.token, x.app_id, x.identity, x.access,
           x.salt, x.expires_s, x.is_admin, x.path, x.issued_s, x.email_confirmed);
}

// -- mailed tokens -------------------------------------------------------------

/// Mail a token to the address of this password account (http-api.md 5.2, 9.6), or give it
/// to who asks.
struct request_mail {
  mail_purpose purpose = mail_purpose::reset_password;
  std::string account;    ///< e-mail address
  std::string address;    ///< of the client
  bool hand_over = false; ///< do not mail it
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, request_mail& x) {
  return f(caf::meta::type_name("request_mail"), x.purpose, x.account, x.address, x.hand_over);
}

/// Use a mailed token.
struct redeem_mail {
  mail_purpose purpose = mail_purpose::reset_password;
  std::string token;
  std::string new_password{}; ///< for reset_password
  std::string address{};      ///< of the client
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, redeem_mail& x) {
  return f(caf::meta::type_name("redeem_mail"), x.purpose, x.token, x.new_password, x.address);
}

/// To the MAILER: send this token to its account's address (operations.md 2.6).
struct send_mail {
  mail_purpose purpose = mail_purpose::reset_password;
  std::string to; ///< e-mail address
  std::string user_id;
  std::string token;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, send_mail& x) {
  return f(caf::meta::type_name("send_mail"), x.purpose, x.to, x.user_id, x.token);
}

// -- hash workers --------------------------------------------------------------

/// Hash a password, or compare it with a stored hash: one job of a HASH WORKER.
struct hash_job {
  std::string password;
  std::string stored; ///< empty: make a hash
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, hash_job& x) {
  return f(caf::meta::type_name("hash_job"), x.password, x.stored);
}

struct hash_result {
  bool matches = false; ///< the password fits the stored hash
  std::string fresh;    ///< a new hash: of a make job, or of a match whose cost is out of date
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, hash_result& x) {
  return f(caf::meta::type_name("hash_result"), x.matches, x.fresh);
}

} // namespace ros::actors
