// Scanning history for a DOWNLOAD (sync-protocol.md 5.3, merge-rules.md 7.1).
#pragma once

#include "errors.hpp"
#include "history.hpp"
#include "types.hpp"

#include <cstdint>
#include <vector>

namespace ros::sync {

/// One entry as it is sent. Origin 0 has become 1.
struct scanned_entry {
  version_type version = 0;
  version_type client_version = 0; ///< last own version integrated before this entry
  origin_timestamp timestamp = 0;
  file_ident origin = 0;
  std::uint64_t original_size = 0;
  bytes data;
};

struct scanned_history {
  std::vector<scanned_entry> entries;
  download_cursor to;
  std::uint64_t remaining_bytes = 0; ///< changeset sizes of all entries behind `to`
};

/// Scans from cursor `from` for `client` up to history.head(); stops as soon as the
/// sizes of the changesets taken exceed `limit` bytes, so there is at least
/// one entry if there is any. `from.server_version` must be <= head.
result<scanned_history> scan_download(const history_source& history, file_ident client,
                                      download_cursor from, std::uint64_t limit);

/// Bytes of the changesets of all entries that are not from `client`: what versions up to
/// io.realm.sync 22 call downloadable (sync-protocol.md 8.3). Only an estimate there,
/// so of a long history what `client` has in the first 100 000 entries is left out
/// and the rest taken as a whole.
result<std::uint64_t> foreign_bytes(const history_source& history, file_ident client);

} // namespace ros::sync
