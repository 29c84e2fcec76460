// Checklist T of sync-protocol.md 10: from the upgrade to frames.
#include "conformance_fixture.hpp"

#include "support/http_client.hpp"
#include "support/test_keys.hpp"

#include <algorithm>

namespace ros::test {
namespace {

std::string lower(std::string text) {
  for (auto& c : text)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// What a server chooses from this offer.
std::string choice_of(connect_options options, const std::string& offered) {
  options.subprotocols = offered;
  const protocol_client client{options};
  EXPECT_EQ(client.status(), 101) << offered;
  return client.subprotocol();
}

/// An access token of this user, signed by somebody with the server's key.
std::string access_token(const std::string& user, std::int64_t expires,
                         const runtime::key_pair& keys = signing_keys()) {
  runtime::token_claims claims;
  claims.identity = user;
  claims.typ = "access";
  claims.issued_at = expires - 1800;
  claims.expires = expires;
  return runtime::make_jwt(claims, keys);
}

std::int64_t unix_seconds() {
  return runtime::system_clock().unix_ms() / 1000;
}

TEST_F(ConformanceTest, T1_the_newest_common_version_is_chosen) {
  auto client = connect();
  EXPECT_EQ(client.status(), 101);
  EXPECT_EQ(client.subprotocol(), "com.mongodb.realm-sync#14");
  EXPECT_TRUE(answers_pings(client));
}

TEST_F(ConformanceTest, T2_the_route_of_app_services_is_served_too) {
  auto options = as_user();
  options.target = "/api/client/v2.0/app/my-app/realm-sync";
  protocol_client client(options);
  EXPECT_EQ(client.subprotocol(), "com.mongodb.realm-sync#14");
  EXPECT_TRUE(answers_pings(client));
}

TEST_F(ConformanceTest, T3_the_answer_is_in_the_clients_own_spelling) {
  EXPECT_EQ(choice_of(as_user(), "com.mongodb.realm-sync/7, com.mongodb.realm-sync/6"),
            "com.mongodb.realm-sync/7");
  EXPECT_EQ(choice_of(as_user(), "com.mongodb.realm-sync#7"), "com.mongodb.realm-sync#7");
  for (const char separator : {'/', '#'})
    for (int version = 1; version <= 14; ++version) {
      const auto only = offer(version, version, separator);
      EXPECT_EQ(choice_of(as_user(), only), only);
    }
}

TEST_F(ConformanceTest, T4_of_a_range_one_version_is_chosen) {
  EXPECT_EQ(choice_of(as_user(), "com.mongodb.realm-sync#2-14"), "com.mongodb.realm-sync#14");
  EXPECT_EQ(choice_of(as_user(), "com.mongodb.realm-sync/2-99"), "com.mongodb.realm-sync/14");
  EXPECT_EQ(choice_of(as_user(), "  com.mongodb.realm-sync#3,com.mongodb.realm-sync#5  , "
                                 " com.mongodb.realm-sync#4 "),
            "com.mongodb.realm-sync#5");
}

TEST_F(ConformanceTest, T5_unknown_elements_are_ignored) {
  EXPECT_EQ(choice_of(as_user(), "chat, com.mongodb.realm-sync#9, com.mongodb.other#14, "
                                 "superchat.2"),
            "com.mongodb.realm-sync#9");
  EXPECT_EQ(choice_of(as_user(), "com.mongodb.realm-sync#99, com.mongodb.realm-sync#13"),
            "com.mongodb.realm-sync#13");
}

TEST_F(ConformanceTest, T6_offers_that_cannot_be_met_get_400_with_a_short_body) {
  auto options = as_user();
  for (const auto* offered :
       {"com.mongodb.realm-sync#99", "com.mongodb.realm-sync#0", "com.mongodb.realm-sync#x",
        "com.mongodb.realm-sync#", "com.mongodb.realm-sync#9-2", "com.mongodb.realm-sync#-3",
        "com.mongodb.realm-sync#99999999999999999999", "chat", "io.realm.sync.99", ""}) {
    options.subprotocols = offered; // the last one: no such header
    protocol_client client(options);
    EXPECT_EQ(client.status(), 400) << offered;
    const auto end = client.answer().find("\r\n\r\n");
    ASSERT_NE(end, std::string::npos);
    EXPECT_NE(lower(client.answer()).find("\r\ncontent-length: "), std::string::npos) << offered;
    EXPECT_LE(client.answer().size() - end - 4, 8192u);
  }
}

TEST_F(ConformanceTest, T7_the_handshake_is_answered_as_rfc_6455_wants) {
  const auto client = connect(); // checks the accept key of the vector in 1.3
  const auto answer = lower(client.answer());
  EXPECT_NE(answer.find("\r\nsec-websocket-accept: "), std::string::npos);
  EXPECT_NE(answer.find("\r\nupgrade: websocket\r\n"), std::string::npos);
  EXPECT_NE(answer.find("\r\nconnection: upgrade\r\n"), std::string::npos);
  auto options = as_user();
  options.headers = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
  const auto offering = lower(protocol_client{options}.answer());
  EXPECT_TRUE(offering.starts_with("http/1.1 101 "));
  EXPECT_EQ(offering.find("sec-websocket-extensions"), std::string::npos);
}

TEST_F(ConformanceTest, T8_headers_are_taken_in_any_case_and_company) {
  raw_socket socket(server().port());
  socket.send("GET /realm-sync?baas_at=" + user().token +
              " HTTP/1.1\r\nHOST: x\r\nconnection: keep-alive, Upgrade\r\nUPGRADE: WebSocket\r\n"
              "sec-websocket-version: 13\r\nsEC-websocket-KEY: /qrcp/VBC3p1dXLBMiXFMw==\r\n"
              "sec-websocket-protocol: com.mongodb.realm-sync#9\r\nX-Other: y\r\n\r\n");
  const auto answer = lower(socket.read_until("\r\n\r\n"));
  EXPECT_TRUE(answer.starts_with("http/1.1 101 ")) << answer;
  EXPECT_NE(answer.find("sec-websocket-accept: wtqtxdabldft0k/nofr5b/qinyc="), std::string::npos);
}

TEST_F(ConformanceTest, T9_request_lines_of_6_kib_are_taken) {
  auto options = as_user();
  options.target = "/realm-sync?padding=" + std::string(6 * 1024, 'x');
  EXPECT_EQ(protocol_client{options}.status(), 101);
  options = as_user();
  options.headers = "X-Long: " + std::string(8 * 1024 - 10, 'x') + "\r\n"; // 1.2
  EXPECT_EQ(protocol_client{options}.status(), 101);
}

TEST_F(ConformanceTest, T10_clients_with_a_bad_or_expired_token_are_made_to_refresh_it) {
  const auto now = unix_seconds();
  const auto tampered = user().token.substr(0, user().token.size() - 8) + "AAAAAAAA";
  for (const auto& token :
       {std::string{}, std::string{"x"}, tampered, access_token(user().user_id, now - 10),
        access_token(user().user_id, now + 1000, foreign_keys())})
    for (int version = 4; version <= 14; ++version) {
      auto options = as_user(version);
      options.token = token;
      protocol_client client(options);
      if (client.status() == 401)
        continue;
      ASSERT_EQ(client.status(), 101) << token.substr(0, 8);
      ASSERT_GE(version, 8);
      EXPECT_EQ(client.subprotocol(), "com.mongodb.realm-sync#" + std::to_string(version));
      EXPECT_TRUE(client.read_to_end().empty());
      EXPECT_EQ(client.close_code(), 4001u);
    }
  auto good = as_user();
  good.token = access_token(user().user_id, now + 1000);
  protocol_client client(good);
  EXPECT_TRUE(answers_pings(client));
}

// Nobody is answered 403 here: http-api.md 8.3 makes 401 of it, after which the refused
// refresh logs the user out, which is what 403 and 4002 are for.
TEST_F(ConformanceTest, T11_forbidden_users_are_turned_away_and_logged_out) {
  const auto banned = log_in_anonymously(server());
  http_client http(server().port());
  const auto session = [&](const char* method) {
    return http.send(method, "/api/client/v2.0/auth/session",
                     {{"Authorization", "Bearer " + banned.refresh_token}});
  };
  EXPECT_EQ(session("POST").status, 201u);
  EXPECT_EQ(session("DELETE").status, 204u);
  for (int version : {4, 7, 8, 14}) {
    auto options = as_user(version);
    options.token = banned.token;
    protocol_client client(options);
    if (client.status() == 101) {
      EXPECT_TRUE(client.read_to_end().empty());
      EXPECT_TRUE(client.close_code() == 4001u || client.close_code() == 4002u);
    } else {
      EXPECT_TRUE(client.status() == 401 || client.status() == 403) << client.status();
    }
  }
  EXPECT_EQ(session("POST").status, 401u);
}

TEST_F(ConformanceTest, T12_unknown_routes_are_404) {
  auto options = as_user();
  for (const auto* target : {"/nowhere", "/realm-sync-not", "/api/client/v2.0/app/realm-sync",
                             "/api/client/v2.0/app/a/b/realm-sync"}) {
    options.target = target;
    EXPECT_EQ(protocol_client{options}.status(), 404) << target;
  }
}

TEST_F(ConformanceTest, T12_a_server_that_is_not_ready_answers_503) {
  server_process other;
  auto options = as_user();
  options.port = other.port();
  options.token = log_in_anonymously(other).token;
  protocol_client last(options); // keeps it from ending at once
  raw_socket early(other.port());
  early.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_NE(early.read_until("\r\n\r\n").find(" 200 "), std::string::npos);
  other.ask_to_stop();
  EXPECT_EQ(last.expect("json_error").error_code, 100);
  early.send(upgrade_request("/realm-sync?baas_at=" + options.token,
                             "Sec-WebSocket-Protocol: com.mongodb.realm-sync#14\r\n"));
  const auto answer = early.read_until("\r\n\r\n");
  EXPECT_NE(answer.find(" 503 "), std::string::npos) << answer;
}

TEST_F(ConformanceTest, T13_tcp_ends_within_a_second_of_a_close_frame) {
  auto options = as_user();
  options.token = "bad";
  protocol_client client(options); // never answers with a close frame of its own
  while (!client.close_code())
    ASSERT_FALSE(client.next(1000).has_value());
  EXPECT_TRUE(client.socket().readable_within(1000));
  EXPECT_TRUE(client.socket().read(1).empty());
  EXPECT_TRUE(client.socket().ended());
}

TEST_F(ConformanceTest, T14_frames_are_binary_unmasked_and_without_rsv_bits) {
  // The client checks every frame of every test; here they are looked at by hand.
  auto client = connect();
  const auto read = [&client] {
    const auto f = read_frame(client.socket());
    if (!f)
      return false;
    EXPECT_EQ(f->opcode, 2u);
    EXPECT_TRUE(f->fin);
    EXPECT_FALSE(f->masked);
    EXPECT_EQ(f->rsv, 0u);
    static_cast<void>(read_server_message(f->payload, 14));
    return true;
  };
  client.send("ping 1 0\n");                   // besides the log message
  client.send(bind_message(1, realm(), true)); // ident
  client.send(bind_message(2, "//", true));    // error
  for (int i = 0; i < 4; ++i)
    ASSERT_TRUE(read());
  client.send("unbind 1\n");
  ASSERT_TRUE(read());
  client.send("nonsense\n");
  EXPECT_TRUE(read());
  EXPECT_FALSE(read());
}

TEST_F(ConformanceTest, T14_the_server_does_without_pongs_of_clients) {
  server_process impatient(std::map<std::string, std::string>{{"network.sync.idle_timeout", "1"}});
  auto options = as_user();
  options.port = impatient.port();
  options.token = log_in_anonymously(impatient).token;
  protocol_client silent(options);
  protocol_client pinging(options); // fails on a WebSocket ping of the server
  for (std::uint64_t i = 1; silent.next(100) || silent.is_open(); ++i) {
    pinging.send("ping " + std::to_string(i) + " 0\n");
    ASSERT_EQ(pinging.expect("pong").timestamp, i);
  }
}

TEST_F(ConformanceTest, T15_fragments_are_put_together) {
  auto client = connect();
  client.socket().send(client_frame(2, "pi", {.fin = false}) + client_frame(9, "mid") +
                       client_frame(0, "ng 5 ", {.fin = false}) + client_frame(0, "0\n"));
  EXPECT_EQ(client.expect("pong").timestamp, 5u);
  EXPECT_EQ(client.pongs(), std::vector<std::string>{"mid"});
}

TEST_F(ConformanceTest, T16_connections_that_break_rfc_6455_are_closed_alone) {
  auto bystander = connect();
  for (const auto& bad : {client_frame(2, "ping 5 0\n", {.masked = false}), client_frame(3, "x"),
                          client_frame(11, "x"), client_frame(9, std::string(126, 'x')),
                          client_frame(9, "x", {.fin = false}), client_frame(2, "x", {.rsv = 4}),
                          client_frame(0, "a continuation of nothing")}) {
    auto client = connect();
    client.socket().send(bad);
    EXPECT_TRUE(client.read_to_end().empty());
    EXPECT_TRUE(answers_pings(bystander));
  }
}

TEST_F(ConformanceTest, T17_websocket_pings_are_answered_as_the_rfc_wants) {
  auto client = connect();
  client.socket().send(client_frame(9, "abc"));
  EXPECT_TRUE(answers_pings(client));
  EXPECT_EQ(client.pongs(), std::vector<std::string>{"abc"});
}

// -- FLX refusal ------------------------------------------------------------------------------

TEST_F(ConformanceTest, X1_flexible_sync_is_refused_so_that_the_app_hears_of_it) {
  auto options = as_user();
  for (int version = 4; version <= 14; ++version)
    for (const char separator : {'/', '#'}) {
      const auto name = std::string{"com.mongodb.realm-query-sync"} + separator;
      options.subprotocols = name + std::to_string(version) + ", " + name + "2";
      protocol_client client(options);
      EXPECT_EQ(client.subprotocol(), name + std::to_string(version));
      const auto m = client.expect("json_error");
      EXPECT_EQ(m.error_code, 114);
      EXPECT_EQ(m.session, 0u);
      EXPECT_EQ(m.action, "ApplicationBug");
      EXPECT_FALSE(m.try_again);
      EXPECT_TRUE(client.read_to_end().empty());
    }
  auto bystander = connect();
  EXPECT_TRUE(answers_pings(bystander));
}

} // namespace
} // namespace ros::test
