// The server's end in the socket tests: listens on a free port, records what
// happens and lets the test wait for it.
#pragma once

#include "runtime/net.hpp"
#include "support/raw_socket.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace ros::test {

using connection_ptr = std::shared_ptr<runtime::websocket_connection>;
using message_ptr = std::shared_ptr<const std::string>;

/// What the server saw of one WebSocket.
struct peer {
  connection_ptr connection;
  std::vector<message_ptr> messages;
  int writable = 0;
  int closed = 0;
};

class net_server {
public:
  explicit net_server(runtime::net_limits limits = {}, unsigned threads = 2,
                      runtime::tls_identity_ptr identity = nullptr)
      : pool_(threads) {
    std::string problem;
    runtime::listener_handlers handlers;
    handlers.on_request = [this](runtime::http_exchange x) {
      on_request ? on_request(std::move(x)) : x.respond({});
    };
    handlers.on_upgrade = [this](runtime::websocket_offer x) {
      on_upgrade ? on_upgrade(std::move(x)) : accept(std::move(x));
    };
    listener_ = runtime::listen(pool_, "127.0.0.1", 0, std::move(handlers), limits, problem,
                                std::move(identity));
    EXPECT_EQ(problem, "");
  }
  ~net_server() { stop(); }

  [[nodiscard]] std::uint16_t port() const { return listener_->port(); }
  [[nodiscard]] runtime::io_pool& pool() { return pool_; }
  [[nodiscard]] runtime::http_listener& listener() { return *listener_; }
  void stop() { pool_.stop(); }

  /// A client that has sent its upgrade request and read the 101.
  raw_socket connect(int receive_buffer = 0) {
    raw_socket client(port(), "127.0.0.1", receive_buffer);
    EXPECT_TRUE(client.send(upgrade_request()));
    EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
    return client;
  }

  /// Accepts and records; messages are given back at once unless `hold`.
  void accept(runtime::websocket_offer offer) {
    offer.accept(subprotocol, [this](connection_ptr c) {
      std::size_t at = 0;
      update([&] {
        at = peers_.size();
        peers_.emplace_back().connection = c;
      });
      if (on_open)
        on_open(*c);
      return events(at, c.get());
    });
  }

  /// Waits until `condition` holds; it runs under the lock.
  template <class F>
  bool wait(F condition) {
    std::unique_lock guard(mutex_);
    return changed_.wait_for(guard, std::chrono::milliseconds(patience_ms),
                             [&] { return condition(); });
  }
  bool wait_open(std::size_t n = 1) {
    return wait([&] { return peers_.size() >= n; });
  }
  bool wait_messages(std::size_t n, std::size_t at = 0) {
    return wait([&] { return peers_.size() > at && peers_[at].messages.size() >= n; });
  }
  bool wait_writable(int n, std::size_t at = 0) {
    return wait([&] { return peers_.at(at).writable >= n; });
  }
  bool wait_closed(std::size_t at = 0) {
    return wait([&] { return peers_.size() > at && peers_[at].closed > 0; });
  }

  peer snapshot(std::size_t at = 0) {
    std::lock_guard guard(mutex_);
    return peers_.at(at);
  }
  connection_ptr connection(std::size_t at = 0) {
    EXPECT_TRUE(wait_open(at + 1));
    return snapshot(at).connection;
  }
  void forget_messages() {
    std::lock_guard guard(mutex_);
    for (auto& p : peers_)
      p.messages.clear();
  }
  void forget_peers() {
    std::lock_guard guard(mutex_);
    peers_.clear();
  }
  template <class F>
  void update(F change) {
    std::lock_guard guard(mutex_);
    change();
    changed_.notify_all();
  }

  // Set before the first client connects.
  std::function<void(runtime::http_exchange)> on_request;   ///< null: 200, empty
  std::function<void(runtime::websocket_offer)> on_upgrade; ///< null: accept()
  std::function<void(runtime::websocket_connection&)> on_open;
  std::function<std::string(std::string_view)> on_ping;
  std::string subprotocol = "com.mongodb.realm-sync#14";
  bool hold = false; ///< messages stay out, the test gives them back

private:
  runtime::websocket_events events(std::size_t at, runtime::websocket_connection* c) {
    runtime::websocket_events e;
    e.on_message = [this, at, c](message_ptr m) {
      if (!hold)
        c->consumed(m->size());
      update([&] { peers_.at(at).messages.push_back(std::move(m)); });
    };
    e.on_ping = on_ping;
    e.on_writable = [this, at] { update([&] { ++peers_.at(at).writable; }); };
    e.on_closed = [this, at] { update([&] { ++peers_.at(at).closed; }); };
    return e;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<peer> peers_;
  runtime::io_pool pool_;
  std::unique_ptr<runtime::http_listener> listener_;
};

} // namespace ros::test
