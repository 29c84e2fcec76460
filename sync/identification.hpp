// Whether a client that sends IDENT is who it says, and has a history that is
// this Realm's (sync-protocol.md 3.4). Pure; used by whoever owns the client files.
#pragma once

#include "client_file.hpp"
#include "errors.hpp"
#include "types.hpp"

#include <functional>
#include <string_view>

namespace ros::sync {

/// What IDENT says, and for whom.
struct identification {
  salted_file_ident file;
  download_cursor download;
  salted_version latest;
  std::string_view user_id;
};

/// The Realm it is compared with.
struct identifying_realm {
  const client_file* file = nullptr; ///< of identification::file; null if unknown
  version_type head = 0;
  version_type horizon = 0; ///< history up to here may be compacted (5.2)
  /// Salt of a server version 1 .. head.
  std::function<result<salt_type>(version_type)> salt_of;
};

/// The checks that need the Realm, in the order of the specification. Errors are
/// ec::bad_cursor with protocol_code 208, 209, 210, 211, 222 or 223, or what
/// `salt_of` reports. Like the reference, the server's own ident counts as one
/// whose salt is always wrong.
result<void> check_identification(const identification& client, const identifying_realm& realm);

} // namespace ros::sync
