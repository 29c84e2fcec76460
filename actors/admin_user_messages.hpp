// Messages about users, their accounts, API keys and mailed tokens: what providers, HTTP
// routes and tools ask the ADMIN REALM. Serialisable; credentials and hashes in them are
// never logged. Every change names who makes it, for the audit log.
#pragma once

#include "rights.hpp"

#include <caf/meta/type_name.hpp>
#include <caf/optional.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace ros::actors {

/// Who makes a change.
struct initiator {
  std::string user_id; ///< "__admin" for the admin token; empty = the server itself
  std::string address; ///< of the client; empty = not known
  friend bool operator==(const initiator&, const initiator&) = default;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, initiator& x) {
  return f(caf::meta::type_name("initiator"), x.user_id, x.address);
}

// -- users ---------------------------------------------------------------------

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

/// One piece of what an application knows about a user.
struct metadata_row {
  std::string key;
  std::string value;
  friend auto operator<=>(const metadata_row&, const metadata_row&) = default;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, metadata_row& x) {
  return f(caf::meta::type_name("metadata_row"), x.key, x.value);
}

/// A user with accounts.
struct user_record {
  std::string id; ///< 32 hexadecimal digits, or dictated by the provider
  bool is_admin = false;
  bool suspended = false;
  std::int64_t created_ms = 0; ///< Unix milliseconds
  std::vector<account_name> accounts{};
  std::vector<metadata_row> metadata{};
  bool email_confirmed = false;   ///< of the password account
  std::int64_t tokens_from_s = 0; ///< tokens issued before are void; Unix seconds
  friend bool operator==(const user_record&, const user_record&) = default;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, user_record& x) {
  return f(caf::meta::type_name("user_record"), x.id, x.is_admin, x.suspended, x.created_ms,
           x.accounts, x.metadata, x.email_confirmed, x.tokens_from_s);
}

/// Create a user with this account. An empty account id stands for the new
/// user's own id (anonymous users).
struct register_user {
  account_name account;
  std::string credential{}; ///< e.g. an argon2id string; empty = none
  /// The user's id, dictated by the provider: a valid path segment that does not begin
  /// with "__". Empty, or if somebody else has it: a generated one.
  std::string wanted_id{};
  bool is_admin = false;
  std::vector<metadata_row> metadata{};
  bool pending = false; ///< created ahead of its first log-in, see activate_user
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, register_user& x) {
  return f(caf::meta::type_name("register_user"), x.account, x.credential, x.wanted_id, x.is_admin,
           x.metadata, x.pending, x.by);
}

/// Let in whom a third party vouches for: the user of the account, created if there is
/// none (http-api.md 4.5). One step, so that parallel first log-ins make one user.
struct admit_account {
  account_name account;    ///< empty id: as in register_user
  std::string wanted_id{}; ///< as in register_user
  /// Whether the account is added to the user who has wanted_id already: only for
  /// providers that own the ids (jwt).
  bool join = false;
  caf::optional<bool> is_admin{};       ///< set at every log-in; none: left as it is
  std::vector<metadata_row> metadata{}; ///< set at every log-in, key by key
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, admit_account& x) {
  return f(caf::meta::type_name("admit_account"), x.account, x.wanted_id, x.join, x.is_admin,
           x.metadata, x.by);
}

/// A user registered ahead logs in for the first time: the account cannot be linked to
/// another user from now on.
struct activate_user {
  std::string user_id;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, activate_user& x) {
  return f(caf::meta::type_name("activate_user"), x.user_id);
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
  bool email_confirmed = false;
  bool pending = false; ///< see activate_user
  bool is_admin = false;
  std::int64_t tokens_from_s = 0; ///< see user_record
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, account_record& x) {
  return f(caf::meta::type_name("account_record"), x.user_id, x.credential, x.suspended,
           x.email_confirmed, x.pending, x.is_admin, x.tokens_from_s);
}

/// Replace the credential of an account, e.g. by one with today's cost.
struct set_credential {
  account_name account;
  std::string credential;
  bool revoke_tokens = false; ///< all tokens issued before are void, too
  initiator by{};
  /// Not for the audit log: the same password, hashed again.
  bool is_rehash = false;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, set_credential& x) {
  return f(caf::meta::type_name("set_credential"), x.account, x.credential, x.revoke_tokens, x.by,
           x.is_rehash);
}

struct read_user {
  std::string user_id;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_user& x) {
  return f(caf::meta::type_name("read_user"), x.user_id);
}

/// The user of an account (GET /auth/users/{provider}/{provider_id}).
struct find_user {
  account_name account;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, find_user& x) {
  return f(caf::meta::type_name("find_user"), x.account);
}

/// How a list is asked for (http-api.md 10).
struct page_request {
  std::uint64_t offset = 0;
  std::uint64_t limit = 100; ///< at most 500
  std::string search{};      ///< part of an id, account, path or owner; empty = all
  /// A member of the rows: id, created, admin; path, owner. '-' in front: descending.
  std::string sort{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, page_request& x) {
  return f(caf::meta::type_name("page_request"), x.offset, x.limit, x.search, x.sort);
}

struct list_users {
  page_request page;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, list_users& x) {
  return f(caf::meta::type_name("list_users"), x.page);
}

struct user_page {
  std::vector<user_record> users;
  std::uint64_t total = 0; ///< that match the search
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, user_page& x) {
  return f(caf::meta::type_name("user_page"), x.users, x.total);
}

/// Create or change a user (http-api.md 6.1). What is none stays as it is.
struct put_user {
  std::string user_id{};                   ///< empty: the account's user, or a new one
  bool must_exist = false;                 ///< never create
  caf::optional<account_name> account{};   ///< added if the user does not have it
  caf::optional<std::string> credential{}; ///< of that account
  caf::optional<bool> is_admin{};
  caf::optional<bool> suspended{};
  caf::optional<bool> email_confirmed{};
  caf::optional<std::vector<metadata_row>> metadata{}; ///< replaces all rows
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, put_user& x) {
  return f(caf::meta::type_name("put_user"), x.user_id, x.must_exist, x.account, x.credential,
           x.is_admin, x.suspended, x.email_confirmed, x.metadata, x.by);
}

/// Remove a user with accounts, keys, offers, permission rows and mailed tokens, and,
/// unless storage.keep_realms_of_deleted_users, its Realms.
struct delete_user {
  std::string user_id;
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, delete_user& x) {
  return f(caf::meta::type_name("delete_user"), x.user_id, x.by);
}

/// Give a user one more account (http-api.md 9.3); an anonymous identity goes. The
/// account may exist if its user never logged in: that user goes, too.
struct link_account {
  std::string user_id;
  account_name account;
  std::string credential{};
  std::vector<metadata_row> metadata{}; ///< set key by key
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, link_account& x) {
  return f(caf::meta::type_name("link_account"), x.user_id, x.account, x.credential, x.metadata,
           x.by);
}

/// Make the first administrator of an empty server; possible once in its life.
struct set_up_admin {
  account_name account;
  std::string credential;
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, set_up_admin& x) {
  return f(caf::meta::type_name("set_up_admin"), x.account, x.credential, x.by);
}

/// All tokens of the user issued until now are void ("log out everywhere").
struct revoke_user_tokens {
  std::string user_id;
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, revoke_user_tokens& x) {
  return f(caf::meta::type_name("revoke_user_tokens"), x.user_id, x.by);
}

/// How much of everything is there?
struct read_totals {};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_totals&) {
  return f(caf::meta::type_name("read_totals"));
}

struct admin_totals {
  std::uint64_t users = 0, admins = 0, accounts = 0, realms = 0, permissions = 0, offers = 0,
                api_keys = 0, revocations = 0;
  bool needs_setup = false; ///< set_up_admin is possible
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, admin_totals& x) {
  return f(caf::meta::type_name("admin_totals"), x.users, x.admins, x.accounts, x.realms,
           x.permissions, x.offers, x.api_keys, x.revocations, x.needs_setup);
}

/// A user that moves in from elsewhere.
struct imported_user {
  std::string id{}; ///< empty: a generated one
  std::vector<account_name> accounts{};
  /// Of the account of provider "password": an argon2id or bcrypt string, or PBKDF2 as
  /// "$pbkdf2-sha256$<iterations>$<base64 salt>$<base64 key>" (sha512 alike).
  std::string credential{};
  bool is_admin = false;
  bool suspended = false;
  bool email_confirmed = false;
  std::vector<metadata_row> metadata{};
  std::int64_t created_ms = 0; ///< 0: now
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, imported_user& x) {
  return f(caf::meta::type_name("imported_user"), x.id, x.accounts, x.credential, x.is_admin,
           x.suspended, x.email_confirmed, x.metadata, x.created_ms);
}

/// Create many users at once; those that cannot be created are left out.
struct import_users {
  std::vector<imported_user> users; ///< at most 1000
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, import_users& x) {
  return f(caf::meta::type_name("import_users"), x.users, x.by);
}

struct import_failure {
  std::uint64_t index = 0; ///< into import_users::users
  std::string reason;      ///< one sentence
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, import_failure& x) {
  return f(caf::meta::type_name("import_failure"), x.index, x.reason);
}

struct import_result {
  std::uint64_t created = 0;
  std::vector<import_failure> failures;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, import_result& x) {
  return f(caf::meta::type_name("import_result"), x.created, x.failures);
}

} // namespace ros::actors
