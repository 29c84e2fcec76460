// The legacy half of the table test that http-api.md 8.6 asks for: every error times every
// version of io.realm.sync that is served. Written down from the documents (sync-protocol.md
// 4.5 and 8, http-api.md 8.6, column "Legacy"), not from the code.
#include "sync/error_message.hpp"

#include "support/server_message.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace ros::sync {
namespace {

/// 15 to 22, and 26 to 30.
std::vector<int> served_versions() {
  std::vector<int> out;
  for (int v = 15; v <= 30; ++v)
    if (v <= 22 || v >= 26)
      out.push_back(v);
  return out;
}

/// What a legacy client is told for `code`; 0: nothing, the connection is dropped.
int wanted(int code, int version) {
  switch (code) {
  case 205: // 4.5: 204 or 206
    return 206;
  case 207: // 8.6: 207 or 208; 208 is known to all
    return 208;
  case 214:
    return 204;
  case 220: // suspended: the client gets itself a token, and hears of it there
    return 202;
  case 200:
  case 201:
  case 215:
  case 221:
  case 224: // "temporary trouble: close connection"
    return 0;
  default:
    break;
  }
  if (version < 30 && code == 222)
    return 209;
  if (version < 22) { // "L1 knows 100-109 and 200-212"
    if (code >= 110 && code <= 112)
      return 103;
    if (code == 216 || code == 225)
      return 212;
    if (code == 217 || code == 218 || code == 219 || code == 223)
      return 208;
  }
  return code;
}

TEST(error_table_legacy, every_code_in_every_version_is_sent_as_the_table_says) {
  for (const int version : served_versions())
    for (const int code : {100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112,
                           200, 201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 211, 212,
                           214, 215, 216, 217, 218, 219, 220, 221, 222, 223, 224, 225}) {
      SCOPED_TRACE("code " + std::to_string(code) + " in version " + std::to_string(version));
      const protocol spoken{version};
      EXPECT_FALSE(is_authentication_error(code, spoken)); // they are safe and expected here
      const auto reply = describe_error(code, "what happened", spoken);
      const int sent = wanted(code, version);
      EXPECT_EQ(drops_connection(reply, spoken), sent == 0);
      if (sent == 0)
        continue;
      EXPECT_EQ(reply.code, sent);
      EXPECT_EQ(reply.try_again, sent == 100 || sent == 101);
      const session_ident session = sent < 200 ? 0 : 7;
      const auto m = test::read_server_message(make_error(session, reply, spoken), version);
      EXPECT_EQ(m.name, "error");
      EXPECT_EQ(m.error_code, sent);
      EXPECT_EQ(m.session, session);
      EXPECT_EQ(m.text, "what happened");
    }
}

TEST(error_table_legacy, no_version_hears_a_code_that_it_does_not_know) {
  // Of version 22 and later everything that RS2, C4 and C5 had; nothing of flexible sync.
  const std::set<int> unknown_to_all{114, 213, 226, 227, 228, 229, 230,
                                     231, 232, 233, 234, 235, 236};
  for (const int version : served_versions())
    for (int code = 100; code < 300; ++code) {
      const auto reply = describe_error(code, "x", protocol{version});
      if (drops_connection(reply, protocol{version}))
        continue;
      EXPECT_FALSE(unknown_to_all.contains(reply.code)) << reply.code << " in " << version;
      EXPECT_TRUE(reply.code < 213 || version >= 22) << reply.code << " in " << version;
    }
}

TEST(error_table_legacy, features_of_later_protocols_are_212_for_good) { // 8.6
  for (const int version : served_versions())
    for (const std::uint32_t level : {2U, 3U, 6U, 13U}) {
      const auto reply = describe_feature_refusal(level, protocol{version});
      EXPECT_EQ(reply.code, 212);
      EXPECT_FALSE(reply.try_again);
      EXPECT_FALSE(drops_connection(reply, protocol{version}));
      EXPECT_EQ(test::read_server_message(make_error(3, reply, protocol{version}), version).session,
                3u);
    }
}

} // namespace
} // namespace ros::sync
