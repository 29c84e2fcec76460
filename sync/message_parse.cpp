#include "message.hpp"

#include "deflate.hpp"
#include "message_fields.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

namespace ros::sync {

namespace {

constexpr std::size_t max_head = 256;
constexpr std::uint64_t max_path = 1024;
constexpr std::uint64_t max_token = 16 * 1024;

error bad_message(int code, std::string text) {
  return {ec::bad_message, std::move(text), code};
}

/// Head fields and body of a message whose name was read already.
struct context {
  field_reader fields;
  bytes body;
  protocol spoken;

  session_ident session() { return fields.number(); }
  salt_type salt() { return static_cast<salt_type>(fields.number()); }
  bool flag() { return fields.number() != 0; }
  salted_file_ident file() {
    const auto ident = fields.number();
    return {ident, salt()};
  }
};

using parser = result<client_message> (*)(context&);

error syntax_error(std::string_view name) {
  return bad_message(103, "bad syntax in " + std::string{name} + " message");
}

/// `message` if all fields were there and no body follows.
template <class Message>
result<client_message> without_body(const context& c, Message message, std::string_view name) {
  if (!c.fields.finished() || !c.body.empty())
    return syntax_error(name);
  return client_message{std::move(message)};
}

result<client_message> parse_bind(context& c) {
  bind_message m;
  m.session = c.session();
  const auto path_size = c.fields.number();
  const auto token_size = c.fields.number();
  m.need_ident = c.flag();
  if (c.spoken.has_subservers())
    m.is_subserver = c.flag();
  if (!c.fields.finished())
    return syntax_error("bind");
  if (path_size == 0 || path_size > max_path || token_size > max_token)
    return bad_message(103, "path or token of bind message is empty or too long");
  if (path_size + token_size != c.body.size())
    return syntax_error("bind");
  m.path = c.body.view().substr(0, path_size);
  m.token = c.body.view().substr(path_size);
  return client_message{std::move(m)};
}

result<client_message> parse_ident(context& c) {
  ident_message m;
  m.session = c.session();
  if (c.spoken.is_early())
    static_cast<void>(c.fields.number()); // the server's file ident, which nobody verifies
  m.file = c.file();
  m.download.server_version = c.fields.number();
  m.download.last_integrated_client_version = c.fields.number();
  m.latest.version = c.fields.number();
  m.latest.salt = c.salt();
  return without_body(c, m, "ident");
}

/// The cursors of an UPLOAD, as far as it has any (8.2).
void read_progress(context& c, upload_message& m) {
  if (c.spoken.is_early()) {
    m.form = progress_form::none;
    m.has_origins = false;
  } else if (c.spoken.has_half_progress()) {
    m.form = progress_form::server_version;
    m.progress.last_integrated_server_version = c.fields.number();
  } else {
    m.progress.client_version = c.fields.number();
    m.progress.last_integrated_server_version = c.fields.number();
    m.locked_version = c.fields.number();
  }
}

result<client_message> parse_upload(context& c) {
  upload_message m;
  m.session = c.session();
  m.is_compressed = c.flag();
  m.uncompressed_size = c.fields.number();
  const auto compressed_size = c.fields.number();
  read_progress(c, m);
  const auto body_size = m.is_compressed ? compressed_size : m.uncompressed_size;
  if (!c.fields.finished() || body_size != c.body.size() ||
      (!m.is_compressed && compressed_size != 0))
    return syntax_error("upload");
  m.body = c.body;
  return client_message{std::move(m)};
}

result<client_message> parse_mark(context& c) {
  mark_message m;
  m.session = c.session();
  m.request = c.fields.number();
  return without_body(c, m, "mark");
}

result<client_message> parse_unbind(context& c) {
  return without_body(c, unbind_message{c.session()}, "unbind");
}

result<client_message> parse_ping(context& c) {
  ping_message m;
  m.timestamp = c.fields.number();
  m.rtt = c.fields.number();
  return without_body(c, m, "ping");
}

result<client_message> parse_refresh(context& c) {
  refresh_message m;
  m.session = c.session();
  const auto size = c.fields.number();
  if (!c.fields.finished() || size > max_token || size != c.body.size())
    return syntax_error("refresh");
  m.token = c.body.view();
  return client_message{std::move(m)};
}

result<client_message> parse_client_error(context& c) {
  client_error_message m;
  const auto code = c.fields.number();
  const auto size = c.fields.number();
  m.session = c.session();
  if (!c.fields.finished() || code > std::numeric_limits<int>::max() || size != c.body.size())
    return syntax_error("json_error");
  m.code = static_cast<int>(code);
  m.text = c.body;
  return client_message{std::move(m)};
}

result<client_message> parse_client_version_request(context& c) {
  client_version_request m;
  m.session = c.session();
  m.file = c.file();
  return without_body(c, m, "client_version_request");
}

result<client_message> parse_state_request(context& c) {
  state_request m;
  m.session = c.session();
  const int more_numbers = c.spoken.has_state_formats() ? 8 : 4;
  for (int i = 0; i < more_numbers; ++i)
    static_cast<void>(c.fields.number());
  return without_body(c, m, "state_request");
}

/// Its fields are not known, and nobody needs them.
result<client_message> parse_transact(context& c) {
  const auto session = c.session();
  if (!c.fields.ok())
    return syntax_error("transact");
  return client_message{transact_message{session}};
}

bool in_all(protocol) {
  return true;
}
bool outside_legacy(protocol p) {
  return !p.is_legacy(); // whose heartbeat is a WebSocket ping
}
bool with_actions(protocol p) {
  return p.has_actions();
}
bool not_early(protocol p) {
  return !p.is_early();
}
bool late_legacy(protocol p) {
  return p.is_legacy() && !p.is_early();
}

struct known_message {
  std::string_view name;
  parser parse;
  bool (*is_spoken)(protocol);
};

/// `alloc` and `test_command` are unknown on purpose (3.14, 3.17). In the order of
/// client_message's alternatives.
constexpr known_message known[] = {
    {"ping", parse_ping, outside_legacy},
    {"bind", parse_bind, in_all},
    {"ident", parse_ident, in_all},
    {"upload", parse_upload, in_all},
    {"mark", parse_mark, in_all},
    {"unbind", parse_unbind, in_all},
    {"refresh", parse_refresh, in_all},
    {"json_error", parse_client_error, with_actions},
    {"client_version_request", parse_client_version_request, not_early},
    {"state_request", parse_state_request, not_early},
    {"transact", parse_transact, late_legacy},
};
static_assert(std::size(known) == std::variant_size_v<client_message>);

/// Printable part of a name that nobody knows, for the error text.
std::string shown(std::string_view name) {
  constexpr std::size_t most = 32;
  std::string out{name.substr(0, most)};
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

/// The body itself, or what it inflates to.
result<bytes> plain_body(const upload_message& upload) {
  if (!upload.is_compressed)
    return upload.body;
  auto text = inflate_exactly(upload.body.view(), upload.uncompressed_size);
  if (!text)
    return bad_message(110, "body of upload message does not inflate to the announced size");
  return bytes{std::move(*text)};
}

} // namespace

session_ident session_of(const client_message& message) {
  return std::visit(
      [](const auto& m) -> session_ident {
        if constexpr (requires { m.session; })
          return m.session;
        else
          return 0;
      },
      message);
}

std::string_view name_of(const client_message& message) {
  return known[message.index()].name;
}

result<client_message> parse_client_message(const bytes& frame, protocol spoken) {
  const auto text = frame.view();
  const auto head = text.substr(0, text.substr(0, max_head + 1).find('\n'));
  if (head.size() > max_head)
    return bad_message(103, "head of message is too long");
  if (head.size() == text.size())
    return bad_message(103, "message without end of head");
  context c{field_reader{head}, frame.slice(head.size() + 1, text.size() - head.size() - 1),
            spoken};
  const auto name = c.fields.word();
  const auto* found = std::find_if(std::begin(known), std::end(known), [&](const auto& k) {
    return k.name == name && k.is_spoken(spoken);
  });
  if (name.empty())
    return bad_message(103, "message without name");
  if (name == "client" && spoken.is_legacy())
    return bad_message(105, "this handshake belongs to a protocol that is not spoken here");
  if (found == std::end(known))
    return bad_message(102, "unknown message: " + shown(name));
  return found->parse(c);
}

std::optional<ping_message> parse_heartbeat(std::string_view payload) {
  field_reader fields{payload};
  ping_message m;
  m.timestamp = fields.number_before(' ');
  m.rtt = fields.number_before('\n');
  return fields.finished() ? std::optional{m} : std::nullopt;
}

result<std::vector<uploaded_entry>> unpack(const upload_message& upload, std::uint64_t max_size) {
  // An impossible ratio is a bad stream rather than an honest but big upload.
  if (upload.is_compressed && upload.uncompressed_size > max_inflated_size(upload.body.size()))
    return bad_message(110, "body of upload message announces more than it can hold");
  if (upload.uncompressed_size > max_size)
    return bad_message(104, "upload message is too big");
  auto body = plain_body(upload);
  if (!body)
    return body.error();
  std::vector<uploaded_entry> entries;
  for (std::size_t at = 0; at < body->size();) {
    field_reader header{body->view().substr(at)};
    uploaded_entry e;
    e.change.client_version = header.number_before(' ');
    e.change.base = header.number_before(' ');
    e.change.timestamp = header.number_before(' ');
    if (upload.has_origins)
      e.origin = header.number_before(' ');
    const auto size = header.number_before(' ');
    if (!header.ok())
      return bad_message(111, "bad changeset header in upload message");
    if (size > header.rest().size())
      return bad_message(112, "bad changeset size in upload message");
    at = body->size() - header.rest().size();
    e.change.data = body->slice(at, size);
    at += size;
    entries.push_back(std::move(e));
  }
  return entries;
}

} // namespace ros::sync
