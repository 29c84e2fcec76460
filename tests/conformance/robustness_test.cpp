// Items 102 to 104 of sync-protocol.md 10, scaled down; scripts/nightly.sh runs them in full.
//   ROS_FUZZ_MESSAGES  messages of fuzzing clients (1 000 000 in full)
//   ROS_CONNECTIONS    idle connections that ping (5000 in full)
#include "conformance_fixture.hpp"

#include <sys/resource.h>

#include <array>
#include <cstdlib>
#include <map>
#include <random>

namespace ros::test {
namespace {

std::uint64_t scale(const char* variable, std::uint64_t otherwise) {
  const auto* text = std::getenv(variable);
  return text != nullptr ? std::stoull(text) : otherwise;
}

/// A client that mostly says what fits its state, and breaks the grammar or the order of
/// things now and then.
class fuzzer {
public:
  /// A thousand seeds share their Realms: in full, one history for all would leave no time
  /// for anything but downloading it.
  fuzzer(std::uint64_t seed, int version)
      : random_(seed), version_(version), era_(std::to_string(seed / 1000)) {}

  std::string next() {
    if (below(150) == 0)
      return noise(below(300));
    const auto session = 1 + below(3);
    auto text = below(40) == 0 ? anything(session) : sensible(session);
    if (below(40) == 0)
      mutate(text);
    return text;
  }

  /// What the server said decides what is sensible.
  void learn(const server_message& m) {
    auto& s = sessions_[m.session];
    if (m.name == "ident") {
      s.copy = {};
      s.copy.ident = m.file_ident;
      s.copy.salt = m.file_salt;
      s.now = stage::has_ident;
    } else if (m.name == "download") {
      s.copy.server_version = m.download_server_version;
      s.copy.latest = m.latest_server_version;
      s.copy.latest_salt = m.latest_server_salt;
      ++integrated_;
    } else if (m.name == "unbound") {
      s.now = stage::free;
    } else if (m.name.ends_with("error")) {
      s.now = stage::failed;
    }
  }
  /// Downloads that came back: a measure of how far it gets.
  [[nodiscard]] std::uint64_t integrated() const { return integrated_; }

private:
  enum class stage { free, asked, has_ident, synchronising, failed };
  struct session {
    stage now = stage::free;
    client_copy copy;
    std::uint64_t marks = 0;
  };

  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  std::string number() {
    switch (below(12)) {
    case 0:
      return std::to_string(random_());
    case 1:
      return "9223372036854775807";
    case 2:
      return "-1";
    default:
      return std::to_string(below(6));
    }
  }
  std::string numbers(int n) {
    std::string out;
    for (int i = 0; i < n; ++i)
      out += ' ' + number();
    return out;
  }
  std::string noise(std::size_t size) {
    std::string out(size, '\0');
    for (auto& c : out)
      c = static_cast<char>(below(256));
    return out;
  }

  std::string bind(std::uint64_t session) {
    const std::array<std::string, 5> paths{"\"f1-" + era_ + '"', "\"f2-" + era_ + '"', "null", "//",
                                           "{\"$oid\":\"x\"}"};
    return bind_message(session, paths[below(10) == 0 ? below(5) : below(2)], true);
  }

  std::string sensible(std::uint64_t number) {
    auto& s = sessions_[number];
    switch (s.now) {
    case stage::free:
      s.now = stage::asked;
      return bind(number);
    case stage::asked:
      return "ping " + std::to_string(below(1000)) + " 0\n";
    case stage::has_ident:
      s.now = stage::synchronising;
      return ident_message(number, s.copy);
    case stage::failed:
      s.now = stage::free;
      return "unbind " + std::to_string(number) + '\n';
    case stage::synchronising:
      break;
    }
    if (below(15) == 0) {
      s.now = stage::asked; // until it is unbound
      return "unbind " + std::to_string(number) + '\n';
    }
    if (below(4) == 0)
      return "mark " + std::to_string(number) + ' ' + std::to_string(++s.marks) + '\n';
    return upload(number, s.copy);
  }

  std::string upload(std::uint64_t session, client_copy& copy) {
    std::vector<client_copy::change> changes;
    for (auto n = below(3); n > 0; --n) {
      auto changeset = new_dog(static_cast<std::int64_t>(below(5)), std::to_string(below(9)));
      if (below(10) == 0)
        mutate(changeset);
      changes.push_back({++copy.version, copy.server_version, below(1000), std::move(changeset)});
    }
    ++copy.version;
    const auto d = copy.server_version;
    if (below(4) == 0)
      return compressed_upload_message(session, copy.version, d, d, changes, 1);
    return upload_message(session, copy.version, d, d, changes, below(30) == 0 ? 1 : 0);
  }

  std::string anything(std::uint64_t s) {
    const auto session = std::to_string(s);
    // Who asks for the state in later versions is answered, which the strict parser of what
    // comes back takes for a defect.
    constexpr int last_with_state = 3;
    switch (below(version_ <= last_with_state ? 9 : 8)) {
    case 0:
      return bind(s);
    case 1:
      return "ident " + session + ' ' + std::to_string(2 + below(4)) + numbers(5) + '\n';
    case 2:
      return "mark " + session + ' ' + number() + '\n';
    case 3:
      return "unbind " + session + '\n';
    case 4:
      return "ping" + numbers(2) + '\n';
    case 5:
      return "refresh " + session + " 3\nbad";
    case 6:
      return "json_error 212 2 " + session + "\n{}";
    case 8:
      return "state_request " + session + numbers(8) + '\n';
    default:
      return "upload " + session + numbers(6) + '\n' + noise(below(40));
    }
  }

  void mutate(std::string& text) {
    const auto at = below(text.size());
    switch (below(4)) {
    case 0:
      text[at] = static_cast<char>(below(256));
      break;
    case 1:
      text.erase(at, 1 + below(4));
      break;
    case 2:
      text.insert(at, noise(1 + below(4)));
      break;
    default:
      text.resize(at);
    }
  }

  std::mt19937_64 random_;
  int version_;
  std::string era_;
  std::map<std::uint64_t, session> sessions_;
  std::uint64_t integrated_ = 0;
};

TEST_F(ConformanceTest, Robust102_fuzzed_messages_hurt_nobody_else) {
  const auto messages = scale("ROS_FUZZ_MESSAGES", 6000);
  auto bystander = connect();
  auto other = start_device();
  std::uint64_t seed = 0;
  std::uint64_t halfway = 0;
  std::uint64_t integrated = 0;
  for (std::uint64_t sent = 0; sent < messages;) {
    const auto version = static_cast<int>(1 + ++seed % 14);
    fuzzer random(seed, version);
    auto client = connect(version);
    ASSERT_EQ(client.status(), 101);
    // What comes back is read by the strict parser; the connection may end at any time.
    for (int i = 0; i < 100 && client.is_open(); ++i, ++sent) {
      client.send(random.next());
      while (const auto m = client.next(i % 4 == 0 ? 2 : 0))
        random.learn(*m);
    }
    integrated += random.integrated();
    if (seed % 50 == 0) {
      ASSERT_TRUE(answers_pings(bystander)) << "after seed " << seed;
      other->session.wait_for_download();
    }
    if (sent > messages / 2 && halfway == 0)
      halfway = server().memory();
  }
  ASSERT_TRUE(answers_pings(bystander));
  other->session.write(new_dog(1, "Rex"));
  other->session.upload();
  other->session.wait_for_upload();
  EXPECT_GT(integrated, messages / 40); // it gets far enough to mean something
  // Twice the messages do not need twice the memory.
  EXPECT_LT(server().memory(), halfway + (128u << 20));
}

TEST_F(ConformanceTest, Robust103_clients_that_never_read_cost_a_bounded_amount) {
  server_process own(std::map<std::string, std::string>{{"network.sync.idle_timeout", "2"}});
  auto options = as_user();
  options.port = own.port();
  options.token = log_in_anonymously(own).token;
  device writer(options, realm());
  writer.session.start();
  options.receive_buffer = 4096;
  protocol_client sleeper(options);
  sleeper.send(bind_message(1, realm(), true));
  const auto given = sleeper.expect("ident");
  client_copy copy;
  copy.ident = given.file_ident;
  copy.salt = given.file_salt;
  sleeper.send(ident_message(1, copy));
  protocol_client flooder(options); // asks all the time and reads no answer
  const auto before = own.memory();
  std::mt19937_64 random(1);
  for (int i = 0; i < 60; ++i) {
    std::string data(1 << 20, '\0');
    for (auto& c : data)
      c = static_cast<char>('!' + (random() >> 58));
    writer.session.write(new_dog(i, data));
    writer.session.upload();
    writer.session.wait_for_upload();
  }
  // The caches of the Realm are in it as well.
  EXPECT_LT(own.memory(), before + (400u << 20));
  const auto before_flood = own.memory();
  std::string pings;
  for (int i = 0; i < 2000; ++i)
    pings += binary_frame("ping " + std::to_string(i) + " 0\n");
  std::size_t taken = 0;
  while (taken < (64u << 20) && flooder.socket().writable_within(300)) {
    const auto n = flooder.socket().try_send(pings);
    if (n < 0)
      break;
    taken += static_cast<std::size_t>(n);
    // Frames are cut anywhere; the next one starts where this ended.
    if (static_cast<std::size_t>(n) < pings.size() &&
        !flooder.socket().send(std::string_view{pings}.substr(static_cast<std::size_t>(n))))
      break;
  }
  EXPECT_LT(own.memory(), before_flood + (64u << 20)) << taken << " bytes of pings taken";
  // Whoever says nothing, too, is dropped in the end.
  while (sleeper.next()) {
  }
  EXPECT_FALSE(sleeper.is_open());
}

TEST_F(ConformanceTest, Robust104_idle_connections_with_pings_stay_within_their_budget) {
  const auto count = scale("ROS_CONNECTIONS", 300);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  ASSERT_GE(files.rlim_cur, count + 100);
  server_process own; // inherits the limit
  auto options = as_user();
  options.port = own.port();
  options.token = log_in_anonymously(own).token;
  const auto ping = [](protocol_client& client, std::uint64_t stamp) {
    client.send("ping " + std::to_string(stamp) + " 0\n");
  };
  protocol_client first(options);
  ping(first, 1);
  first.expect("pong");
  const auto before = own.memory();
  std::vector<std::unique_ptr<protocol_client>> clients;
  for (std::uint64_t i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<protocol_client>(options));
    ASSERT_EQ(clients.back()->status(), 101) << i;
  }
  constexpr std::uint64_t rounds = 5;
  const auto cpu_before = own.cpu_ms();
  for (std::uint64_t round = 1; round <= rounds; ++round) {
    for (auto& c : clients)
      ping(*c, round);
    for (auto& c : clients)
      ASSERT_EQ(c->expect("pong").timestamp, round);
  }
  constexpr std::uint64_t most_memory = 64 * 1024; // bytes a connection
  constexpr std::uint64_t slack = 32u << 20;       // of the allocator
  EXPECT_LT(own.memory(), before + count * most_memory + slack);
  // A ping a minute from each of 5000 clients, 83 a second, may take a tenth of a core.
  EXPECT_LT(own.cpu_ms() - cpu_before, 200 + count * rounds * 12 / 10);
}

} // namespace
} // namespace ros::test
