// Messages that must stay inside the process: they carry sockets or views into
// buffers. No cluster interface includes this header.
#pragma once

#include "runtime/net.hpp"
#include "sync/download_message.hpp"
#include "sync/message.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace ros::actors {

/// One WebSocket message as it came.
struct inbound_frame {
  std::shared_ptr<const std::string> data;
};

/// Part of a connection's receive window. Gives it back when the last copy
/// goes, so that no path through the actors can forget to.
class receive_credit {
public:
  receive_credit(std::shared_ptr<runtime::websocket_connection> socket, std::size_t size)
      : socket_(std::move(socket)), size_(size) {}
  ~receive_credit() { socket_->consumed(size_); }
  receive_credit(const receive_credit&) = delete;
  receive_credit& operator=(const receive_credit&) = delete;

private:
  std::shared_ptr<runtime::websocket_connection> socket_;
  std::size_t size_;
};
using credit_ptr = std::shared_ptr<const receive_credit>;

/// A parsed message on its way to a session.
struct client_message {
  sync::client_message content;
  credit_ptr credit;
};

/// A big DOWNLOAD body, to be compressed off the scheduler's threads.
struct pack_download {
  sync::download_body body;
};
struct packed_download {
  sync::packed_body body;
};

struct upgrade_request {
  runtime::websocket_offer offer;
};

/// Who really sent a request, and over what: seen through trusted proxies.
struct request_origin {
  std::string address; ///< of the client, without port
  bool secure = false; ///< it came to the first of them by TLS
};

struct plain_request {
  runtime::http_exchange exchange;
  request_origin origin = {}; ///< filled in by the PROXY
};

} // namespace ros::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::inbound_frame)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::client_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::pack_download)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::packed_download)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::upgrade_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::plain_request)
