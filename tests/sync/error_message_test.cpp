#include "sync/error_message.hpp"

#include "support/server_message.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ros::sync {
namespace {

test::server_message told(int code, int version) {
  const auto reply = describe_error(code, "what \"happened\"\n", version);
  const session_ident session = reply.code < 200 ? 0 : 7;
  return test::read_server_message(make_error(session, reply, version), version);
}

/// What clients of io.realm.sync know (http-api.md 8.6).
TEST(error_messages, of_legacy_versions_are_plain_and_keep_their_codes) {
  for (int version = oldest_legacy_version; version <= newest_legacy_version; ++version)
    for (int code = 0; code < 300; ++code) {
      const auto reply = describe_error(code, "text", version);
      const session_ident session = reply.code < 200 && reply.code != 113 ? 0 : 7;
      const auto m = test::read_server_message(make_error(session, reply, version), version);
      EXPECT_EQ(m.name, "error");
      EXPECT_EQ(m.try_again, m.error_code == 100 || m.error_code == 101 || m.error_code == 200 ||
                                 m.error_code == 201);
    }
  auto sent = [](int code, int version) { return describe_error(code, "", version).code; };
  for (int code : {100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 202,
                   203, 204, 206, 208, 209, 210, 211, 212, 216, 217, 218, 219, 223, 225})
    for (int version : {22, 26, 30})
      EXPECT_EQ(sent(code, version), code) << version;
  EXPECT_EQ(sent(222, 30), 222);
  EXPECT_EQ(sent(222, 29), 209);
  EXPECT_EQ(sent(222, 22), 209);
  EXPECT_EQ(sent(217, 18), 208);
  EXPECT_EQ(sent(225, 18), 212);
  EXPECT_EQ(sent(207, 22), 208);
  EXPECT_EQ(sent(114, 22), 101);
  EXPECT_FALSE(is_authentication_error(202, 22));
  EXPECT_TRUE(drops_connection(describe_error(201, "", 22), 22));
  EXPECT_FALSE(drops_connection(describe_error(208, "", 22), 22));
  EXPECT_FALSE(drops_connection(describe_error(201, "", 14), 14));
}

TEST(error_messages, too_high_a_feature_level_is_212_for_legacy_versions) {
  const auto reply = describe_feature_refusal(3, 26);
  EXPECT_EQ(reply.code, 212);
  EXPECT_NE(reply.message.find("io.realm.sync 26"), std::string::npos);
  EXPECT_NE(reply.message.find("Core 11.0"), std::string::npos);
}

// http-api.md 8.6: every error the server can emit times every protocol version.
// read_server_message() throws on codes that abort apps, wrong forms and missing keys.
TEST(error_messages, every_code_is_safe_for_every_version) {
  for (int version = oldest_protocol_version; version <= newest_protocol_version; ++version)
    for (int code = 0; code < 300; ++code) {
      const auto m = told(code, version);
      EXPECT_EQ(m.name, version < 4 ? "error" : "json_error");
      EXPECT_EQ(m.text, "what \"happened\"\n");
      EXPECT_EQ(m.error_code < 200, code < 200) << code;
    }
}

TEST(error_messages, only_codes_known_since_version_3_are_sent) {
  const std::set<int> known{100, 101, 102, 103, 106, 107, 108, 109, 110, 111, 112, 114, 200,
                            201, 204, 206, 208, 209, 210, 211, 212, 216, 217, 222, 223, 225};
  for (int version = oldest_protocol_version; version <= newest_protocol_version; ++version)
    for (int code = 0; code < 300; ++code)
      EXPECT_TRUE(known.contains(told(code, version).error_code)) << code;
  EXPECT_EQ(told(114, 14).error_code, 114);
  EXPECT_EQ(told(114, 2).error_code, 101);
}

TEST(error_messages, actions_are_those_of_the_table) {
  auto check = [](int code, const char* action, bool try_again) {
    const auto m = told(code, 14);
    EXPECT_EQ(m.error_code, code);
    EXPECT_EQ(m.action, action) << code;
    EXPECT_EQ(m.try_again, try_again) << code;
  };
  check(100, "Transient", true);
  check(101, "Transient", true);
  for (int code : {102, 103, 106, 107, 108, 109, 110, 111, 112, 216})
    check(code, "ProtocolViolation", false);
  check(114, "ApplicationBug", false);
  check(200, "Transient", true);
  check(201, "Transient", true);
  for (int code : {204, 206, 212, 223})
    check(code, "ApplicationBug", false);
  for (int code : {208, 209, 210, 211, 217, 222})
    check(code, "ClientReset", false);
  check(225, "ClientResetNoRecovery", false);
}

TEST(error_messages, codes_that_abort_apps_become_others) {
  const std::pair<int, int> replaced[] = {{104, 103}, {205, 206}, {207, 208}, {214, 204},
                                          {215, 201}, {218, 217}, {219, 217}, {221, 201},
                                          {224, 201}, {202, 201}, {203, 201}, {220, 201}};
  for (auto [code, sent] : replaced)
    EXPECT_EQ(told(code, 9).error_code, sent) << code;
  EXPECT_TRUE(is_authentication_error(202));
  EXPECT_TRUE(is_authentication_error(203));
  EXPECT_FALSE(is_authentication_error(206));
}

TEST(error_messages, too_low_a_version_is_final_and_reported) {
  for (int version = oldest_protocol_version; version < 13; ++version) {
    const auto reply = describe_feature_refusal(13, version);
    const auto m = test::read_server_message(make_error(3, reply, version), version);
    EXPECT_EQ(m.error_code, version >= 7 ? 201 : 212);
    EXPECT_FALSE(m.try_again);
    if (version >= 4) {
      EXPECT_EQ(m.action, "ApplicationBug");
    }
    EXPECT_NE(m.text.find("14.7"), std::string::npos);
  }
  EXPECT_NE(describe_feature_refusal(3, 2).message.find("11.0"), std::string::npos);
  EXPECT_NE(describe_feature_refusal(6, 3).message.find("12.1"), std::string::npos);
}

TEST(error_messages, have_the_form_of_the_specification) {
  EXPECT_EQ(make_error(1, describe_error(208, "unknown client file", 14), 14),
            "json_error 208 141 1\n{\"isRecoveryModeDisabled\":false,\"tryAgain\":false,"
            "\"message\":\"unknown client file\",\"logURL\":\"\",\"shouldClientReset\":true,"
            "\"action\":\"ClientReset\"}");
  EXPECT_EQ(make_error(0, describe_error(100, "bye", 3), 3), "error 100 3 1 0\nbye");
}

} // namespace
} // namespace ros::sync
