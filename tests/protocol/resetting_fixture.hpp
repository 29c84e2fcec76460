// What the tests of client resets against servers with a past share: a server of one's
// own and apps of one user on one Realm.
#pragma once

#include "protocol_fixture.hpp"
#include "resetting_app.hpp"

#include <memory>

namespace ros::test {

class ResettingTest : public ::testing::Test {
protected:
  ResettingTest() : user(log_in_anonymously(server)) {}

  connect_options options(int version = 14) const {
    connect_options o;
    o.port = server.port();
    o.token = user.token;
    o.subprotocols = offer(version, 1, version < 8 ? '/' : '#');
    return o;
  }
  std::unique_ptr<app> open(int version = 14) const {
    return std::make_unique<app>(options(version), "\"shared\"");
  }

  server_process server;
  log_in_result user;
};

} // namespace ros::test
