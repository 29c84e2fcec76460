#include "values.hpp"

#include "runtime/web_client.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace ros::config {

namespace {

using shape = entry::shape;

std::string quoted(const std::string& text) {
  return '"' + text + '"';
}

/// What is wrong about the shape alone, for anything but lists.
flaw need_scalar(const entry& e) {
  switch (e.what) {
  case shape::nothing:
    return "has no value";
  case shape::list:
    return "must be a single value, not a list";
  case shape::mapping:
    return "must be a single value, not a mapping";
  case shape::plain:
  case shape::quoted:
    break;
  }
  return std::nullopt;
}

/// The number at the front, and what stands behind it.
std::optional<std::pair<std::int64_t, std::string_view>> split_number(std::string_view text) {
  std::int64_t n = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc{})
    return std::nullopt;
  return std::pair(n, text.substr(static_cast<std::size_t>(end - text.data())));
}

using unit = std::pair<std::string_view, std::int64_t>;

template <std::size_t N>
flaw read_number(const entry& e, std::int64_t& to, range allowed, const char* expected,
                 const std::array<unit, N>& units) {
  if (auto wrong = need_scalar(e))
    return wrong;
  const auto parts = split_number(e.text);
  const auto factor = std::find_if(
      units.begin(), units.end(), [&](const unit& u) { return parts && u.first == parts->second; });
  if (factor == units.end() || (e.what == shape::quoted && parts->second.empty()))
    return quoted(e.text) + " is not " + expected +
           (e.what == shape::quoted && factor != units.end() ? "; write it without quotes" : "");
  std::int64_t n = 0;
  if (__builtin_mul_overflow(parts->first, factor->second, &n) || n > allowed.most)
    return e.text + " is above " + std::to_string(allowed.most) + ", the most possible";
  if (n < allowed.least)
    return e.text + " is below " + std::to_string(allowed.least) + ", the least possible";
  to = n;
  return std::nullopt;
}

bool is_ip(int family, const std::string& text) {
  unsigned char out[sizeof(in6_addr)];
  return ::inet_pton(family, text.c_str(), out) == 1;
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_port(std::string_view text) {
  const auto parts = split_number(text);
  return parts && parts->second.empty() && parts->first >= 1 && parts->first <= 65535;
}

/// An IPv4 or IPv6 literal or something that can be a host name.
bool is_address(const std::string& text) {
  if (is_ip(AF_INET, text) || is_ip(AF_INET6, text))
    return true;
  const auto host_character = [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; };
  const bool only_numbers = text.find_first_not_of("0123456789.") == std::string::npos;
  return !text.empty() && text.size() <= 253 && !only_numbers && is_alphanumeric(text.front()) &&
         std::all_of(text.begin(), text.end(), host_character);
}

/// A literal with or without "/bits".
bool is_cidr(const std::string& text) {
  const auto slash = text.find('/');
  const auto address = text.substr(0, slash);
  const bool v4 = is_ip(AF_INET, address);
  if (!v4 && !is_ip(AF_INET6, address))
    return false;
  if (slash == std::string::npos)
    return true;
  const auto bits = split_number(std::string_view(text).substr(slash + 1));
  return bits && bits->second.empty() && bits->first >= 0 && bits->first <= (v4 ? 32 : 128);
}

/// host, host:port or [ipv6]:port.
bool is_host(const std::string& text) {
  if (is_ip(AF_INET6, text))
    return true;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string::npos || !is_ip(AF_INET6, text.substr(1, end - 1)))
      return false;
    return end + 1 == text.size() ||
           (text[end + 1] == ':' && is_port(std::string_view(text).substr(end + 2)));
  }
  const auto colon = text.find(':');
  return is_address(text.substr(0, colon)) &&
         (colon == std::string::npos || is_port(std::string_view(text).substr(colon + 1)));
}

bool is_header_name(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_alphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string::npos;
  });
}

} // namespace

flaw read(const entry& e, bool& to, const rule::flag&) {
  if (auto wrong = need_scalar(e))
    return wrong;
  const bool yes = e.text == "true" || e.text == "True" || e.text == "TRUE";
  const bool no = e.text == "false" || e.text == "False" || e.text == "FALSE";
  if (e.what == shape::quoted || !(yes || no))
    return quoted(e.text) + " is neither true nor false" +
           (yes || no ? "; write it without quotes" : "");
  to = yes;
  return std::nullopt;
}

flaw read(const entry& e, std::int64_t& to, const rule::integer& r) {
  return read_number(e, to, r.allowed, "a whole number", std::array{unit{"", 1}});
}

flaw read(const entry& e, std::int64_t& to, const rule::seconds& r) {
  return read_number(
      e, to, r.allowed, "a time (seconds, or a number with s, m, h or d)",
      std::array{unit{"", 1}, unit{"s", 1}, unit{"m", 60}, unit{"h", 3600}, unit{"d", 86400}});
}

flaw read(const entry& e, std::int64_t& to, const rule::bytes& r) {
  return read_number(
      e, to, r.allowed, "a size (bytes, or a number with KB, MB or GB)",
      std::array{unit{"", 1}, unit{"KB", 1 << 10}, unit{"MB", 1 << 20}, unit{"GB", 1 << 30}});
}

flaw read(const entry& e, std::uint16_t& to, const rule::port&) {
  std::int64_t n = 0;
  if (auto wrong = read(e, n, rule::integer{{0, 65535}}))
    return wrong;
  to = static_cast<std::uint16_t>(n);
  return std::nullopt;
}

flaw read(const entry& e, std::string& to, const rule::text&) {
  if (e.what == shape::nothing) {
    to.clear();
    return std::nullopt;
  }
  if (auto wrong = need_scalar(e))
    return wrong;
  if (e.text.find('\0') != std::string::npos)
    return "must not contain a zero byte";
  to = e.text;
  return std::nullopt;
}

flaw read(const entry& e, std::string& to, const rule::choice& r) {
  if (auto wrong = need_scalar(e))
    return wrong;
  if (std::find(r.names.begin(), r.names.end(), e.text) != r.names.end()) {
    to = e.text;
    return std::nullopt;
  }
  std::string all;
  for (const auto* name : r.names)
    all += (all.empty() ? "" : ", ") + std::string(name);
  const auto number = split_number(e.text);
  return quoted(e.text) + " is not one of " + all +
         (number && number->second.empty() ? "; they have names, not numbers" : "");
}

flaw read(const entry& e, std::string& to, const rule::address&) {
  if (auto wrong = need_scalar(e))
    return wrong;
  if (!is_address(e.text))
    return quoted(e.text) + " is neither an IP address nor a host name";
  to = e.text;
  return std::nullopt;
}

flaw read(const entry& e, bool& to, const rule::stanza&) {
  if (e.what != shape::mapping && e.what != shape::nothing)
    return "must be {} or left out";
  to = true;
  return std::nullopt;
}

flaw read(const entry& e, std::string& to, const rule::secret&) {
  return read(e, to, rule::text{});
}

flaw read(const entry& e, std::string& to, const rule::url&) {
  if (auto wrong = read(e, to, rule::text{}))
    return wrong;
  if (!to.empty() && !runtime::is_web_url(to))
    return quoted(to) + " is no URL that starts with http:// or https://";
  return std::nullopt;
}

flaw read(const entry& e, std::string& to, const rule::json_scalar&) {
  if (auto wrong = need_scalar(e))
    return wrong;
  boost::system::error_code failed;
  const auto value = boost::json::parse(e.text, failed);
  if (e.what == shape::plain && !failed && (value.is_bool() || value.is_number()))
    to = e.text;
  else
    to = boost::json::serialize(boost::json::string(e.text));
  return std::nullopt;
}

flaw read_item(const entry& e, std::string& to, item_kind kind) {
  if (auto wrong = read(e, to, rule::text{}))
    return wrong;
  if (to.empty())
    return "has an empty element";
  if (kind == item_kind::cidr && !is_cidr(to))
    return quoted(to) + " is no address range such as 10.0.0.0/8";
  if (kind == item_kind::host && !is_host(to))
    return quoted(to) + " is not host or host:port";
  if (kind == item_kind::character && to.size() != 1)
    return quoted(to) + " is not one ASCII character";
  if (kind == item_kind::header && !is_header_name(to))
    return quoted(to) + " is no header name";
  return std::nullopt;
}

} // namespace ros::config
