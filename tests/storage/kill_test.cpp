// kill -9 in a loop: a process that writes is killed at random moments; whatever it had
// said to be durable is there when the store is opened again, whole and in order.
// ROS_KILLS sets how often (default 20).
#include "crash_writer/crash_record.hpp"
#include "support/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ros::storage {
namespace {

using namespace test;

/// A running crash_writer and the pipe it talks through.
class victim {
public:
  explicit victim(const std::string& root) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0)
      return;
    const auto program = std::string{ROS_BIN_DIR} + "/crash_writer";
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::execl(program.c_str(), program.c_str(), root.c_str(), nullptr);
      std::_Exit(127);
    }
    ::close(ends[1]);
    pipe_ = ends[0];
  }
  ~victim() {
    if (pid_ > 0 && !dead_)
      kill();
    if (pipe_ >= 0)
      ::close(pipe_);
  }
  victim(const victim&) = delete;
  victim& operator=(const victim&) = delete;

  /// The next record; false at the end.
  bool next(crash_record& record) {
    std::size_t have = 0;
    while (have < sizeof record) {
      const auto got = ::read(pipe_, reinterpret_cast<char*>(&record) + have, sizeof record - have);
      if (got <= 0)
        return false;
      have += static_cast<std::size_t>(got);
    }
    return true;
  }

  /// Waits for the first record, but not longer than so many milliseconds.
  void wait_for_output(int milliseconds) const {
    pollfd wanted{pipe_, POLLIN, 0};
    ::poll(&wanted, 1, milliseconds);
  }

  /// Kills it and answers how it ended.
  int kill() {
    ::kill(pid_, SIGKILL);
    return wait();
  }
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    dead_ = true;
    return status;
  }

private:
  pid_t pid_ = -1;
  int pipe_ = -1;
  bool dead_ = false;
};

using by_sequence = std::map<std::uint64_t, crash_record>;

/// Every acknowledged entry is in the store; nothing is half there.
void check(const std::string& root, const std::map<std::uint64_t, by_sequence>& acknowledged) {
  auto db = open_database(root);
  ASSERT_NE(db, nullptr);
  for (std::uint64_t id = 1; id <= crash_threads * crash_realms_per_thread; ++id) {
    const auto record = check_sample_realm(*db, id, crash_data_size);
    realm_store store{*db, make_sample_realm(id).shard, id};
    const auto i = acknowledged.find(id);
    if (i == acknowledged.end())
      continue;
    ASSERT_GE(record.sequence, i->second.rbegin()->first) << "entries of Realm " << id << " lost";
    ASSERT_GE(record.head.version, i->second.rbegin()->second.head);
    for (const auto& [sequence, told] : i->second) {
      const auto file = store.client_file(mark_of(sequence));
      ASSERT_TRUE(file && *file) << "entry " << sequence << " of Realm " << id << " lost";
      ASSERT_EQ((*file)->salt, told.mark);
    }
  }
}

TEST(kill, at_any_moment_loses_no_acknowledged_entry_and_leaves_no_half_one) {
  const char* const wish = std::getenv("ROS_KILLS");
  const int kills = wish != nullptr ? std::max(1, std::atoi(wish)) : 20;
  std::mt19937 random{1};
  std::unique_ptr<scratch_directory> root;
  std::map<std::uint64_t, by_sequence> acknowledged;
  for (int round = 0; round < kills; ++round) {
    SCOPED_TRACE("kill " + std::to_string(round + 1));
    if (round % 10 == 0) { // a new store now and then, so that checking stays quick
      root = std::make_unique<scratch_directory>();
      acknowledged.clear();
    }
    victim writer{root->path()};
    // Killed right after some acknowledgement of one of four threads: the others are anywhere.
    const auto patience = random() % 200;
    crash_record record;
    for (std::uint32_t i = 0; i <= patience; ++i) {
      ASSERT_TRUE(writer.next(record)) << "it ended by itself with " << writer.wait();
      acknowledged[record.realm_id][record.sequence] = record;
    }
    const auto status = writer.kill();
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself with " << WEXITSTATUS(status);
    while (writer.next(record)) // what it said before it died
      acknowledged[record.realm_id][record.sequence] = record;
    check(root->path(), acknowledged);
    if (HasFailure())
      return;
  }
}

TEST(kill, before_the_store_is_even_made_leaves_a_root_that_opens) {
  std::mt19937 random{1};
  for (int round = 0; round < 5; ++round) {
    scratch_directory root;
    {
      victim writer{root.path()};
      writer.wait_for_output(static_cast<int>(random() % 60));
      writer.kill();
    }
    check(root.path(), {});
  }
}

} // namespace
} // namespace ros::storage
