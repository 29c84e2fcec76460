#include "net_link.hpp"

#include <boost/asio/error.hpp>

#include <sys/socket.h>

#include <cerrno>

namespace ros::runtime {

using error_code = boost::system::error_code;

link::link(std::shared_ptr<io_thread> thread, socket_type socket)
    : thread_(std::move(thread)), socket_(std::move(socket)), timer_(thread_->context) {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

void link::leave() {
  {
    std::lock_guard guard(mutex_);
    open_ = false;
  }
  timer_.cancel();
  thread_->links.erase(shared_from_this());
}

void link::cut() {
  if (!open_)
    return;
  const auto self = shared_from_this();
  leave();
  error_code ignored;
  socket_.close(ignored);
  on_cut();
}

socket_type link::release_socket() {
  const auto self = shared_from_this();
  leave();
  return std::move(socket_);
}

std::string link::peer_address() const {
  error_code ec;
  const auto end = socket_.remote_endpoint(ec);
  if (ec)
    return {};
  auto address = end.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return address.to_string();
}

link::io_result link::read_scratch() {
  error_code ec;
  const auto n = socket_.read_some(asio::buffer(thread_->scratch), ec);
  if (!ec)
    return {io::done, n};
  if (ec == asio::error::would_block || ec == asio::error::try_again)
    return {io::blocked, 0};
  return {io::ended, 0};
}

/// Not through Asio, which takes 64 pieces at most: a DOWNLOAD has one per changeset.
link::io_result link::write_pieces(std::size_t n) {
  msghdr message{};
  message.msg_iov = thread_->pieces.data();
  message.msg_iovlen = n;
  for (;;) {
    const auto sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
    if (sent >= 0)
      return {io::done, static_cast<std::size_t>(sent)};
    if (errno == EAGAIN || errno == EWOULDBLOCK)
      return {io::blocked, 0};
    if (errno != EINTR)
      return {io::ended, 0};
  }
}

void link::await_readable() {
  if (awaiting_read_ || !open_)
    return;
  awaiting_read_ = true;
  socket_.async_wait(socket_type::wait_read, [self = shared_from_this()](error_code ec) {
    self->awaiting_read_ = false;
    if (!self->open_)
      return;
    if (ec)
      self->cut();
    else
      self->readable();
  });
}

void link::readable() {
  if (lingering_)
    drain();
  else
    on_readable();
}

void link::await_writable() {
  if (awaiting_write_ || !open_)
    return;
  awaiting_write_ = true;
  socket_.async_wait(socket_type::wait_write, [self = shared_from_this()](error_code ec) {
    self->awaiting_write_ = false;
    if (!self->open_)
      return;
    if (ec)
      self->cut();
    else
      self->on_writable();
  });
}

void link::linger(unsigned ms) {
  error_code ec;
  socket_.shutdown(socket_type::shutdown_send, ec);
  if (ec)
    return cut();
  lingering_ = true;
  set_deadline(ms);
  await_readable();
}

void link::drain() {
  // One buffer a turn: a peer that keeps sending must not hold the thread.
  if (read_scratch().what == io::ended)
    cut();
  else
    await_readable();
}

void link::set_deadline(steady::time_point when) {
  deadline_ = when;
  if (deadline_ < timer_end_)
    arm_timer();
}

void link::arm_timer() {
  timer_end_ = deadline_;
  timer_.expires_at(timer_end_);
  timer_.async_wait([self = shared_from_this()](error_code ec) {
    if (ec || !self->open_)
      return;
    self->timer_end_ = steady::time_point::max();
    if (steady::now() >= self->deadline_) {
      self->clear_deadline();
      if (self->lingering_)
        self->cut();
      else
        self->on_deadline();
    } else if (self->deadline_ != steady::time_point::max()) {
      self->arm_timer();
    }
  });
}

} // namespace ros::runtime
