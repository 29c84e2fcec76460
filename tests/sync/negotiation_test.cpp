#include "sync/negotiation.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ros::sync {
namespace {

std::string chosen(std::string_view offer) {
  const auto r = negotiate(offer);
  return r ? r->subprotocol : "";
}

std::string refusal(std::string_view offer) {
  const auto r = negotiate(offer);
  return r ? "" : r.error().text;
}

TEST(negotiation, picks_the_highest_version_in_the_clients_spelling) {
  EXPECT_EQ(chosen("com.mongodb.realm-sync#14, com.mongodb.realm-sync#13, "
                   "com.mongodb.realm-sync#2"),
            "com.mongodb.realm-sync#14");
  EXPECT_EQ(chosen("com.mongodb.realm-sync/7, com.mongodb.realm-sync/6"),
            "com.mongodb.realm-sync/7");
  EXPECT_EQ(chosen("com.mongodb.realm-sync#7"), "com.mongodb.realm-sync#7");
  EXPECT_EQ(chosen("com.mongodb.realm-sync/1"), "com.mongodb.realm-sync/1");
  EXPECT_EQ(chosen("com.mongodb.realm-sync/2,com.mongodb.realm-sync#9"),
            "com.mongodb.realm-sync#9");
  EXPECT_EQ(negotiate("com.mongodb.realm-sync#9")->version, 9);
}

TEST(negotiation, answers_a_range_with_one_version) {
  EXPECT_EQ(chosen("com.mongodb.realm-sync#2-14"), "com.mongodb.realm-sync#14");
  EXPECT_EQ(chosen("com.mongodb.realm-sync#2-99"), "com.mongodb.realm-sync#14");
  EXPECT_EQ(chosen("com.mongodb.realm-sync/0-3"), "com.mongodb.realm-sync/3");
  EXPECT_EQ(chosen("com.mongodb.realm-sync/5-5"), "com.mongodb.realm-sync/5");
}

TEST(negotiation, tolerates_blanks_and_unknown_elements) {
  EXPECT_EQ(chosen("  com.mongodb.realm-sync#3 ,\t com.mongodb.realm-sync#4  "),
            "com.mongodb.realm-sync#4");
  EXPECT_EQ(chosen("chat, com.mongodb.realm-sync#3, mqtt#x,, com.mongodb.realm-sync"),
            "com.mongodb.realm-sync#3");
  EXPECT_EQ(chosen("com.mongodb.realm-sync#15, com.mongodb.realm-sync#14"),
            "com.mongodb.realm-sync#14");
  EXPECT_EQ(chosen("io.realm.sync.30, com.mongodb.realm-sync#2"), "com.mongodb.realm-sync#2");
}

TEST(negotiation, answers_legacy_offers_with_one_version) {
  EXPECT_EQ(chosen("io.realm.sync.26-30"), "io.realm.sync.30");
  EXPECT_EQ(chosen("io.realm.sync.26-29"), "io.realm.sync.29");
  EXPECT_EQ(chosen("io.realm.sync.22"), "io.realm.sync.22");
  EXPECT_EQ(chosen("io.realm.sync.17"), "io.realm.sync.17");
  EXPECT_EQ(chosen("io.realm.sync.26-99"), "io.realm.sync.30");
  EXPECT_EQ(chosen("io.realm.sync.20-25"), "io.realm.sync.22");
  EXPECT_EQ(negotiate("io.realm.sync.26-28")->version, 28);
  EXPECT_EQ(chosen("com.mongodb.realm-query-sync/4, io.realm.sync.30"), "io.realm.sync.30");
  EXPECT_EQ(chosen("io.realm.sync.30, com.mongodb.realm-query-sync/4"), "io.realm.sync.30");
  EXPECT_NE(refusal("io.realm.sync.x").find("malformed"), std::string::npos);
}

TEST(negotiation, takes_the_version_that_the_earliest_clients_announce) {
  const auto r = negotiate_announced("18", "io.realm.sync");
  ASSERT_TRUE(r);
  EXPECT_EQ(r->version, 18);
  EXPECT_EQ(r->subprotocol, "io.realm.sync");
  EXPECT_EQ(negotiate_announced(" 18 ", "")->subprotocol, "");
  for (const auto* text : {"", "x", "14", "23", "26-30", "-18"})
    EXPECT_FALSE(negotiate_announced(text, "")) << text;
}

TEST(negotiation, recognises_flexible_sync) {
  const auto r = negotiate("com.mongodb.realm-query-sync#14, com.mongodb.realm-query-sync#13");
  ASSERT_TRUE(r);
  EXPECT_TRUE(r->is_flexible);
  EXPECT_EQ(r->subprotocol, "com.mongodb.realm-query-sync#14");
  EXPECT_FALSE(negotiate("com.mongodb.realm-query-sync/4, com.mongodb.realm-sync/3")->is_flexible);
  EXPECT_FALSE(negotiate("com.mongodb.realm-sync/3, com.mongodb.realm-query-sync/4")->is_flexible);
}

TEST(negotiation, refuses_what_nobody_speaks) {
  EXPECT_NE(refusal("com.mongodb.realm-sync#15").find("CLIENT_TOO_NEW"), std::string::npos);
  EXPECT_NE(refusal("com.mongodb.realm-sync/0").find("CLIENT_TOO_OLD"), std::string::npos);
  EXPECT_NE(refusal("io.realm.sync.14").find("CLIENT_TOO_OLD"), std::string::npos);
  EXPECT_NE(refusal("io.realm.sync.23-25").find("CLIENT_TOO_OLD"), std::string::npos);
  EXPECT_NE(refusal("io.realm.sync.31").find("CLIENT_TOO_NEW"), std::string::npos);
  EXPECT_NE(refusal("chat"), "");
  EXPECT_NE(refusal(""), "");
}

TEST(negotiation, refuses_malformed_versions) {
  for (const auto* offer :
       {"com.mongodb.realm-sync#", "com.mongodb.realm-sync#x", "com.mongodb.realm-sync#14x",
        "com.mongodb.realm-sync#-3", "com.mongodb.realm-sync#3-", "com.mongodb.realm-sync#5-3",
        "com.mongodb.realm-sync#1-2-3", "com.mongodb.realm-sync# 14", "com.mongodb.realm-sync#+14",
        "com.mongodb.realm-sync#99999999999999999999",
        "com.mongodb.realm-sync#14, com.mongodb.realm-sync#x"})
    EXPECT_NE(refusal(offer).find("malformed"), std::string::npos) << offer;
}

} // namespace
} // namespace ros::sync
