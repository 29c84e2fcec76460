// Sockets as the actors see them: HTTP requests, WebSocket connections,
// listeners. Boost.Beast and Asio stay behind this header (net.cpp and its
// neighbours); actors are called back with plain values and must only pass
// them on as messages, never block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ros::runtime {

class byte_budget;
class tls_identity;
struct traffic;

/// What a TLS listener shows its clients; null: it speaks plain HTTP.
using tls_identity_ptr = std::shared_ptr<const tls_identity>;

/// A request as parsed; header names keep their spelling, look-up ignores case.
struct http_request {
  std::string method;
  std::string target; ///< as sent, e.g. "/auth?x=1"
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string remote_address;
  bool keep_alive = true;

  /// Value of the first header of that name, if there is one.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
  /// The target up to '?', not percent-decoded.
  [[nodiscard]] std::string_view path() const;
  /// The target behind '?', without it; empty if there is none.
  [[nodiscard]] std::string_view query() const;
  /// Percent-decoded value of a query parameter.
  [[nodiscard]] std::optional<std::string> query_parameter(std::string_view name) const;
};

struct http_response {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// One request waiting for its response. Copies share the exchange; the first
/// respond() counts, later ones are ignored. If the last copy is destroyed
/// unanswered the client gets 500. All members may be called from any thread.
class http_exchange {
public:
  struct impl;
  explicit http_exchange(std::shared_ptr<impl> x) : impl_(std::move(x)) {}
  http_exchange() = default;
  [[nodiscard]] const http_request& request() const;
  void respond(http_response response);

private:
  std::shared_ptr<impl> impl_;
};

/// Part of an outgoing frame, sharing its block.
struct shared_slice {
  std::shared_ptr<const std::string> owner;
  std::string_view view;
};

/// One accepted WebSocket. Everything here may be called from any thread; the
/// calls post to the connection's own strand and keep their order.
class websocket_connection {
public:
  virtual ~websocket_connection() = default;

  /// Sends one binary message: `head` followed by `parts`, none of it copied.
  /// A connection is cut if more than `net_limits::max_outbox` bytes are still
  /// queued in front of the message; the message itself may be of any size.
  /// `urgent` messages (pong) overtake queued ones.
  virtual void send(std::string head, std::vector<shared_slice> parts = {},
                    bool urgent = false) = 0;

  /// Sends one text message; the same rules.
  virtual void send_text(std::string text) = 0;

  /// Gives back `n` bytes of the receive window: the actor is done with a
  /// message of that size. Exactly one call per message, because each message
  /// also takes a fixed 256 bytes of the window (tiny messages must fill it
  /// too). While more than `net_limits::receive_window` bytes are out, the
  /// socket is not read.
  virtual void consumed(std::size_t n) = 0;

  /// Bytes queued for sending and not yet handed to the kernel.
  [[nodiscard]] virtual std::size_t outbox_bytes() const = 0;

  /// True if memory for outgoing bytes is short and this connection has a good
  /// part of it: who can wait with sending waits for on_writable, which then
  /// comes for sure.
  virtual bool is_short_of_memory() { return false; }

  /// Sends a close frame after what is queued, then ends TCP within a second
  /// whether or not the peer answers. Code 0 sends a frame without payload.
  virtual void close(std::uint16_t code, std::string reason) = 0;

  /// Sends what is queued, then half-closes TCP (no close frame), ignores all
  /// further input and closes when the peer does or after `timeout_ms`
  /// (sync-protocol.md 4.2).
  virtual void finish(unsigned timeout_ms) = 0;

  /// Cuts TCP at once.
  virtual void abort() = 0;

  [[nodiscard]] virtual std::string remote_address() const = 0;
};

/// What a connection calls back, on its strand. No call comes after on_closed.
struct websocket_events {
  /// One whole binary message.
  std::function<void(std::shared_ptr<const std::string>)> on_message;
  /// One whole text message of at most `net_limits::max_text` bytes. Null: text is thrown
  /// away.
  std::function<void(std::shared_ptr<const std::string>)> on_text;
  /// RFC 6455 ping; returns the pong's payload, nothing for no pong. Null: echo.
  std::function<std::optional<std::string>(std::string_view)> on_ping;
  /// The outbox had reached `net_limits::low_water` bytes and is below it
  /// again. An actor that pauses while outbox_bytes() >= low_water is sure of
  /// this call. May be null.
  std::function<void()> on_writable;
  /// The connection is gone, for whatever reason. Called exactly once.
  std::function<void()> on_closed;
};

/// An upgrade request waiting for a decision. Copies share it; the first
/// accept() or reject() counts; dropped undecided = 500. Any thread.
class websocket_offer {
public:
  struct impl;
  explicit websocket_offer(std::shared_ptr<impl> x) : impl_(std::move(x)) {}
  websocket_offer() = default;
  [[nodiscard]] const http_request& request() const;

  /// Answers 101 with exactly this Sec-WebSocket-Protocol value (none if
  /// empty) and no extensions. `opened` runs on the strand once the connection
  /// exists, before any message, and returns the callbacks. If the socket died
  /// meanwhile it is not called.
  void accept(std::string subprotocol,
              std::function<websocket_events(std::shared_ptr<websocket_connection>)> opened);
  void reject(http_response response);

private:
  std::shared_ptr<impl> impl_;
};

struct net_limits {
  std::size_t max_head = 32 * 1024;             ///< request line and headers, bytes
  std::size_t max_body = 100 * 1024;            ///< HTTP body, bytes; beyond it: 413
  std::size_t max_message = 64u << 20;          ///< WebSocket message, bytes; beyond it: close 1009
  std::size_t max_text = 64 * 1024;             ///< the same for text messages that are read
  std::size_t receive_window = 1u << 20;        ///< unconsumed inbound bytes before reading pauses
  std::size_t max_outbox = 64u << 20;           ///< bytes a slow reader may lag behind
  std::size_t low_water = 256 * 1024;           ///< see websocket_events::on_writable
  unsigned request_timeout_ms = 30'000;         ///< whole request, from its first byte
  unsigned keep_alive_timeout_ms = 75'000;      ///< between requests
  unsigned websocket_idle_timeout_ms = 900'000; ///< no message at all
  unsigned stall_timeout_ms = 120'000;          ///< a reader that takes nothing for so long is cut

  /// Connections of one io thread that are not WebSockets (yet) and wait for
  /// their peer. Above it the one that has waited longest is cut.
  std::size_t max_handshakes = 2048;

  /// Bytes received and still in memory, of all connections; null: not counted.
  /// While it is tight, connections that hold more than `tight_window` of it
  /// are not read; those among them that do not finish their message in
  /// `tight_timeout_ms` are cut.
  std::shared_ptr<byte_budget> inbound{};
  std::size_t tight_window = 16 * 1024;
  unsigned tight_timeout_ms = 30'000;
  /// Bytes queued for sending, of all connections; null: not counted. While it
  /// is tight, connections with more than `tight_low_water` of it are short of
  /// memory; once it is exhausted, those with four times that are cut.
  std::shared_ptr<byte_budget> outgoing{};
  std::size_t tight_low_water = 16 * 1024;

  /// What went over the wire, of all connections; null: not counted.
  std::shared_ptr<runtime::traffic> traffic{};
};

/// Where requests and upgrades of one listener go. Called on io threads.
struct listener_handlers {
  std::function<void(http_exchange)> on_request;
  /// Any request with "Upgrade: websocket".
  std::function<void(websocket_offer)> on_upgrade;
  /// Bytes of body that a request with this method and target may have instead of
  /// `net_limits::max_body`. Bodies above that are refused with 503 while memory for
  /// received bytes is tight. May be null.
  std::function<std::size_t(std::string_view method, std::string_view target)> body_limit;
};

/// The threads that move bytes. Must outlive its listeners; `stop()` closes
/// every socket and joins the threads.
class io_pool {
public:
  struct impl;
  explicit io_pool(unsigned threads);
  ~io_pool();
  io_pool(const io_pool&) = delete;
  io_pool& operator=(const io_pool&) = delete;
  void stop();
  [[nodiscard]] impl& get() noexcept { return *impl_; }

private:
  std::unique_ptr<impl> impl_;
};

/// A listening socket. Destroying it stops accepting; connections live on.
class http_listener {
public:
  struct impl;
  explicit http_listener(std::shared_ptr<impl> x);
  ~http_listener();
  /// The port in use (the chosen one if 0 was asked for).
  [[nodiscard]] std::uint16_t port() const;
  /// Shows clients that connect from now on this identity; others keep theirs.
  void show(tls_identity_ptr identity);
  void stop();

private:
  std::shared_ptr<impl> impl_;
};

/// Listens on `address`:`port` ("::" covers IPv4 too; falls back to 0.0.0.0
/// where the host has no IPv6). On failure returns null and sets `problem` to
/// a sentence for the operator.
std::unique_ptr<http_listener> listen(io_pool& pool, const std::string& address, std::uint16_t port,
                                      listener_handlers handlers, net_limits limits,
                                      std::string& problem, tls_identity_ptr identity = nullptr);

} // namespace ros::runtime
