#include "net_server.hpp"

namespace ros::runtime {
namespace {

using test::binary_frame;
using test::client_frame;
using test::net_server;
using test::raw_socket;
using test::read_frame;
using test::upgrade_request;

std::string handshake(const net_server& server, const std::string& request) {
  raw_socket client(server.port());
  EXPECT_TRUE(client.send(request));
  return client.read_until("\r\n\r\n");
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// The connection still answers.
void expect_alive(raw_socket& client) {
  ASSERT_TRUE(client.send(client_frame(9, "alive?")));
  const auto pong = read_frame(client);
  ASSERT_TRUE(pong);
  EXPECT_EQ(pong->opcode, 10u);
  EXPECT_EQ(pong->payload, "alive?");
}

TEST(websocket, the_handshake_answers_the_vector_of_the_protocol) {
  net_server server;
  const auto head = handshake(server, upgrade_request());
  EXPECT_TRUE(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n")) << head;
  EXPECT_TRUE(contains(head, "\r\nSec-WebSocket-Accept: wTqtxdablDFt0K/NOfR5b/QInyc=\r\n"));
  EXPECT_TRUE(contains(head, "\r\nUpgrade: websocket\r\n"));
  EXPECT_TRUE(contains(head, "\r\nConnection: Upgrade\r\n"));
  EXPECT_TRUE(contains(head, "\r\nSec-WebSocket-Protocol: com.mongodb.realm-sync#14\r\n"));
}

TEST(websocket, no_extension_is_ever_agreed_to) {
  net_server server;
  const auto head =
      handshake(server, upgrade_request("/", "Sec-WebSocket-Extensions: permessage-deflate\r\n"));
  EXPECT_TRUE(head.starts_with("HTTP/1.1 101 "));
  EXPECT_FALSE(contains(head, "xtensions"));
}

TEST(websocket, without_a_subprotocol_no_such_header_is_sent) {
  net_server server;
  server.subprotocol = "";
  EXPECT_FALSE(contains(handshake(server, upgrade_request()), "Sec-WebSocket-Protocol"));
}

TEST(websocket, liberal_spellings_of_the_handshake_are_accepted) {
  net_server server;
  EXPECT_TRUE(handshake(server, "GET /realm-sync?x HTTP/1.1\r\nhost: h\r\n"
                                "connection: keep-alive, Upgrade\r\nUPGRADE: WebSocket\r\n"
                                "sec-websocket-KEY: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                "sec-websocket-version: 13\r\nX-Extra: y\r\n\r\n")
                  .starts_with("HTTP/1.1 101 "));
}

TEST(websocket, the_offer_shows_the_request) {
  net_server server;
  server.on_upgrade = [](websocket_offer x) {
    EXPECT_EQ(x.request().path(), "/realm-sync");
    EXPECT_EQ(x.request().query_parameter("baas_at"), "T.T.T");
    EXPECT_EQ(x.request().header("sec-websocket-protocol"), "a, b");
    x.reject({401, {}, "who?"});
  };
  raw_socket client(server.port());
  ASSERT_TRUE(client.send(
      upgrade_request("/realm-sync?baas_at=T.T.T", "Sec-WebSocket-Protocol: a, b\r\n")));
  const auto head = client.read_until("\r\n\r\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 401 Unauthorized\r\n"));
  EXPECT_TRUE(contains(head, "\r\nContent-Length: 4\r\n"));
  EXPECT_EQ(client.read(4), "who?");
}

TEST(websocket, a_rejected_client_may_ask_again_on_the_same_connection) {
  net_server server;
  server.on_upgrade = [&server, first = true](websocket_offer x) mutable {
    if (std::exchange(first, false))
      x.reject({503, {}, ""});
    else
      server.accept(std::move(x));
  };
  raw_socket client(server.port());
  ASSERT_TRUE(client.send(upgrade_request()));
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 503 "));
  ASSERT_TRUE(client.send(upgrade_request()));
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
  expect_alive(client);
}

TEST(websocket, an_offer_dropped_undecided_gives_500) {
  net_server server;
  server.on_upgrade = [](const websocket_offer&) {};
  EXPECT_TRUE(handshake(server, upgrade_request()).starts_with("HTTP/1.1 500 "));
}

TEST(websocket, broken_handshakes_are_refused) {
  net_server server;
  server.on_upgrade = [](websocket_offer) { ADD_FAILURE() << "must not be offered"; };
  const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n";
  const std::string connection = "Connection: Upgrade\r\n";
  const std::string version = "Sec-WebSocket-Version: 13\r\n";
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  for (const auto& bad : {connection + version, connection + key, version + key,
                          connection + version + "Sec-WebSocket-Key: short\r\n",
                          connection + version + "Sec-WebSocket-Key: AAAA\r\n",
                          connection + version + key + "Content-Length: 1\r\n"})
    EXPECT_TRUE(handshake(server, start + bad + "\r\nx").starts_with("HTTP/1.1 400 ")) << bad;
  const auto old = handshake(server, start + connection + key + "Sec-WebSocket-Version: 8\r\n\r\n");
  EXPECT_TRUE(old.starts_with("HTTP/1.1 426 "));
  EXPECT_TRUE(contains(old, "\r\nSec-WebSocket-Version: 13\r\n"));
}

TEST(websocket, other_methods_and_versions_are_plain_requests) {
  net_server server;
  server.on_upgrade = [](websocket_offer) { ADD_FAILURE() << "must not be offered"; };
  server.on_request = [](http_exchange x) { x.respond({404, {}, ""}); };
  auto post = upgrade_request();
  post.replace(0, 3, "POST");
  EXPECT_TRUE(handshake(server, post).starts_with("HTTP/1.1 404 "));
  auto old = upgrade_request();
  old.replace(old.find("HTTP/1.1"), 8, "HTTP/1.0");
  EXPECT_TRUE(handshake(server, old).starts_with("HTTP/1.1 404 "));
}

TEST(websocket, messages_arrive_whole_and_in_order) {
  net_server server;
  auto client = server.connect();
  std::string big(3 << 20, '\0');
  for (std::size_t i = 0; i < big.size(); ++i)
    big[i] = static_cast<char>(i * 13 + i / 997);
  ASSERT_TRUE(client.send(binary_frame("one") + binary_frame("") + binary_frame(big)));
  ASSERT_TRUE(server.wait_messages(3));
  const auto seen = server.snapshot();
  EXPECT_EQ(*seen.messages[0], "one");
  EXPECT_EQ(*seen.messages[1], "");
  EXPECT_TRUE(*seen.messages[2] == big);
}

TEST(websocket, what_comes_right_behind_the_request_is_read) {
  net_server server;
  raw_socket client(server.port());
  ASSERT_TRUE(client.send(upgrade_request() + binary_frame("eager")));
  ASSERT_TRUE(server.wait_messages(1));
  EXPECT_EQ(*server.snapshot().messages[0], "eager");
}

TEST(websocket, fragments_with_a_ping_between_them_are_reassembled) {
  net_server server;
  auto client = server.connect();
  ASSERT_TRUE(client.send(client_frame(2, "one ", {.fin = false}) +
                          client_frame(0, "two ", {.fin = false}) + client_frame(9, "abc") +
                          client_frame(0, "three")));
  const auto pong = read_frame(client);
  ASSERT_TRUE(pong);
  EXPECT_EQ(pong->opcode, 10u);
  EXPECT_EQ(pong->payload, "abc");
  ASSERT_TRUE(server.wait_messages(1));
  EXPECT_EQ(*server.snapshot().messages[0], "one two three");
}

TEST(websocket, text_messages_are_dropped) {
  net_server server;
  auto client = server.connect();
  ASSERT_TRUE(client.send(client_frame(1, "text") + binary_frame("binary")));
  ASSERT_TRUE(server.wait_messages(1));
  EXPECT_EQ(*server.snapshot().messages[0], "binary");
}

TEST(websocket, frames_to_the_client_are_binary_unmasked_and_final) {
  net_server server;
  auto client = server.connect();
  const auto connection = server.connection();
  const auto block = std::make_shared<const std::string>(std::string(70'000, 'b'));
  const std::string_view all = *block;
  for (const std::size_t n : {0u, 125u, 126u, 65535u, 70'000u})
    connection->send("", {{block, all.substr(0, n)}});
  connection->send("head ", {{block, all.substr(0, 3)}, {block, {}}, {block, all.substr(5, 2)}});
  for (const std::size_t n : {0u, 125u, 126u, 65535u, 70'000u}) {
    const auto f = read_frame(client);
    ASSERT_TRUE(f) << n;
    EXPECT_EQ(f->opcode, 2u);
    EXPECT_TRUE(f->fin);
    EXPECT_FALSE(f->masked);
    EXPECT_EQ(f->rsv, 0u);
    EXPECT_EQ(f->payload.size(), n);
  }
  EXPECT_EQ(read_frame(client)->payload, "head bbbbb");
}

TEST(websocket, a_message_of_thousands_of_slices_is_one_frame) {
  net_server server;
  auto client = server.connect(4096);
  std::string expected = "head";
  std::vector<shared_slice> parts;
  for (int i = 0; i < 5000; ++i) {
    auto block = std::make_shared<const std::string>(static_cast<std::size_t>(i % 300),
                                                     static_cast<char>(i));
    parts.push_back({block, *block});
    expected += *block;
  }
  server.connection()->send("head", std::move(parts));
  const auto f = read_frame(client);
  ASSERT_TRUE(f);
  EXPECT_TRUE(f->payload == expected);
}

TEST(websocket, slices_are_let_go_when_they_are_sent) {
  net_server server;
  auto client = server.connect();
  auto block = std::make_shared<const std::string>(1000, 'x');
  const std::weak_ptr<const std::string> watch = block;
  server.connection()->send("", {{block, *block}});
  block.reset();
  ASSERT_TRUE(read_frame(client));
  // A later frame leaves only after the earlier one is off the queue.
  server.connection()->send("next");
  ASSERT_TRUE(read_frame(client));
  EXPECT_TRUE(watch.expired());
}

TEST(websocket, what_is_sent_while_opening_comes_right_behind_the_answer) {
  net_server server;
  server.on_open = [](websocket_connection& c) {
    c.send("first");
    c.send("urgent", {}, true);
  };
  auto client = server.connect();
  const auto a = read_frame(client);
  const auto b = read_frame(client);
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->payload, "urgent");
  EXPECT_EQ(b->payload, "first");
}

TEST(websocket, pings_are_echoed_or_answered_by_the_handler) {
  net_server server;
  auto plain = server.connect();
  ASSERT_TRUE(plain.send(client_frame(9, "") + client_frame(10, "unasked pong")));
  EXPECT_EQ(read_frame(plain)->payload, "");
  expect_alive(plain);

  net_server legacy;
  legacy.on_ping = [](std::string_view payload) {
    return std::string(payload.substr(0, payload.find(' '))) + "\n";
  };
  auto client = legacy.connect();
  ASSERT_TRUE(client.send(client_frame(9, "5 0\n")));
  EXPECT_EQ(read_frame(client)->payload, "5\n");
}

TEST(websocket, a_flood_of_pings_is_answered_without_a_queue) {
  net_server server;
  auto client = server.connect(4096);
  std::string flood;
  for (int i = 0; i < 20'000; ++i)
    flood += client_frame(9, std::string(120, 'p'));
  ASSERT_TRUE(client.send(flood + client_frame(9, "last")));
  std::size_t pongs = 0;
  for (;;) {
    const auto f = read_frame(client);
    ASSERT_TRUE(f);
    EXPECT_EQ(f->opcode, 10u);
    EXPECT_LT(server.connection()->outbox_bytes(), 1000u);
    ++pongs;
    if (f->payload == "last")
      break;
  }
  EXPECT_LE(pongs, 20'001u);
}

TEST(websocket, a_violation_ends_only_its_own_connection) {
  net_server server;
  auto bystander = server.connect();
  for (const auto& bad : {client_frame(2, "x", {.masked = false}), client_frame(3, "x"),
                          client_frame(9, std::string(126, 'x')), client_frame(2, "x", {.rsv = 4}),
                          client_frame(0, "x"), client_frame(8, "x")}) {
    auto client = server.connect();
    ASSERT_TRUE(client.send(bad));
    const auto f = read_frame(client);
    ASSERT_TRUE(f);
    EXPECT_EQ(f->opcode, 8u);
    EXPECT_EQ(f->close_code(), 1002u);
    EXPECT_TRUE(client.wait_for_end());
  }
  expect_alive(bystander);
}

TEST(websocket, a_message_beyond_the_limit_ends_with_1009) {
  net_server server({.max_message = 1000});
  auto client = server.connect();
  ASSERT_TRUE(client.send(binary_frame(std::string(1000, 'x'))));
  ASSERT_TRUE(server.wait_messages(1));
  ASSERT_TRUE(client.send(binary_frame(std::string(1001, 'x')).substr(0, 20)));
  EXPECT_EQ(read_frame(client)->close_code(), 1009u);
  EXPECT_TRUE(client.wait_for_end());
  EXPECT_TRUE(server.wait_closed());
}

TEST(websocket, a_clients_close_is_answered_and_tcp_ended) {
  net_server server;
  for (const std::string& payload :
       {std::string(), std::string("\x03\xe8 bye"), std::string("\x0f\xa1")}) {
    server.forget_peers();
    auto client = server.connect();
    ASSERT_TRUE(client.send(client_frame(8, payload) + binary_frame("late")));
    const auto f = read_frame(client);
    ASSERT_TRUE(f);
    EXPECT_EQ(f->opcode, 8u);
    EXPECT_EQ(f->payload, payload.substr(0, 2));
    EXPECT_TRUE(client.wait_for_end());
    EXPECT_FALSE(client.was_reset());
    client.close();
    EXPECT_TRUE(server.wait_closed());
    EXPECT_TRUE(server.snapshot().messages.empty());
  }
}

TEST(websocket, the_server_ends_tcp_itself_after_its_close_frame) {
  net_server server;
  for (const unsigned code : {1000u, 1011u, 4001u, 0u}) {
    server.forget_peers();
    auto client = server.connect();
    const auto connection = server.connection();
    connection->send("before");
    connection->close(static_cast<std::uint16_t>(code), "reason");
    connection->send("after");
    connection->close(1001, "again");
    EXPECT_EQ(read_frame(client)->payload, "before");
    const auto f = read_frame(client);
    ASSERT_TRUE(f);
    EXPECT_EQ(f->opcode, 8u);
    EXPECT_EQ(f->close_code(), code);
    EXPECT_EQ(f->payload.size(), code == 0 ? 0u : 8u);
    EXPECT_EQ(client.read_to_end(), "");
    // The client neither answers nor closes: the server lets go within a second.
    const auto begin = system_clock().steady_ms();
    EXPECT_TRUE(server.wait_closed());
    EXPECT_LT(system_clock().steady_ms() - begin, 5000) << "no idle timeout, the ending itself";
  }
}

TEST(websocket, an_idle_connection_is_closed_and_a_pinging_one_stays) {
  net_server server({.websocket_idle_timeout_ms = 500});
  auto idle = server.connect();
  ASSERT_TRUE(server.wait_open(1));
  auto pinging = server.connect();
  while (server.snapshot(0).closed == 0) {
    expect_alive(pinging);
    ASSERT_FALSE(testing::Test::HasFailure());
    pinging.readable_within(5);
  }
  EXPECT_TRUE(idle.wait_for_end());
  expect_alive(pinging);
}

} // namespace
} // namespace ros::runtime
