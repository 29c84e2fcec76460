#include "mail_text.hpp"

#include "runtime/encoding.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace ros::actors {

namespace {

/// Replaces names in one pass, so that values are taken as they are. Longer names first.
std::string fill(std::string_view form, const mail_values& x, bool is_html) {
  const std::array<std::pair<std::string_view, const std::string*>, 4> names{
      {{"$tokenId", &x.token_id}, {"$token", &x.token}, {"$email", &x.email}, {"$url", &x.url}}};
  std::string out;
  while (!form.empty()) {
    const auto name = std::find_if(names.begin(), names.end(),
                                   [&](const auto& n) { return form.starts_with(n.first); });
    if (name == names.end()) {
      out += form.front();
      form.remove_prefix(1);
    } else {
      out += is_html ? runtime::html_escape(*name->second) : *name->second;
      form.remove_prefix(name->first.size());
    }
  }
  return out;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

/// Base64 in lines: safe on any way, whatever the template holds.
std::string encode_body(std::string_view text) {
  const auto encoded = runtime::base64_encode(text);
  std::string out;
  for (std::size_t i = 0; i < encoded.size(); i += 76)
    out += encoded.substr(i, 76) + "\r\n";
  return out;
}

/// Pieces of at most 45 bytes of whole characters, each an encoded word.
std::string encode_subject(std::string_view text) {
  if (is_ascii(text))
    return std::string{text.substr(0, 900)};
  std::string out, piece;
  const auto flush = [&] {
    if (!piece.empty())
      out += (out.empty() ? "" : "\r\n ") + ("=?UTF-8?B?" + runtime::base64_encode(piece) + "?=");
    piece.clear();
  };
  while (!text.empty()) {
    const auto size = std::max<std::size_t>(1, runtime::utf8_sequence(text));
    if (piece.size() + size > 45)
      flush();
    piece += text.substr(0, size);
    text.remove_prefix(size);
  }
  flush();
  return out;
}

std::string format_date(std::int64_t unix_ms) {
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm t{};
  ::gmtime_r(&seconds, &t);
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%s, %02d %s %d %02d:%02d:%02d +0000",
                days[static_cast<std::size_t>(t.tm_wday)], t.tm_mday,
                months[static_cast<std::size_t>(t.tm_mon)], t.tm_year + 1900, t.tm_hour, t.tm_min,
                t.tm_sec);
  return out.data();
}

std::string part(std::string_view type, std::string_view text) {
  return "Content-Type: " + std::string{type} +
         "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encode_body(text);
}

} // namespace

std::string make_mail(const mail_head& head, const mail_template& form, const mail_values& values) {
  auto subject = fill(form.subject, values, false);
  std::replace_if(
      subject.begin(), subject.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  std::string out =
      "From: <" + head.from + ">\r\nTo: <" + head.to + ">\r\nSubject: " + encode_subject(subject) +
      "\r\nDate: " + format_date(head.unix_ms) + "\r\nMessage-ID: <" + head.message_id +
      ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
  const auto text = part("text/plain", fill(form.text, values, false));
  if (form.html.empty())
    return out + text;
  const std::string boundary = "=_part"; // base64 has no such line
  return out + "Content-Type: multipart/alternative; boundary=\"" + boundary + "\"\r\n\r\n--" +
         boundary + "\r\n" + text + "--" + boundary + "\r\n" +
         part("text/html", fill(form.html, values, true)) + "--" + boundary + "--\r\n";
}

mail_template reset_template() {
  return {"Reset your password",
          "Somebody, probably you, asked to reset the password of $email.\n\n"
          "To choose a new password open this page within 12 hours:\n\n$url\n\n"
          "If it was not you, ignore this mail: your password stays as it is.\n"};
}

mail_template confirm_template() {
  return {"Confirm your e-mail address",
          "Somebody, probably you, registered with the address $email.\n\n"
          "To confirm that it is yours open this page within 30 days:\n\n$url\n\n"
          "If it was not you, ignore this mail.\n"};
}

bool is_mail_address(std::string_view text) {
  constexpr std::size_t longest = 254; // RFC 5321
  const auto at = text.rfind('@');
  const auto is_plain = [](char c) {
    return c > ' ' && c <= '~' &&
           std::string_view{"<>()[],;:\\\""}.find(c) == std::string_view::npos;
  };
  return text.size() <= longest && at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@') == at && std::all_of(text.begin(), text.end(), is_plain);
}

std::string mail_token_id(std::string_view token) {
  return runtime::hex_encode(runtime::sha256("tokenId:" + std::string{token})).substr(0, 24);
}

} // namespace ros::actors
