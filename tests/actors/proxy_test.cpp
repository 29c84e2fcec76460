// The PROXY: who gets what, who is believed about the client, and what is refused
// (http-api.md 1.1, 8.1).
#include "http_world.hpp"

#include "actors/proxy_origin.hpp"
#include "support/raw_socket.hpp"

#include <gtest/gtest.h>

namespace json = boost::json;

namespace ros::actors {

namespace {

using ros::test::http_world;

/// Who answers an upgrade: 418 is the sync service's stand-in.
unsigned upgrade(std::uint16_t port, const std::string& target, const std::string& extra = {}) {
  test::http_client client{port};
  client.socket().send(test::upgrade_request(target, extra));
  return client.read_answer().status;
}

TEST(proxy_test, sync_connections_go_to_the_sync_service_at_every_listener) {
  http_world world;
  for (auto port : {world.front->port(), world.sync_listener->port()}) {
    for (const auto* target :
         {"/realm-sync", "/realm-sync/%2Fa%2Fb", "/realm-sync?baas_at=x",
          "/api/client/v2.0/app/my-app/realm-sync?baas_at=x", "/realm-object-server"})
      EXPECT_EQ(upgrade(port, target), 418u) << target;
    EXPECT_EQ(upgrade(port, "/", "Sec-WebSocket-Protocol: io.realm.sync.22\r\n"), 418u);
  }
}

TEST(proxy_test, other_upgrades_are_not_found) {
  http_world world;
  for (auto port : {world.front->port(), world.sync_listener->port()})
    for (const auto* target : {"/", "/log/info", "/realm-synchro", "/auth"})
      EXPECT_EQ(upgrade(port, target), 404u) << target;
}

TEST(proxy_test, the_configured_route_prefix_is_a_sync_route) {
  http_world world{[](auto& x) { x.network.sync_route_prefix = "/elsewhere"; }};
  EXPECT_EQ(upgrade(world.front->port(), "/elsewhere/%2Fa"), 418u);
}

TEST(proxy_test, the_sync_listener_serves_health_and_nothing_else) {
  http_world world;
  test::http_client client{world.sync_listener->port()};
  EXPECT_EQ(client.get("/health").status, 200u);
  for (const auto* path : {"/", "/auth", "/api/client/v2.0/app/x/location", "/realm-sync"})
    EXPECT_EQ(client.get(path).status, 404u) << path;
}

TEST(proxy_test, it_is_no_general_proxy) {
  http_world world;
  auto client = world.client();
  for (const auto* target :
       {"http://evil.example/health", "https://evil.example/", "http://127.0.0.1.evil.example/",
        "http://localhostile/", "ftp://localhost.evil/"}) {
    auto answer = client.get(target);
    EXPECT_EQ(answer.status, 400u) << target;
    EXPECT_FALSE(answer.json().as_object().contains("code"));
  }
  EXPECT_EQ(client.get("http://evil.example/", {{"Host", "evil.example"}}).status, 400u);
  EXPECT_EQ(upgrade(world.front->port(), "http://evil.example/realm-sync"), 400u);
  EXPECT_EQ(world.send("CONNECT", "evil.example:443").status, 400u);
  EXPECT_EQ(world.send("CONNECT", "localhost:9080").status, 400u);
}

TEST(proxy_test, absolute_targets_of_this_server_are_served) {
  http_world world{[](auto& x) { x.app_services.public_url = "https://realm.example"; }};
  auto client = world.client();
  EXPECT_EQ(client.get("http://" + client.host() + "/health").status, 200u);
  EXPECT_EQ(client.get("http://localhost/health").status, 200u);
  EXPECT_EQ(client.get("https://realm.example/health").status, 200u);
  EXPECT_EQ(client.get("http://localhost").status, 200u) << "the front page";
}

TEST(proxy_test, a_service_that_is_gone_makes_a_bad_gateway) {
  http_world world;
  caf::anon_send_exit(world.http, caf::exit_reason::kill);
  caf::anon_send_exit(world.sync, caf::exit_reason::kill);
  unsigned status = 0; // requests already on their way are answered 500
  for (int i = 0; i < 1000 && status != 502; ++i)
    status = world.get("/health").status;
  EXPECT_EQ(status, 502u);
  for (int i = 0; i < 1000 && upgrade(world.front->port(), "/realm-sync") != 502; ++i)
    ;
  EXPECT_EQ(upgrade(world.front->port(), "/realm-sync"), 502u);
}

// -- where a request comes from ------------------------------------------------------

bool within(const char* range, const char* address) {
  auto parsed = address_range::parse(range);
  EXPECT_TRUE(parsed) << range;
  return parsed && parsed->contains(address);
}

TEST(address_range, contains_what_its_prefix_says) {
  EXPECT_TRUE(within("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(within("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(within("192.168.4.0/22", "192.168.7.255"));
  EXPECT_FALSE(within("192.168.4.0/22", "192.168.8.0"));
  EXPECT_TRUE(within("127.0.0.1", "127.0.0.1"));
  EXPECT_FALSE(within("127.0.0.1", "127.0.0.2"));
  EXPECT_TRUE(within("0.0.0.0/0", "1.2.3.4"));
  EXPECT_FALSE(within("0.0.0.0/0", "fd00::1"));
  EXPECT_TRUE(within("fd00::/8", "fd12::1"));
  EXPECT_FALSE(within("fd00::/8", "fe80::1"));
  EXPECT_TRUE(within("::1", "::1"));
  EXPECT_TRUE(within("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_FALSE(within("10.0.0.0/8", "nonsense"));
  EXPECT_FALSE(within("10.0.0.0/8", ""));
}

TEST(address_range, refuses_what_is_none) {
  for (const auto* text : {"", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1",
                           "fd00::/129", "host", "10.0.0.0/8/8"})
    EXPECT_FALSE(address_range::parse(text)) << text;
}

class request_origin_test : public ::testing::Test {
public:
  request_origin origin(const std::string& peer, test::header_list headers, bool secure = false) {
    runtime::http_request request;
    request.remote_address = peer;
    request.headers = std::move(headers);
    return origin_of(request, trusted, secure);
  }
  std::vector<address_range> trusted{*address_range::parse("10.0.0.0/8")};
};

TEST_F(request_origin_test, a_stranger_is_not_believed) {
  auto x =
      origin("203.0.113.5", {{"X-Forwarded-For", "198.51.100.1"}, {"X-Forwarded-Proto", "https"}});
  EXPECT_EQ(x.address, "203.0.113.5");
  EXPECT_FALSE(x.secure);
}

TEST_F(request_origin_test, a_trusted_proxy_is_believed) {
  auto x =
      origin("10.0.0.1", {{"x-forwarded-for", "198.51.100.1"}, {"x-forwarded-proto", "https"}});
  EXPECT_EQ(x.address, "198.51.100.1");
  EXPECT_TRUE(x.secure);
}

TEST_F(request_origin_test, a_chain_is_followed_as_far_as_it_is_trusted) {
  auto x = origin("10.0.0.1", {{"X-Forwarded-For", "1.1.1.1, 198.51.100.1, 10.0.0.2"}});
  EXPECT_EQ(x.address, "198.51.100.1") << "what the client itself put in front is not believed";
  auto lines =
      origin("10.0.0.1", {{"X-Forwarded-For", "198.51.100.1"}, {"X-Forwarded-For", "10.0.0.2"}});
  EXPECT_EQ(lines.address, "198.51.100.1");
}

TEST_F(request_origin_test, nonsense_and_silence_of_a_trusted_proxy_leave_what_is_known) {
  EXPECT_EQ(origin("10.0.0.1", {}).address, "10.0.0.1");
  EXPECT_EQ(origin("10.0.0.1", {{"X-Forwarded-For", "unknown"}}).address, "10.0.0.1");
  EXPECT_EQ(origin("10.0.0.1", {{"X-Forwarded-For", "x, 10.0.0.7"}}).address, "10.0.0.7");
  EXPECT_TRUE(origin("10.0.0.1", {}, true).secure);
  EXPECT_FALSE(origin("10.0.0.1", {{"X-Forwarded-Proto", "http"}}, true).secure);
}

} // namespace

} // namespace ros::actors
