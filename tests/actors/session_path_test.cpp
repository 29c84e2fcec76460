#include "actors/session_path.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ros::actors {
namespace {

std::string path(std::string_view text) {
  return canonical_session_path(text, "0123abc").value_or("204");
}

TEST(session_path, strings_become_partitions) {
  EXPECT_EQ(path("\"e2e-one\""), "/__partition/s-e2e-one");
  EXPECT_EQ(path("  \"e2e-one\"\n"), "/__partition/s-e2e-one");
  EXPECT_EQ(path("\"\\u0061bc\""), "/__partition/s-abc");
  EXPECT_EQ(path("\"\""), "/__partition/b-");
  EXPECT_EQ(path("\"user=42\""), "/__partition/b-dXNlcj00Mg");
  EXPECT_EQ(path("\"a b\""), "/__partition/b-YSBi");
  EXPECT_EQ(path("\"a\\\\b\""), "/__partition/b-YVxi");
  EXPECT_EQ(path("\"\xC3\xA9\""), "/__partition/b-w6k");
  EXPECT_EQ(path("\"a/b\""), "/__partition/b-YS9i");
  EXPECT_EQ(path('"' + std::string(148, 'a') + '"'), "/__partition/s-" + std::string(148, 'a'));
  const auto longer = path('"' + std::string(149, 'a') + '"');
  EXPECT_TRUE(longer.starts_with("/__partition/h-"));
  EXPECT_EQ(longer.size(), std::string{"/__partition/h-"}.size() + 64);
}

TEST(session_path, both_spellings_of_an_integer_are_one_realm) {
  EXPECT_EQ(path("42"), "/__partition/i-42");
  EXPECT_EQ(path("{\"$numberLong\":\"42\"}"), path("42"));
  EXPECT_EQ(path("{ \"$numberInt\" : \"42\" }"), path("42"));
  EXPECT_EQ(path("-7"), "/__partition/i--7");
  EXPECT_EQ(path("{\"$numberLong\":\"-7\"}"), path("-7"));
  EXPECT_EQ(path("{\"$numberLong\":\"042\"}"), path("42"));
  EXPECT_EQ(path("9223372036854775807"), "/__partition/i-9223372036854775807");
  EXPECT_EQ(path("-9223372036854775808"), "/__partition/i--9223372036854775808");
  EXPECT_NE(path("\"42\""), path("42"));
}

TEST(session_path, integers_beyond_64_bits_are_refused) {
  EXPECT_EQ(path("9223372036854775808"), "204");
  EXPECT_EQ(path("{\"$numberLong\":\"9223372036854775808\"}"), "204");
  EXPECT_EQ(path("{\"$numberLong\":\"4x\"}"), "204");
  EXPECT_EQ(path("{\"$numberLong\":\"\"}"), "204");
  EXPECT_EQ(path("{\"$numberLong\":5}"), "204");
}

TEST(session_path, object_ids_uuids_and_null) {
  EXPECT_EQ(path("{\"$oid\":\"0123456789ABCDEF01234567\"}"),
            "/__partition/o-0123456789abcdef01234567");
  EXPECT_EQ(path("{\"$uuid\":\"12345678-90AB-cdef-1234-567890abcdef\"}"),
            "/__partition/u-12345678-90ab-cdef-1234-567890abcdef");
  EXPECT_EQ(path("{\"$binary\":{\"base64\":\"EjRWeJCrze8SNFZ4kKvN7w==\",\"subType\":\"04\"}}"),
            "/__partition/u-12345678-90ab-cdef-1234-567890abcdef");
  EXPECT_EQ(path("null"), "/__partition/n");
}

TEST(session_path, values_that_are_no_partitions_are_refused) {
  for (const auto* text :
       {"true", "1.5", "[]", "{}", "{\"a\":1}", "{\"$oid\":\"12\"}", "{\"$oid\":12}",
        "{\"$oid\":\"0123456789abcdef0123456g\"}", "{\"$uuid\":\"12345678\"}",
        "{\"$uuid\":\"12345678090ab-cdef-1234-567890abcdef\"}",
        "{\"$binary\":{\"base64\":\"EjRW\",\"subType\":\"04\"}}",
        "{\"$binary\":{\"base64\":\"EjRWeJCrze8SNFZ4kKvN7w==\",\"subType\":\"00\"}}",
        "{\"$binary\":\"x\"}", "{\"$oid\":\"0123456789abcdef01234567\",\"x\":1}", "dogs", "\"abc",
        "", "nul", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["})
    EXPECT_EQ(path(text), "204") << text;
}

TEST(session_path, virtual_paths_are_themselves) {
  EXPECT_EQ(path("/dogs2"), "/dogs2");
  EXPECT_EQ(path("/A_-.z"), "/A_-.z");
  EXPECT_EQ(path("/a/b/c"), "/a/b/c");
  EXPECT_EQ(path("/~/x"), "/0123abc/x");
  EXPECT_EQ(path("\"/~/x\""), "/0123abc/x");
  EXPECT_EQ(path("\"/dogs2\""), "/dogs2");
  for (const auto* text : {"//e", "/e/", "/.e", "/e.realm", "/e~", "/", "/../x", "/a/../b", "/%2e",
                           "/a/__partial/u/1", "\"/../x\"", "/a b", "/a\nb"})
    EXPECT_EQ(path(text), "204") << text;
}

} // namespace
} // namespace ros::actors
