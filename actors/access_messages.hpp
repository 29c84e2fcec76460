// Messages about who may do what with which Realm: what sessions, connections and AUTH
// ask the ADMIN REALM. Serialisable; owned by nobody.
#pragma once

#include "messages.hpp"
#include "rights.hpp"

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <string>

namespace ros::actors {

/// The user id that the admin token stands for (http-api.md 2.3, 3.3). It has no row.
inline constexpr const char* admin_user_id = "__admin";

/// What may `who` do with the Realm at this canonical path, which need not exist?
/// `is_admin` of a user with a row is not believed but looked up.
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

/// A Realm that exists, and what the asking user may do with it: at least one flag.
struct realm_grant {
  realm_record realm;
  rights allowed;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, realm_grant& x) {
  return f(caf::meta::type_name("realm_grant"), x.realm, x.allowed);
}

/// Are this user and this token (still) good?
struct check_token {
  std::string user_id;
  std::string token_key;     ///< see revoke_token_key; empty = only the user matters
  std::int64_t issued_s = 0; ///< Unix seconds; 0 = not known, older than any revocation
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, check_token& x) {
  return f(caf::meta::type_name("check_token"), x.user_id, x.token_key, x.issued_s);
}

/// Tell the sender when this user or this token is no longer good.
struct watch_access {
  std::string user_id;
  std::string token_key;
  std::int64_t issued_s = 0; ///< as in check_token
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, watch_access& x) {
  return f(caf::meta::type_name("watch_access"), x.user_id, x.token_key, x.issued_s);
}

/// Tell the sender when `who` may do something else than `known` with the Realm at this
/// path (access-control.md 9). What is known comes from realm_grant or the last answer.
struct watch_realm {
  caller who;
  std::string path;
  rights known;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, watch_realm& x) {
  return f(caf::meta::type_name("watch_realm"), x.who, x.path, x.known);
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

} // namespace ros::actors
