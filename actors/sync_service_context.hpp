// What all SESSIONs and CONNECTIONs of a sync service share: whom they ask, and how
// much of everything a client may have. Made once at start, then only read.
#pragma once

#include "actors.hpp"
#include "auth_actors.hpp"
#include "fwd.hpp"

#include "runtime/memory.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ros::actors {

struct sync_service_limits {
  std::uint64_t max_upload_size = 104'857'600; ///< uncompressed body, bytes
  std::uint64_t max_download_size = 16u << 20; ///< changesets of one DOWNLOAD, bytes
  std::size_t low_water = 256 * 1024;          ///< that of the listener's net_limits
  std::size_t max_sessions = 2000;             ///< of one connection
  unsigned ident_timeout_ms = 120'000;         ///< from BIND to the client's IDENT, about
  unsigned error_linger_ms = 30'000;           ///< wait for the client's close after an error
  unsigned shutdown_linger_ms = 1'000;         ///< the same when the server shuts down
};

/// What becomes of a legacy session whose user may no longer read (access-control.md 9).
enum class read_loss_reaction : std::uint8_t {
  expire, ///< 202: the client asks for a token, is refused and keeps its file
  deny,   ///< 206: the client deletes its file
  lazy,   ///< goes on until its token expires, but uploads nothing any more
};

struct sync_service_context {
  auth_actor auth;
  access_actor admin;
  realm_registry_actor registry;
  directory_actor directory;
  runtime::random_source* random = nullptr; ///< outlives every actor
  runtime::clock* clock = nullptr;          ///< outlives every actor
  sync_service_limits limits;
  std::string route_prefix = "/realm-sync"; ///< network.sync.route_prefix
  std::vector<std::string> authorization_headers{"Authorization", "X-Realm-Access-Token"};
  read_loss_reaction on_read_loss = read_loss_reaction::expire; ///< auth.permissions.on_read_loss
  bool end_revoked_sessions = true;                             ///< auth.revocation.end_sessions
  /// Bytes received and not integrated yet, of all connections (operations.md,
  /// sync.max_upload_backlog). Frames are counted by their sockets.
  std::shared_ptr<runtime::byte_budget> backlog;
  /// Bytes queued for sending, of all connections; null: not counted.
  std::shared_ptr<runtime::byte_budget> outgoing;
};
using sync_service_context_ptr = std::shared_ptr<const sync_service_context>;

} // namespace ros::actors
