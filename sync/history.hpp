// What the merge needs to read of a Realm's history, and what integrating an
// upload adds to it (merge-rules.md 3 and 5). storage/ implements the reading
// side over RocksDB, tests in memory.
#pragma once

#include "bytes.hpp"
#include "errors.hpp"
#include "types.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ros::sync {

/// One server version (merge-rules.md 3, sync-protocol.md 5.1).
struct history_entry {
  version_type version = 0;
  file_ident origin = 0; ///< 0: made by the server
  version_type client_version = 0;
  origin_timestamp timestamp = 0;
  salt_type salt = 0;
  std::uint64_t original_size = 0;   ///< of `data` before any compaction, in bytes
  std::uint64_t cumulative_size = 0; ///< data sizes of versions 1 .. this one before any compaction
  bytes summary;                     ///< encoded change_summary (summary.hpp): what it touches
  bytes data;                        ///< canonical changeset after merging; may be empty
};

/// Versions (n * block_length, (n + 1) * block_length] form summary block n;
/// the store keeps one merged summary for every complete block.
inline constexpr version_type summary_block_length = 256;

/// The stored history of one Realm, read only.
class history_source {
public:
  virtual ~history_source() = default;

  /// Latest server version; 0 for an empty Realm.
  virtual version_type head() const = 0;

  /// Reads one entry. A version outside 1 .. head(), or damage, is an error.
  virtual result<history_entry> read(version_type version) const = 0;

  /// Visits the entries first .. last in order until `visit` returns false.
  /// `with_data` false leaves `data` empty (its size is still in
  /// `original_size` / `cumulative_size`), for scans that only need summaries.
  virtual result<void> visit(version_type first, version_type last, bool with_data,
                             const std::function<bool(const history_entry&)>& visit) const = 0;

  /// The merged summary of complete block `block`; nullopt while incomplete.
  virtual std::optional<bytes> block_summary(std::uint64_t block) const = 0;

  /// Bytes of `data` of all entries behind `version`, 0 .. head(), as they are stored now:
  /// what compaction took away does not count. This default is for histories that are
  /// never compacted.
  virtual result<std::uint64_t> size_behind(version_type version) const;

  /// The stored reciprocal of `version` for `client`: nullopt means "not
  /// stored, use the history bytes"; empty bytes mean "nothing left".
  virtual result<std::optional<bytes>> reciprocal(file_ident client,
                                                  version_type version) const = 0;
};

/// One uploaded changeset, admitted and not yet integrated.
struct pending_changeset {
  version_type client_version = 0;
  version_type base = 0; ///< last integrated server version
  origin_timestamp timestamp = 0;
  bytes data; ///< raw client form
};

/// What one client asks to have integrated as a whole or not at all: one UPLOAD
/// message, admitted (sync-protocol.md 3.5).
struct upload_batch {
  file_ident client = 0;
  upload_cursor progress;          ///< of the message
  version_type locked_version = 0; ///< of the message
  std::vector<pending_changeset> changesets;
  /// False: a reader's. Only declarations that the merge takes away are accepted, any
  /// other changeset is refused with 206 (access-control.md 3).
  bool may_write = true;
};

/// One changed reciprocal of a client; empty data = nothing left.
struct reciprocal_change {
  file_ident client = 0;
  version_type version = 0;
  bytes data;
};

/// The client needs no reciprocals of versions <= `through` any more.
struct reciprocal_trim {
  file_ident client = 0;
  version_type through = 0;
};

} // namespace ros::sync
