#include "proxy_origin.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace ros::actors {

namespace {

using bytes16 = std::array<std::uint8_t, 16>;

/// An address in IPv6 form; `is_v4` says how it was written.
std::optional<bytes16> parse_address(std::string_view text, bool& is_v4) {
  bytes16 out{};
  const std::string copy{text};
  is_v4 = ::inet_pton(AF_INET, copy.c_str(), out.data() + 12) == 1;
  if (is_v4) {
    out[10] = out[11] = 0xff;
    return out;
  }
  if (::inet_pton(AF_INET6, copy.c_str(), out.data()) == 1)
    return out;
  return std::nullopt;
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t'))
    text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t'))
    text.remove_suffix(1);
  return text;
}

/// Takes the last item off a comma-separated list.
std::string_view take_last(std::string_view& list) {
  auto comma = list.rfind(',');
  auto item = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(0, comma);
  return trim(item);
}

/// All lines of a header as one list.
std::string header_list(const runtime::http_request& request, std::string_view name) {
  std::string out;
  for (const auto& [key, value] : request.headers) {
    if (!std::equal(key.begin(), key.end(), name.begin(), name.end(), [](char a, char b) {
          return (a >= 'A' && a <= 'Z' ? a + 32 : a) == (b >= 'A' && b <= 'Z' ? b + 32 : b);
        }))
      continue;
    if (!out.empty())
      out += ',';
    out += value;
  }
  return out;
}

bool is_trusted(const std::vector<address_range>& trusted, std::string_view address) {
  return std::any_of(trusted.begin(), trusted.end(),
                     [address](const address_range& range) { return range.contains(address); });
}

} // namespace

std::optional<address_range> address_range::parse(std::string_view text) {
  auto slash = text.find('/');
  bool is_v4 = false;
  auto prefix = parse_address(text.substr(0, slash), is_v4);
  if (!prefix)
    return std::nullopt;
  address_range range;
  range.prefix_ = *prefix;
  if (slash == std::string_view::npos)
    return range;
  auto digits = text.substr(slash + 1);
  const unsigned most = is_v4 ? 32 : 128;
  unsigned bits = 0;
  auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (failed != std::errc{} || end != digits.data() + digits.size() || bits > most)
    return std::nullopt;
  range.bits_ = bits + (is_v4 ? 96 : 0);
  return range;
}

bool address_range::contains(std::string_view address) const {
  bool is_v4 = false;
  auto other = parse_address(address, is_v4);
  if (!other)
    return false;
  const auto whole = bits_ / 8, rest = bits_ % 8;
  if (!std::equal(prefix_.begin(), prefix_.begin() + whole, other->begin()))
    return false;
  return rest == 0 || ((prefix_[whole] ^ (*other)[whole]) >> (8 - rest)) == 0;
}

request_origin origin_of(const runtime::http_request& request,
                         const std::vector<address_range>& trusted, bool secure) {
  request_origin origin{request.remote_address, secure};
  if (!is_trusted(trusted, origin.address))
    return origin;
  const auto addresses = header_list(request, "X-Forwarded-For");
  std::string_view left{addresses};
  while (!left.empty() && is_trusted(trusted, origin.address)) {
    auto before = take_last(left);
    bool is_v4 = false;
    if (!parse_address(before, is_v4))
      break; // nothing in front of nonsense is worth believing
    origin.address = before;
  }
  // The first of a chain of trusted proxies spoke with the client.
  const auto protocols = header_list(request, "X-Forwarded-Proto");
  if (auto first = trim(std::string_view{protocols}.substr(0, protocols.find(','))); !first.empty())
    origin.secure = first == "https" || first == "wss";
  return origin;
}

} // namespace ros::actors
