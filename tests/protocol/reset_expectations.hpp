// How a client must be told to reset, in every version of the protocol
// (sync-protocol.md 3.10, 3.11, 4.5, 4.6).
#pragma once

#include "support/server_message.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ros::test {

/// What an error looks like to a client of this version: `action` as from version 7 on.
inline void expect_error(const server_message& m, int code, const std::string& action,
                         bool try_again, int version) {
  EXPECT_EQ(m.error_code, code) << m.raw;
  EXPECT_EQ(m.try_again, try_again) << m.raw;
  if (version < 4) {
    EXPECT_EQ(m.name, "error");
    return;
  }
  EXPECT_EQ(m.name, "json_error");
  EXPECT_EQ(m.action, action) << m.raw;
  // Versions 4 to 6 go by the flags.
  const bool resets = action.starts_with("ClientReset");
  EXPECT_EQ(m.json.at("shouldClientReset").as_bool(), resets) << m.raw;
  EXPECT_EQ(m.json.at("isRecoveryModeDisabled").as_bool(), action == "ClientResetNoRecovery");
}

/// A session error that makes the client reset its file and lets it recover its changes.
inline void expect_reset(const server_message& m, int code, int version) {
  EXPECT_NE(m.session, 0u);
  expect_error(m, code, "ClientReset", false, version);
}

} // namespace ros::test
