// Who may make whom wait: receive window, slow readers, orderly and disorderly ends.
#include "net_server.hpp"

#include <thread>

namespace ros::runtime {
namespace {

using test::binary_frame;
using test::client_frame;
using test::net_server;
using test::raw_socket;
using test::read_frame;

/// Pushes frames until the server has not taken a byte for `quiet_ms`; how many went out.
std::size_t push_until_stuck(raw_socket& client, const std::string& frame, int quiet_ms = 300) {
  std::size_t bytes = 0;
  std::string_view rest = frame;
  while (client.writable_within(quiet_ms)) {
    const auto n = client.try_send(rest);
    if (n < 0)
      break;
    bytes += static_cast<std::size_t>(n);
    rest.remove_prefix(static_cast<std::size_t>(n));
    if (rest.empty())
      rest = frame;
  }
  return bytes;
}

TEST(websocket_flow, an_unconsumed_window_stops_the_reading) {
  net_server server({.receive_window = 256 * 1024});
  server.hold = true;
  auto client = server.connect();
  const auto frame = binary_frame(std::string(4096, 'x'));
  const auto pushed = push_until_stuck(client, frame);
  EXPECT_LT(pushed, 64u << 20) << "kernel buffers and one window, not everything";
  ASSERT_TRUE(server.wait_messages(256 * 1024 / (4096 + 256)));
  // Past the window at most what one read brought.
  EXPECT_LE(server.snapshot().messages.size() * (4096 + 256), 256u * 1024 + 128 * 1024);
  // Giving back everything lets the rest in.
  const auto whole = pushed / frame.size();
  const auto connection = server.connection();
  for (std::size_t given = 0; given < whole;) {
    ASSERT_TRUE(server.wait_messages(given + 1));
    for (const auto n = server.snapshot().messages.size(); given < n; ++given)
      connection->consumed(4096);
  }
  EXPECT_EQ(server.snapshot().messages.size(), whole);
}

TEST(websocket_flow, tiny_messages_fill_the_window_too) {
  net_server server({.receive_window = 64 * 1024});
  server.hold = true;
  auto client = server.connect();
  std::string frames;
  for (int i = 0; i < 1000; ++i)
    frames += binary_frame("");
  push_until_stuck(client, frames);
  ASSERT_TRUE(server.wait_messages(64 * 1024 / 256));
  EXPECT_LE(server.snapshot().messages.size(), 64u * 1024 / 256 + 65536 / 6)
      << "one read beyond the window at most";
}

TEST(websocket_flow, each_message_must_be_given_back_with_its_overhead) {
  net_server server({.receive_window = 10 * 1256});
  server.hold = true;
  auto client = server.connect();
  const auto connection = server.connection();
  // Eleven messages of 1000 bytes are above the window; a frame at a time keeps reads apart.
  for (std::size_t i = 1; i <= 11; ++i) {
    ASSERT_TRUE(client.send(binary_frame(std::string(1000, 'x'))));
    ASSERT_TRUE(server.wait_messages(i));
  }
  ASSERT_TRUE(client.send(binary_frame("12th")));
  auto other = server.connect(); // a whole round trip on every thread
  ASSERT_TRUE(other.send(client_frame(9, "")));
  ASSERT_TRUE(read_frame(other));
  EXPECT_EQ(server.snapshot().messages.size(), 11u);
  connection->consumed(1000);
  ASSERT_TRUE(server.wait_messages(12));
}

TEST(websocket_flow, pings_are_answered_again_after_a_pause) {
  net_server server({.receive_window = 1000, .websocket_idle_timeout_ms = 300});
  server.hold = true;
  auto client = server.connect();
  ASSERT_TRUE(client.send(binary_frame(std::string(2000, 'x'))));
  ASSERT_TRUE(server.wait_messages(1));
  ASSERT_TRUE(client.send(client_frame(9, "later")));
  EXPECT_FALSE(client.readable_within(700)) << "nothing is read, and nobody is cut for silence";
  EXPECT_EQ(server.snapshot().closed, 0);
  server.connection()->consumed(2000);
  const auto pong = read_frame(client);
  ASSERT_TRUE(pong);
  EXPECT_EQ(pong->payload, "later");
}

TEST(websocket_flow, a_reader_that_lags_behind_the_limit_is_cut) {
  net_server server({.max_outbox = 1 << 20});
  auto client = server.connect(4096);
  const auto connection = server.connection();
  const auto block = std::make_shared<const std::string>(64 * 1024, 'x');
  std::size_t most = 0;
  for (int i = 0; i < 1000; ++i) {
    connection->send("", {{block, *block}});
    most = std::max(most, connection->outbox_bytes());
  }
  EXPECT_TRUE(server.wait_closed());
  EXPECT_LE(most, (1u << 20) + 65 * 1024);
  EXPECT_EQ(connection->outbox_bytes(), 0u);
  EXPECT_EQ(block.use_count(), 1) << "nothing of the queue is kept";
  EXPECT_TRUE(client.wait_for_end());
}

TEST(websocket_flow, on_writable_comes_once_the_outbox_is_low_again) {
  net_server server({.low_water = 64 * 1024});
  auto client = server.connect(4096);
  const auto connection = server.connection();
  connection->send("small");
  ASSERT_TRUE(read_frame(client));
  EXPECT_EQ(server.snapshot().writable, 0) << "never reached the mark";
  connection->send(std::string(32 << 20, 'x'));
  EXPECT_GE(connection->outbox_bytes(), 64u * 1024);
  EXPECT_EQ(server.snapshot().writable, 0);
  ASSERT_TRUE(read_frame(client));
  ASSERT_TRUE(server.wait_writable(1));
  EXPECT_LT(connection->outbox_bytes(), 64u * 1024);
  connection->send("end");
  ASSERT_EQ(read_frame(client)->payload, "end");
  EXPECT_EQ(server.snapshot().writable, 1);
}

/// An actor that pauses at the mark and goes on at on_writable must never starve.
TEST(websocket_flow, a_sender_that_pauses_at_the_mark_always_gets_its_call) {
  net_server server({.low_water = 8 * 1024});
  auto client = server.connect(4096);
  const auto connection = server.connection();
  constexpr int messages = 20'000;
  std::thread sender([&] {
    for (int i = 0; i < messages; ++i) {
      connection->send(std::string(100 + i % 900, 'x'));
      int seen = server.snapshot().writable;
      while (connection->outbox_bytes() >= 8 * 1024) {
        if (!server.wait_writable(seen + 1))
          return;
        seen = server.snapshot().writable;
      }
    }
  });
  int got = 0;
  while (got < messages && read_frame(client))
    ++got;
  sender.join();
  EXPECT_EQ(got, messages);
}

TEST(websocket_flow, urgent_messages_overtake_what_is_queued) {
  net_server server;
  auto client = server.connect(4096);
  const auto connection = server.connection();
  for (int i = 0; i < 100; ++i)
    connection->send(std::string(256 * 1024, 'q'));
  connection->send("urgent 1", {}, true);
  connection->send("urgent 2", {}, true);
  int before = 0;
  for (;; ++before) {
    const auto f = read_frame(client);
    ASSERT_TRUE(f);
    if (f->payload == "urgent 1")
      break;
    ASSERT_EQ(f->payload.size(), 256u * 1024) << "no frame is torn";
  }
  EXPECT_LT(before, 60);
  EXPECT_EQ(read_frame(client)->payload, "urgent 2");
  for (int i = before; i < 100; ++i)
    ASSERT_EQ(read_frame(client)->payload.size(), 256u * 1024);
}

TEST(websocket_flow, pongs_overtake_what_is_queued) {
  net_server server;
  auto client = server.connect(4096);
  for (int i = 0; i < 100; ++i)
    server.connection()->send(std::string(256 * 1024, 'q'));
  ASSERT_TRUE(client.send(client_frame(9, "now")));
  int before = 0;
  for (;; ++before) {
    const auto f = read_frame(client);
    ASSERT_TRUE(f);
    if (f->opcode == 10)
      break;
  }
  EXPECT_LT(before, 60);
}

TEST(websocket_flow, frames_of_many_threads_stay_whole_and_in_each_ones_order) {
  net_server server;
  auto client = server.connect();
  const auto connection = server.connection();
  std::vector<std::thread> senders;
  for (int t = 0; t < 4; ++t)
    senders.emplace_back([&, t] {
      for (int i = 0; i < 2000; ++i)
        connection->send(std::to_string(t) + ' ' + std::to_string(i));
    });
  std::vector<int> next(4, 0);
  for (int i = 0; i < 8000; ++i) {
    const auto f = read_frame(client);
    ASSERT_TRUE(f);
    const auto t = static_cast<std::size_t>(f->payload.at(0) - '0');
    EXPECT_EQ(f->payload.substr(2), std::to_string(next.at(t)++));
  }
  for (auto& s : senders)
    s.join();
}

TEST(websocket_flow, finish_sends_the_queue_half_closes_and_ignores_input) {
  net_server server;
  auto client = server.connect(4096);
  const auto connection = server.connection();
  for (int i = 0; i < 50; ++i)
    connection->send(std::string(64 * 1024, 'x'));
  connection->finish(30'000);
  connection->send("never");
  for (int i = 0; i < 50; ++i)
    ASSERT_EQ(read_frame(client)->payload.size(), 64u * 1024);
  EXPECT_EQ(client.read_to_end(), "") << "no close frame";
  EXPECT_TRUE(client.ended());
  EXPECT_FALSE(client.was_reset());
  // Still open in our direction: input is swallowed until we close.
  ASSERT_TRUE(client.send(binary_frame(std::string(4 << 20, 'y'))));
  EXPECT_EQ(server.snapshot().closed, 0);
  client.close();
  EXPECT_TRUE(server.wait_closed());
  EXPECT_TRUE(server.snapshot().messages.empty());
}

TEST(websocket_flow, finish_gives_up_after_its_time) {
  net_server server;
  auto client = server.connect();
  server.connection()->finish(50);
  EXPECT_TRUE(client.wait_for_end());
  EXPECT_TRUE(server.wait_closed()); // although the client never closes
}

TEST(websocket_flow, finish_reads_on_although_the_window_is_full) {
  net_server server({.receive_window = 1000});
  server.hold = true;
  auto client = server.connect();
  ASSERT_TRUE(client.send(binary_frame(std::string(2000, 'x'))));
  ASSERT_TRUE(server.wait_messages(1));
  server.connection()->finish(30'000);
  ASSERT_TRUE(client.send(binary_frame(std::string(8 << 20, 'y'))));
  client.close();
  EXPECT_TRUE(server.wait_closed());
}

TEST(websocket_flow, a_reader_that_stops_cannot_hold_up_an_ending) {
  net_server server;
  auto client = server.connect(4096);
  server.connection()->send(std::string(32 << 20, 'x'));
  server.connection()->finish(50);
  EXPECT_TRUE(server.wait_closed());
}

TEST(websocket_flow, abort_cuts_at_once) {
  net_server server;
  auto client = server.connect();
  const auto connection = server.connection();
  connection->send(std::string(1 << 20, 'x'));
  connection->abort();
  EXPECT_TRUE(client.wait_for_end());
  EXPECT_TRUE(server.wait_closed());
  connection->abort();
  connection->close(1000, "");
  connection->finish(1);
  connection->consumed(5);
  connection->send("into nothing");
  EXPECT_EQ(connection->outbox_bytes(), 0u);
  EXPECT_EQ(connection->remote_address(), "127.0.0.1");
  EXPECT_EQ(server.snapshot().closed, 1);
}

TEST(websocket_flow, a_client_that_vanishes_closes_the_connection) {
  net_server server;
  auto orderly = server.connect();
  orderly.close();
  EXPECT_TRUE(server.wait_closed(0));
  auto crashed = server.connect();
  crashed.reset();
  EXPECT_TRUE(server.wait_closed(1));
}

} // namespace
} // namespace ros::runtime
