// Messages about what happened in the ADMIN REALM and how much is allowed: the feed for
// mirrors (access-control.md 7), the audit log, and quotas. Serialisable.
#pragma once

#include "admin_realm_messages.hpp"

#include <caf/meta/type_name.hpp>
#include <caf/optional.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace ros::actors {

// -- feed ----------------------------------------------------------------------

/// The kinds of rows that `/__admin` shows. Accounts and metadata belong to their user.
enum class admin_row_kind : std::uint8_t { user, realm, permission };

/// Names a row that may have changed, or may be gone.
struct admin_row_name {
  admin_row_kind kind = admin_row_kind::user;
  std::string user{}; ///< of a user or a permission (empty = default row)
  std::string path{}; ///< of a Realm or a permission
  friend auto operator<=>(const admin_row_name&, const admin_row_name&) = default;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, admin_row_name& x) {
  return f(caf::meta::type_name("admin_row_name"), x.kind, x.user, x.path);
}

/// What changed behind this sequence? Answered at once if something did, else when it
/// does; an actor has one such question open at most.
struct follow_admin {
  std::uint64_t from = 0; ///< the last sequence the follower knows; 0 = none
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, follow_admin& x) {
  return f(caf::meta::type_name("follow_admin"), x.from);
}

struct admin_changes {
  std::uint64_t sequence = 0;       ///< ask on from here
  bool everything = false;          ///< too much happened: read all rows again
  std::vector<admin_row_name> rows; ///< without repetitions
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, admin_changes& x) {
  return f(caf::meta::type_name("admin_changes"), x.sequence, x.everything, x.rows);
}

/// Rows as they are now, e.g. those of admin_changes; missing ones are left out.
struct read_admin_rows {
  std::vector<admin_row_name> names; ///< at most 1000 are answered
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_admin_rows& x) {
  return f(caf::meta::type_name("read_admin_rows"), x.names);
}

/// All rows, page by page: begin without `after`, go on with `next` of the answer. What
/// changes meanwhile is in the feed behind the sequence of the first page.
struct scan_admin_rows {
  caf::optional<admin_row_name> after{};
  std::uint64_t limit = 1000; ///< at most 1000
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, scan_admin_rows& x) {
  return f(caf::meta::type_name("scan_admin_rows"), x.after, x.limit);
}

struct admin_rows {
  std::uint64_t sequence = 0; ///< as of which they are
  std::vector<user_record> users;
  std::vector<realm_record> realms;
  std::vector<permission_record> permissions;
  caf::optional<admin_row_name> next{}; ///< none: that was the last page
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, admin_rows& x) {
  return f(caf::meta::type_name("admin_rows"), x.sequence, x.users, x.realms, x.permissions,
           x.next);
}

// -- audit ---------------------------------------------------------------------

/// One administrative action or permission change. Never holds a secret.
struct audit_record {
  std::uint64_t number = 0; ///< 1 .., in order of commits
  std::int64_t at_ms = 0;   ///< Unix milliseconds
  initiator by;
  std::string action;   ///< the message's name, e.g. "change_permission"
  std::string target{}; ///< user id, path or the like
  std::string detail{}; ///< JSON object, or empty
  friend bool operator==(const audit_record&, const audit_record&) = default;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, audit_record& x) {
  return f(caf::meta::type_name("audit_record"), x.number, x.at_ms, x.by, x.action, x.target,
           x.detail);
}

/// Write something into the audit log that changes no row here, e.g. a released Realm.
struct note_audit {
  initiator by;
  std::string action;
  std::string target{};
  std::string detail{}; ///< JSON object without secrets, or empty
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, note_audit& x) {
  return f(caf::meta::type_name("note_audit"), x.by, x.action, x.target, x.detail);
}

/// The audit log backwards, from below `before`. Empty filters match all.
struct list_audit {
  std::uint64_t before = 0;  ///< 0 = the newest first
  std::uint64_t limit = 100; ///< at most 500
  std::string user{};        ///< by whom
  std::string action{};
  std::string target{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, list_audit& x) {
  return f(caf::meta::type_name("list_audit"), x.before, x.limit, x.user, x.action, x.target);
}

struct audit_page {
  std::vector<audit_record> records; ///< newest first; fewer than `limit` may be all of a page
  std::uint64_t next = 0;            ///< `before` of the next page; 0: that was the last one
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, audit_page& x) {
  return f(caf::meta::type_name("audit_page"), x.records, x.next);
}

// -- quotas --------------------------------------------------------------------

/// How much is allowed. 0 = no limit.
struct quota {
  std::uint64_t bytes = 0;    ///< of all Realms the user owns, or of the one Realm
  std::uint64_t realms = 0;   ///< that the user owns; only of users
  std::uint64_t sessions = 0; ///< live at a time; only of users
  friend bool operator==(const quota&, const quota&) = default;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, quota& x) {
  return f(caf::meta::type_name("quota"), x.bytes, x.realms, x.sessions);
}

/// Set a user's own quota in place of the configured default; none: the default again.
struct set_user_quota {
  std::string user_id;
  caf::optional<quota> limits{};
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, set_user_quota& x) {
  return f(caf::meta::type_name("set_user_quota"), x.user_id, x.limits, x.by);
}

/// The same for a Realm; only bytes count.
struct set_realm_quota {
  std::string path;
  caf::optional<quota> limits{};
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, set_realm_quota& x) {
  return f(caf::meta::type_name("set_realm_quota"), x.path, x.limits, x.by);
}

/// What holds for this user and this Realm now? Either may be empty.
struct read_quota {
  std::string user_id{};
  std::string path{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_quota& x) {
  return f(caf::meta::type_name("read_quota"), x.user_id, x.path);
}

struct quota_limits {
  quota user;
  quota realm;
  std::vector<std::uint64_t> owned_realms; ///< ids of the Realms that count for the user
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, quota_limits& x) {
  return f(caf::meta::type_name("quota_limits"), x.user, x.realm, x.owned_realms);
}

} // namespace ros::actors
