// Bounded history through a real server process (sync-protocol.md 5.2): what is left of much
// writing, kill -9 while it is compacted, clients that were away for too long.
#include "protocol_fixture.hpp"

#include "runtime/clock.hpp"
#include "support/living_copy.hpp"

#include <algorithm>
#include <cstdlib>
#include <poll.h>
#include <random>

namespace ros::test {
namespace {

constexpr std::size_t writes_per_upload = 250;

/// Compaction looks at history every second.
class Compaction : public ::testing::Test {
protected:
  explicit Compaction(std::map<std::string, std::string> more = {})
      : server(with_interval(std::move(more))), user(log_in_anonymously(server)) {}

  static std::map<std::string, std::string>
  with_interval(std::map<std::string, std::string> settings) {
    settings["storage.compaction_interval"] = "1";
    return settings;
  }
  connect_options as_user() {
    connect_options o;
    o.port = server.port();
    o.token = user.token;
    return o;
  }

  /// Numbers that compaction has reported as horizons so far.
  std::size_t compactions() {
    const auto text = server.output();
    constexpr std::string_view line = "compacted its history";
    std::size_t count = 0;
    for (auto at = text.find(line); at != std::string::npos; at = text.find(line, at + 1))
      ++count;
    return count;
  }
  void wait_for_compaction(std::size_t more_than) {
    const auto end = runtime::system_clock().steady_ms() + patience_ms;
    while (compactions() <= more_than && runtime::system_clock().steady_ms() < end)
      ::poll(nullptr, 0, 20);
    ASSERT_GT(compactions(), more_than) << server.output();
  }

  /// A device that writes and knows what its Realm looks like.
  struct writing_device {
    writing_device(const connect_options& options, living_copy& kept)
        : client(options), session(client, kept.copy, 1), copy(kept) {
      session.start();
    }
    void write(std::string changeset) { copy.write(std::move(changeset), ++timestamp); }
    void flush() {
      session.upload();
      session.wait_for_upload();
    }
    protocol_client client;
    client_session session;
    living_copy& copy;
    static inline std::uint64_t timestamp = 1000;
  };

  /// A device that knows nothing; what it was sent is in `copy.received`.
  std::string join(living_copy& copy) {
    writing_device d(as_user(), copy);
    d.session.wait_for_download();
    return copy.content();
  }

  server_process server;
  log_in_result user;
};

TEST_F(Compaction, leaves_of_ten_objects_changed_20000_times_little_more_than_ten_objects) {
  living_copy mine{"\"objects\""};
  writing_device writer(as_user(), mine);
  for (int i = 0; i < 10; ++i)
    writer.write(new_dog(i, "first"));
  writer.flush();
  for (std::size_t i = 0; i < 20'000; ++i) {
    writer.write(rename_dog(static_cast<std::int64_t>(i % 10), std::to_string(i)));
    if (i % writes_per_upload == writes_per_upload - 1)
      writer.flush();
  }
  wait_for_compaction(0);
  living_copy other{"\"objects\""};
  EXPECT_EQ(join(other), mine.content());
  // What was written last may not be worth another round: 256 KiB of it.
  EXPECT_LT(other.copy.received.size(), 4'500u);
}

TEST_F(Compaction, leaves_of_a_queue_little_more_than_what_is_in_it) {
  living_copy mine{"\"queue\""};
  writing_device writer(as_user(), mine);
  writer.write(new_dog(0, "the queue's head"));
  writer.flush();
  for (int i = 1; i <= 5'000; ++i) {
    writer.write(new_dog(i, "job"));
    changeset_builder b;
    writer.write(std::string{client_bytes(b.erase("Dog", i).take()).view()});
    if (static_cast<std::size_t>(i) % writes_per_upload == 0)
      writer.flush();
  }
  wait_for_compaction(0);
  living_copy other{"\"queue\""};
  EXPECT_EQ(join(other), mine.content());
  EXPECT_LT(other.copy.received.size(), 4'500u);
}

TEST_F(Compaction, loses_nothing_to_kill_9_at_any_time) {
  living_copy mine{"\"killed\""};
  const auto* wish = std::getenv("ROS_KILLS");
  const int kills = wish != nullptr ? std::atoi(wish) : 4;
  std::minstd_rand random{20};
  std::size_t written = 0;
  {
    writing_device writer(as_user(), mine);
    for (int i = 0; i < 10; ++i)
      writer.write(new_dog(i, "first"));
    writer.flush();
  }
  for (int k = 0; k < kills; ++k) {
    {
      writing_device writer(as_user(), mine);
      writer.flush(); // what was on its way when the server went
      const auto end =
          runtime::system_clock().steady_ms() + 900 + static_cast<std::int64_t>(random() % 500);
      while (runtime::system_clock().steady_ms() < end) {
        for (int i = 0; i < 50; ++i, ++written) {
          writer.write(rename_dog(static_cast<std::int64_t>(random() % 10), "x"));
          writer.write(new_dog(1000 + static_cast<std::int64_t>(random() % 500), "y"));
        }
        writer.session.upload();
        if (random() % 2 == 0)
          writer.session.wait_for_upload();
      }
      server.kill();
    }
    server.start();
  }
  writing_device last(as_user(), mine);
  last.flush();
  // A slow server may not have come to compacting between the kills: now it has time and cause.
  for (int i = 0; i < 6'000; ++i) {
    last.write(rename_dog(i % 10, "z"));
    if (i % 250 == 249)
      last.flush();
  }
  wait_for_compaction(0);
  last.session.wait_for_download();
  living_copy other{"\"killed\""};
  EXPECT_EQ(join(other), mine.content());
  EXPECT_GE(mine.copy.latest, 2 * written + 10);
}

class Expiry : public Compaction {
protected:
  Expiry() : Compaction({{"sync.history_ttl", "2"}}) {}
};

TEST_F(Expiry, ends_with_222_for_who_comes_back_too_late) {
  living_copy mine{"\"expiry\""}, away{"\"expiry\""};
  writing_device writer(as_user(), mine);
  writer.write(new_dog(1, "first"));
  writer.flush();
  join(away);
  for (int i = 0; i < 6'000; ++i) {
    writer.write(rename_dog(1, std::to_string(i)));
    if (i % 250 == 249)
      writer.flush();
  }
  wait_for_compaction(0);
  protocol_client client(as_user());
  client.send(bind_message(1, away.copy.path, false));
  client.send(ident_message(1, away.copy));
  const auto m = client.expect("json_error");
  EXPECT_EQ(m.error_code, 222) << m.raw;
  EXPECT_EQ(m.session, 1u);
  // The writer was there all the time.
  writer.write(rename_dog(1, "last"));
  writer.flush();
}

} // namespace
} // namespace ros::test
