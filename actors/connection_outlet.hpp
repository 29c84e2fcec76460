// The sending side of a client's socket, shared by its CONNECTION and SESSIONs:
// whoever ends the connection has the last word, nothing of a session follows it
// (sync-protocol.md 4.2).
#pragma once

#include "runtime/net.hpp"
#include "sync/download_message.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace ros::actors {

/// Thread-safe.
class connection_outlet {
public:
  /// `low_water`: see runtime::net_limits.
  connection_outlet(std::shared_ptr<runtime::websocket_connection> socket, std::size_t low_water)
      : socket_(std::move(socket)), low_water_(low_water) {}

  void send(std::string message);
  void send(sync::outgoing_message message);
  /// Overtakes what is queued.
  void send_urgent(std::string message);

  /// A slow reader: who can wait with sending waits for `writable`.
  [[nodiscard]] bool is_congested() const {
    return socket_->outbox_bytes() >= low_water_ || socket_->is_short_of_memory();
  }

  /// Sends a last message, then half-closes and waits for the client to close.
  void finish(std::string last, unsigned timeout_ms);
  /// Sends a close frame, then closes.
  void close(std::uint16_t code, std::string reason);
  /// Closes without a word.
  void abort();

  [[nodiscard]] const std::shared_ptr<runtime::websocket_connection>& socket() const noexcept {
    return socket_;
  }

private:
  std::shared_ptr<runtime::websocket_connection> socket_;
  std::size_t low_water_;
  std::mutex mutex_;
  bool open_ = true;
};

} // namespace ros::actors
