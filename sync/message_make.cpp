#include "message.hpp"

#include "message_fields.hpp"
#include "utf8.hpp"

namespace ros::sync {

namespace {

void append_escaped(std::string& out, char c) {
  static constexpr char digits[] = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(c);
  if (c == '"' || c == '\\') {
    out += '\\';
    out += c;
  } else if (value < 0x20) {
    out += "\\u00";
    out += digits[value >> 4];
    out += digits[value & 15];
  } else {
    out += c;
  }
}

} // namespace

std::string quote_json(std::string_view text) {
  std::string out = "\"";
  for (char c : readable(std::string{text}))
    append_escaped(out, c);
  out += '"';
  return out;
}

std::string make_ident(session_ident session, salted_file_ident file, protocol spoken) {
  if (spoken.is_early())
    return make_head("alloc", session, server_file_ident, file.ident, file.salt);
  return make_head("ident", session, file.ident, file.salt);
}

std::string make_mark(session_ident session, std::uint64_t request) {
  return make_head("mark", session, request);
}

std::string make_unbound(session_ident session) {
  return make_head("unbound", session);
}

std::string make_pong(std::uint64_t timestamp) {
  return make_head("pong", timestamp);
}

std::string make_heartbeat_answer(std::uint64_t timestamp) {
  return std::to_string(timestamp) + '\n';
}

std::string make_log_message(session_ident session, std::string_view level, std::string_view text,
                             std::string_view correlation) {
  std::string json = "{\"level\":" + quote_json(level) + ",\"msg\":" + quote_json(text);
  if (!correlation.empty())
    json += ",\"co_id\":" + quote_json(correlation);
  json += '}';
  return make_head("log_message", session, std::uint64_t{json.size()}) + json;
}

std::string make_client_version(session_ident session, version_type client_version) {
  return make_head("client_version", session, client_version);
}

std::string make_empty_state(session_ident session) {
  constexpr std::uint64_t none = 0;
  return make_head("state", session, none, none, none, none, none, none);
}

std::string make_transact_refusal(session_ident session) {
  constexpr std::uint64_t none = 0;
  constexpr std::uint64_t not_supported = 3;
  return make_head("transact", session, not_supported, none, none, none, none, none);
}

} // namespace ros::sync
