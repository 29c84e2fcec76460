// One HTTP/1.1 connection: requests in, responses out, one at a time, until it
// ends or becomes a WebSocket. Internal to runtime/net_*.cpp. The parser is
// Beast's, fed by hand; it exists only while a request arrives.
#pragma once

#include "net.hpp"
#include "net_link.hpp"

#include <array>
#include <atomic>

namespace ros::runtime {

class http_link final : public link {
public:
  http_link(std::shared_ptr<io_thread> thread, accepted_stream stream,
            std::shared_ptr<const listener_handlers> handlers,
            std::shared_ptr<const net_limits> limits);
  ~http_link() override;

  void start();
  /// Answers the request that waits; on the thread.
  void respond(http_response response);
  /// Becomes a WebSocket; on the thread.
  void
  upgrade(const std::string& key, const std::string& subprotocol,
          const std::function<websocket_events(std::shared_ptr<websocket_connection>)>& opened);

private:
  struct parser;

  void wait_for_peer();
  void stop_waiting();
  void parse();
  bool parse_some();
  [[nodiscard]] bool body_fits();
  void continue_request();
  void dispatch();
  void refuse(unsigned status, std::string_view reason);
  void write_out();
  void extend_deadline();
  void count_held(std::size_t now);
  void response_done();

  void on_readable() override;
  void on_writable() override { write_out(); }
  void on_deadline() override;
  void on_cut() override;

  std::shared_ptr<const listener_handlers> handlers_;
  const std::shared_ptr<const net_limits> limits_;
  std::string remote_address_;
  std::unique_ptr<parser> parser_;
  std::string input_;              ///< received and not parsed
  std::array<std::string, 2> out_; ///< head and body of the response
  std::size_t out_sent_ = 0;
  steady::time_point out_end_; ///< when the response must be out, however it goes
  std::optional<std::list<http_link*>::iterator> waits_; ///< its place among those that wait
  bool pending_ = false;                                 ///< a request waits for its response
  std::size_t held_ = 0;                                 ///< of a big body, as counted in `inbound`
  bool keep_alive_ = true;                               ///< after the response
  bool head_request_ = false;
  bool interim_ = false; ///< out_ is "100 Continue"
};

/// The response's head: status line, date, the given headers, framing.
std::string response_head(const http_response& r, bool keep_alive);
/// The answer to a WebSocket handshake with this Sec-WebSocket-Key.
std::string upgrade_answer(const std::string& key, const std::string& subprotocol);
/// Whether a request asks for a WebSocket at all.
bool asks_for_websocket(const http_request& r);
/// The handshake's key, or nothing and the status to refuse with.
std::optional<std::string> handshake_key(const http_request& r, unsigned& status);

struct http_exchange::impl {
  impl(std::shared_ptr<http_link> l, http_request r) : owner(std::move(l)), request(std::move(r)) {}
  ~impl();
  void respond(http_response response);
  std::shared_ptr<http_link> owner;
  http_request request;
  std::atomic<bool> answered = false;
};

struct websocket_offer::impl : http_exchange::impl {
  impl(std::shared_ptr<http_link> l, http_request r, std::string k)
      : http_exchange::impl(std::move(l), std::move(r)), key(std::move(k)) {}
  std::string key;
};

} // namespace ros::runtime
