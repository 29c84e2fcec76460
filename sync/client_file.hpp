// What a Realm remembers of one client file (sync-protocol.md 5.1).
#pragma once

#include "types.hpp"

#include <cstdint>
#include <string>

namespace ros::sync {

/// One client-side file of a Realm. Never deleted, so that its ident is never
/// given to another.
struct client_file {
  salt_type salt = 0;
  upload_cursor progress;          ///< what was integrated last (Uc, Us); Us is the base of its reciprocals
  upload_cursor reported;          ///< progress as committed with a server version (5.3): what downloads tell
  version_type locked_version = 0; ///< history after this is kept for it
  std::string user_id;             ///< whose file it is
  std::int64_t last_seen_ms = 0;   ///< Unix milliseconds of its last IDENT or unbind
  bool contributed = false;        ///< a changeset of it was integrated (5.7)
  bool live = false;               ///< an IDENT was accepted: it holds the horizon back (5.2)
  bool expired = false;            ///< stayed away longer than sync.history_ttl (222)
  friend bool operator==(const client_file&, const client_file&) = default;
};

} // namespace ros::sync
