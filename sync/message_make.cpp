#include "message.hpp"

#include "message_fields.hpp"

namespace ros::sync {

namespace {

/// Length of the well-formed UTF-8 sequence at the front of `text`; 0 if there is none.
std::size_t utf8_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  std::size_t length = 0;
  if (first < 0x80)
    return 1;
  if (first >= 0xC2 && first < 0xE0)
    length = 2;
  else if (first >= 0xE0 && first < 0xF0)
    length = 3;
  else if (first >= 0xF0 && first < 0xF5)
    length = 4;
  if (length == 0 || text.size() < length)
    return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80)
      return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate_or_beyond =
      (first == 0xED && second >= 0xA0) || (first == 0xF4 && second >= 0x90);
  return overlong || surrogate_or_beyond ? 0 : length;
}

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
  while (!text.empty()) {
    const auto length = utf8_length(text);
    if (length == 1)
      append_escaped(out, text.front());
    else if (length == 0)
      out += '?';
    else
      out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
  return out;
}

std::string make_ident(session_ident session, salted_file_ident file) {
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

} // namespace ros::sync
