// The io threads behind io_pool. Internal to runtime/net_*.cpp.
#pragma once

#include "net.hpp"
#include "net_link.hpp"

#include <atomic>
#include <thread>

namespace ros::runtime {

class acceptor;

struct io_pool::impl {
  explicit impl(unsigned count);
  void stop();

  /// The thread for the next connection, in turn.
  const std::shared_ptr<io_thread>& next() {
    return threads[turn.fetch_add(1, std::memory_order_relaxed) % threads.size()];
  }
  /// Runs `f` on every thread in `which` and waits; not from an io thread.
  template <class F>
  void run_on(const std::vector<std::shared_ptr<io_thread>>& which, F f);

  using work_guard = asio::executor_work_guard<asio::io_context::executor_type>;
  std::vector<std::shared_ptr<io_thread>> threads;
  std::vector<work_guard> guards;
  std::vector<std::thread> running;
  std::atomic<unsigned> turn = 0;
  std::mutex mutex;
  std::vector<std::weak_ptr<acceptor>> acceptors;
  bool stopped = false;
};

/// Accepts on the pool's first thread and spreads connections over all.
class acceptor : public std::enable_shared_from_this<acceptor> {
public:
  acceptor(io_pool::impl& pool, listener_handlers handlers, net_limits limits,
           tls_identity_ptr identity);

  /// Null, or what is wrong.
  std::optional<std::string> open(const std::string& address, std::uint16_t port);
  void start();
  /// On the first thread. No connection is accepted afterwards.
  void close();
  /// From any thread; returns when the port is free.
  void close_and_wait();
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// For connections accepted from now on; from any thread.
  void show(tls_identity_ptr identity);

private:
  using tcp = asio::ip::tcp;
  boost::system::error_code bind(const tcp::endpoint& where);
  void accept();
  void accepted(const std::shared_ptr<io_thread>& to, socket_type socket);

  io_pool::impl& pool_;
  std::shared_ptr<io_thread> thread_;
  std::thread::id thread_id_;
  asio::basic_socket_acceptor<tcp, asio::io_context::executor_type> acceptor_;
  asio::steady_timer retry_;
  std::shared_ptr<const listener_handlers> handlers_;
  std::shared_ptr<const net_limits> limits_;
  tls_identity_ptr identity_; ///< null: no TLS
  std::uint16_t port_ = 0;
  bool closed_ = false;
  bool complained_ = false; ///< about a failing accept, since the last one that worked
};

struct http_listener::impl {
  std::shared_ptr<acceptor> socket;
};

} // namespace ros::runtime
