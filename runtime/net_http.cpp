#include "net_http.hpp"

#include "memory.hpp"
#include "net_websocket.hpp"
#include "traffic.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace ros::runtime {

namespace beast = boost::beast;
namespace http = beast::http;
using error_code = boost::system::error_code;

namespace {

constexpr unsigned linger_ms = 1000;
/// A reader slower than this is cut: it may not hold a big response for ever.
constexpr std::size_t least_bytes_per_ms = 4;

unsigned status_of(const error_code& ec) {
  if (ec == http::error::body_limit)
    return 413;
  if (ec == http::error::header_limit)
    return 431;
  if (ec == http::error::bad_version)
    return 505;
  return 400;
}

http_request convert(http::request<http::string_body>&& m, std::string remote_address) {
  http_request r;
  r.method = std::string(m.method_string());
  r.target = std::string(m.target());
  r.keep_alive = m.keep_alive();
  for (const auto& field : m)
    r.headers.emplace_back(field.name_string(), field.value());
  r.body = std::move(m.body());
  r.remote_address = std::move(remote_address);
  return r;
}

/// Any coding but "chunked" would leave the body's end open to interpretation.
bool is_framed(const http::request<http::string_body>& m) {
  const auto coding = m[http::field::transfer_encoding];
  return coding.empty() || beast::iequals(coding, "chunked");
}

http_response plain(unsigned status, std::string_view text) {
  http_response r;
  r.status = status;
  r.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  if (status == 426)
    r.headers.emplace_back("Sec-WebSocket-Version", "13");
  r.body = std::string(text) + "\n";
  return r;
}

} // namespace

struct http_link::parser : http::request_parser<http::string_body> {
  bool continued = false;          ///< "Expect: 100-continue" is dealt with
  std::optional<std::size_t> most; ///< bytes of body; known once the head is
};

http_link::http_link(std::shared_ptr<io_thread> thread, accepted_stream stream,
                     std::shared_ptr<const listener_handlers> handlers,
                     std::shared_ptr<const net_limits> limits)
    : link(std::move(thread), std::move(stream)), handlers_(std::move(handlers)),
      limits_(std::move(limits)) {}

http_link::~http_link() = default;

void http_link::start() {
  if (const auto& counted = limits_->traffic)
    traffic::change(counted->http_connections, 1);
  set_deadline(limits_->request_timeout_ms);
  wait_for_peer();
  await_readable();
}

/// Peers that take their time cost memory and a socket each; a storm of them
/// must not keep those out that do not.
void http_link::wait_for_peer() {
  auto& all = thread_->waiting;
  waits_ = all.insert(all.end(), this);
  while (all.size() > limits_->max_handshakes)
    all.front()->cut();
}

void http_link::stop_waiting() {
  if (waits_)
    thread_->waiting.erase(*std::exchange(waits_, std::nullopt));
}

void http_link::on_readable() {
  const auto r = read_scratch();
  if (r.what == io::ended)
    return cut();
  if (r.what == io::done) {
    if (!parser_ && input_.empty())
      set_deadline(limits_->request_timeout_ms);
    input_.append(scratch(r.n));
    if (const auto& counted = limits_->traffic)
      traffic::count(counted->http_received, r.n);
    parse();
  } else {
    await_readable();
  }
}

/// Goes on with what has been received, as far as that goes.
void http_link::parse() {
  while (open_ && !pending_ && !lingering() && !input_.empty())
    if (!parse_some())
      break;
  if (open_ && !pending_ && !lingering() && out_[0].empty())
    await_readable();
}

/// One step; false if more bytes are needed first.
bool http_link::parse_some() {
  if (!parser_) {
    parser_ = std::make_unique<parser>();
    parser_->header_limit(static_cast<std::uint32_t>(limits_->max_head));
    parser_->body_limit(boost::none); // body_fits() knows what is asked for
    parser_->eager(true);
  }
  error_code ec;
  const auto used = parser_->put(asio::buffer(input_), ec);
  input_.erase(0, used);
  if (ec && ec != http::error::need_more) {
    refuse(status_of(ec), ec.message());
    return false;
  }
  if (parser_->is_header_done() && !body_fits())
    return false;
  if (parser_->is_done()) {
    dispatch();
    return true;
  }
  // A chunk head that never ends is the one thing the parser does not bound.
  if (used == 0 && input_.size() > limits_->max_head + thread_->scratch.size()) {
    refuse(400, "request cannot be parsed");
    return false;
  }
  if (parser_->is_header_done() && !parser_->continued)
    continue_request();
  return used > 0 && !input_.empty() && out_[0].empty();
}

/// Refuses a body as soon as it is, or says that it will be, above its limit.
bool http_link::body_fits() {
  const auto& message = parser_->get();
  if (!parser_->most) {
    const auto target = message.target(), method = message.method_string();
    parser_->most = handlers_->body_limit ? handlers_->body_limit({method.data(), method.size()},
                                                                  {target.data(), target.size()})
                                          : limits_->max_body;
  }
  const auto size = message.body().size();
  if (size > *parser_->most || parser_->content_length().value_or(0) > *parser_->most) {
    refuse(413, "body limit exceeded");
    return false;
  }
  if (limits_->inbound && size > limits_->max_body) {
    count_held(size);
    if (limits_->inbound->is_tight_without(size)) {
      refuse(503, "memory is short, try again later");
      return false;
    }
  }
  return true;
}

void http_link::count_held(std::size_t now) {
  if (!limits_->inbound)
    return;
  limits_->inbound->add(now);
  limits_->inbound->give_back(std::exchange(held_, now));
}

void http_link::continue_request() {
  parser_->continued = true;
  const auto expectation = parser_->get()[http::field::expect];
  if (expectation.empty())
    return;
  if (!beast::iequals(expectation, "100-continue"))
    return refuse(417, "unknown expectation");
  out_[0] = "HTTP/1.1 100 Continue\r\n\r\n";
  interim_ = true;
  write_out();
}

void http_link::dispatch() {
  auto message = parser_->release();
  parser_.reset();
  if (!is_framed(message))
    return refuse(501, "unknown transfer coding");
  const bool may_upgrade = message.version() >= 11;
  if (input_.empty())
    std::string().swap(input_);
  clear_deadline();
  if (remote_address_.empty())
    remote_address_ = peer_address();
  auto request = convert(std::move(message), remote_address_);
  pending_ = true;
  stop_waiting();
  keep_alive_ = request.keep_alive;
  head_request_ = request.method == "HEAD";
  auto self = std::static_pointer_cast<http_link>(shared_from_this());
  if (!may_upgrade || !asks_for_websocket(request)) {
    if (handlers_->on_request)
      handlers_->on_request(
          http_exchange(std::make_shared<http_exchange::impl>(self, std::move(request))));
    else
      refuse(404, "nothing here");
    return;
  }
  unsigned status = 0;
  auto key = handshake_key(request, status);
  if (!key)
    return refuse(status, "not a WebSocket handshake this server understands");
  if (!handlers_->on_upgrade)
    return refuse(404, "no WebSocket here");
  handlers_->on_upgrade(websocket_offer(
      std::make_shared<websocket_offer::impl>(self, std::move(request), std::move(*key))));
}

/// Answers what cannot be served and ends the connection.
void http_link::refuse(unsigned status, std::string_view reason) {
  pending_ = true;
  stop_waiting();
  keep_alive_ = false;
  respond(plain(status, reason));
}

void http_link::respond(http_response response) {
  if (!pending_)
    return;
  out_[0] = response_head(response, keep_alive_);
  if (!head_request_ && response.status != 204 && response.status != 304)
    out_[1] = std::move(response.body);
  interim_ = false;
  out_end_ = steady::now() +
             std::chrono::milliseconds(limits_->request_timeout_ms +
                                       (out_[0].size() + out_[1].size()) / least_bytes_per_ms);
  extend_deadline();
  write_out();
}

/// Some progress in time, and all of it in time.
void http_link::extend_deadline() {
  const auto progress = std::chrono::milliseconds(limits_->request_timeout_ms);
  set_deadline(std::min(steady::now() + progress, out_end_));
}

void http_link::write_out() {
  while (out_sent_ < out_[0].size() + out_[1].size()) {
    const auto in_head = std::min(out_sent_, out_[0].size());
    thread_->pieces[0] = piece(std::string_view(out_[0]).substr(in_head));
    thread_->pieces[1] = piece(std::string_view(out_[1]).substr(out_sent_ - in_head));
    const auto r = write_pieces(2);
    if (r.what == io::ended)
      return cut();
    if (r.what == io::blocked)
      return await_writable();
    out_sent_ += r.n;
    if (const auto& counted = limits_->traffic)
      traffic::count(counted->http_sent, r.n);
    if (!interim_)
      extend_deadline();
  }
  response_done();
}

void http_link::response_done() {
  for (auto& s : out_)
    std::string().swap(s);
  out_sent_ = 0;
  if (std::exchange(interim_, false)) {
    asio::post(thread_->context, [self = shared_from_this(), this] { parse(); });
    return;
  }
  pending_ = false;
  count_held(0);
  head_request_ = false;
  parser_.reset();
  if (!keep_alive_)
    return linger(linger_ms);
  set_deadline(input_.empty() ? limits_->keep_alive_timeout_ms : limits_->request_timeout_ms);
  wait_for_peer();
  parse();
}

void http_link::on_deadline() {
  const bool mid_request = !pending_ && (parser_ || !input_.empty());
  if (mid_request && out_[0].empty())
    refuse(408, "the request took too long");
  else
    cut();
}

void http_link::on_cut() {
  stop_waiting();
  count_held(0);
  if (const auto& counted = limits_->traffic)
    traffic::change(counted->http_connections, -1);
  // An exchange may hold the link much longer.
  parser_.reset();
  for (auto* s : {&input_, &out_[0], &out_[1]})
    std::string().swap(*s);
}

void http_link::upgrade(
    const std::string& key, const std::string& subprotocol,
    const std::function<websocket_events(std::shared_ptr<websocket_connection>)>& opened) {
  if (!pending_)
    return;
  if (const auto& counted = limits_->traffic)
    traffic::change(counted->http_connections, -1);
  auto rest = std::move(input_);
  auto ws = std::make_shared<websocket_link>(thread_, release_stream(), limits_, remote_address_);
  ws->enlist();
  ws->start(opened(ws), upgrade_answer(key, subprotocol), rest);
}

// -- exchanges ------------------------------------------------------------------

http_exchange::impl::~impl() {
  respond(plain(500, "the request was not answered"));
}

void http_exchange::impl::respond(http_response response) {
  if (answered.exchange(true))
    return;
  owner->post([l = owner.get(), r = std::move(response)]() mutable { l->respond(std::move(r)); });
}

const http_request& http_exchange::request() const {
  return impl_->request;
}

void http_exchange::respond(http_response response) {
  if (impl_)
    impl_->respond(std::move(response));
}

const http_request& websocket_offer::request() const {
  return impl_->request;
}

void websocket_offer::reject(http_response response) {
  if (impl_)
    impl_->respond(std::move(response));
}

void websocket_offer::accept(
    std::string subprotocol,
    std::function<websocket_events(std::shared_ptr<websocket_connection>)> opened) {
  if (!impl_ || impl_->answered.exchange(true))
    return;
  impl_->owner->post([l = impl_->owner.get(), key = impl_->key,
                      subprotocol = std::move(subprotocol),
                      opened = std::move(opened)] { l->upgrade(key, subprotocol, opened); });
}

} // namespace ros::runtime
