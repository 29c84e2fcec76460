// What the tests of checklist L (clients of io.realm.sync) share.
#pragma once

#include "protocol/protocol_fixture.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace ros::test {

/// Of tokens that are to run out while a test waits.
inline constexpr std::int64_t token_life_s = 5;

/// "Now" of the server process, Unix seconds.
inline std::int64_t now_s() {
  return runtime::system_clock().unix_ms() / 1000;
}

class Legacy : public ProtocolTest {
protected:
  static void expect(protocol_client& client, const std::string& message) {
    const auto m = client.next();
    ASSERT_TRUE(m.has_value()) << "instead of " << message;
    EXPECT_EQ(m->raw, message);
  }
  static std::string number(std::uint64_t n) { return ' ' + std::to_string(n); }

  static std::string bind(const protocol_client& client, std::uint64_t session,
                          const std::string& path, bool need_ident = true) {
    return bind_message(session, path, need_ident, signed_token(claims_for(path)),
                        client.version());
  }
  /// The session error that answers a BIND with this token.
  static int bind_error(const std::string& token, int version = 22,
                        const std::string& path = home_realm()) {
    protocol_client client{as_legacy(std::to_string(version), path, {})};
    client.send(bind_message(1, path, true, token, version));
    const auto m = client.expect("error");
    EXPECT_EQ(m.session, 1u);
    return m.error_code;
  }
  /// A Realm with one Dog, written by a client of `version`.
  static std::unique_ptr<device> kennel(int version) {
    auto d = open_home(version, home_realm());
    d->session.write(new_dog(1, "Rex"));
    d->session.upload();
    d->session.wait_for_upload();
    return d;
  }
};

} // namespace ros::test
