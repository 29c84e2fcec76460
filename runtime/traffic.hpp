// Bytes and connections of all listeners, for statistics (operations.md 6.2). Filled by
// the sockets, read by whoever reports; shared between them.
#pragma once

#include <atomic>
#include <cstdint>

namespace ros::runtime {

/// Totals since the start of the process unless a name says otherwise. Thread-safe.
struct traffic {
  std::atomic<std::uint64_t> http_received = 0, http_sent = 0;           ///< bytes
  std::atomic<std::uint64_t> websocket_received = 0, websocket_sent = 0; ///< bytes
  std::atomic<std::int64_t> http_connections = 0; ///< open now, WebSockets not included
  std::atomic<std::int64_t> websockets = 0;       ///< open now

  static void count(std::atomic<std::uint64_t>& total, std::uint64_t bytes) noexcept {
    total.fetch_add(bytes, std::memory_order_relaxed);
  }
  static void change(std::atomic<std::int64_t>& now, int by) noexcept {
    now.fetch_add(by, std::memory_order_relaxed);
  }
};

} // namespace ros::runtime
