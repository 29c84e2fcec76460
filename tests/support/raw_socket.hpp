// A client's end of a TCP connection for tests: blocking calls that give up
// after a deadline, so that a test waits for what happens and never sleeps.
// Plain POSIX on purpose: it shares no code with the server it tests.
#pragma once

#include "runtime/clock.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ros::test {

/// How long a test waits for something that must happen.
inline constexpr int patience_ms = 20'000;

class raw_socket {
public:
  /// Connects to a loopback port; `receive_buffer` > 0 makes a reader that fills up soon.
  explicit raw_socket(std::uint16_t port, const std::string& address = "127.0.0.1",
                      int receive_buffer = 0) {
    const bool v6 = address.find(':') != std::string::npos;
    fd_ = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0)
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connected_ = (v6 ? connect_v6(address, port) : connect_v4(address, port)) == 0;
    ::fcntl(fd_, F_SETFL, O_NONBLOCK);
  }
  raw_socket(raw_socket&& x) noexcept
      : fd_(std::exchange(x.fd_, -1)), connected_(x.connected_), ended_(x.ended_), reset_(x.reset_),
        input_(std::move(x.input_)) {}
  raw_socket& operator=(raw_socket&&) = delete;
  ~raw_socket() { close(); }

  [[nodiscard]] bool connected() const { return connected_; }

  /// Everything, or false if the peer has gone or does not read in time.
  bool send(std::string_view bytes) {
    const auto end = now() + patience_ms;
    while (!bytes.empty()) {
      const auto n = try_send(bytes);
      if (n < 0 || (n == 0 && !wait(POLLOUT, end)))
        return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  /// What the kernel takes now: 0 = nothing, below 0 = the peer has gone.
  std::ptrdiff_t try_send(std::string_view bytes) {
    const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : n;
  }

  /// True as soon as the kernel takes more, false after `ms` without.
  bool writable_within(int ms) { return wait(POLLOUT, now() + ms); }

  /// True as soon as bytes or the end have arrived, false after `ms` without.
  bool readable_within(int ms) { return !input_.empty() || wait(POLLIN, now() + ms); }

  /// Exactly `n` bytes, or fewer if the stream ends or the deadline passes.
  std::string read(std::size_t n) {
    const auto end = now() + patience_ms;
    while (input_.size() < n && receive(end)) {
    }
    return take(std::min(n, input_.size()));
  }

  /// Up to and with `mark`; everything until the end if it does not come.
  std::string read_until(std::string_view mark) {
    const auto end = now() + patience_ms;
    std::size_t at;
    while ((at = input_.find(mark)) == std::string::npos && receive(end)) {
    }
    return take(at == std::string::npos ? input_.size() : at + mark.size());
  }

  /// All that comes before the stream ends.
  std::string read_to_end() {
    const auto end = now() + patience_ms;
    while (receive(end)) {
    }
    return take(input_.size());
  }

  /// Reads and throws away until the peer is gone; false if it stays.
  bool wait_for_end() {
    read_to_end();
    return ended_;
  }

  /// The peer has ended its side, in order or by reset.
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool was_reset() const { return reset_; }

  void shutdown_send() { ::shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0)
      ::close(std::exchange(fd_, -1));
  }
  /// Ends with a reset, as a crashed peer behind a NAT would.
  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }

private:
  static std::int64_t now() { return runtime::system_clock().steady_ms(); }

  int connect_v4(const std::string& address, std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
    return ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }

  int connect_v6(const std::string& address, std::uint16_t port) {
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(port);
    ::inet_pton(AF_INET6, address.c_str(), &to.sin6_addr);
    return ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }

  bool wait(short events, std::int64_t end) {
    for (;;) {
      pollfd p{fd_, events, 0};
      const auto rest = std::max<std::int64_t>(end - now(), 0);
      const auto n = ::poll(&p, 1, static_cast<int>(rest));
      if (n > 0)
        return true;
      if (n == 0 || errno != EINTR)
        return false;
    }
  }

  bool receive(std::int64_t end) {
    while (!ended_) {
      char buffer[65536];
      const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
      if (n > 0) {
        input_.append(buffer, static_cast<std::size_t>(n));
        return true;
      }
      if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        ended_ = true;
        reset_ = n != 0;
      } else if (!wait(POLLIN, end)) {
        return false;
      }
    }
    return false;
  }

  std::string take(std::size_t n) {
    auto out = input_.substr(0, n);
    input_.erase(0, n);
    return out;
  }

  int fd_ = -1;
  bool connected_ = false;
  bool ended_ = false;
  bool reset_ = false;
  std::string input_;
};

// -- WebSocket on top -------------------------------------------------------------

/// How a client's frame deviates from a plain final one.
struct frame_shape {
  bool fin = true;
  unsigned rsv = 0; ///< three bits
  bool masked = true;
};

/// A client's frame: opcode 1 text, 2 binary, 8 close, 9 ping, 10 pong, 0 continuation.
inline std::string client_frame(unsigned opcode, std::string_view payload, frame_shape shape = {}) {
  constexpr std::string_view mask("\x37\xfa\x21\x3d", 4);
  std::string out;
  auto put = [&out](std::uint64_t byte) { out.push_back(static_cast<char>(byte & 0xff)); };
  put((shape.fin ? 0x80u : 0u) | shape.rsv << 4 | opcode);
  const unsigned mask_bit = shape.masked ? 0x80 : 0;
  if (payload.size() < 126) {
    put(mask_bit | payload.size());
  } else if (payload.size() < 65536) {
    put(mask_bit | 126);
    put(payload.size() >> 8);
    put(payload.size());
  } else {
    put(mask_bit | 127);
    for (int shift = 56; shift >= 0; shift -= 8)
      put(payload.size() >> shift);
  }
  if (!shape.masked)
    return out.append(payload);
  out.append(mask);
  for (std::size_t i = 0; i < payload.size(); ++i)
    out.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  return out;
}

inline std::string binary_frame(std::string_view payload) {
  return client_frame(2, payload);
}

/// A frame as the server sent it.
struct server_frame {
  unsigned opcode = 0;
  bool fin = false;
  unsigned rsv = 0;
  bool masked = false;
  std::string payload;

  /// Of a close frame; 0 if it carries none.
  [[nodiscard]] unsigned close_code() const {
    return payload.size() < 2 ? 0
                              : static_cast<unsigned char>(payload[0]) << 8 |
                                    static_cast<unsigned char>(payload[1]);
  }
};

/// The next frame, or nothing if the stream ends before it does.
inline std::optional<server_frame> read_frame(raw_socket& from) {
  const auto head = from.read(2);
  if (head.size() < 2)
    return std::nullopt;
  const auto byte = [](char c) { return static_cast<unsigned>(static_cast<unsigned char>(c)); };
  server_frame f;
  f.fin = (byte(head[0]) & 0x80) != 0;
  f.rsv = byte(head[0]) >> 4 & 7;
  f.opcode = byte(head[0]) & 15;
  f.masked = (byte(head[1]) & 0x80) != 0;
  std::uint64_t size = byte(head[1]) & 127;
  if (size >= 126) {
    const auto more = from.read(size == 126 ? 2 : 8);
    size = 0;
    for (const char c : more)
      size = size << 8 | byte(c);
  }
  f.payload = from.read(size);
  if (f.payload.size() < size)
    return std::nullopt;
  return f;
}

/// The upgrade request of a sync client; `extra` are whole header lines.
inline std::string upgrade_request(const std::string& target = "/realm-sync",
                                   const std::string& extra = "") {
  return "GET " + target +
         " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: /qrcp/VBC3p1dXLBMiXFMw==\r\nSec-WebSocket-Version: 13\r\n"
         "Upgrade: websocket\r\n" +
         extra + "\r\n";
}

} // namespace ros::test
