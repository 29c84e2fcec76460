// Messages about Realms, permissions and offers: what HTTP routes, `__management` Realms,
// mirrors and tools ask the ADMIN REALM. Serialisable. Every change names who makes it.
#pragma once

#include "access_messages.hpp"
#include "admin_user_messages.hpp"

#include <caf/meta/type_name.hpp>
#include <caf/optional.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace ros::actors {

// -- permissions ---------------------------------------------------------------

/// What one user may do with one Realm; the default row of the Realm has no user.
struct permission_record {
  std::string user; ///< user id; empty = default row
  std::string path;
  rights allowed;
  std::int64_t updated_ms = 0; ///< Unix milliseconds
  friend bool operator==(const permission_record&, const permission_record&) = default;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, permission_record& x) {
  return f(caf::meta::type_name("permission_record"), x.user, x.path, x.allowed, x.updated_ms);
}

/// Whom a permission change concerns: those with the metadata row if its key is not
/// empty (and, for key "email", who has that password account), else the user.
struct recipient {
  std::string user_id{}; ///< "*" = everyone: the default row
  std::string metadata_key{};
  std::string metadata_value{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, recipient& x) {
  return f(caf::meta::type_name("recipient"), x.user_id, x.metadata_key, x.metadata_value);
}

/// access-control.md 6.3, in the name of `requester`.
struct change_permission {
  caller requester;
  std::string path; ///< canonical; "*" = all Realms the requester owns
  recipient whom;
  caf::optional<bool> read{}, write{}, manage{}; ///< none: as it is
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, change_permission& x) {
  return f(caf::meta::type_name("change_permission"), x.requester, x.path, x.whom, x.read, x.write,
           x.manage, x.by);
}

struct permission_changed {
  std::int64_t affected_users = 0; ///< recipients, changed or not; -1 = everyone
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, permission_changed& x) {
  return f(caf::meta::type_name("permission_changed"), x.affected_users);
}

/// http-api.md 6.4: rows of the requester and defaults that apply to it; rows of others on
/// Realms that it manages or owns; both.
enum class permission_filter : std::uint8_t { any, current_user, other_user };

struct list_permissions {
  caller requester;
  permission_filter filter = permission_filter::any;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, list_permissions& x) {
  return f(caf::meta::type_name("list_permissions"), x.requester, x.filter);
}

/// All rows of a Realm, the default row among them.
struct list_realm_permissions {
  std::string path;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, list_realm_permissions& x) {
  return f(caf::meta::type_name("list_realm_permissions"), x.path);
}

struct listed_permission {
  permission_record row;
  std::string realm_owner; ///< user id; empty = nobody
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, listed_permission& x) {
  return f(caf::meta::type_name("listed_permission"), x.row, x.realm_owner);
}

struct permission_list {
  std::vector<listed_permission> rows; ///< by path, then user; at most 10,000
  bool truncated = false;              ///< there are more
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, permission_list& x) {
  return f(caf::meta::type_name("permission_list"), x.rows, x.truncated);
}

/// A row as an administrator wants it; all-false removes it, unless it takes away what
/// the default row gives (access-control.md 3).
struct wanted_permission {
  std::string user; ///< user id; empty = default row
  rights allowed;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wanted_permission& x) {
  return f(caf::meta::type_name("wanted_permission"), x.user, x.allowed);
}

/// Set rows of a Realm in one step; for administrators.
struct put_realm_permissions {
  std::string path;
  std::vector<wanted_permission> rows; ///< at most 10,000
  bool replace = true;                 ///< remove all other rows
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, put_realm_permissions& x) {
  return f(caf::meta::type_name("put_realm_permissions"), x.path, x.rows, x.replace, x.by);
}

// -- offers --------------------------------------------------------------------

struct offer_record {
  std::string id;      ///< at least 16 characters; unique within the offerer
  std::string offerer; ///< user id
  std::string path;
  rights allowed;
  std::int64_t created_ms = 0; ///< Unix milliseconds
  std::int64_t expires_ms = 0; ///< Unix milliseconds; 0 = never
  /// "<offerer>:<id>": whoever has it may accept.
  [[nodiscard]] std::string token() const { return offerer + ':' + id; }
  friend bool operator==(const offer_record&, const offer_record&) = default;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, offer_record& x) {
  return f(caf::meta::type_name("offer_record"), x.id, x.offerer, x.path, x.allowed, x.created_ms,
           x.expires_ms);
}

/// access-control.md 6.4. An offer of the same id is replaced.
struct make_offer {
  caller requester;
  std::string id{}; ///< empty: a generated UUID
  std::string path;
  rights allowed;
  std::int64_t expires_ms = 0; ///< 0 = never
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, make_offer& x) {
  return f(caf::meta::type_name("make_offer"), x.requester, x.id, x.path, x.allowed, x.expires_ms,
           x.by);
}

struct list_offers {
  std::string offerer;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, list_offers& x) {
  return f(caf::meta::type_name("list_offers"), x.offerer);
}

struct offer_list {
  std::vector<offer_record> offers; ///< in order of creation; expired ones, too
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, offer_list& x) {
  return f(caf::meta::type_name("offer_list"), x.offers);
}

/// access-control.md 6.5.
struct accept_offer {
  caller requester;
  std::string token;
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, accept_offer& x) {
  return f(caf::meta::type_name("accept_offer"), x.requester, x.token, x.by);
}

struct offer_accepted {
  std::string path;
  rights allowed; ///< what the requester may do now
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, offer_accepted& x) {
  return f(caf::meta::type_name("offer_accepted"), x.path, x.allowed);
}

/// The offerer, or an administrator, takes an offer back.
struct withdraw_offer {
  caller requester;
  std::string token;
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, withdraw_offer& x) {
  return f(caf::meta::type_name("withdraw_offer"), x.requester, x.token, x.by);
}

/// The offerer changes until when an offer holds.
struct set_offer_expiry {
  caller requester;
  std::string token;
  std::int64_t expires_ms = 0; ///< 0 = never
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, set_offer_expiry& x) {
  return f(caf::meta::type_name("set_offer_expiry"), x.requester, x.token, x.expires_ms, x.by);
}

// -- Realms --------------------------------------------------------------------

/// Create a Realm that does not exist, on behalf of `who` (access-control.md 2).
struct create_realm {
  caller who;
  std::string path;
  /// Only administrators choose: none: by the path; empty: nobody.
  caf::optional<std::string> owner{};
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, create_realm& x) {
  return f(caf::meta::type_name("create_realm"), x.who, x.path, x.owner, x.by);
}

/// Give an existing Realm another owner, or none; for administrators. The new owner gets
/// all rights; rows of the old one stay.
struct set_realm_owner {
  std::string path;
  std::string owner;
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, set_realm_owner& x) {
  return f(caf::meta::type_name("set_realm_owner"), x.path, x.owner, x.by);
}

struct read_realm {
  std::string path;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_realm& x) {
  return f(caf::meta::type_name("read_realm"), x.path);
}

struct list_realms {
  page_request page;
  caf::optional<std::string> owner{}; ///< only Realms of this user
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, list_realms& x) {
  return f(caf::meta::type_name("list_realms"), x.page, x.owner);
}

struct realm_page {
  std::vector<realm_record> realms;
  std::uint64_t total = 0; ///< that match
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, realm_page& x) {
  return f(caf::meta::type_name("realm_page"), x.realms, x.total);
}

/// Delete a Realm, on behalf of `who`: its owner or an administrator. Sessions end, its
/// permission rows and offers go, its data follows. The path may be used again at once.
struct delete_realm {
  caller who;
  std::string path;
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, delete_realm& x) {
  return f(caf::meta::type_name("delete_realm"), x.who, x.path, x.by);
}

/// To who removes data: a Realm that was deleted. Asked again until it succeeds once.
struct remove_realm_data {
  std::string path;
  std::uint64_t realm_id = 0;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, remove_realm_data& x) {
  return f(caf::meta::type_name("remove_realm_data"), x.path, x.realm_id);
}

} // namespace ros::actors
