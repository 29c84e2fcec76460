// The text side of HTTP: looking at requests, writing response heads and
// handshake answers.
#include "clock.hpp"
#include "encoding.hpp"
#include "net_http.hpp"

#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>

#include <openssl/sha.h>

#include <algorithm>
#include <ctime>

namespace ros::runtime {

namespace http = boost::beast::http;

namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [&](char x, char y) { return lower(x) == lower(y); });
}

/// Whether a comma-separated header of any number of lines contains the token.
bool lists_token(const http_request& r, std::string_view name, std::string_view token) {
  for (const auto& [key, value] : r.headers)
    if (equal_ignoring_case(key, name))
      for (const auto& item : http::token_list{value})
        if (equal_ignoring_case({item.data(), item.size()}, token))
          return true;
  return false;
}

/// Header text as given but for line ends, which would let a value forge headers.
void append_clean(std::string& out, std::string_view text) {
  for (char c : text)
    if (c != '\r' && c != '\n' && c != '\0')
      out.push_back(c);
}

std::string_view date_now() {
  struct cache {
    std::int64_t second = -1;
    char text[32] = {};
  };
  thread_local cache c;
  if (const auto now = system_clock().unix_ms() / 1000; now != c.second) {
    c.second = now;
    const std::time_t t = now;
    std::tm parts{};
    gmtime_r(&t, &parts);
    std::strftime(c.text, sizeof c.text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  }
  return c.text;
}

} // namespace

std::optional<std::string_view> http_request::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (equal_ignoring_case(key, name))
      return value;
  return std::nullopt;
}

std::string_view http_request::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view http_request::query() const {
  const auto at = target.find('?');
  return at == std::string::npos ? std::string_view{} : std::string_view(target).substr(at + 1);
}

std::optional<std::string> http_request::query_parameter(std::string_view name) const {
  return query_value(query(), name);
}

std::string response_head(const http_response& r, bool keep_alive) {
  std::string out = "HTTP/1.1 " + std::to_string(r.status) + ' ';
  const auto reason = http::obsolete_reason(static_cast<http::status>(r.status));
  out.append(reason.data(), reason.size());
  out += "\r\nDate: ";
  out += date_now();
  for (const auto& [name, value] : r.headers) {
    if (equal_ignoring_case(name, "Content-Length") || equal_ignoring_case(name, "Connection") ||
        equal_ignoring_case(name, "Transfer-Encoding"))
      continue; // framing is decided here
    out += "\r\n";
    append_clean(out, name);
    out += ": ";
    append_clean(out, value);
  }
  if (r.status >= 200 && r.status != 204 && r.status != 304)
    out += "\r\nContent-Length: " + std::to_string(r.body.size());
  out += keep_alive ? "\r\nConnection: keep-alive\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
  return out;
}

std::string upgrade_answer(const std::string& key, const std::string& subprotocol) {
  const auto salted = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(salted.data()), salted.size(), digest);
  std::string out = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Accept: ";
  out += base64_encode({reinterpret_cast<const char*>(digest), sizeof digest});
  if (!subprotocol.empty()) {
    out += "\r\nSec-WebSocket-Protocol: ";
    append_clean(out, subprotocol);
  }
  out += "\r\n\r\n";
  return out;
}

bool asks_for_websocket(const http_request& r) {
  return r.method == "GET" && lists_token(r, "Upgrade", "websocket");
}

std::optional<std::string> handshake_key(const http_request& r, unsigned& status) {
  status = 400;
  const auto version = r.header("Sec-WebSocket-Version");
  if (version && *version != "13") {
    status = 426;
    return std::nullopt;
  }
  const auto key = r.header("Sec-WebSocket-Key");
  if (!version || !key || !r.body.empty() || !lists_token(r, "Connection", "upgrade"))
    return std::nullopt;
  if (const auto nonce = base64_decode(*key); !nonce || nonce->size() != 16)
    return std::nullopt;
  return std::string(*key);
}

} // namespace ros::runtime
