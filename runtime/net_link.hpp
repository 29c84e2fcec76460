// What every accepted socket has, whatever it speaks: its thread, its
// non-blocking stream, one deadline and an orderly end. Internal to
// runtime/net_*.cpp; the only header here that shows Asio. A link belongs to
// the registry of its io thread until it is closed.
#pragma once

#include "tls.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/uio.h>

#include <array>
#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace ros::runtime {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;
using socket_type = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

class link;
class http_link;

inline iovec piece(std::string_view bytes) {
  return {const_cast<char*>(bytes.data()), bytes.size()};
}

/// One thread and the sockets it serves. Links keep it alive, so that actors
/// may hold connections longer than the pool exists.
struct io_thread {
  asio::io_context context{1};
  /// Where bytes land before they are parsed: idle sockets need no buffer.
  std::vector<char> scratch = std::vector<char>(64 * 1024);
  /// Where a link gathers what it writes next; as many pieces as the kernel
  /// takes at once.
  std::array<iovec, 1024> pieces;
  /// The same bytes in one piece, for TLS.
  std::string record;
  std::unordered_set<std::shared_ptr<link>> links; ///< touched on the thread only
  std::list<http_link*> waiting; ///< for their peer, longest first; on the thread only
};

/// An accepted socket and the TLS on it, if any.
struct accepted_stream {
  socket_type socket;
  std::unique_ptr<tls_stream> tls{};
};

class link : public std::enable_shared_from_this<link> {
public:
  link(std::shared_ptr<io_thread> thread, accepted_stream stream);
  virtual ~link() = default;
  link(const link&) = delete;
  link& operator=(const link&) = delete;

  /// Enters the registry; on the thread.
  void enlist() { thread_->links.insert(shared_from_this()); }
  /// Cuts TCP and leaves the registry; on the thread. Any number of times.
  void cut();

  /// Runs `f` on the thread unless the link is closed by then. Any thread.
  /// False if it is closed already.
  template <class F>
  bool post(F f) {
    std::lock_guard guard(mutex_);
    return post_locked(std::move(f));
  }

protected:
  enum class io { done, blocked, ended };
  struct io_result {
    io what;
    std::size_t n;
  };

  template <class F>
  bool post_locked(F f) {
    if (!open_)
      return false;
    asio::post(thread_->context, [self = shared_from_this(), f = std::move(f)]() mutable {
      if (self->open_)
        f();
    });
    return true;
  }

  /// The peer's address as text, IPv4 in its own form; empty if it has gone.
  [[nodiscard]] std::string peer_address() const;
  /// Reads what is there into the thread's scratch buffer.
  io_result read_scratch();
  [[nodiscard]] std::string_view scratch(std::size_t n) const {
    return {thread_->scratch.data(), n};
  }
  /// Writes pieces [0, n) of the thread, as much as the kernel takes.
  io_result write_pieces(std::size_t n);
  /// What was written last has to be written again from its first byte on.
  [[nodiscard]] bool must_repeat_write() const { return tls_ && tls_->is_writing(); }
  /// on_readable() once, when there is something to read. Repeated calls are
  /// one.
  void await_readable();
  void await_writable();

  /// on_deadline() after that time unless it is set anew or cleared. Cheap to
  /// call often.
  void set_deadline(unsigned ms) { set_deadline(steady::now() + std::chrono::milliseconds(ms)); }
  void set_deadline(steady::time_point when);
  void clear_deadline() { deadline_ = steady::time_point::max(); }

  /// Ends our side, throws away what still comes, cuts at the peer's end or
  /// after `ms`: closing with unread input would make the kernel send a reset
  /// that can overtake our last bytes.
  void linger(unsigned ms);
  [[nodiscard]] bool lingering() const noexcept { return lingering_; }

  /// Gives the socket away; the link itself is closed afterwards.
  accepted_stream release_stream();

  virtual void on_readable() = 0;
  virtual void on_writable() = 0;
  virtual void on_deadline() = 0;
  /// Last call, socket closed.
  virtual void on_cut() = 0;

  std::shared_ptr<io_thread> thread_;
  std::mutex mutex_;
  bool open_ = true; ///< written on the thread with the mutex held

private:
  void readable();
  void drain();
  io_result write_record(std::size_t n);
  void arm_timer();
  void leave();

  socket_type socket_;
  std::unique_ptr<tls_stream> tls_; ///< null: plain
  asio::basic_waitable_timer<steady, asio::wait_traits<steady>, asio::io_context::executor_type>
      timer_;
  steady::time_point deadline_ = steady::time_point::max();
  steady::time_point timer_end_ = steady::time_point::max();
  bool awaiting_read_ = false;
  bool awaiting_write_ = false;
  bool lingering_ = false;
};

} // namespace ros::runtime
