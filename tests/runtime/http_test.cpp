#include "http_fixture.hpp"

namespace ros::runtime {
namespace {

TEST(http, a_request_is_handed_over_as_it_was_sent) {
  net_server server;
  server.on_request = [](http_exchange x) {
    const auto& r = x.request();
    EXPECT_EQ(r.method, "POST");
    EXPECT_EQ(r.target, "/auth?a=%41&b&c=x+y&d=%zz");
    EXPECT_EQ(r.path(), "/auth");
    EXPECT_EQ(r.query(), "a=%41&b&c=x+y&d=%zz");
    EXPECT_EQ(r.query_parameter("a"), "A");
    EXPECT_EQ(r.query_parameter("b"), "");
    EXPECT_EQ(r.query_parameter("c"), "x+y");
    EXPECT_EQ(r.query_parameter("d"), std::nullopt);
    EXPECT_EQ(r.query_parameter("e"), std::nullopt);
    EXPECT_EQ(r.header("x-realm-ACCESS-token"), "T");
    EXPECT_EQ(r.header("absent"), std::nullopt);
    EXPECT_EQ(r.headers.at(1).first, "X-Realm-Access-Token");
    EXPECT_EQ(r.body, "{}");
    EXPECT_EQ(r.remote_address, "127.0.0.1");
    EXPECT_TRUE(r.keep_alive);
    x.respond({201, {{"X-Own", "1"}}, "made"});
  };
  const auto a = ask(server, "POST /auth?a=%41&b&c=x+y&d=%zz HTTP/1.1\r\nHost: h\r\n"
                             "X-Realm-Access-Token:  T \r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_TRUE(a.head.starts_with("HTTP/1.1 201 Created\r\n")) << a.head;
  EXPECT_TRUE(a.has("\r\nX-Own: 1\r\n"));
  EXPECT_TRUE(a.has("\r\nDate: "));
  EXPECT_TRUE(a.has("\r\nConnection: keep-alive\r\n"));
  EXPECT_EQ(a.body, "made");
}

TEST(http, a_connection_is_kept_for_further_requests) {
  net_server server;
  server.on_request = describe;
  raw_socket client(server.port());
  for (const auto* path : {"/1", "/2", "/3"}) {
    ASSERT_TRUE(client.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_EQ(read_answer(client).body, "GET " + std::string(path) + " ");
  }
}

TEST(http, pipelined_requests_are_answered_one_by_one_in_order) {
  net_server server;
  std::vector<http_exchange> waiting;
  server.on_request = [&](http_exchange x) {
    server.update([&] { waiting.push_back(std::move(x)); });
  };
  raw_socket client(server.port());
  std::string requests;
  for (int i = 0; i < 50; ++i)
    requests +=
        "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
  ASSERT_TRUE(client.send(requests));
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(server.wait([&] { return !waiting.empty(); }));
    http_exchange x;
    server.update([&] {
      EXPECT_EQ(waiting.size(), 1u) << "the next one must wait for its turn";
      x = std::move(waiting.back());
      waiting.clear();
    });
    describe(std::move(x));
    EXPECT_EQ(read_answer(client).body, "POST /" + std::to_string(i) + " abc");
  }
}

TEST(http, a_request_may_arrive_byte_by_byte) {
  net_server server;
  server.on_request = describe;
  raw_socket client(server.port());
  for (const char c : std::string("PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody"))
    ASSERT_TRUE(client.send({&c, 1}));
  EXPECT_EQ(read_answer(client).body, "PUT /x body");
}

TEST(http, chunked_bodies_are_put_together) {
  net_server server;
  server.on_request = describe;
  raw_socket client(server.port());
  const std::string request = "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                              "3;ext=1\r\nabc\r\n0a\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
  ASSERT_TRUE(client.send(request));
  EXPECT_EQ(read_answer(client).body, "POST /x abc0123456789");
  for (const char c : request)
    ASSERT_TRUE(client.send({&c, 1}));
  EXPECT_EQ(read_answer(client).body, "POST /x abc0123456789");
}

TEST(http, expecting_clients_are_told_to_continue) {
  net_server server;
  server.on_request = describe;
  raw_socket client(server.port());
  ASSERT_TRUE(client.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n"
                          "Expect: 100-continue\r\n\r\n"));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.send("body"));
  EXPECT_EQ(read_answer(client).body, "POST /x body");
  ASSERT_TRUE(client.send("GET /y HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(read_answer(client).body, "GET /y ");
}

TEST(http, an_unknown_expectation_is_refused) {
  net_server server;
  EXPECT_EQ(ask(server, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n"
                        "Expect: miracles\r\n\r\n")
                .status(),
            "417");
}

TEST(http, head_gets_the_length_but_no_body) {
  net_server server;
  server.on_request = describe;
  raw_socket client(server.port());
  ASSERT_TRUE(client.send("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\nGET /y HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_TRUE(read_answer(client, false).has("\r\nContent-Length: 8\r\n"));
  EXPECT_EQ(read_answer(client).body, "GET /y ");
}

TEST(http, no_content_has_neither_length_nor_body) {
  net_server server;
  server.on_request = [](http_exchange x) {
    EXPECT_EQ(x.request().method, "OPTIONS");
    x.respond({204, {{"Access-Control-Max-Age", "86400"}}, "must not appear"});
  };
  raw_socket client(server.port());
  ASSERT_TRUE(client.send("OPTIONS /auth HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  const auto all = client.read_to_end();
  EXPECT_TRUE(all.starts_with("HTTP/1.1 204 No Content\r\n"));
  EXPECT_EQ(all.find("Content-Length"), std::string::npos);
  EXPECT_TRUE(all.ends_with("\r\n\r\n"));
}

TEST(http, the_connection_ends_when_the_client_wants_it) {
  net_server server;
  server.on_request = describe;
  for (const auto* request :
       {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    raw_socket client(server.port());
    ASSERT_TRUE(client.send(request));
    const auto all = client.read_to_end();
    EXPECT_TRUE(all.ends_with("GET / ")) << all;
    EXPECT_NE(all.find("\r\nConnection: close\r\n"), std::string::npos);
    EXPECT_TRUE(client.ended());
    EXPECT_FALSE(client.was_reset());
  }
}

TEST(http, a_client_that_ends_its_side_still_gets_its_answer) {
  net_server server;
  server.on_request = describe;
  raw_socket client(server.port());
  ASSERT_TRUE(client.send("GET /x HTTP/1.1\r\nHost: h\r\n\r\n"));
  client.shutdown_send();
  EXPECT_TRUE(client.read_to_end().ends_with("GET /x "));
}

TEST(http, what_is_no_http_gets_400_and_the_end) {
  net_server server;
  server.on_request = [](http_exchange) { ADD_FAILURE() << "must not be handed over"; };
  for (const std::string& bad :
       {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),
        std::string("hello\r\n\r\n"), std::string("GET / HTTP/1.1\r\nNo colon\r\n\r\n"),
        std::string("GET  / HTTP/1.1\r\n\r\n"), std::string("GET / HTTP/1.1\r\nA b: c\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        std::string("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "0\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        std::string("GET / HTTP/1.1\r\nX: a\nb\r\n\r\n"),
        std::string("GET /\x01 HTTP/1.1\r\n\r\n")}) {
    raw_socket client(server.port());
    ASSERT_TRUE(client.send(bad));
    const auto a = read_answer(client);
    EXPECT_EQ(a.status(), "400") << bad << "\n" << a.head;
    EXPECT_TRUE(a.has("\r\nConnection: close\r\n"));
    EXPECT_TRUE(client.wait_for_end());
  }
}

TEST(http, an_unknown_version_or_coding_is_refused) {
  net_server server;
  server.on_request = [](http_exchange) { ADD_FAILURE() << "must not be handed over"; };
  EXPECT_EQ(ask(server, "GET / HTTP/2.0\r\n\r\n").status(), "505");
  EXPECT_EQ(ask(server, "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n").status(), "501");
  EXPECT_EQ(
      ask(server, "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n").status(),
      "501");
}

TEST(http, odd_targets_are_left_to_the_handler) {
  net_server server;
  server.on_request = describe;
  EXPECT_EQ(ask(server, "GET http://elsewhere/x HTTP/1.1\r\nHost: h\r\n\r\n").body,
            "GET http://elsewhere/x ");
  EXPECT_EQ(ask(server, "CONNECT elsewhere:443 HTTP/1.1\r\nHost: h\r\n\r\n").body,
            "CONNECT elsewhere:443 ");
  EXPECT_EQ(ask(server, "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").body, "OPTIONS * ");
  EXPECT_EQ(ask(server, "BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n").body, "BREW /pot ");
}

TEST(http, an_exchange_dropped_unanswered_gives_500) {
  net_server server;
  server.on_request = [](const http_exchange&) {};
  EXPECT_EQ(ask(server, "GET / HTTP/1.1\r\nHost: h\r\n\r\n").status(), "500");
}

TEST(http, only_the_first_answer_counts) {
  net_server server;
  server.on_request = [](http_exchange x) {
    auto copy = x;
    x.respond({200, {}, "first"});
    copy.respond({500, {}, "second"});
  };
  raw_socket client(server.port());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_EQ(read_answer(client).body, "first");
  }
}

TEST(http, a_header_value_cannot_forge_another_header) {
  net_server server;
  server.on_request = [](http_exchange x) {
    x.respond({200, {{"X-Echo", "a\r\nSet-Cookie: b"}, {"Content-Length", "99"}}, "ok"});
  };
  const auto a = ask(server, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(a.has("\r\nX-Echo: aSet-Cookie: b\r\n")) << a.head;
  EXPECT_TRUE(a.has("\r\nContent-Length: 2\r\n"));
}

TEST(http, an_answer_to_a_client_that_left_is_harmless) {
  net_server server;
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
  client.reset();
  held.respond({200, {}, std::string(1 << 20, 'x')});
  server.stop();
  held = {}; // after the pool has stopped
}

} // namespace
} // namespace ros::runtime
