// What the REST side asks of sockets: bodies of several sizes, text messages, counters.
#include "net_server.hpp"

#include "runtime/memory.hpp"
#include "runtime/traffic.hpp"

namespace ros::runtime {
namespace {

using test::raw_socket;

/// Listens; bodies for "/big" may have 1 MiB, others 1000 bytes.
struct big_body_server {
  explicit big_body_server(net_limits limits = {}) {
    limits.max_body = 1000;
    listener_handlers handlers;
    handlers.on_request = [](http_exchange x) {
      x.respond({200, {}, std::to_string(x.request().body.size())});
    };
    handlers.on_upgrade = [this](websocket_offer x) {
      x.accept("", [this](const std::shared_ptr<websocket_connection>& c) {
        websocket_events e;
        e.on_text = [this, c](const std::shared_ptr<const std::string>& text) {
          c->consumed(text->size());
          c->send_text("got " + *text);
        };
        e.on_message = [c](const std::shared_ptr<const std::string>& m) { c->consumed(m->size()); };
        return e;
      });
    };
    handlers.body_limit = [](std::string_view method, std::string_view target) {
      return method == "POST" && target == "/big" ? std::size_t{1} << 20 : std::size_t{1000};
    };
    std::string problem;
    listener = listen(pool, "127.0.0.1", 0, std::move(handlers), limits, problem);
    EXPECT_EQ(problem, "");
  }
  ~big_body_server() { pool.stop(); }

  /// The status of the answer.
  std::string ask(const std::string& request) {
    raw_socket client(listener->port());
    EXPECT_TRUE(client.send(request));
    return client.read_until("\r\n\r\n").substr(9, 3);
  }
  std::string post(const std::string& target, std::size_t size) {
    return ask("POST " + target + " HTTP/1.1\r\nContent-Length: " + std::to_string(size) +
               "\r\n\r\n" + std::string(size, 'x'));
  }

  io_pool pool{1};
  std::unique_ptr<http_listener> listener;
};

TEST(big_bodies, are_taken_where_the_target_says_so) {
  big_body_server server;
  EXPECT_EQ(server.post("/big", 1 << 20), "200");
  EXPECT_EQ(server.ask("POST /big HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n"), "413");
  EXPECT_EQ(server.post("/small", 1000), "200");
  EXPECT_EQ(server.ask("POST /small HTTP/1.1\r\nContent-Length: 1001\r\n\r\n"), "413");
  EXPECT_EQ(server.ask("PUT /big HTTP/1.1\r\nContent-Length: 1001\r\n\r\n"), "413");
}

TEST(big_bodies, in_chunks_have_the_same_limit) {
  big_body_server server;
  std::string chunks;
  for (int i = 0; i < 16; ++i)
    chunks += "ffff\r\n" + std::string(0xffff, 'x') + "\r\n";
  const std::string head = "POST /big HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(server.ask(head + chunks + "0\r\n\r\n"), "200");
  EXPECT_EQ(server.ask(head + chunks + "11\r\n" + std::string(17, 'x') + "\r\n"), "413");
}

TEST(big_bodies, wait_for_better_times_while_memory_is_short) {
  auto account = std::make_shared<byte_budget>(1 << 20);
  net_limits limits;
  limits.inbound = account;
  big_body_server server{limits};
  account->add(900'000);
  EXPECT_EQ(server.post("/big", 500'000), "503");
  EXPECT_EQ(server.post("/small", 1000), "200");
  account->give_back(900'000);
  EXPECT_EQ(server.post("/big", 500'000), "200");
  server.pool.stop();
  EXPECT_EQ(account->used(), 0u) << "everything is given back";
}

TEST(text_messages, reach_who_asks_for_them) {
  big_body_server server;
  raw_socket client(server.listener->port());
  ASSERT_TRUE(client.send(test::upgrade_request()));
  ASSERT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
  ASSERT_TRUE(client.send(test::client_frame(1, "hel", {.fin = false}) +
                          test::client_frame(0, "lo") + test::binary_frame("x") +
                          test::client_frame(1, "again")));
  for (const auto* expected : {"got hello", "got again"}) {
    const auto frame = test::read_frame(client);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->opcode, 1u);
    EXPECT_EQ(frame->payload, expected);
  }
}

TEST(text_messages, have_a_limit_of_their_own) {
  net_limits limits;
  limits.max_text = 10;
  big_body_server server{limits};
  raw_socket client(server.listener->port());
  ASSERT_TRUE(client.send(test::upgrade_request()));
  client.read_until("\r\n\r\n");
  ASSERT_TRUE(client.send(test::client_frame(1, std::string(11, 'x'))));
  const auto frame = test::read_frame(client);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->close_code(), 1009u);
}

TEST(traffic_test, counts_every_byte_and_who_is_connected) {
  auto counted = std::make_shared<traffic>();
  net_limits limits;
  limits.traffic = counted;
  big_body_server server{limits};
  const std::string request = "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello";
  const auto frame = test::client_frame(1, "hello");
  std::size_t http_sent = 0, websocket_sent = 0;
  {
    raw_socket client(server.listener->port());
    ASSERT_TRUE(client.send(request));
    http_sent = client.read_until("\r\n\r\n").size();
    http_sent += client.read(1).size();
    EXPECT_EQ(counted->http_connections, 1);
    EXPECT_EQ(counted->websockets, 0);
    ASSERT_TRUE(client.send(test::upgrade_request()));
    websocket_sent = client.read_until("\r\n\r\n").size();
    ASSERT_TRUE(client.send(frame));
    ASSERT_TRUE(test::read_frame(client));
    websocket_sent += 2 + 9;
    EXPECT_EQ(counted->http_connections, 0);
    EXPECT_EQ(counted->websockets, 1);
  }
  server.pool.stop();
  EXPECT_EQ(counted->http_received, request.size() + test::upgrade_request().size());
  EXPECT_EQ(counted->http_sent, http_sent);
  EXPECT_EQ(counted->websocket_received, frame.size());
  EXPECT_EQ(counted->websocket_sent, websocket_sent);
  EXPECT_EQ(counted->http_connections, 0);
  EXPECT_EQ(counted->websockets, 0);
}

} // namespace
} // namespace ros::runtime
