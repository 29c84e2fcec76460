// Requests to servers of others over HTTP(S), and mail over SMTP, on libcurl. Blocking: for
// actors on threads of their own. libcurl stays behind this header.
#pragma once

#include <boost/system/result.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ros::runtime {

struct web_request {
  std::string method = "GET"; ///< GET, POST
  std::string url;            ///< http or https
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
};

struct web_response {
  unsigned status = 0;
  std::string body{};
};

/// Why there is no response. The message names the server, and neither the query of the
/// URL nor anything that was sent: both hold tokens.
struct web_failure {
  std::string message;
  bool is_permanent = false; ///< trying again would not help
};
[[noreturn]] inline void throw_exception_from_error(const web_failure& e,
                                                    const boost::source_location&) {
  throw std::logic_error("unchecked failure of a web request: " + e.message);
}

enum class mail_security : std::uint8_t {
  none,     ///< plain text; for a server on this machine
  starttls, ///< TLS after a plain greeting, always
  tls,      ///< TLS from the first byte
};

/// mail.smtp of operations.md 2.6.
struct mail_server {
  std::string host;
  std::uint16_t port = 25;
  mail_security security = mail_security::starttls;
  std::string username{}; ///< empty: no log-in
  std::string password{};
};

struct mail {
  std::string from; ///< bare address
  std::string to;   ///< bare address
  std::string text; ///< head and body of RFC 5322, lines end with CRLF
};

struct web_client_options {
  std::string ca_path{}; ///< PEM; whom to trust instead of whom the system trusts
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{10'000}; ///< of a whole exchange
  std::size_t max_body = 1u << 20;           ///< bytes of a response
};

/// One conversation at a time, connections are kept for the next. TLS 1.2 or better, peers
/// are verified, redirections are not followed. Not thread-safe, except that `stop` may be
/// set from anywhere: everything then fails soon.
class web_client {
public:
  explicit web_client(web_client_options options,
                      std::shared_ptr<const std::atomic<bool>> stop = nullptr);
  ~web_client();
  web_client(const web_client&) = delete;
  web_client& operator=(const web_client&) = delete;

  boost::system::result<web_response, web_failure> fetch(const web_request& request);
  /// The server has taken the mail over when this succeeds.
  boost::system::result<void, web_failure> send(const mail_server& server, const mail& message);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// "https://host:1/x?token=y" -> "https://host:1": what may be logged of a URL.
std::string web_origin(std::string_view url);
/// Behind the origin, without the query; "/" if there is nothing.
std::string web_path(std::string_view url);
/// Whether the text is an http or https URL with a host.
bool is_web_url(std::string_view text);

} // namespace ros::runtime
