#include "net_server.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <atomic>
#include <filesystem>
#include <thread>

namespace ros::runtime {
namespace {

using test::binary_frame;
using test::net_server;
using test::raw_socket;
using test::read_frame;
using test::upgrade_request;

listener_handlers answering(const std::string& name) {
  listener_handlers h;
  h.on_request = [name](http_exchange x) { x.respond({200, {}, name}); };
  return h;
}

std::string ask(std::uint16_t port, const std::string& address = "127.0.0.1") {
  raw_socket client(port, address);
  if (!client.connected() || !client.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"))
    return "unreachable";
  const auto all = client.read_to_end();
  return all.substr(std::min(all.size(), all.find("\r\n\r\n") + 4));
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// From here on this thread gets no IPv6 socket, as on a host without it.
bool take_ipv6_away() {
  sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{std::size(rules), rules};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST(listener, port_zero_gives_a_free_port) {
  io_pool pool(1);
  std::string problem;
  const auto a = listen(pool, "127.0.0.1", 0, answering("a"), {}, problem);
  const auto b = listen(pool, "127.0.0.1", 0, answering("b"), {}, problem);
  ASSERT_TRUE(a && b) << problem;
  EXPECT_NE(a->port(), 0);
  EXPECT_NE(a->port(), b->port());
  EXPECT_EQ(ask(a->port()), "a");
  EXPECT_EQ(ask(b->port()), "b");
}

TEST(listener, a_stopped_listener_frees_its_port_and_leaves_connections_alone) {
  net_server server;
  const auto port = server.port();
  auto client = server.connect();
  server.listener().stop();
  server.listener().stop();
  EXPECT_FALSE(raw_socket(port).connected());
  ASSERT_TRUE(client.send(binary_frame("still here")));
  EXPECT_TRUE(server.wait_messages(1));
  std::string problem;
  const auto next = listen(server.pool(), "127.0.0.1", port, answering("next"), {}, problem);
  ASSERT_TRUE(next) << problem;
  EXPECT_EQ(ask(port), "next");
}

TEST(listener, a_port_in_use_is_reported_with_address_and_port) {
  io_pool pool(1);
  std::string problem;
  const auto a = listen(pool, "127.0.0.1", 0, answering("a"), {}, problem);
  ASSERT_TRUE(a);
  EXPECT_EQ(listen(pool, "127.0.0.1", a->port(), answering("b"), {}, problem), nullptr);
  EXPECT_EQ(problem, "cannot listen on 127.0.0.1 port " + std::to_string(a->port()) +
                         ": Address already in use");
  EXPECT_EQ(ask(a->port()), "a");
}

TEST(listener, an_address_of_another_host_is_reported) {
  io_pool pool(1);
  std::string problem;
  EXPECT_EQ(listen(pool, "192.0.2.1", 0, answering(""), {}, problem), nullptr);
  EXPECT_EQ(problem, "cannot listen on 192.0.2.1 port 0: Cannot assign requested address");
  EXPECT_EQ(listen(pool, "no such host", 0, answering(""), {}, problem), nullptr);
  EXPECT_TRUE(problem.starts_with("\"no such host\" is no address of this host")) << problem;
}

TEST(listener, a_local_host_name_is_an_address) {
  io_pool pool(1);
  std::string problem;
  const auto a = listen(pool, "localhost", 0, answering("a"), {}, problem);
  ASSERT_TRUE(a) << problem;
  EXPECT_TRUE(ask(a->port()) == "a" || ask(a->port(), "::1") == "a");
}

TEST(listener, the_ipv6_wildcard_covers_ipv4) {
  io_pool pool(1);
  std::string problem;
  const auto a = listen(pool, "::", 0, answering("a"), {}, problem);
  ASSERT_TRUE(a) << problem;
  EXPECT_EQ(ask(a->port()), "a");
}

TEST(listener, peers_of_a_dual_stack_socket_have_plain_ipv4_addresses) {
  io_pool pool(1);
  std::string problem;
  listener_handlers h;
  h.on_request = [](http_exchange x) {
    auto address = x.request().remote_address;
    x.respond({200, {}, std::move(address)});
  };
  const auto a = listen(pool, "::", 0, h, {}, problem);
  ASSERT_TRUE(a) << problem;
  EXPECT_EQ(ask(a->port()), "127.0.0.1");
}

TEST(listener, without_ipv6_the_wildcard_falls_back_to_ipv4) {
  io_pool pool(1);
  std::string problem;
  std::unique_ptr<http_listener> a, b;
  bool blocked = false;
  std::thread([&] {
    blocked = take_ipv6_away() && ::socket(AF_INET6, SOCK_STREAM, 0) < 0;
    a = listen(pool, "::", 0, answering("a"), {}, problem);
    if (a)
      b = listen(pool, "::1", 0, answering("b"), {}, problem);
  }).join();
  ASSERT_TRUE(blocked);
  ASSERT_TRUE(a) << problem;
  EXPECT_EQ(ask(a->port()), "a");
  EXPECT_EQ(b, nullptr) << "an IPv6 address of its own is not replaced";
  EXPECT_EQ(problem, "cannot listen on ::1 port 0: Address family not supported by protocol");
}

/// Takes every descriptor the process may have but leaves `spare` of them.
class descriptor_shortage {
public:
  explicit descriptor_shortage(std::size_t spare) {
    ::getrlimit(RLIMIT_NOFILE, &old_);
    auto limit = old_;
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_cur, 256);
    ::setrlimit(RLIMIT_NOFILE, &limit);
    for (int fd; (fd = ::open("/dev/null", O_RDONLY)) >= 0;)
      taken_.push_back(fd);
    for (; spare > 0 && !taken_.empty(); --spare, taken_.pop_back())
      ::close(taken_.back());
  }
  ~descriptor_shortage() {
    for (const int fd : taken_)
      ::close(fd);
    ::setrlimit(RLIMIT_NOFILE, &old_);
  }

private:
  rlimit old_{};
  std::vector<int> taken_;
};

TEST(listener, out_of_descriptors_it_waits_complains_once_and_goes_on) {
  net_server server;
  // The threads open what they keep, and nothing is given back meanwhile.
  const auto one = server.connect();
  const auto two = server.connect();
  testing::internal::CaptureStderr();
  std::optional<raw_socket> client;
  {
    const descriptor_shortage shortage(1);
    client.emplace(server.port());
    ASSERT_TRUE(client->connected()) << "the kernel's backlog takes it";
    ASSERT_TRUE(client->send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"));
    EXPECT_FALSE(client->readable_within(350));
  }
  EXPECT_TRUE(client->read_until("\r\n").starts_with("HTTP/1.1 200"));
  const auto log = testing::internal::GetCapturedStderr();
  const auto first = log.find("cannot accept: Too many open files");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(log.find("cannot accept", first + 1), std::string::npos) << log;
}

TEST(listener, upgrades_need_a_handler) {
  io_pool pool(1);
  std::string problem;
  const auto a = listen(pool, "127.0.0.1", 0, answering("a"), {}, problem);
  ASSERT_TRUE(a);
  raw_socket client(a->port());
  ASSERT_TRUE(client.send(upgrade_request()));
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 404 "));
}

TEST(io_pool, stop_ends_every_connection_in_whatever_state) {
  net_server server({}, 3);
  raw_socket silent(server.port());
  raw_socket half(server.port());
  ASSERT_TRUE(half.send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc"));
  std::vector<raw_socket> open;
  for (int i = 0; i < 10; ++i)
    open.push_back(server.connect());
  server.hold = true;
  server.connection(0)->finish(30'000);
  server.connection(1)->close(1000, "");
  server.connection(2)->send(std::string(32 << 20, 'x'));
  server.stop();
  for (std::size_t i = 0; i < 10; ++i)
    EXPECT_EQ(server.snapshot(i).closed, 1) << i;
  for (auto& c : open)
    EXPECT_TRUE(c.wait_for_end());
  EXPECT_TRUE(silent.wait_for_end());
  EXPECT_TRUE(half.wait_for_end());
}

TEST(io_pool, an_offer_decided_after_the_end_opens_nothing) {
  net_server server;
  websocket_offer held;
  bool came = false;
  server.on_upgrade = [&](websocket_offer x) {
    server.update([&] {
      held = std::move(x);
      came = true;
    });
  };
  raw_socket client(server.port());
  ASSERT_TRUE(client.send(upgrade_request()));
  ASSERT_TRUE(server.wait([&] { return came; }));
  server.stop();
  held.accept("", [](test::connection_ptr) {
    ADD_FAILURE() << "must not open";
    return websocket_events{};
  });
}

TEST(io_pool, no_listener_starts_after_the_end) {
  io_pool pool(1);
  pool.stop();
  pool.stop();
  std::string problem;
  EXPECT_EQ(listen(pool, "127.0.0.1", 0, answering(""), {}, problem), nullptr);
  EXPECT_EQ(problem, "the server is stopping");
}

/// Lets `n` clients come, exchange a message each way, and end in four different ways.
void come_and_go(net_server& server, std::size_t n) {
  std::vector<std::weak_ptr<websocket_connection>> watched;
  {
    std::vector<raw_socket> clients;
    for (std::size_t i = 0; i < n; ++i)
      clients.push_back(server.connect());
    ASSERT_TRUE(server.wait_open(n));
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_TRUE(clients[i].send(binary_frame("from client")));
      server.connection(i)->send("from server");
      watched.emplace_back(server.connection(i));
    }
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_EQ(read_frame(clients[i])->payload, "from server");
      ASSERT_TRUE(server.wait_messages(1, i));
      if (i % 4 == 0)
        server.connection(i)->abort();
      else if (i % 4 == 1)
        server.connection(i)->close(1000, "");
      else if (i % 4 == 2)
        clients[i].reset();
    }
  }
  for (std::size_t i = 0; i < n; ++i)
    ASSERT_TRUE(server.wait_closed(i)) << i;
  server.forget_peers();
  // The last references are handlers that are just ending; a round trip on every thread is
  // behind them.
  for (int i = 0; i < 4; ++i)
    ask(server.port());
  for (const auto& w : watched)
    EXPECT_TRUE(w.expired());
}

TEST(io_pool, hundreds_of_connections_come_and_go_without_a_trace) {
  net_server server;
  come_and_go(server, 4); // the threads open what they keep
  const auto before = open_descriptors();
  come_and_go(server, 200);
  EXPECT_LE(open_descriptors(), before + 4) << "those of the last round trips may still close";
  server.stop();
  EXPECT_LE(open_descriptors(), before - 1);
}

} // namespace
} // namespace ros::runtime
