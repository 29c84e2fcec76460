#include "net_link.hpp"

#include <boost/asio/error.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace ros::runtime {

using error_code = boost::system::error_code;

namespace {

/// Both name the same three outcomes.
template <class Io>
Io same(tls_stream::what x) {
  switch (x) {
  case tls_stream::what::done:
    return Io::done;
  case tls_stream::what::blocked:
    return Io::blocked;
  case tls_stream::what::ended:
    break;
  }
  return Io::ended;
}

} // namespace

link::link(std::shared_ptr<io_thread> thread, accepted_stream stream)
    : thread_(std::move(thread)), socket_(std::move(stream.socket)), tls_(std::move(stream.tls)),
      timer_(thread_->context) {
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
  tls_.reset();
  socket_.close(ignored);
  on_cut();
}

accepted_stream link::release_stream() {
  const auto self = shared_from_this();
  leave();
  return {std::move(socket_), std::move(tls_)};
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
  if (tls_) {
    const auto r = tls_->read(thread_->scratch.data(), thread_->scratch.size());
    return {same<io>(r.result), r.n};
  }
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
  if (tls_)
    return write_record(n);
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

/// TLS takes bytes in one piece and a record at a time.
link::io_result link::write_record(std::size_t n) {
  auto& record = thread_->record;
  record.clear();
  for (std::size_t i = 0; i < n && record.size() < tls_stream::record_size; ++i) {
    const auto& x = thread_->pieces[i];
    record.append(static_cast<const char*>(x.iov_base),
                  std::min(x.iov_len, tls_stream::record_size - record.size()));
  }
  const auto r = tls_->write(record);
  return {same<io>(r.result), r.n};
}

void link::await_readable() {
  if (awaiting_read_ || !open_)
    return;
  awaiting_read_ = true;
  auto wake = [self = shared_from_this()](error_code ec) {
    self->awaiting_read_ = false;
    if (!self->open_)
      return;
    if (ec)
      self->cut();
    else
      self->readable();
  };
  if (tls_ && tls_->has_input())
    asio::post(thread_->context, [wake] { wake({}); });
  else
    socket_.async_wait(tls_ && tls_->read_waits_for_write() ? socket_type::wait_write
                                                            : socket_type::wait_read,
                       wake);
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
  if (tls_)
    tls_->close_notify();
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
