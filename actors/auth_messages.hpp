// Messages of log-in and administration: what the HTTP routes, the sync service
// and sessions ask AUTH and the ADMIN REALM. All of them are serialisable; those
// that carry passwords or tokens must never be logged.
#pragma once

#include "messages.hpp"

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ros::actors {

/// The user id that the admin token stands for (http-api.md 2.3, 3.3). It has no row.
inline constexpr const char* admin_user_id = "__admin";

// -- who may do what -----------------------------------------------------------

/// What a user may do with a Realm; every level includes those before it
/// (access-control.md 1).
enum class access_level : std::uint8_t { none, read, write, manage };
std::string to_string(access_level x);

/// What may `who` do with the Realm at this canonical path, which need not exist?
struct authorize_realm {
  caller who;
  std::string path;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, authorize_realm& x) {
  return f(caf::meta::type_name("authorize_realm"), x.who, x.path);
}

/// One row of the Realm directory.
struct realm_record {
  std::string path;            ///< canonical, unique
  std::uint64_t id = 0;        ///< 1 .., never used again after deletion
  std::string owner;           ///< user id; empty = nobody
  std::int64_t created_ms = 0; ///< Unix milliseconds
  std::string partition;       ///< partition value's text as first bound; empty = none
  friend bool operator==(const realm_record&, const realm_record&) = default;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, realm_record& x) {
  return f(caf::meta::type_name("realm_record"), x.path, x.id, x.owner, x.created_ms, x.partition);
}

/// Make sure that the Realm is in the directory, on behalf of `who`
/// (http-api.md 8.4 step 6). `partition` is remembered if the row is new.
struct ensure_realm {
  caller who;
  std::string path;
  std::string partition;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, ensure_realm& x) {
  return f(caf::meta::type_name("ensure_realm"), x.who, x.path, x.partition);
}

/// A Realm that exists, and what the asking user may do with it: at least read.
struct realm_grant {
  realm_record realm;
  access_level level = access_level::none;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, realm_grant& x) {
  return f(caf::meta::type_name("realm_grant"), x.realm, x.level);
}

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
  access_level granted = access_level::none; ///< rights named in a legacy token
  std::string token_key; ///< under which the token is revoked, see revoke_token_key
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, principal& x) {
  return f(caf::meta::type_name("principal"), x.who, x.kind, x.expires_s, x.path, x.granted,
           x.token_key);
}

/// Are this user and this token (still) good?
struct check_token {
  std::string user_id;
  std::string token_key;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, check_token& x) {
  return f(caf::meta::type_name("check_token"), x.user_id, x.token_key);
}

/// Tell the sender when this user or this token is no longer good.
struct watch_access {
  std::string user_id;
  std::string token_key;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, watch_access& x) {
  return f(caf::meta::type_name("watch_access"), x.user_id, x.token_key);
}

/// Forbid a token, and all that share its key, until it runs out by itself. The
/// key is "s:<session id>" for App-Services tokens, else "h:<SHA-256 of the payload>".
struct revoke_token_key {
  std::string token_key;
  std::int64_t expires_s = 0; ///< Unix seconds; 0 = never
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, revoke_token_key& x) {
  return f(caf::meta::type_name("revoke_token_key"), x.token_key, x.expires_s);
}

// -- users and accounts --------------------------------------------------------

/// Unique pair that proves who somebody is; belongs to exactly one user.
struct account_name {
  std::string provider; ///< e.g. "password"
  std::string id;       ///< provider id, e.g. an e-mail address
  friend auto operator<=>(const account_name&, const account_name&) = default;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, account_name& x) {
  return f(caf::meta::type_name("account_name"), x.provider, x.id);
}

/// A user with accounts.
struct user_record {
  std::string id; ///< 32 hexadecimal digits
  bool is_admin = false;
  bool suspended = false;
  std::int64_t created_ms = 0; ///< Unix milliseconds
  std::vector<account_name> accounts;
  friend bool operator==(const user_record&, const user_record&) = default;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, user_record& x) {
  return f(caf::meta::type_name("user_record"), x.id, x.is_admin, x.suspended, x.created_ms,
           x.accounts);
}

/// Create a user with this account. An empty account id stands for the new
/// user's own id (anonymous users).
struct register_user {
  account_name account;
  std::string credential; ///< e.g. an argon2id string; empty = none
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, register_user& x) {
  return f(caf::meta::type_name("register_user"), x.account, x.credential);
}

struct find_account {
  account_name account;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, find_account& x) {
  return f(caf::meta::type_name("find_account"), x.account);
}

/// An account as stored; an empty user id says that there is none of that name.
struct account_record {
  std::string user_id;
  std::string credential;
  bool suspended = false;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, account_record& x) {
  return f(caf::meta::type_name("account_record"), x.user_id, x.credential, x.suspended);
}

/// Replace the credential of an account, e.g. by one with today's cost.
struct set_credential {
  account_name account;
  std::string credential;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, set_credential& x) {
  return f(caf::meta::type_name("set_credential"), x.account, x.credential);
}

struct read_user {
  std::string user_id;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_user& x) {
  return f(caf::meta::type_name("read_user"), x.user_id);
}

/// Remove a user with all accounts. Its Realms stay in the directory.
struct delete_user {
  std::string user_id;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, delete_user& x) {
  return f(caf::meta::type_name("delete_user"), x.user_id);
}

// -- log-in --------------------------------------------------------------------

/// What to do about an account that does not exist (http-api.md 4.4).
enum class registration : std::uint8_t { by_configuration, forbidden, required };

/// What a client presents to a provider.
struct credentials {
  std::string data;     ///< user name or the like
  std::string password; ///< only for provider "password"
  registration enrol = registration::by_configuration;
  std::string address; ///< of the client, for rate limits
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, credentials& x) {
  return f(caf::meta::type_name("credentials"), x.data, x.password, x.enrol, x.address);
}

/// Whom a provider recognised.
struct recognised {
  std::string user_id;
  bool is_admin = false;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, recognised& x) {
  return f(caf::meta::type_name("recognised"), x.user_id, x.is_admin);
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
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, legacy_token& x) {
  return f(caf::meta::type_name("legacy_token"), x.kind, x.token, x.app_id, x.identity, x.access,
           x.salt, x.expires_s, x.is_admin, x.path);
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
