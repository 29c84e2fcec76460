// Virtual paths as clients write them (http-api.md 2.3, 9.10).
#include "actors/realm_path.hpp"

#include <gtest/gtest.h>

namespace ros::actors {

namespace {

const std::string jane = "0123456789abcdef0123456789abcdef";

TEST(realm_path, plain_encoded_and_url_forms_name_the_same_realm) {
  for (const auto* text :
       {"/~/notes", "~/notes", "%2F~%2Fnotes", "/%7E/notes", "realm://server.example:9080/~/notes",
        "realms://server/~/notes", "http://server/~/notes", "https://server/~/notes",
        "/0123456789abcdef0123456789abcdef/notes"})
    EXPECT_EQ(normalise_realm_path(text, jane), "/" + jane + "/notes") << text;
}

TEST(realm_path, a_home_sign_stands_only_in_front) {
  EXPECT_EQ(normalise_realm_path("/~", jane), "/" + jane);
  for (const auto* text : {"/a/~", "/a/~/b", "/~a/b", "/~/~"})
    EXPECT_EQ(normalise_realm_path(text, jane), std::nullopt) << text;
}

TEST(realm_path, text_is_decoded_exactly_once) {
  EXPECT_EQ(normalise_realm_path("/a%2Fb", jane), "/a/b");
  EXPECT_EQ(normalise_realm_path("/a%252Fb", jane), std::nullopt);
  EXPECT_EQ(normalise_realm_path("/a%", jane), std::nullopt);
  EXPECT_EQ(normalise_realm_path("/a%zz", jane), std::nullopt);
}

TEST(realm_path, valid_paths_are_those_of_the_specification) {
  for (const auto* path : {"/a", "/a/b.c-d_E9", "/__admin", "/a.b", "/a.realm.x", "/-", "/realm"})
    EXPECT_TRUE(is_valid_realm_path(path)) << path;
  for (const auto* path :
       {"", "/", "a", "//", "/a/", "/a//b", "/.a", "/a/..", "/a b", "/a\\b", "/\xc3\xa4", "/a=b",
        "/x.realm", "/x.realm.lock", "/x.realm.management", "/x.realm/y", "/a/__partial/u/i"})
    EXPECT_FALSE(is_valid_realm_path(path)) << path;
}

TEST(realm_path, length_limits_hold_to_the_byte) {
  EXPECT_TRUE(is_valid_realm_path("/" + std::string(200, 'a')));
  EXPECT_FALSE(is_valid_realm_path("/" + std::string(201, 'a')));
  std::string path;
  for (int i = 0; i < 5; ++i)
    path += "/" + std::string(200, 'a');
  EXPECT_TRUE(is_valid_realm_path(path + "/" + std::string(18, 'a')));
  EXPECT_FALSE(is_valid_realm_path(path + "/" + std::string(19, 'a')));
}

TEST(realm_path, odd_input_is_refused_and_never_crashes) {
  for (const auto* text : {"", "/", "realm://", "realm://host", "realm://host/", "~", "%", "%00",
                           "/a%00b", "http://", "\xff"})
    if (std::string_view{text} == "~")
      EXPECT_EQ(normalise_realm_path(text, jane), "/" + jane);
    else
      EXPECT_EQ(normalise_realm_path(text, jane), std::nullopt) << text;
}

TEST(realm_path, reserved_names_cannot_be_created) {
  for (const auto* path : {"/a", "/a/b", "/a/__b/c", "/__admin/x", "/__partition/s-abc"})
    EXPECT_TRUE(is_creatable(path)) << path;
  for (const auto* path : {"/__admin", "/__password", "/__x/y", "/a/__management", "/__partition",
                           "/__partition/a/b", "/__admin/__permission"})
    EXPECT_FALSE(is_creatable(path)) << path;
}

TEST(realm_path, partition_texts_become_segments) {
  EXPECT_EQ(partition_segment("abc"), "s-abc");
  EXPECT_EQ(partition_segment(""), "b-");
  EXPECT_EQ(partition_segment("a b"), "b-YSBi");
  EXPECT_EQ(partition_segment(std::string(148, 'a')), "s-" + std::string(148, 'a'));
  EXPECT_EQ(partition_segment("a.b"), "b-YS5i");
  auto longest = partition_segment(std::string(147, 'a') + "=");
  EXPECT_TRUE(longest.starts_with("b-"));
  EXPECT_LE(longest.size(), 200u);
  auto hashed = partition_segment(std::string(149, 'a'));
  EXPECT_TRUE(hashed.starts_with("h-"));
  EXPECT_EQ(hashed.size(), 66u);
  for (const auto& segment : {longest, hashed})
    EXPECT_TRUE(is_valid_realm_path("/__partition/" + segment)) << segment;
}

} // namespace

} // namespace ros::actors
