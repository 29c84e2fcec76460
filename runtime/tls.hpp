// TLS for listeners, on OpenSSL: the certificate chain and key that a server shows, and
// one connection's TLS over a non-blocking socket. OpenSSL stays behind this header.
// Owned by whoever opens a listener; used by runtime/net_link.
#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace ros::runtime {

/// What is wrong with a certificate or its key.
struct tls_error {
  enum class part { certificate, key } which = part::certificate;
  std::string message; ///< names the file
};
[[noreturn]] inline void throw_exception_from_error(const tls_error& e,
                                                    const boost::source_location&) {
  throw std::logic_error("unchecked TLS error: " + e.message);
}

/// TLS of one connection. Not thread-safe; the socket is not its own.
class tls_stream {
public:
  enum class what { done, blocked, ended };
  struct outcome {
    what result;
    std::size_t n;
  };

  explicit tls_stream(ssl_st* ssl) : ssl_(ssl) {}
  ~tls_stream();
  tls_stream(const tls_stream&) = delete;
  tls_stream& operator=(const tls_stream&) = delete;

  /// Reads what is there, at most `size` bytes; shakes hands first. Never waits.
  outcome read(char* to, std::size_t size);
  /// Writes one record at most. If it is blocked the next call must begin with the same
  /// bytes.
  outcome write(std::string_view bytes);
  /// Tells the peer that nothing more comes, if the socket takes it.
  void close_notify();

  /// The last read() filled its buffer: more may be there although the socket is not readable.
  [[nodiscard]] bool has_input() const noexcept { return has_input_; }
  /// read() goes on once the socket is writable, not when it is readable.
  [[nodiscard]] bool read_waits_for_write() const noexcept { return read_waits_for_write_; }
  /// A record is on its way that write() has not reported yet.
  [[nodiscard]] bool is_writing() const noexcept { return is_writing_; }

  /// The most plain bytes of one record.
  static constexpr std::size_t record_size = 16 * 1024;

private:
  ssl_st* ssl_;
  bool has_input_ = false;
  bool read_waits_for_write_ = false;
  bool is_writing_ = false;
  bool failed_ = false;
};

/// A certificate chain with its private key, ready to accept connections with TLS 1.2
/// (forward secrecy and authenticated encryption only) and 1.3. Immutable.
class tls_identity {
public:
  using result = boost::system::result<std::shared_ptr<const tls_identity>, tls_error>;

  /// Reads PEM files: the chain with the server's certificate first, the key without
  /// passphrase. Refuses what cannot be read or does not belong together.
  static result from_files(const std::string& certificate_path, const std::string& key_path);

  explicit tls_identity(ssl_ctx_st* context) : context_(context) {}
  ~tls_identity();
  tls_identity(const tls_identity&) = delete;
  tls_identity& operator=(const tls_identity&) = delete;

  /// Issuer and subject are one and the certificate's own key signed it (operations.md 2.7).
  [[nodiscard]] bool is_self_signed() const;
  /// When the certificate ends; Unix seconds.
  [[nodiscard]] std::int64_t expires_s() const;

  /// TLS for an accepted socket; null if memory is short.
  [[nodiscard]] std::unique_ptr<tls_stream> accept(int socket) const;

private:
  ssl_ctx_st* context_;
};

} // namespace ros::runtime
