// A raw client of the sync protocol for tests and load measurements: a WebSocket
// over plain POSIX sockets, every received byte judged by the strict reader.
// Blocking, with deadlines; shares no code with the server.
#pragma once

#include "raw_socket.hpp"
#include "server_message.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ros::test {

/// "com.mongodb.realm-sync#<newest>, ... #<oldest>", as SDKs offer it.
std::string offer(int newest, int oldest = 2, char separator = '#');

struct connect_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::string target = "/realm-sync"; ///< without the token
  std::string token;                  ///< as `baas_at`; empty: none
  std::string subprotocols = offer(14);
  std::string headers; ///< whole lines to add
  int receive_buffer = 0; ///< of the socket, bytes; 0: as the system likes
  int version = 0;     ///< of a client that announces it otherwise than by a subprotocol
};

/// The server closed, or TCP ended.
struct lost_connection : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// The server sent an error instead of what was waited for.
struct refused : std::runtime_error {
  explicit refused(server_message m)
      : std::runtime_error("refused: " + m.raw.substr(0, 300)), message(std::move(m)) {}
  server_message message;
};

/// One WebSocket. Not thread-safe. Waiting for messages throws std::runtime_error
/// unless what is expected comes.
class protocol_client {
public:
  /// Connects and upgrades; look at status() afterwards.
  explicit protocol_client(const connect_options& options);

  /// HTTP status of the upgrade; 0 if there was no answer at all.
  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] bool is_open() const noexcept { return status_ == 101 && !ended_; }
  /// The server's Sec-WebSocket-Protocol.
  [[nodiscard]] const std::string& subprotocol() const noexcept { return subprotocol_; }
  /// 1 .. 14, or 15 .. 30 of io.realm.sync.
  [[nodiscard]] int version() const noexcept { return version_; }
  /// Head and body of the answer to the upgrade.
  [[nodiscard]] const std::string& answer() const noexcept { return answer_; }

  void send(std::string_view message) { socket_.send(binary_frame(message)); }
  /// Bytes as they are, for framing tests.
  raw_socket& socket() { return socket_; }

  /// The next message of the server, log messages aside; nothing once the server has
  /// closed or `ms` passed without one.
  std::optional<server_message> next(int ms = patience_ms);
  /// The next message, whatever it is; throws if there is none.
  server_message require_next();
  /// The next message, which must have this name.
  server_message expect(std::string_view name);
  /// Throws if anything comes before a ping sent now is answered.
  void expect_silence();
  /// Sends a WebSocket ping; the payload of the pong. Nothing if the server closes instead.
  std::optional<std::string> websocket_ping(std::string_view payload);
  /// Reads until the server closes; messages on the way are returned.
  std::vector<server_message> read_to_end();

  /// Code of the server's close frame; nothing if it closed TCP without.
  [[nodiscard]] std::optional<unsigned> close_code() const noexcept { return close_code_; }
  [[nodiscard]] const std::vector<server_message>& log_messages() const noexcept { return logs_; }
  /// Pongs of WebSocket pings.
  [[nodiscard]] const std::vector<std::string>& pongs() const noexcept { return pongs_; }

  void close() { socket_.close(); }

private:
  void upgrade(const connect_options& options);
  bool read_one();

  raw_socket socket_;
  int status_ = 0;
  std::string answer_;
  std::string subprotocol_;
  int version_ = 0;
  bool ended_ = false;
  std::optional<unsigned> close_code_;
  std::deque<server_message> received_;
  std::vector<server_message> logs_;
  std::vector<std::string> pongs_;
  std::uint64_t next_ping_ = 1'000'000;
};

/// One client's copy of a Realm: what an SDK persists. Outlives sessions and connections.
struct client_copy {
  struct change {
    std::uint64_t client_version = 0;
    std::uint64_t base = 0; ///< server version
    std::uint64_t timestamp = 0;
    std::string changeset;
  };

  std::string path;        ///< as sent in BIND
  std::uint64_t ident = 0; ///< 0: none yet
  std::uint64_t salt = 0;
  std::uint64_t version = 1;        ///< client version
  std::uint64_t server_version = 0; ///< D
  std::uint64_t client_version = 0; ///< Dc
  std::uint64_t latest = 0;         ///< L
  std::uint64_t latest_salt = 0;
  std::uint64_t acknowledged = 0;      ///< Uc
  std::uint64_t acknowledged_base = 0; ///< Us
  std::vector<change> unacknowledged;
  bool keeps_received = true;
  std::vector<received_entry> received;                   ///< everything ever downloaded, in order
  std::function<void(const server_message&)> on_download; ///< may be empty
};

/// One BIND of a copy. Checks what an SDK checks from one download to the next.
class client_session {
public:
  /// `acknowledges`: sends an empty upload after every download, as SDKs before core
  /// 14.11 do. Needs `client` and `copy` as long as it lives.
  client_session(protocol_client& client, client_copy& copy, std::uint64_t session,
                 bool acknowledges = true)
      : client_(client), copy_(copy), session_(session), acknowledges_(acknowledges) {}

  /// BIND, IDENT and the first download.
  void start(std::string_view token = {});
  /// A change made now, to be uploaded by upload(); its client version.
  std::uint64_t write(std::string changeset, std::uint64_t timestamp = 1000);
  /// Sends what was written and not sent in this session.
  void upload();
  /// Works until everything written is acknowledged.
  void wait_for_upload();
  /// MARK, and works until it is answered.
  void wait_for_download();
  void unbind();

  /// Takes one message of the connection that is for this session; throws on errors.
  void receive(const server_message& message);

  [[nodiscard]] std::uint64_t downloads() const noexcept { return downloads_; }
  [[nodiscard]] client_copy& copy() noexcept { return copy_; }

private:
  void on_download(const server_message& m);
  void step();

  protocol_client& client_;
  client_copy& copy_;
  std::uint64_t session_;
  bool acknowledges_;
  std::uint64_t uploaded_ = 0; ///< client version sent last in this session
  std::uint64_t marks_ = 0;
  std::uint64_t answered_mark_ = 0;
  std::uint64_t downloads_ = 0;
};

/// Heads and bodies of client messages, as clients of `version` write them.
std::string bind_message(std::uint64_t session, std::string_view path, bool need_ident,
                         std::string_view token = {}, int version = 14);
std::string ident_message(std::uint64_t session, const client_copy& copy, int version = 14);
std::string upload_message(std::uint64_t session, std::uint64_t progress_client_version,
                           std::uint64_t progress_server_version, std::uint64_t locked,
                           const std::vector<client_copy::change>& changes = {},
                           std::uint64_t origin = 0, int version = 14);
/// The same with a zlib body of this level.
std::string compressed_upload_message(std::uint64_t session, std::uint64_t progress_client_version,
                                      std::uint64_t progress_server_version, std::uint64_t locked,
                                      const std::vector<client_copy::change>& changes, int level);

} // namespace ros::test
