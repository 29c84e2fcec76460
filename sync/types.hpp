// Numbers and cursors of the sync protocol (sync-protocol.md, merge-rules.md 2).
#pragma once

#include <compare>
#include <cstdint>

namespace ros::sync {

using version_type = std::uint64_t;    ///< server or client version, < 2^63
using file_ident = std::uint64_t;      ///< client file identifier; 1 is the server, 0 "none"
using salt_type = std::int64_t;        ///< 1 .. 2^63-1; 0 only for "none"
using origin_timestamp = std::uint64_t; ///< ms since 2015-01-01T00:00:00Z

/// Versions of `com.mongodb.realm-sync` spoken here (sync-protocol.md 3).
inline constexpr int oldest_protocol_version = 1;
inline constexpr int newest_protocol_version = 14;

/// Unix milliseconds of origin timestamp 0.
inline constexpr std::int64_t origin_epoch_unix_ms = 1'420'070'400'000;

inline constexpr file_ident server_file_ident = 1;
inline constexpr file_ident first_client_file_ident = 2;

struct salted_file_ident {
  file_ident ident = 0;
  salt_type salt = 0;
  friend bool operator==(const salted_file_ident&, const salted_file_ident&) = default;
};

struct salted_version {
  version_type version = 0;
  salt_type salt = 0;
  friend bool operator==(const salted_version&, const salted_version&) = default;
};

/// "This client change produced client_version; then everything of the server
/// up to last_integrated_server_version had been integrated."
struct upload_cursor {
  version_type client_version = 0;
  version_type last_integrated_server_version = 0;
  friend bool operator==(const upload_cursor&, const upload_cursor&) = default;
};

struct download_cursor {
  version_type server_version = 0;
  version_type last_integrated_client_version = 0;
  friend bool operator==(const download_cursor&, const download_cursor&) = default;
};

} // namespace ros::sync
