// TLS listeners against OpenSSL's own client.
#include "net_server.hpp"
#include "runtime/tls.hpp"
#include "support/test_keys.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <sys/time.h>

#include <array>
#include <csignal>

namespace ros::runtime {
namespace {

using test::key_path;
using test::net_server;
using test::raw_socket;

tls_identity_ptr identity(const std::string& name) {
  auto x = tls_identity::from_files(key_path("tls-" + name + ".pem"),
                                    key_path("tls-" + name + ".key.pem"));
  EXPECT_TRUE(x) << (x ? "" : x.error().message);
  return x ? *x : nullptr;
}

/// A blocking client that trusts the tests' authority only.
class tls_client {
public:
  explicit tls_client(std::uint16_t port, int newest = TLS1_3_VERSION, int receive_buffer = 0)
      : context_(SSL_CTX_new(TLS_client_method())) {
    std::signal(SIGPIPE, SIG_IGN);
    SSL_CTX_load_verify_locations(context_, key_path("tls-ca.pem").c_str(), nullptr);
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_, newest);
    SSL_CTX_set_cipher_list(context_, "ALL:@SECLEVEL=0");
    SSL_CTX_set_mode(context_, SSL_MODE_AUTO_RETRY);
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0)
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    const timeval patience{test::patience_ms / 1000, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    ssl_ = SSL_new(context_);
    SSL_set1_host(ssl_, "localhost");
    SSL_set_fd(ssl_, socket_);
    connected_ = SSL_connect(ssl_) == 1;
  }
  ~tls_client() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    ::close(socket_);
  }
  tls_client(const tls_client&) = delete;
  tls_client& operator=(const tls_client&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] std::string server_name() const {
    auto* x = SSL_get1_peer_certificate(ssl_);
    std::array<char, 100> text{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, text.data(), text.size());
    X509_free(x);
    return text.data();
  }
  bool send(std::string_view bytes) {
    std::size_t n = 0;
    return SSL_write_ex(ssl_, bytes.data(), bytes.size(), &n) == 1;
  }
  /// Exactly so many, or fewer if the stream ends.
  std::string read(std::size_t n) {
    std::string out(n, '\0');
    std::size_t at = 0, got = 0;
    while (at < n && SSL_read_ex(ssl_, out.data() + at, n - at, &got) == 1)
      at += got;
    out.resize(at);
    return out;
  }
  std::string read_until(std::string_view mark) {
    std::string out, byte;
    while (!out.ends_with(mark) && !(byte = read(1)).empty())
      out += byte;
    return out;
  }
  /// The server has said in order that nothing more comes.
  bool is_closed_in_order() {
    return read(1).empty() && (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0;
  }
  bool upgrade() {
    return send(test::upgrade_request()) && read_until("\r\n\r\n").starts_with("HTTP/1.1 101 ");
  }

private:
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  int socket_ = -1;
  bool connected_ = false;
};

constexpr std::string_view request = "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST(tls, requests_are_answered_and_the_connection_is_kept) {
  net_server server{{}, 2, identity("one")};
  tls_client client{server.port()};
  ASSERT_TRUE(client.connected());
  EXPECT_EQ(client.server_name(), "Test server one");
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.send(request));
    EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
  }
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(client.is_closed_in_order());
}

TEST(tls, a_big_answer_arrives_whole) {
  net_server server{{}, 2, identity("one")};
  std::string body;
  for (int i = 0; body.size() < 5'000'000; ++i)
    body += std::to_string(i) + ' ';
  server.on_request = [&](http_exchange x) { x.respond({200, {}, body}); };
  tls_client client{server.port(), TLS1_3_VERSION, 32 * 1024};
  ASSERT_TRUE(client.connected());
  ASSERT_TRUE(client.send(request));
  client.read_until("\r\n\r\n");
  EXPECT_EQ(client.read(body.size()), body);
}

TEST(tls, a_message_of_many_records_arrives_whole) {
  net_server server{{}, 2, identity("one")};
  tls_client client{server.port()};
  ASSERT_TRUE(client.upgrade());
  std::string payload;
  for (int i = 0; payload.size() < 900'000; ++i)
    payload += std::to_string(i) + ' ';
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(client.send(test::binary_frame(payload)));
  ASSERT_TRUE(server.wait_messages(3));
  for (const auto& message : server.snapshot().messages)
    EXPECT_EQ(*message, payload);
}

/// What overtakes must not get into a record that the kernel took half.
TEST(tls, urgent_messages_leave_a_blocked_record_whole) {
  net_server server{{}, 2, identity("one")};
  tls_client client{server.port(), TLS1_3_VERSION, 32 * 1024};
  ASSERT_TRUE(client.upgrade());
  const auto connection = server.connection();
  constexpr std::size_t size = 100'000;
  for (int i = 0; i < 40; ++i)
    connection->send(std::string(size, static_cast<char>('a' + i % 26)));
  std::string all;
  for (int i = 0; i < 20; ++i) {
    connection->send("urgent", {}, true);
    all += client.read(1); // lets a little through
  }
  constexpr std::size_t expected = 40 * (size + 10) + 20 * 8; // with the frames' heads
  all += client.read(expected - all.size());
  ASSERT_EQ(all.size(), expected);
  std::size_t urgent = 0;
  for (std::size_t at = 0; at < all.size();) {
    ASSERT_EQ(all[at], '\x82') << at;
    if (all[at + 1] == 6) {
      EXPECT_EQ(all.substr(at + 2, 6), "urgent");
      ++urgent;
      at += 8;
    } else {
      EXPECT_EQ(all.substr(at + 10, size), std::string(size, all[at + 10]));
      at += 10 + size;
    }
  }
  EXPECT_EQ(urgent, 20u);
}

TEST(tls, old_versions_are_refused) {
  net_server server{{}, 2, identity("one")};
  EXPECT_FALSE(tls_client(server.port(), TLS1_1_VERSION).connected());
  EXPECT_TRUE(tls_client(server.port(), TLS1_2_VERSION).connected());
}

TEST(tls, plain_text_is_not_answered) {
  net_server server{{}, 2, identity("one")};
  raw_socket client{server.port()};
  ASSERT_TRUE(client.send(request));
  EXPECT_FALSE(client.read_to_end().starts_with("HTTP/"));
  EXPECT_TRUE(client.ended());
}

TEST(tls, a_handshake_that_does_not_go_on_is_cut) {
  net_limits limits;
  limits.request_timeout_ms = 200;
  net_server server{limits, 2, identity("one")};
  raw_socket client{server.port()};
  ASSERT_TRUE(client.send("\x16\x03\x01"));
  EXPECT_TRUE(client.wait_for_end());
}

TEST(tls, a_new_identity_is_for_new_connections) {
  net_server server{{}, 2, identity("one")};
  tls_client before{server.port()};
  ASSERT_TRUE(before.connected());
  server.listener().show(identity("two"));
  // The listener takes it on its own thread; a connection may still be ahead of it.
  std::string name;
  for (int i = 0; i < 1000 && name != "Test server two"; ++i)
    name = tls_client(server.port()).server_name();
  EXPECT_EQ(name, "Test server two");
  ASSERT_TRUE(before.send(request));
  EXPECT_TRUE(before.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
}

TEST(tls, identities_tell_what_they_are) {
  EXPECT_TRUE(identity("self")->is_self_signed());
  EXPECT_FALSE(identity("one")->is_self_signed());
  EXPECT_EQ(identity("old")->expires_s(), 1609459200);
}

} // namespace
} // namespace ros::runtime
