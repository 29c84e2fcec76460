// The administration API (http-api.md 10), as far as it goes: Realms and their quarantine.
#include "http_world.hpp"

#include "runtime/tokens.hpp"

#include <gtest/gtest.h>

namespace json = boost::json;

namespace ros::actors {

namespace {

using ros::test::http_world;

const std::string realms = "/api/admin/v1/realms";

test::header_list as_admin() {
  return {{"Authorization", "Bearer " + runtime::make_admin_token(test::signing_keys())}};
}

/// Enters the Realms that the stand-in registry knows, and one that it does not.
void fill(http_world& world) {
  for (const auto* path : {"/good", "/a/bad", "/asleep"})
    EXPECT_EQ(world.post(realms, {{"path", path}}, as_admin()).status, 201u);
}

TEST(http_admin_test, lists_realms_with_their_state_and_the_reason) {
  http_world world;
  fill(world);
  auto answer = world.get(realms, as_admin());
  EXPECT_EQ(answer.status, 200u);
  const auto document = answer.json();
  EXPECT_EQ(document.at("total"), 3);
  const auto& rows = document.at("realms").as_array();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].at("path"), "/a/bad");
  EXPECT_EQ(rows[0].at("state"), "quarantined");
  EXPECT_EQ(rows[0].at("reason"), "version 3 is damaged");
  EXPECT_EQ(rows[1].at("state"), "closed");
  EXPECT_EQ(rows[2].at("state"), "open");
  EXPECT_FALSE(rows[2].as_object().contains("reason"));
}

TEST(http_admin_test, a_list_is_cut_to_what_the_query_asks_for) {
  http_world world;
  fill(world);
  auto paths = [&](const std::string& query) {
    auto document = world.get(realms + query, as_admin()).json();
    std::string all;
    for (const auto& x : document.at("realms").as_array())
      all += std::string{x.at("path").as_string()} + ' ';
    return all;
  };
  EXPECT_EQ(paths("?state=quarantined"), "/a/bad ");
  EXPECT_EQ(paths("?state=open"), "/good ");
  EXPECT_EQ(paths("?search=good"), "/good ");
  EXPECT_EQ(paths("?limit=1"), "/a/bad ");
  EXPECT_EQ(paths("?offset=1&limit=500"), "/asleep /good ");
  EXPECT_EQ(paths("?sort=-path&limit=1"), "/good ");
  EXPECT_EQ(paths("?offset=7"), "");
  for (const auto* wrong : {"?limit=x", "?offset=-1", "?limit=1x"})
    EXPECT_EQ(world.get(realms + wrong, as_admin()).status, 400u) << wrong;
}

TEST(http_admin_test, releases_a_quarantined_realm_once) {
  http_world world;
  const auto release = realms + "/%2Fa%2Fbad/release";
  auto answer = world.client().post(release, "", as_admin());
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer.json(), (json::value{{"path", "/a/bad"}, {"state", "released"}}));
  EXPECT_EQ(world.client().post(release, "", as_admin()).status, 404u);
  EXPECT_EQ(world.client().post(realms + "/%2Fgood/release", "", as_admin()).status, 404u);
}

TEST(http_admin_test, refuses_everybody_else) {
  http_world world;
  auto answer = world.post("/api/client/v2.0/app/x/auth/providers/anon-user/login",
                           json::object{{"provider", "anon-user"}});
  const auto token = std::string{answer.json().at("refresh_token").as_string()};
  const test::header_list as_user{{"Authorization", "Bearer " + token}};
  for (const auto& headers : {test::header_list{}, test::header_list{{"Authorization", "x"}}}) {
    EXPECT_EQ(world.get(realms, headers).status, 401u);
    EXPECT_EQ(world.client().post(realms + "/%2Fa%2Fbad/release", "", headers).status, 401u);
  }
  EXPECT_EQ(world.get(realms, as_user).status, 403u);
  EXPECT_EQ(world.client().post(realms + "/%2Fa%2Fbad/release", "", as_user).status, 403u);
}

} // namespace

} // namespace ros::actors
