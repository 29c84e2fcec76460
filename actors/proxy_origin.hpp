// Where a request really comes from: which peers may say so for others, and what
// they say (http-api.md 1.1, proxy.trusted_proxies). Pure; used by the PROXY.
#pragma once

#include "local_messages.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ros::actors {

/// A range of addresses: "10.0.0.0/8", "fd00::/8", or one address.
class address_range {
public:
  /// Nothing if the text is no such range.
  static std::optional<address_range> parse(std::string_view text);
  /// Whether this address, as text without port, lies within. IPv4 written as IPv6
  /// ("::ffff:10.0.0.1") counts as IPv4.
  [[nodiscard]] bool contains(std::string_view address) const;

private:
  std::array<std::uint8_t, 16> prefix_{}; ///< IPv4 in its IPv6 form
  unsigned bits_ = 128;
};

/// The origin of a request of a peer: what the peer's X-Forwarded headers say if it is
/// trusted (and those before it, as far as they are), else the peer itself. `secure`:
/// the connection uses TLS.
request_origin origin_of(const runtime::http_request& request,
                         const std::vector<address_range>& trusted, bool secure);

} // namespace ros::actors
