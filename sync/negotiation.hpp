// Choosing the protocol version from a Sec-WebSocket-Protocol header
// (sync-protocol.md 1.3). Pure, owned by nobody.
#pragma once

#include "types.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ros::sync {

struct negotiated {
  std::string subprotocol;  ///< to be answered: the client's own spelling with one number
  int version = 0;          ///< as in protocol.hpp: 1 .. 14, or 15 .. 30 of io.realm.sync
  bool is_flexible = false; ///< flexible sync: to be refused after the upgrade (A.6)
};

struct negotiation_failure {
  /// Body of the 400 response; names the problem as clients up to core 12 read it.
  std::string text;
};
[[noreturn]] inline void throw_exception_from_error(const negotiation_failure& e,
                                                    const boost::source_location&) {
  throw std::logic_error("unchecked negotiation failure: " + e.text);
}

/// Chooses the highest common version of an offer such as
/// "com.mongodb.realm-sync#14, com.mongodb.realm-sync/2-7" or "io.realm.sync.26-30".
/// Unknown elements are ignored; a known prefix with a malformed version spoils the
/// whole offer. Of several families com.mongodb.realm-sync is taken.
boost::system::result<negotiated, negotiation_failure> negotiate(std::string_view offer);

/// The version that clients of protocol 18 announce in a header of its own instead
/// (X-Realm-Protocol-Version, 1.2); `offer` is echoed as it is, empty if there is none.
boost::system::result<negotiated, negotiation_failure>
negotiate_announced(std::string_view announced, std::string_view offer);

} // namespace ros::sync
