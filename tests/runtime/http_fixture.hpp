// What the tests of plain HTTP share: a server that describes requests, and answers
// taken apart.
#pragma once

#include "net_server.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace ros::runtime {

using test::net_server;
using test::raw_socket;

/// Answers with what it understood.
inline void describe(http_exchange x) {
  const auto& r = x.request();
  x.respond({200, {{"Content-Type", "text/plain"}}, r.method + ' ' + r.target + ' ' + r.body});
}

struct answer {
  std::string head;
  std::string body;
  [[nodiscard]] bool has(std::string_view part) const {
    return head.find(part) != std::string::npos;
  }
  [[nodiscard]] std::string status() const { return head.substr(9, 3); }
};

inline answer read_answer(raw_socket& from, bool has_body = true) {
  answer a;
  a.head = from.read_until("\r\n\r\n");
  const std::string_view mark = "\r\nContent-Length: ";
  if (const auto at = a.head.find(mark); at != std::string::npos && has_body)
    a.body = from.read(std::stoul(a.head.substr(at + mark.size())));
  return a;
}

inline answer ask(const net_server& server, const std::string& request) {
  raw_socket client(server.port());
  EXPECT_TRUE(client.send(request));
  return read_answer(client);
}

} // namespace ros::runtime
