#include "protocol_client.hpp"

#include <zlib.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <stdexcept>

namespace ros::test {

namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what);
}

void require(bool condition, const std::string& what) {
  if (!condition)
    fail(what);
}

bool is_error(const server_message& m) {
  return m.name == "json_error" || m.name == "error";
}

/// io.realm.sync 15 to 22.
bool is_early(int version) {
  return version >= 15 && version <= 22;
}

std::string joined(std::string_view name, const std::vector<std::uint64_t>& numbers) {
  std::string out{name};
  for (auto n : numbers)
    out += ' ' + std::to_string(n);
  out += '\n';
  return out;
}

std::string entries(const std::vector<client_copy::change>& changes, std::uint64_t origin,
                    int version = 14) {
  std::string body;
  for (const auto& c : changes) {
    for (auto n : {c.client_version, c.base, c.timestamp})
      body += std::to_string(n) + ' ';
    if (!is_early(version))
      body += std::to_string(origin) + ' ';
    body += std::to_string(c.changeset.size()) + ' ' + c.changeset;
  }
  return body;
}

/// Value of a header of an HTTP head, or empty.
std::string header(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const auto end = std::min(head.find("\r\n"), head.size());
    const auto line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    const auto colon = line.find(": ");
    if (colon == name.size() &&
        std::equal(name.begin(), name.end(), line.begin(), [](unsigned char a, unsigned char b) {
          return std::tolower(a) == std::tolower(b);
        }))
      return std::string{line.substr(colon + 2)};
  }
  return {};
}

} // namespace

std::string offer(int newest, int oldest, char separator) {
  std::string out;
  for (int v = newest; v >= oldest; --v)
    out += (out.empty() ? "" : ", ") + std::string{"com.mongodb.realm-sync"} + separator +
           std::to_string(v);
  return out;
}

// -- the connection -----------------------------------------------------------------

protocol_client::protocol_client(const connect_options& options)
    : socket_(options.port, options.address, options.receive_buffer) {
  if (socket_.connected())
    upgrade(options);
}

void protocol_client::upgrade(const connect_options& options) {
  auto target = options.target;
  if (!options.token.empty())
    target += (target.find('?') == std::string::npos ? "?baas_at=" : "&baas_at=") + options.token;
  auto extra = options.headers;
  if (!options.subprotocols.empty())
    extra += "Sec-WebSocket-Protocol: " + options.subprotocols + "\r\n";
  socket_.send(upgrade_request(target, extra));
  answer_ = socket_.read_until("\r\n\r\n");
  if (answer_.size() < 12 || !answer_.starts_with("HTTP/1.1 "))
    return;
  std::from_chars(answer_.data() + 9, answer_.data() + 12, status_);
  if (status_ != 101) {
    const auto length = header(answer_, "Content-Length");
    answer_ += socket_.read(length.empty() ? 0 : std::stoul(length));
    return;
  }
  require(header(answer_, "Sec-WebSocket-Accept") == "wTqtxdablDFt0K/NOfR5b/QInyc=",
          "wrong Sec-WebSocket-Accept");
  require(header(answer_, "Sec-WebSocket-Extensions").empty(), "extensions were never offered");
  subprotocol_ = header(answer_, "Sec-WebSocket-Protocol");
  const auto separator = subprotocol_.find_last_of("#/.");
  version_ = options.version;
  if (version_ == 0 && separator != std::string::npos)
    version_ = std::stoi(subprotocol_.substr(separator + 1));
}

/// Reads one frame; false at the end.
bool protocol_client::read_one() {
  if (ended_)
    return false;
  auto frame = read_frame(socket_);
  if (!frame) {
    ended_ = true;
    return false;
  }
  require(!frame->masked && frame->rsv == 0 && frame->fin, "malformed frame from the server");
  switch (frame->opcode) {
  case 2:
    require(!close_code_, "message behind a close frame");
    received_.push_back(read_server_message(frame->payload, version_));
    if (received_.back().name == "log_message") {
      logs_.push_back(std::move(received_.back()));
      received_.pop_back();
    }
    break;
  case 8:
    close_code_ = frame->close_code();
    break;
  case 10:
    pongs_.push_back(frame->payload);
    break;
  default:
    fail("frame with opcode " + std::to_string(frame->opcode) + " from the server");
  }
  return true;
}

std::optional<server_message> protocol_client::next(int ms) {
  while (received_.empty()) {
    if (ended_ || !socket_.readable_within(ms))
      return std::nullopt;
    if (!read_one())
      return std::nullopt;
  }
  auto m = std::move(received_.front());
  received_.pop_front();
  return m;
}

server_message protocol_client::require_next() {
  if (auto m = next())
    return std::move(*m);
  if (ended_)
    throw lost_connection("the server closed");
  fail("the server went silent");
}

server_message protocol_client::expect(std::string_view name) {
  auto m = require_next();
  if (m.name != name && is_error(m))
    throw refused(std::move(m));
  require(m.name == name, "expected " + std::string{name} + ", got " + m.raw.substr(0, 200));
  return m;
}

std::optional<std::string> protocol_client::websocket_ping(std::string_view payload) {
  const auto before = pongs_.size();
  socket_.send(client_frame(9, payload));
  while (pongs_.size() == before)
    if (!socket_.readable_within(patience_ms) || !read_one())
      return std::nullopt;
  return pongs_.back();
}

void protocol_client::expect_silence() {
  if (version_ >= 15) { // whose heartbeat is a WebSocket ping
    for (int i = 0; i < 2; ++i)
      require(websocket_ping("7 0\n") == "7\n", "wrong pong");
    require(received_.empty(), "a message came");
    return;
  }
  const auto stamp = next_ping_++;
  send(joined("ping", {stamp, 0}));
  // A pong overtakes what is queued; the second one comes behind it.
  require(expect("pong").timestamp == stamp, "wrong pong");
  send(joined("ping", {stamp, 0}));
  require(expect("pong").timestamp == stamp, "wrong pong");
}

std::vector<server_message> protocol_client::read_to_end() {
  std::vector<server_message> out;
  while (auto m = next())
    out.push_back(std::move(*m));
  require(ended_, "the server does not close");
  return out;
}

// -- sessions -----------------------------------------------------------------------

void client_session::start(std::string_view token) {
  const bool needs_ident = copy_.ident == 0;
  client_.send(bind_message(session_, copy_.path, needs_ident, token, client_.version()));
  if (needs_ident) {
    const auto m = client_.expect(is_early(client_.version()) ? "alloc" : "ident");
    require(m.session == session_, "ident for another session");
    copy_.ident = m.file_ident;
    copy_.salt = m.file_salt;
  }
  client_.send(ident_message(session_, copy_, client_.version()));
  const auto before = downloads_;
  while (downloads_ == before)
    step();
}

std::uint64_t client_session::write(std::string changeset, std::uint64_t timestamp) {
  copy_.unacknowledged.push_back(
      {++copy_.version, copy_.server_version, timestamp, std::move(changeset)});
  return copy_.version;
}

void client_session::upload() {
  std::vector<client_copy::change> fresh;
  for (const auto& c : copy_.unacknowledged)
    if (c.client_version > uploaded_)
      fresh.push_back(c);
  uploaded_ = copy_.version;
  if (fresh.empty() && is_early(client_.version()))
    return;
  client_.send(upload_message(session_, copy_.version, copy_.server_version, copy_.server_version,
                              fresh, 0, client_.version()));
}

void client_session::wait_for_upload() {
  while (!copy_.unacknowledged.empty())
    step();
}

void client_session::wait_for_download() {
  client_.send(joined("mark", {session_, ++marks_}));
  while (answered_mark_ < marks_)
    step();
}

void client_session::unbind() {
  client_.send(joined("unbind", {session_}));
  for (;;) {
    const auto m = client_.require_next();
    if (m.name == "unbound") {
      require(m.session == session_, "unbound for another session");
      return;
    }
    receive(m);
  }
}

void client_session::step() {
  receive(client_.require_next());
}

void client_session::receive(const server_message& m) {
  if (is_error(m))
    throw refused(m);
  require(m.session == session_, "message for another session: " + m.raw.substr(0, 200));
  if (m.name == "download") {
    on_download(m);
  } else if (m.name == "mark") {
    require(m.request > answered_mark_ && m.request <= marks_, "mark that was not asked for");
    require(copy_.server_version == copy_.latest, "mark answered before the end of history");
    answered_mark_ = m.request;
  } else {
    fail("unexpected " + m.raw.substr(0, 300));
  }
}

/// The checks of sync-protocol.md 3.6 against what is persisted.
void client_session::on_download(const server_message& m) {
  const auto shown = ": " + m.raw.substr(0, 200);
  require(m.latest_server_version >= copy_.latest, "L goes back" + shown);
  require(m.upload_client_version >= copy_.acknowledged, "Uc goes back" + shown);
  require(m.upload_client_version <= copy_.version, "Uc of the future" + shown);
  require(m.download_server_version >= copy_.server_version, "D goes back" + shown);
  require(m.download_client_version >= copy_.client_version, "Dc goes back" + shown);
  require(m.upload_server_version >= copy_.acknowledged_base || is_early(client_.version()),
          "Us goes back" + shown);
  for (const auto& e : m.entries) {
    require(e.server_version > copy_.server_version, "entry came twice" + shown);
    require(e.client_version >= copy_.client_version, "entry's client version goes back" + shown);
    require(e.origin != copy_.ident, "own entry came back" + shown);
  }
  copy_.latest = m.latest_server_version;
  copy_.latest_salt = m.latest_server_salt;
  copy_.acknowledged = m.upload_client_version;
  copy_.acknowledged_base = m.upload_server_version;
  copy_.server_version = m.download_server_version;
  copy_.client_version = m.download_client_version;
  if (copy_.keeps_received)
    copy_.received.insert(copy_.received.end(), m.entries.begin(), m.entries.end());
  std::erase_if(copy_.unacknowledged,
                [this](const auto& c) { return c.client_version <= copy_.acknowledged; });
  ++copy_.version;
  ++downloads_;
  if (copy_.on_download)
    copy_.on_download(m);
  if (acknowledges_)
    upload();
}

// -- messages -------------------------------------------------------------------------

std::string bind_message(std::uint64_t session, std::string_view path, bool need_ident,
                         std::string_view token, int version) {
  std::vector<std::uint64_t> head{session, path.size(), token.size(), need_ident ? 1u : 0u};
  if (version < 15 || version == 30)
    head.push_back(0); // no subserver
  auto out = joined("bind", head);
  out += path;
  out += token;
  return out;
}

std::string ident_message(std::uint64_t session, const client_copy& c, int version) {
  std::vector<std::uint64_t> head{session};
  if (is_early(version))
    head.push_back(1); // the server's file
  head.insert(head.end(),
              {c.ident, c.salt, c.server_version, c.client_version, c.latest, c.latest_salt});
  return joined("ident", head);
}

std::string upload_message(std::uint64_t session, std::uint64_t progress_client_version,
                           std::uint64_t progress_server_version, std::uint64_t locked,
                           const std::vector<client_copy::change>& changes, std::uint64_t origin,
                           int version) {
  const auto body = entries(changes, origin, version);
  std::vector<std::uint64_t> head{session, 0, body.size(), 0};
  if (version >= 26 && version <= 28)
    head.push_back(progress_server_version);
  else if (!is_early(version))
    head.insert(head.end(), {progress_client_version, progress_server_version, locked});
  return joined("upload", head) + body;
}

std::string compressed_upload_message(std::uint64_t session, std::uint64_t progress_client_version,
                                      std::uint64_t progress_server_version, std::uint64_t locked,
                                      const std::vector<client_copy::change>& changes, int level) {
  const auto body = entries(changes, 0);
  std::string small(compressBound(body.size()), '\0');
  uLongf size = small.size();
  compress2(reinterpret_cast<Bytef*>(small.data()), &size,
            reinterpret_cast<const Bytef*>(body.data()), body.size(), level);
  small.resize(size);
  return joined("upload", {session, 1, body.size(), small.size(), progress_client_version,
                           progress_server_version, locked}) +
         small;
}

} // namespace ros::test
