// Building DOWNLOAD messages (sync-protocol.md 3.6 and 8.2). Heads and entry headers are
// made per session, the changesets are slices that all sessions share.
#pragma once

#include "bytes.hpp"
#include "message.hpp"
#include "protocol.hpp"
#include "types.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ros::sync {

/// A message as it goes to a socket: the head, then the parts, none of them copied.
struct outgoing_message {
  std::string head;
  std::vector<bytes> parts;
};

/// What the head of a DOWNLOAD tells beside its sizes.
struct download_head {
  session_ident session = 0;
  download_cursor progress{};      ///< D, Dc: after this message
  salted_version latest{};         ///< L and its salt
  upload_cursor upload_progress{}; ///< Uc, Us
  /// Estimate of what comes after this message; up to io.realm.sync 22 of all changesets
  /// of others there are (8.3).
  std::uint64_t downloadable_bytes = 0;
};

/// Collects the entries of one DOWNLOAD.
class download_body {
public:
  /// `client_version`: last version of the receiving file integrated before this
  /// entry. `origin` is never 0.
  void add(version_type version, version_type client_version, origin_timestamp timestamp,
           file_ident origin, std::uint64_t original_size, bytes data);

  /// Bytes of the uncompressed body so far.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t entries() const noexcept { return entries_.size(); }

private:
  friend class packed_body;

  struct entry {
    std::size_t header_end; ///< in headers_
    bytes data;
  };
  std::string headers_;
  std::vector<entry> entries_;
  std::uint64_t size_ = 0;
};

/// The body of one DOWNLOAD as it is sent: above 1024 bytes it is compressed if that
/// makes it smaller, which takes about 15 ms for every MiB.
class packed_body {
public:
  packed_body() = default;
  packed_body(download_body body);

private:
  friend outgoing_message make_download(const download_head& head, packed_body body,
                                        protocol spoken);

  std::vector<bytes> parts_;
  std::uint64_t plain_size_ = 0;
  std::uint64_t compressed_size_ = 0; ///< 0: not compressed
};

/// The whole message, in the form of `spoken` (8.2).
outgoing_message make_download(const download_head& head, packed_body body, protocol spoken = {});

} // namespace ros::sync
