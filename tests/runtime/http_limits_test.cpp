// What a peer may cost: sizes and times of requests and responses.
#include "http_fixture.hpp"

namespace ros::runtime {
namespace {

TEST(http, a_request_line_of_six_kilobytes_is_accepted) {
  net_server server;
  server.on_request = describe;
  const std::string target = "/realm-sync?baas_at=" + std::string(6 * 1024, 'A');
  EXPECT_EQ(ask(server, "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n").body,
            "GET " + target + " ");
}

TEST(http, a_head_beyond_the_limit_is_refused) {
  net_server server;
  server.on_request = describe;
  const std::string filler(30 * 1024, 'x');
  EXPECT_EQ(ask(server, "GET / HTTP/1.1\r\nX: " + filler + "\r\n\r\n").status(), "200");
  EXPECT_EQ(
      ask(server, "GET / HTTP/1.1\r\nX: " + filler + "\r\nY: " + filler + "\r\n\r\n").status(),
      "431");
  EXPECT_EQ(ask(server, "GET /" + filler + filler + " HTTP/1.1\r\n\r\n").status(), "431");
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 10'000; ++i)
    many += "H" + std::to_string(i) + ": v\r\n";
  EXPECT_EQ(ask(server, many).status(), "431");
}

TEST(http, a_chunk_head_or_trailer_cannot_grow_for_ever) {
  net_server server;
  server.on_request = describe;
  const std::string head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto* start : {"1;ext=", "0\r\nTrailer: "}) {
    raw_socket client(server.port());
    ASSERT_TRUE(client.send(head + start));
    const std::string filler(64 * 1024, 'x');
    for (int i = 0; i < 16 && client.send(filler); ++i) {
    }
    const auto a = read_answer(client);
    EXPECT_TRUE(a.status() == "400" || a.status() == "431") << a.head;
  }
}

TEST(http, a_body_beyond_the_limit_is_refused_before_it_arrives) {
  net_server server({.max_body = 1000});
  server.on_request = describe;
  EXPECT_EQ(ask(server, "POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'))
                .status(),
            "200");
  EXPECT_EQ(ask(server, "POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n").status(), "413");
  EXPECT_EQ(ask(server, "POST / HTTP/1.1\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n")
                .status(),
            "413");
  EXPECT_EQ(ask(server, "POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n").status(),
            "413");
  std::string chunks = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 11; ++i)
    chunks += "64\r\n" + std::string(100, 'x') + "\r\n";
  EXPECT_EQ(ask(server, chunks).status(), "413");
}

TEST(http, a_request_that_trickles_in_is_cut_off) {
  net_server server({.request_timeout_ms = 300});
  raw_socket half(server.port());
  ASSERT_TRUE(half.send("GET / HTTP/1.1\r\nHost"));
  EXPECT_EQ(read_answer(half).status(), "408");
  EXPECT_TRUE(half.wait_for_end());
  raw_socket body(server.port());
  ASSERT_TRUE(body.send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc"));
  EXPECT_EQ(read_answer(body).status(), "408");
  // Bytes that keep coming do not buy time: the whole request has one deadline.
  raw_socket drip(server.port());
  ASSERT_TRUE(drip.send("GET / HTTP/1.1\r\nX: "));
  while (!drip.readable_within(2))
    ASSERT_TRUE(drip.send("x"));
  EXPECT_EQ(read_answer(drip).status(), "408");
}

TEST(http, a_silent_connection_is_closed) {
  net_server server({.request_timeout_ms = 300, .keep_alive_timeout_ms = 300});
  server.on_request = describe;
  raw_socket silent(server.port());
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_TRUE(silent.ended());
  raw_socket kept(server.port());
  ASSERT_TRUE(kept.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(read_answer(kept).body, "GET / ");
  EXPECT_TRUE(kept.wait_for_end());
}

TEST(http, a_waiting_handler_is_not_hurried) {
  net_server server({.request_timeout_ms = 300, .keep_alive_timeout_ms = 300});
  http_exchange held;
  bool came = false;
  server.on_request = [&](http_exchange x) {
    server.update([&] {
      held = std::move(x);
      came = true;
    });
  };
  raw_socket client(server.port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  ASSERT_TRUE(server.wait([&] { return came; }));
  raw_socket silent(server.port()); // once this is cut, more than the timeout has passed
  EXPECT_TRUE(silent.wait_for_end());
  held.respond({200, {}, "late"});
  EXPECT_EQ(read_answer(client).body, "late");
}

TEST(http, a_reader_of_a_response_that_stops_is_cut) {
  net_server server({.request_timeout_ms = 300});
  server.on_request = [](http_exchange x) { x.respond({200, {}, std::string(32 << 20, 'x')}); };
  raw_socket client(server.port(), "127.0.0.1", 4096);
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 OK"));
  raw_socket other(server.port()); // time passes: silent connections end after the same timeout
  EXPECT_TRUE(other.wait_for_end());
  raw_socket another(server.port());
  EXPECT_TRUE(another.wait_for_end());
  EXPECT_LT(client.read_to_end().size(), 32u << 20);
  EXPECT_TRUE(client.ended());
}

TEST(http, a_big_response_arrives_whole) {
  net_server server;
  std::string big(5 << 20, '\0');
  for (std::size_t i = 0; i < big.size(); ++i)
    big[i] = static_cast<char>(i * 7 + i / 4099);
  server.on_request = [&](http_exchange x) { x.respond({200, {}, big}); };
  raw_socket client(server.port(), "127.0.0.1", 8192);
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_TRUE(read_answer(client).body == big);
}

} // namespace
} // namespace ros::runtime
