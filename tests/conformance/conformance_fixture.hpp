// Ground of the conformance tests: each is one assertion of sync-protocol.md 10, and its
// name begins with the assertion's number. E2 to E4, F5 and T14 are checked by the client
// (support/server_message) for every message of every test as well.
#pragma once

#include "protocol/protocol_fixture.hpp"

namespace ros::test {

class ConformanceTest : public ProtocolTest {
protected:
  /// A ping of the protocol is answered: the connection is usable.
  static bool answers_pings(protocol_client& client) {
    client.send("ping 7 0\n");
    return client.expect("pong").timestamp == 7;
  }
  /// The error that ends a fresh connection after these messages; 0 if there is none, or
  /// if it is not one of the connection. Nothing may follow it (E7).
  static int connection_error_after(const std::vector<std::string>& messages, int version = 14) {
    auto client = connect(version);
    for (const auto& m : messages)
      client.send(m);
    auto error = client.next();
    while (error && !error->name.ends_with("error"))
      error = client.next();
    EXPECT_TRUE(error.has_value());
    EXPECT_TRUE(client.read_to_end().empty());
    return error && error->session == 0 ? error->error_code : 0;
  }
};

} // namespace ros::test
