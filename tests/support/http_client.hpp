// A tiny blocking HTTP client for tests, on the plain socket of raw_socket.hpp: one
// connection, one request at a time, kept alive between them.
#pragma once

#include "raw_socket.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ros::test {

using header_list = std::vector<std::pair<std::string, std::string>>;

struct http_answer {
  unsigned status = 0; ///< 0: the server closed without answering
  header_list headers;
  std::string body;

  /// Value of a header, whatever its case; "" if it is absent.
  [[nodiscard]] std::string header(std::string_view name) const {
    auto same = [](char a, char b) {
      auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
      return lower(a) == lower(b);
    };
    for (const auto& [key, value] : headers)
      if (std::equal(key.begin(), key.end(), name.begin(), name.end(), same))
        return value;
    return {};
  }
  /// The body as JSON; null if it is none.
  [[nodiscard]] boost::json::value json() const {
    boost::system::error_code failed;
    auto value = boost::json::parse(body, failed);
    return failed ? boost::json::value{} : value;
  }
};

class http_client {
public:
  explicit http_client(std::uint16_t port, const std::string& address = "127.0.0.1")
      : socket_(port, address), host_(address + ':' + std::to_string(port)) {}

  [[nodiscard]] bool connected() const { return socket_.connected(); }
  /// What is sent as Host where a request does not say.
  [[nodiscard]] const std::string& host() const { return host_; }

  /// Sends a request and waits for its answer. Host and Content-Length are added
  /// where `headers` lack them.
  http_answer send(std::string_view method, std::string_view target, header_list headers = {},
                   std::string_view body = {}) {
    auto has = [&headers](std::string_view name) {
      return std::any_of(headers.begin(), headers.end(),
                         [name](const auto& header) { return header.first == name; });
    };
    if (!has("Host"))
      headers.emplace_back("Host", host_);
    if (!has("Content-Length") && (!body.empty() || method == "POST" || method == "PUT"))
      headers.emplace_back("Content-Length", std::to_string(body.size()));
    std::string text{method};
    text.append(" ").append(target).append(" HTTP/1.1\r\n");
    for (const auto& [name, value] : headers)
      text.append(name).append(": ").append(value).append("\r\n");
    text.append("\r\n").append(body);
    if (!socket_.send(text))
      return {};
    return read_answer(method == "HEAD");
  }
  http_answer get(std::string_view target, header_list headers = {}) {
    return send("GET", target, std::move(headers));
  }
  /// Posts JSON.
  http_answer post(std::string_view target, std::string_view body, header_list headers = {}) {
    headers.emplace_back("Content-Type", "application/json;charset=utf-8");
    return send("POST", target, std::move(headers), body);
  }

  /// The next answer, of a request that was sent by hand.
  http_answer read_answer(bool without_body = false) {
    http_answer answer;
    do
      answer = read_head();
    while (answer.status >= 100 && answer.status < 200 && answer.status != 101);
    std::size_t size = 0;
    const auto length = answer.header("Content-Length");
    std::from_chars(length.data(), length.data() + length.size(), size);
    if (!without_body)
      answer.body = socket_.read(size);
    return answer;
  }

  [[nodiscard]] raw_socket& socket() { return socket_; }

private:
  http_answer read_head() {
    http_answer answer;
    const auto head = socket_.read_until("\r\n\r\n");
    std::string_view rest{head};
    auto next_line = [&rest] {
      const auto end = std::min(rest.find("\r\n"), rest.size());
      const auto line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 2, rest.size()));
      return line;
    };
    const auto first = next_line();
    if (first.size() > 12)
      std::from_chars(first.data() + 9, first.data() + 12, answer.status);
    for (auto line = next_line(); !line.empty(); line = next_line()) {
      const auto colon = std::min(line.find(':'), line.size());
      auto value = line.substr(std::min(colon + 1, line.size()));
      while (value.starts_with(' '))
        value.remove_prefix(1);
      answer.headers.emplace_back(line.substr(0, colon), value);
    }
    return answer;
  }

  raw_socket socket_;
  std::string host_;
};

} // namespace ros::test
