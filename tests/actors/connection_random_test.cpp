// Clients that send anything in any order (sync-protocol.md 10, "Robustness"): the
// server answers in form, or ends that connection and no other.
#include "sync_world.hpp"

namespace ros::test {
namespace {

class random_sender {
public:
  explicit random_sender(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t n) { return random_.next() % n; }

  /// Mostly what a client in its state may say; sometimes anything.
  std::string message() {
    const auto session = 1 + below(3);
    auto text = below(40) == 0 ? anything(below(4)) : sensible(session);
    if (below(60) == 0 && !text.empty())
      text[below(text.size())] = static_cast<char>(below(256));
    return text;
  }

private:
  enum class stage { free, bound, identified };

  std::uint64_t small() { return below(5); }

  std::string sensible(std::uint64_t session) {
    auto& now = stages_[session];
    if (now == stage::free) {
      now = stage::bound;
      versions_[session] = 1;
      return bind(session, below(10) == 0 ? "//" : "/r" + std::to_string(small()), false);
    }
    if (below(8) == 0) {
      now = stage::free;
      return "unbind " + std::to_string(session) + '\n';
    }
    if (now == stage::bound) {
      now = stage::identified;
      const auto file = 1 + session;
      return ident(session, {file, static_cast<sync::salt_type>(1000 + file)});
    }
    if (below(4) == 0)
      return "mark " + std::to_string(session) + ' ' + std::to_string(small()) + '\n';
    const auto version = ++versions_[session];
    if (below(3) == 0)
      return upload(session, {version, 0}, 0);
    return upload(session, {version, 0}, 0, {{version, 0, "x"}});
  }

  std::string anything(std::uint64_t s) {
    switch (below(7)) {
    case 0:
      return bind(s, "/r" + std::to_string(small()), true, below(3) == 0 ? "bad" : "");
    case 1:
      return ident(s, {2 + small(), 1002}, {small(), small()}, {small(), 77});
    case 2:
      return upload(s, {small(), small()}, small(), {{small(), small(), "x", below(2)}});
    case 3:
      return "unbind " + std::to_string(s) + '\n';
    default:
      return rare(s);
    }
  }

  std::string rare(std::uint64_t s) {
    const auto session = std::to_string(s);
    switch (below(5)) {
    case 0:
      return "ping " + std::to_string(small()) + " 0\n";
    case 1:
      return "json_error 212 2 " + session + "\n{}";
    case 2:
      return "refresh " + session + " 7\ngood-u1";
    case 3:
      return "client_version_request " + session + " 2 1002\n";
    default:
      return "state_request " + session + " 0 0 0 1 6 20 1 8\n";
    }
  }

  seeded_random random_;
  std::map<std::uint64_t, stage> stages_;
  std::map<std::uint64_t, std::uint64_t> versions_;
};

TEST(RandomClients, are_answered_in_form_and_hurt_nobody_else) {
  constexpr std::uint64_t seeds = 400;
  constexpr int messages = 40;
  std::uint64_t ended = 0;
  std::uint64_t answers = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE(seed);
    sync_world world;
    for (int i = 0; i < 5; ++i) // files that the sender knows
      for (sync::file_ident file = 2; file < 7; ++file)
        world.realm("/r" + std::to_string(i)).files[file].salt =
            static_cast<sync::salt_type>(1000 + file);
    sync_client bystander(world);
    bystander.start(1, "/r0");
    // Of versions that may ask for what early clients ask for.
    random_sender random(seed);
    sync_client client(world, static_cast<int>(1 + random.below(3)));
    for (int i = 0; i < messages && !client.socket->ended(); ++i) {
      client.send_all({random.message(), random.message()});
      answers += client.take().size(); // the strict reader has judged them already
    }
    ended += client.socket->ended() ? 1 : 0;
    bystander.take();
    bystander.send("ping 1 0\n");
    EXPECT_EQ(bystander.only().name, "pong");
    bystander.send("mark 1 9\n");
    EXPECT_EQ(bystander.only().name, "mark");
    client.drop();
    bystander.drop();
    EXPECT_EQ(world.context->backlog->used(), 0u);
    EXPECT_TRUE(world.names().empty()); // no actor stays behind
  }
  // The sender gets far enough to mean something.
  EXPECT_GT(ended, seeds / 4);
  EXPECT_LT(ended, seeds);
  EXPECT_GT(answers, 10 * seeds);
}

} // namespace
} // namespace ros::test
