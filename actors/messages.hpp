// The messages of the sync side: what connections, sessions, realms and the
// registry tell each other. Everything here is serialisable, because a session
// and its realm actor may live on different nodes; what must stay inside the
// process is in local_messages.hpp.
#pragma once

#include "sync/bytes.hpp"
#include "sync/history.hpp"
#include "sync/types.hpp"

#include <caf/error.hpp>
#include <caf/meta/load_callback.hpp>
#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ros::sync {

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, bytes& x) {
  if constexpr (Inspector::writes_state) {
    auto block = std::make_shared<std::string>();
    auto publish = [&x, block]() -> caf::error {
      x = bytes{std::shared_ptr<const std::string>{block}, *block};
      return caf::none;
    };
    return f(caf::meta::type_name("bytes"), *block, caf::meta::load_callback(publish));
  } else {
    std::string copy{x.view()}; // leaves the process: the one copy there is
    return f(caf::meta::type_name("bytes"), copy);
  }
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, upload_cursor& x) {
  return f(caf::meta::type_name("upload_cursor"), x.client_version,
           x.last_integrated_server_version);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, download_cursor& x) {
  return f(caf::meta::type_name("download_cursor"), x.server_version,
           x.last_integrated_client_version);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, salted_version& x) {
  return f(caf::meta::type_name("salted_version"), x.version, x.salt);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, salted_file_ident& x) {
  return f(caf::meta::type_name("salted_file_ident"), x.ident, x.salt);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, pending_changeset& x) {
  return f(caf::meta::type_name("pending_changeset"), x.client_version, x.base, x.timestamp,
           x.data);
}

} // namespace ros::sync

namespace ros::actors {

/// Who a connection or a request speaks for.
struct caller {
  std::string user_id;
  bool is_admin = false;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, caller& x) {
  return f(caf::meta::type_name("caller"), x.user_id, x.is_admin);
}

/// Open the Realm at a canonical path; the directory row exists already.
struct open_realm {
  std::string path;
  std::uint64_t realm_id = 0;
  std::string owner; ///< user id, may be empty
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, open_realm& x) {
  return f(caf::meta::type_name("open_realm"), x.path, x.realm_id, x.owner);
}

/// What the registry knows of a Realm.
enum class realm_condition : std::uint8_t {
  open,        ///< in memory
  closing,     ///< about to leave memory
  quarantined, ///< nobody can use it until it is released
};
struct realm_status {
  std::string path;
  realm_condition condition = realm_condition::open;
  std::string reason; ///< of the quarantine
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, realm_status& x) {
  return f(caf::meta::type_name("realm_status"), x.path, x.condition, x.reason);
}

/// A fresh client file for `user_id` (sync-protocol.md 3.2, 3.3).
struct allocate_client_file {
  std::string user_id;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, allocate_client_file& x) {
  return f(caf::meta::type_name("allocate_client_file"), x.user_id);
}

/// A client's IDENT, for the realm to check and to bind the sender to the
/// client file (sync-protocol.md 3.4).
struct attach_session {
  std::uint64_t connection_id = 0;
  sync::salted_file_ident file;
  sync::download_cursor download;
  sync::salted_version latest;
  std::string user_id;
  std::uint32_t protocol_version = 0; ///< sync::protocol::level()
  bool wants_foreign_bytes = false;   ///< see session_attached
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, attach_session& x) {
  return f(caf::meta::type_name("attach_session"), x.connection_id, x.file, x.download, x.latest,
           x.user_id, x.protocol_version, x.wants_foreign_bytes);
}

/// Answer to attach_session: what the session's checks start from.
struct session_attached {
  sync::upload_cursor threshold; ///< T of sync-protocol.md 3.5
  sync::upload_cursor reported;  ///< progress that downloads report (5.3)
  sync::version_type locked_version = 0;
  sync::salted_version head;
  std::uint32_t feature_level = 0; ///< of the Realm: sessions of lower versions end themselves
  std::uint64_t foreign_bytes = 0; ///< changesets of others up to `head`; 0 unless asked for
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, session_attached& x) {
  return f(caf::meta::type_name("session_attached"), x.threshold, x.reported, x.locked_version,
           x.head, x.feature_level, x.foreign_bytes);
}

/// The sender no longer uses its client file.
struct detach_session {
  sync::file_ident client = 0;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, detach_session& x) {
  return f(caf::meta::type_name("detach_session"), x.client);
}

/// Up to which of its versions were changes of this client file integrated?
struct find_client_version {
  sync::salted_file_ident file;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, find_client_version& x) {
  return f(caf::meta::type_name("find_client_version"), x.file);
}

/// One admitted UPLOAD: integrated as a whole or not at all. Without changesets
/// it only moves the cursor.
struct integrate_upload {
  sync::file_ident client = 0;
  sync::upload_cursor progress;
  sync::version_type locked_version = 0;
  std::vector<sync::pending_changeset> changesets;
  /// Gives the sender's receive window back when the last copy goes: keep it as long
  /// as the upload waits. Does not leave the process.
  std::shared_ptr<const void> receipt;
  bool may_write = true; ///< false: a reader's, see sync::upload_batch
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, integrate_upload& x) {
  return f(caf::meta::type_name("integrate_upload"), x.client, x.progress, x.locked_version,
           x.changesets, x.may_write);
}

/// An entry as a session sends it on; `origin` 0 has become 1 already.
struct outgoing_entry {
  sync::version_type version = 0;
  sync::file_ident origin = 0;
  sync::version_type client_version = 0; ///< of the origin
  sync::origin_timestamp timestamp = 0;
  std::uint64_t original_size = 0;
  sync::bytes data;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, outgoing_entry& x) {
  return f(caf::meta::type_name("outgoing_entry"), x.version, x.origin, x.client_version,
           x.timestamp, x.original_size, x.data);
}

/// Progress of one client file as committed with a publication's last version.
struct reported_progress {
  sync::file_ident client = 0;
  sync::upload_cursor cursor;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, reported_progress& x) {
  return f(caf::meta::type_name("reported_progress"), x.client, x.cursor);
}

/// Versions first .. head.version of a Realm are durable. Built once, shared by
/// every bound session.
struct publication {
  sync::version_type first = 0;
  sync::salted_version head;
  std::uint32_t feature_level = 0;         ///< of the Realm, changesets.md 10
  std::vector<outgoing_entry> entries;     ///< one per version, own and empty ones included
  std::vector<reported_progress> progress; ///< changed ones, ascending by client
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, publication& x) {
  return f(caf::meta::type_name("publication"), x.first, x.head, x.feature_level, x.entries,
           x.progress);
}
class shared_download;
/// Shares one publication between all the mailboxes of a node.
struct published {
  std::shared_ptr<const publication> content;
  std::shared_ptr<shared_download> body = nullptr; ///< does not leave the process; may be null
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, published& x) {
  if constexpr (Inspector::writes_state) {
    auto loaded = std::make_shared<publication>();
    auto publish = [&x, loaded]() -> caf::error {
      x.content = loaded;
      return caf::none;
    };
    return f(caf::meta::type_name("published"), *loaded, caf::meta::load_callback(publish));
  } else {
    auto copy = x.content ? *x.content : publication{};
    return f(caf::meta::type_name("published"), copy);
  }
}

/// History behind `from` for `client`, at most about `budget` bytes of
/// changesets (sync-protocol.md 5.3).
struct read_download {
  sync::file_ident client = 0;
  sync::download_cursor from;
  std::uint64_t budget = 0;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_download& x) {
  return f(caf::meta::type_name("read_download"), x.client, x.from, x.budget);
}

/// An entry of a DOWNLOAD; `client_version` is the receiver's own last version
/// integrated before it.
struct download_entry {
  sync::version_type version = 0;
  sync::version_type client_version = 0;
  sync::origin_timestamp timestamp = 0;
  sync::file_ident origin = 0;
  std::uint64_t original_size = 0;
  sync::bytes data;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, download_entry& x) {
  return f(caf::meta::type_name("download_entry"), x.version, x.client_version, x.timestamp,
           x.origin, x.original_size, x.data);
}

struct download_chunk {
  std::vector<download_entry> entries;
  sync::download_cursor to;
  sync::salted_version head;
  sync::upload_cursor reported;
  std::uint64_t downloadable_bytes = 0;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, download_chunk& x) {
  return f(caf::meta::type_name("download_chunk"), x.entries, x.to, x.head, x.reported,
           x.downloadable_bytes);
}

/// An error that ends a session (sync-protocol.md 4.5); the realm has detached
/// it already.
struct session_failure {
  std::int32_t code = 0;
  std::string message;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, session_failure& x) {
  return f(caf::meta::type_name("session_failure"), x.code, x.message);
}

/// What the directory knows of an actor.
struct actor_record {
  std::string name;   ///< unique on the node, e.g. "realm/__partition/s-abc"
  std::string kind;   ///< e.g. "realm"
  std::string parent; ///< name of the actor that supervises it
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, actor_record& x) {
  return f(caf::meta::type_name("actor_record"), x.name, x.kind, x.parent);
}

} // namespace ros::actors
