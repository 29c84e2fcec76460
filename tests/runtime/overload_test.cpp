// Memory that all connections share, readers that read nothing, crowds of handshakes.
#include "net_server.hpp"

#include "runtime/memory.hpp"

#include <memory>
#include <vector>

namespace ros::runtime {
namespace {

using test::binary_frame;
using test::net_server;
using test::raw_socket;
using test::read_frame;

constexpr std::size_t kibibyte = 1024;

/// Waits until an account holds so much, or less.
template <class F>
bool becomes(const byte_budget& account, F condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition(account.used()))
      return true;
    ::poll(nullptr, 0, 10);
  }
  return false;
}

/// The first `n` bytes of a frame whose payload has `size`.
std::string beginning(std::size_t n, std::size_t size) {
  return binary_frame(std::string(size, 'x')).substr(0, n);
}

TEST(overload, what_is_received_counts_until_nobody_has_it_any_more) {
  const auto inbound = std::make_shared<byte_budget>(1u << 30);
  net_server server({.inbound = inbound});
  auto client = server.connect();
  client.send(beginning(10 * kibibyte, 20 * kibibyte));
  EXPECT_TRUE(becomes(*inbound, [](auto used) { return used > 9 * kibibyte; }));
  client.send(binary_frame(std::string(20 * kibibyte, 'x')).substr(10 * kibibyte));
  ASSERT_TRUE(server.wait_messages(1));
  EXPECT_TRUE(becomes(*inbound, [](auto used) { return used == 20 * kibibyte; }));
  server.forget_messages();
  EXPECT_TRUE(becomes(*inbound, [](auto used) { return used == 0; }));
}

TEST(overload, a_connection_that_ends_gives_back_what_it_had_begun) {
  const auto inbound = std::make_shared<byte_budget>(1u << 30);
  net_server server({.inbound = inbound});
  {
    auto client = server.connect();
    client.send(beginning(10 * kibibyte, 20 * kibibyte));
    EXPECT_TRUE(becomes(*inbound, [](auto used) { return used > 0; }));
  }
  EXPECT_TRUE(becomes(*inbound, [](auto used) { return used == 0; }));
}

TEST(overload, who_holds_much_waits_while_memory_is_tight_and_others_go_on) {
  const auto inbound = std::make_shared<byte_budget>(400 * kibibyte);
  net_server server({.inbound = inbound, .tight_window = 8 * kibibyte});
  inbound->add(300 * kibibyte); // somebody else's
  auto big = server.connect(), small = server.connect();
  const auto message = binary_frame(std::string(8u << 20, 'x'));
  // The kernel's buffers take some of it, the server little.
  std::string_view rest = message;
  while (big.writable_within(300)) {
    const auto n = big.try_send(rest);
    ASSERT_GE(n, 0);
    rest.remove_prefix(static_cast<std::size_t>(n));
    ASSERT_FALSE(rest.empty());
  }
  EXPECT_LT(inbound->used(), 300 * kibibyte + 200 * kibibyte);
  for (std::size_t i = 1; i <= 10; ++i) {
    small.send(binary_frame("hello"));
    ASSERT_TRUE(server.wait_messages(i, 1));
  }
  inbound->give_back(300 * kibibyte);
  EXPECT_TRUE(big.send(rest)); // alone it may be as big as it likes
  EXPECT_TRUE(server.wait_messages(1, 0));
}

TEST(overload, a_message_that_does_not_end_is_cut_while_memory_is_tight) {
  const auto inbound = std::make_shared<byte_budget>(100 * kibibyte);
  net_server server({.inbound = inbound, .tight_window = 8 * kibibyte, .tight_timeout_ms = 200});
  inbound->add(60 * kibibyte);
  auto stuck = server.connect(), small = server.connect();
  stuck.send(beginning(30 * kibibyte, 1u << 20));
  small.send(beginning(2 * kibibyte, 4 * kibibyte));
  EXPECT_TRUE(server.wait_closed(0));
  EXPECT_TRUE(becomes(*inbound, [](auto used) { return used < 63 * kibibyte; }));
  small.send(binary_frame(std::string(4 * kibibyte, 'x')).substr(2 * kibibyte));
  EXPECT_TRUE(server.wait_messages(1, 1));
}

TEST(overload, what_is_queued_counts_until_it_is_sent) {
  const auto outgoing = std::make_shared<byte_budget>(1u << 30);
  net_server server({.outgoing = outgoing});
  auto client = server.connect(4096);
  for (int i = 0; i < 16; ++i)
    server.connection()->send(std::string(1u << 20, 'x'));
  EXPECT_GT(outgoing->used(), 4u << 20); // the kernel has the rest
  for (int i = 0; i < 16; ++i)
    ASSERT_TRUE(read_frame(client).has_value());
  EXPECT_TRUE(becomes(*outgoing, [](auto used) { return used == 0; }));
}

TEST(overload, who_lags_is_told_so_while_memory_is_tight_and_hears_when_it_is_over) {
  const auto outgoing = std::make_shared<byte_budget>(64u << 20);
  net_server server({.low_water = 32u << 20, .outgoing = outgoing});
  auto client = server.connect(4096);
  const auto connection = server.connection();
  for (int i = 0; i < 16; ++i)
    connection->send(std::string(1u << 20, 'x'));
  EXPECT_FALSE(connection->is_short_of_memory());
  outgoing->add(40u << 20); // others lag as well
  EXPECT_TRUE(connection->is_short_of_memory());
  for (int i = 0; i < 16; ++i)
    ASSERT_TRUE(read_frame(client).has_value());
  EXPECT_TRUE(server.wait_writable(1));
  EXPECT_FALSE(connection->is_short_of_memory());
}

TEST(overload, the_slowest_are_cut_once_memory_is_exhausted) {
  const auto outgoing = std::make_shared<byte_budget>(24u << 20);
  net_server server({.outgoing = outgoing});
  auto slow = server.connect(4096), good = server.connect();
  for (int i = 0; i < 40; ++i) // more than the kernel takes and the account holds
    server.connection(0)->send(std::string(1u << 20, 'x'));
  EXPECT_TRUE(server.wait_closed(0));
  server.connection(1)->send("still here");
  const auto frame = read_frame(good);
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->payload, "still here");
  EXPECT_TRUE(becomes(*outgoing, [](auto used) { return used == 0; }));
}

TEST(overload, a_reader_that_takes_nothing_any_more_is_cut) {
  net_server server({.stall_timeout_ms = 300});
  auto dead = server.connect(4096), idle = server.connect();
  for (int i = 0; i < 16; ++i)
    server.connection(0)->send(std::string(1u << 20, 'x'));
  EXPECT_TRUE(server.wait_closed(0));
  server.connection(1)->send("still here"); // nothing to read is no stall
  EXPECT_TRUE(read_frame(idle).has_value());
}

TEST(overload, a_slow_reader_that_takes_a_little_stays) {
  net_server server({.stall_timeout_ms = 400});
  auto slow = server.connect(4096);
  for (int i = 0; i < 8; ++i)
    server.connection(0)->send(std::string(1u << 20, 'x'));
  for (int i = 0; i < 8; ++i) {
    ::poll(nullptr, 0, 100);
    ASSERT_TRUE(read_frame(slow).has_value()) << i;
  }
  EXPECT_EQ(server.snapshot(0).closed, 0);
}

TEST(overload, silent_peers_do_not_keep_others_out) {
  net_server server({.max_handshakes = 10}, 1);
  std::vector<std::unique_ptr<raw_socket>> silent;
  for (int i = 0; i < 50; ++i) {
    silent.push_back(std::make_unique<raw_socket>(server.port()));
    silent.back()->send("GET / HTTP/1.1\r\n");
  }
  auto client = server.connect(); // served at once
  EXPECT_TRUE(silent.front()->wait_for_end());
  // The last ones still may finish.
  silent.back()->send("Host: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(silent.back()->read_to_end().starts_with("HTTP/1.1 200"));
}

} // namespace
} // namespace ros::runtime
