#include "actors/sync_service_routes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace ros::actors {
namespace {

runtime::http_request request(std::string target,
                              std::vector<std::pair<std::string, std::string>> headers = {}) {
  runtime::http_request r;
  r.method = "GET";
  r.target = std::move(target);
  r.headers = std::move(headers);
  return r;
}

TEST(sync_service_routes, are_those_of_every_client_generation) {
  for (const auto* path :
       {"/realm-sync", "/realm-sync/%2Fdogs", "/realm-sync//dogs", "/custom", "/custom/%2Fx",
        "/api/client/v2.0/app/my-app/realm-sync", "/realm-object-server"})
    EXPECT_TRUE(is_sync_route(path, "/custom")) << path;
  for (const auto* path :
       {"/", "", "/realm-syncx", "/realm", "/api/client/v2.0/app/realm-sync",
        "/api/client/v2.0/app//realm-sync", "/api/client/v2.0/app/a/b/realm-sync",
        "/api/client/v2.0/app/a/realm-sync/x", "/customs", "/auth"})
    EXPECT_FALSE(is_sync_route(path, "/custom")) << path;
}

TEST(sync_service_routes, join_repeated_offers) {
  EXPECT_EQ(offered_subprotocols(request("/")), std::nullopt);
  EXPECT_EQ(offered_subprotocols(request("/", {{"sec-websocket-protocol", "a, b"},
                                               {"Host", "x"},
                                               {"Sec-WebSocket-Protocol", "c"}})),
            "a, b,c");
}

TEST(sync_service_routes, find_the_token_wherever_a_client_puts_it) {
  const std::vector<std::string> names{"Authorization", "X-Realm-Access-Token"};
  EXPECT_EQ(upgrade_token(request("/realm-sync"), names), std::nullopt);
  EXPECT_EQ(upgrade_token(request("/realm-sync?baas_at=a.b.c"), names), "a.b.c");
  EXPECT_EQ(upgrade_token(request("/realm-sync?x=1&baas_at=a.b.c", {{"Authorization", "Bearer z"}}),
                          names),
            "a.b.c");
  EXPECT_EQ(upgrade_token(request("/realm-sync?baas_at=", {{"authorization", "Bearer z"}}), names),
            "Bearer z");
  EXPECT_EQ(upgrade_token(request("/realm-sync", {{"x-realm-access-token", "t"}}), names), "t");
  EXPECT_EQ(upgrade_token(request("/realm-sync", {{"Authorization", "Bearer z"}}), {"X-Other"}),
            std::nullopt);
}

TEST(sync_service_routes, know_clients_that_take_401_as_fatal) {
  auto fatal = [](const char* agent) {
    return takes_401_as_fatal(request("/", {{"User-Agent", agent}}));
  };
  EXPECT_TRUE(fatal("RealmSync/10.0.0 (Linux)"));
  EXPECT_TRUE(fatal("RealmSync/10.6.1"));
  EXPECT_FALSE(fatal("RealmSync/10.7.0"));
  EXPECT_FALSE(fatal("RealmSync/10.10.0"));
  EXPECT_FALSE(fatal("RealmSync/14.14.0"));
  EXPECT_FALSE(fatal("curl/7"));
  EXPECT_FALSE(takes_401_as_fatal(request("/")));
}

} // namespace
} // namespace ros::actors
