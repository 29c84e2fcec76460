// Fifty devices with the protocol's versions 2 to 14 work on several Realms for
// ROS_SOAK_SECONDS, are dropped at random, have wrong clocks, and their server is
// restarted every minute, by SIGTERM and by SIGKILL in turn. In the end all copies of a
// Realm are equal, and equal to what a new device gets.
#include "soak_client.hpp"

#include "protocol/server_process.hpp"

#include <gtest/gtest.h>

#include <poll.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace ros::test {
namespace {

std::int64_t now_ms() {
  return runtime::system_clock().steady_ms();
}

void rest(int ms) {
  ::poll(nullptr, 0, ms);
}

std::int64_t soak_seconds() {
  const char* const text = std::getenv("ROS_SOAK_SECONDS");
  return text != nullptr ? std::strtoll(text, nullptr, 10) : 15;
}

std::vector<soak_realm> realms() {
  const user_habits old_types{.mixed_collections = false, .newer_types = false};
  const user_habits all_types{.mixed_collections = false};
  const user_habits steady{.items = 20, .schema_changes = false, .mixed_collections = false};
  const user_habits nested{.mixed_collections = true};
  return {
      {"\"soak-old-1\"", 2, true, old_types},
      {"\"soak-old-2\"", 2, true, old_types},
      {"\"soak-typed-1\"", 3, true, all_types},
      {"\"soak-typed-2\"", 3, true, steady},
      // With wrong clocks collections in Mixed are known not to converge (merge-rules.md 12).
      {"\"soak-nested\"", 13, false, nested},
  };
}

/// Threads that share the devices; the first failure of any ends them all.
class soak {
public:
  explicit soak(const connect_options& options) : realms_(realms()) {
    std::mt19937_64 random(1);
    for (unsigned i = 0; i < devices; ++i) {
      const auto& realm = realms_[i % realms_.size()];
      // Every version that the Realm permits, and the devices' 10 of one Realm differ.
      const auto choice = static_cast<int>(i / realms_.size() + 10 * (i % realms_.size()));
      const int version = 14 - choice % (15 - realm.oldest_version);
      clients_.push_back(std::make_unique<soak_client>(options, realm, version, random(), figures));
    }
  }

  void start() {
    for (unsigned i = 0; i < threads; ++i)
      threads_.emplace_back([this, i] { guard([&] { work(i); }); });
  }
  void stop() {
    stopping_ = true;
    for (auto& t : threads_)
      t.join();
    threads_.clear();
  }
  [[nodiscard]] bool has_failed() const { return failed_; }

  /// Works on until there are so many changes: a short soak makes too few for compaction.
  void work_until(std::uint64_t changes) {
    guard([&] {
      while (figures.changes < changes)
        for (auto& c : clients_)
          c->act();
    });
  }

  /// Everything up from everywhere, then everything down; then the server is told that all
  /// of it is there.
  void converge() {
    guard([&] {
      for (auto& c : clients_)
        insist(*c, &soak_client::upload_all);
      for (auto& c : clients_)
        insist(*c, &soak_client::download_all);
      for (auto& c : clients_)
        insist(*c, &soak_client::upload_all);
    });
  }

  /// What all copies of each Realm are, by path; a failure if they are not the same.
  std::map<std::string, std::string> contents() {
    std::map<std::string, std::string> out;
    for (auto& c : clients_) {
      const auto [at, is_first] = out.emplace(c->realm().path, c->content());
      if (!is_first) {
        EXPECT_EQ(c->content(), at->second) << c->realm().path << " version " << c->version();
      }
    }
    return out;
  }

  soak_figures figures;

private:
  static constexpr unsigned devices = 50;
  static constexpr unsigned threads = 4;

  void work(unsigned number) {
    while (!stopping_ && !failed_) {
      for (std::size_t i = number; i < clients_.size(); i += threads)
        clients_[i]->act();
      rest(20);
    }
  }

  static void insist(soak_client& c, bool (soak_client::*step)()) {
    const auto end = now_ms() + patience_ms;
    while (!(c.*step)()) {
      if (now_ms() > end)
        throw std::runtime_error("the server cannot be reached");
      rest(20);
    }
  }

  template <class Work>
  void guard(Work work) {
    try {
      work();
    } catch (const std::exception& error) {
      failed_ = true;
      const std::lock_guard lock(mutex_);
      ADD_FAILURE() << error.what();
    }
  }

  std::vector<soak_realm> realms_;
  std::vector<std::unique_ptr<soak_client>> clients_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
};

/// Nobody needs old history any longer: before long a new device gets less than half of
/// it, in entries.
void expect_compacted(const connect_options& options, const std::string& path) {
  const auto end = now_ms() + patience_ms;
  for (;;) {
    client_copy copy;
    copy.path = path;
    protocol_client client(options);
    client_session session(client, copy, 1);
    session.start();
    session.wait_for_download();
    if (copy.received.size() < copy.latest / 2) {
      std::cout << path << ": " << copy.received.size() << " entries are left\n";
      return;
    }
    if (now_ms() > end) {
      ADD_FAILURE() << path << " still has " << copy.received.size() << " entries of "
                    << copy.latest << " versions";
      return;
    }
    rest(500);
  }
}

TEST(Soak, fifty_devices_end_with_equal_copies) {
  const auto length_ms = 1000 * soak_seconds();
  const auto interval_ms = std::min<std::int64_t>(60'000, length_ms / 4);
  // History is compacted all the time.
  server_process server(std::map<std::string, std::string>{
      {"app_services.ttls.access_token", "86400"}, {"storage.compaction_interval", "2"}});
  connect_options options;
  options.port = server.port();
  options.token = log_in_anonymously(server).token;
  soak s(options);
  s.start();
  const auto end = now_ms() + length_ms;
  int restarts = 0;
  for (auto next = now_ms() + interval_ms; now_ms() < end && !s.has_failed();) {
    rest(50);
    if (now_ms() < next)
      continue;
    if (restarts++ % 2 == 0)
      server.kill();
    else
      EXPECT_EQ(server.stop(), 0);
    server.start();
    next = now_ms() + interval_ms;
  }
  s.stop();
  ASSERT_FALSE(s.has_failed());
  s.work_until(20'000);
  s.converge();
  ASSERT_FALSE(s.has_failed());
  for (const auto& [path, content] : s.contents()) {
    living_copy fresh(path);
    protocol_client client(options);
    client_session session(client, fresh.copy, 1);
    session.start();
    session.wait_for_download();
    EXPECT_EQ(fresh.content(), content) << path;
    std::cout << path << ": " << fresh.copy.latest << " versions, " << content.size()
              << " bytes as JSON\n";
    EXPECT_GT(fresh.copy.latest, 0u);
    expect_compacted(options, path);
  }
  std::cout << s.figures.changes << " changes, " << s.figures.drops << " drops, "
            << s.figures.losses << " losses, " << s.figures.retries << " retries, " << restarts
            << " restarts\n";
  EXPECT_GT(restarts, 0);
}

} // namespace
} // namespace ros::test
