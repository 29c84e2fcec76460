#include "log.hpp"
#include "net_http.hpp"
#include "net_pool.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include <future>

namespace ros::runtime {

using error_code = boost::system::error_code;

acceptor::acceptor(io_pool::impl& pool, listener_handlers handlers, net_limits limits,
                   tls_identity_ptr identity)
    : pool_(pool), thread_(pool.threads.front()), thread_id_(pool.running.front().get_id()),
      acceptor_(thread_->context), retry_(thread_->context),
      handlers_(std::make_shared<const listener_handlers>(std::move(handlers))),
      limits_(std::make_shared<const net_limits>(std::move(limits))),
      identity_(std::move(identity)) {}

error_code acceptor::bind(const tcp::endpoint& where) {
  error_code ec, ignored;
  acceptor_.close(ignored);
  acceptor_.open(where.protocol(), ec);
  if (!ec)
    acceptor_.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec && where.address().is_v6())
    acceptor_.set_option(asio::ip::v6_only(false), ignored);
  if (!ec)
    acceptor_.bind(where, ec);
  if (!ec)
    acceptor_.listen(tcp::acceptor::max_listen_connections, ec);
  return ec;
}

std::optional<std::string> acceptor::open(const std::string& address, std::uint16_t port) {
  error_code ec;
  auto where = asio::ip::make_address(address, ec);
  if (ec) {
    tcp::resolver resolver(thread_->context);
    const auto found = resolver.resolve(address, std::to_string(port), ec);
    if (ec || found.empty())
      return "\"" + address + "\" is no address of this host: " + ec.message();
    where = found.begin()->endpoint().address();
  }
  ec = bind({where, port});
  const bool no_ipv6 = ec == asio::error::address_family_not_supported ||
                       ec == boost::system::errc::address_not_available;
  if (no_ipv6 && where == asio::ip::address_v6::any()) {
    log::warn("listener finds no IPv6 for {} port {}, listens on 0.0.0.0", address, port);
    ec = bind({asio::ip::address_v4::any(), port});
  }
  if (!ec)
    port_ = acceptor_.local_endpoint(ec).port();
  if (ec)
    return "cannot listen on " + address + " port " + std::to_string(port) + ": " + ec.message();
  return std::nullopt;
}

void acceptor::start() {
  asio::post(thread_->context, [self = shared_from_this()] { self->accept(); });
}

void acceptor::accept() {
  if (closed_)
    return;
  auto to = pool_.next();
  acceptor_.async_accept(
      to->context, [self = shared_from_this(), to](error_code ec, socket_type socket) {
        if (self->closed_)
          return;
        if (!ec) {
          self->complained_ = false;
          self->accepted(to, std::move(socket));
        }
        if (!ec || ec == asio::error::connection_aborted)
          return self->accept();
        // Out of descriptors or memory: the backlog waits, we must not spin.
        if (!std::exchange(self->complained_, true))
          log::error("listener on port {} cannot accept: {}", self->port_, ec.message());
        self->retry_.expires_after(std::chrono::milliseconds(100));
        self->retry_.async_wait([self](error_code) { self->accept(); });
      });
}

void acceptor::accepted(const std::shared_ptr<io_thread>& to, socket_type socket) {
  std::unique_ptr<tls_stream> tls;
  if (identity_ && !(tls = identity_->accept(socket.native_handle())))
    return; // memory is short
  auto l = std::make_shared<http_link>(to, accepted_stream{std::move(socket), std::move(tls)},
                                       handlers_, limits_);
  asio::post(to->context, [l] {
    l->enlist();
    l->start();
  });
}

void acceptor::show(tls_identity_ptr identity) {
  asio::post(thread_->context, [self = shared_from_this(), identity = std::move(identity)] {
    self->identity_ = identity;
  });
}

void acceptor::close() {
  closed_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel();
}

void acceptor::close_and_wait() {
  std::future<void> done;
  {
    std::lock_guard guard(pool_.mutex);
    if (pool_.stopped)
      return; // the pool closes or has closed it
    if (std::this_thread::get_id() == thread_id_)
      return close();
    auto promise = std::make_shared<std::promise<void>>();
    done = promise->get_future();
    asio::post(thread_->context, [self = shared_from_this(), promise] {
      self->close();
      promise->set_value();
    });
  }
  done.wait();
}

http_listener::http_listener(std::shared_ptr<impl> x) : impl_(std::move(x)) {}

http_listener::~http_listener() {
  stop();
}

std::uint16_t http_listener::port() const {
  return impl_->socket->port();
}

void http_listener::show(tls_identity_ptr identity) {
  impl_->socket->show(std::move(identity));
}

void http_listener::stop() {
  impl_->socket->close_and_wait();
}

std::unique_ptr<http_listener> listen(io_pool& pool, const std::string& address, std::uint16_t port,
                                      listener_handlers handlers, net_limits limits,
                                      std::string& problem, tls_identity_ptr identity) {
  auto& p = pool.get();
  auto socket =
      std::make_shared<acceptor>(p, std::move(handlers), std::move(limits), std::move(identity));
  if (auto wrong = socket->open(address, port)) {
    problem = std::move(*wrong);
    return nullptr;
  }
  {
    std::lock_guard guard(p.mutex);
    if (p.stopped) {
      problem = "the server is stopping";
      return nullptr;
    }
    std::erase_if(p.acceptors, [](const auto& weak) { return weak.expired(); });
    p.acceptors.push_back(socket);
    socket->start();
  }
  return std::make_unique<http_listener>(
      std::make_shared<http_listener::impl>(http_listener::impl{std::move(socket)}));
}

} // namespace ros::runtime
