#include "log_line.hpp"

#include "encoding.hpp"

#include <ctime>

namespace ros::log {

namespace {

std::string timestamp(std::int64_t unix_ms) {
  auto second = static_cast<std::time_t>(unix_ms / 1000);
  auto ms = unix_ms % 1000;
  if (ms < 0) {
    ms += 1000;
    --second;
  }
  std::tm t{};
  gmtime_r(&second, &t);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", t.tm_year + 1900, t.tm_mon + 1,
                     t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, ms);
}

bool is_control(char c) {
  const auto b = static_cast<unsigned char>(c);
  return b < 0x20 || b == 0x7f;
}

unsigned code(char c) {
  return static_cast<unsigned char>(c);
}

/// Continuation lines start with two blanks; nobody can forge the beginning of
/// a line, or talk to the operator's terminal.
void append_text(std::string& out, std::string_view text) {
  while (!text.empty() && text.back() == '\n')
    text.remove_suffix(1);
  for (const char c : text) {
    if (c == '\n')
      out += "\n  ";
    else if (is_control(c) && c != '\t')
      out += fmt::format("\\x{:02x}", code(c));
    else
      out.push_back(c);
  }
}

void append_json(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const char c = text.front();
    const auto n = runtime::utf8_sequence(text);
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (c == '\n')
      out += "\\n";
    else if (is_control(c))
      out += fmt::format("\\u{:04x}", code(c));
    else if (n == 0)
      out += "\\ufffd";
    else
      out += text.substr(0, n);
    text.remove_prefix(n == 0 ? 1 : n);
  }
}

} // namespace

std::string make_line(format style, level l, std::int64_t unix_ms, std::string_view text) {
  std::string out;
  out.reserve(text.size() + 64);
  if (style == format::json) {
    out += "{\"time\":\"" + timestamp(unix_ms) + "\",\"level\":\"";
    out += to_string(l);
    out += "\",\"text\":\"";
    append_json(out, text);
    out += "\"}\n";
    return out;
  }
  out += timestamp(unix_ms) + " - ";
  out += to_string(l);
  out += ": ";
  append_text(out, text);
  out.push_back('\n');
  return out;
}

} // namespace ros::log
