// Checklist T of sync-protocol.md 10.
#include "conformance_fixture.hpp"

namespace ros::test {
namespace {

TEST_F(ConformanceTest, T1_the_newest_common_version_is_chosen) {
  auto client = connect();
  EXPECT_EQ(client.status(), 101);
  EXPECT_EQ(client.subprotocol(), "com.mongodb.realm-sync#14");
  EXPECT_TRUE(answers_pings(client));
}

TEST_F(ConformanceTest, serves_the_route_of_app_services) { // T2
  auto options = as_user();
  options.target = "/api/client/v2.0/app/my-app/realm-sync";
  protocol_client client(options);
  EXPECT_EQ(client.subprotocol(), "com.mongodb.realm-sync#14");
  EXPECT_TRUE(answers_pings(client));
}

TEST_F(ConformanceTest, echoes_the_clients_own_spelling) { // T3, T4, T5
  auto options = as_user();
  const std::pair<const char*, const char*> cases[] = {
      {"com.mongodb.realm-sync/7, com.mongodb.realm-sync/6", "com.mongodb.realm-sync/7"},
      {"com.mongodb.realm-sync#7", "com.mongodb.realm-sync#7"},
      {"com.mongodb.realm-sync#2-14", "com.mongodb.realm-sync#14"},
      {"  chat ,com.mongodb.realm-sync#3,  com.mongodb.realm-sync#5 ", "com.mongodb.realm-sync#5"}};
  for (const auto& [offered, chosen] : cases) {
    options.subprotocols = offered;
    EXPECT_EQ(protocol_client{options}.subprotocol(), chosen);
  }
}

TEST_F(ConformanceTest, refuses_offers_it_cannot_meet) { // T6
  auto options = as_user();
  for (const auto* offered :
       {"com.mongodb.realm-sync#99", "com.mongodb.realm-sync#x", "chat", ""}) {
    options.subprotocols = offered;
    protocol_client client(options);
    EXPECT_EQ(client.status(), 400) << offered;
    EXPECT_NE(client.answer().find("Content-Length: "), std::string::npos);
  }
}

TEST_F(ConformanceTest, answers_the_handshake_as_rfc_6455_wants) { // T7; the client checks the accept key
  auto client = connect();
  const auto& answer = client.answer();
  EXPECT_NE(answer.find("Upgrade: websocket\r\n"), std::string::npos);
  EXPECT_NE(answer.find("Connection: Upgrade\r\n"), std::string::npos);
}

TEST_F(ConformanceTest, takes_headers_in_any_case) { // T8
  raw_socket socket(server().port());
  socket.send("GET /realm-sync?baas_at=" + user().token +
              " HTTP/1.1\r\nHOST: x\r\nconnection: keep-alive, Upgrade\r\nUPGRADE: WebSocket\r\n"
              "sec-websocket-version: 13\r\nsec-websocket-key: /qrcp/VBC3p1dXLBMiXFMw==\r\n"
              "sec-websocket-protocol: com.mongodb.realm-sync#9\r\nX-Other: y\r\n\r\n");
  EXPECT_TRUE(socket.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
}

TEST_F(ConformanceTest, takes_long_request_lines) { // T9
  auto options = as_user();
  options.target = "/realm-sync?padding=" + std::string(6 * 1024, 'x');
  EXPECT_EQ(protocol_client{options}.status(), 101);
}

TEST_F(ConformanceTest, makes_clients_with_a_bad_token_refresh_it) { // T10, T13
  auto options = as_user();
  options.token = user().token.substr(0, user().token.size() - 8) + "AAAAAAAA";
  protocol_client client(options);
  EXPECT_EQ(client.subprotocol(), "com.mongodb.realm-sync#14");
  EXPECT_TRUE(client.read_to_end().empty());
  EXPECT_EQ(client.close_code(), 4001u);
  options.subprotocols = offer(7, 4, '/');
  EXPECT_EQ(protocol_client{options}.status(), 401);
  options.token.clear();
  EXPECT_EQ(protocol_client{options}.status(), 401);
}

TEST_F(ConformanceTest, knows_its_routes) { // T12
  auto options = as_user();
  options.target = "/nowhere";
  EXPECT_EQ(protocol_client{options}.status(), 404);
}

TEST_F(ConformanceTest, puts_fragments_together) { // T15; T14 is checked by the client everywhere
  auto client = connect();
  client.socket().send(client_frame(2, "pi", {.fin = false}) + client_frame(9, "mid") +
                       client_frame(0, "ng 5 ", {.fin = false}) + client_frame(0, "0\n"));
  EXPECT_EQ(client.expect("pong").timestamp, 5u);
  EXPECT_EQ(client.pongs(), std::vector<std::string>{"mid"});
}

TEST_F(ConformanceTest, ends_connections_that_break_rfc_6455) { // T16
  auto bystander = connect();
  for (const auto& bad :
       {client_frame(2, "ping 5 0\n", {.masked = false}), client_frame(3, "x"),
        client_frame(9, std::string(126, 'x')), client_frame(2, "x", {.rsv = 4})}) {
    auto client = connect();
    client.socket().send(bad);
    EXPECT_TRUE(client.read_to_end().empty());
  }
  EXPECT_TRUE(answers_pings(bystander));
}

TEST_F(ConformanceTest, answers_websocket_pings) { // T17
  auto client = connect();
  client.socket().send(client_frame(9, "abc"));
  EXPECT_TRUE(answers_pings(client));
  EXPECT_EQ(client.pongs(), std::vector<std::string>{"abc"});
}

TEST_F(ConformanceTest, refuses_flexible_sync_so_that_the_app_hears_of_it) { // X1
  auto options = as_user();
  options.subprotocols = "com.mongodb.realm-query-sync#14, com.mongodb.realm-query-sync#13";
  protocol_client client(options);
  EXPECT_EQ(client.subprotocol(), "com.mongodb.realm-query-sync#14");
  const auto m = client.expect("json_error");
  EXPECT_EQ(m.error_code, 114);
  EXPECT_EQ(m.action, "ApplicationBug");
}

} // namespace
} // namespace ros::test
