// What lies between the copies of a test's replicated log: a network that loses, doubles
// and delays messages, and the arbiter that stands for etcd (stack-notes.md 5). Both are
// plain objects: under virtual time everything runs on one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

namespace ros::test {

struct network_faults {
  double loss = 0;                        ///< share of messages that vanish
  double duplicate = 0;                   ///< share that arrive twice
  std::chrono::milliseconds max_delay{0}; ///< 0: at once and in order
};

class test_network {
public:
  explicit test_network(std::uint64_t seed) : random_(seed) {}

  network_faults faults;

  /// A copy nobody reaches and that reaches nobody, the arbiter included.
  void cut_off(int copy) { cut_off_.insert(copy); }
  void reconnect(int copy) { cut_off_.erase(copy); }
  [[nodiscard]] bool reachable(int copy) const { return !cut_off_.contains(copy); }

  /// When copies of a message arrive; none if it is lost.
  std::vector<std::chrono::milliseconds> route(int from, int to) {
    if (!reachable(from) || !reachable(to) || chance() < faults.loss)
      return {};
    std::vector<std::chrono::milliseconds> arrivals{delay()};
    if (chance() < faults.duplicate)
      arrivals.push_back(delay());
    return arrivals;
  }

private:
  double chance() { return std::uniform_real_distribution<>{0, 1}(random_); }
  std::chrono::milliseconds delay() {
    return std::chrono::milliseconds{
        std::uniform_int_distribution<std::int64_t>{0, faults.max_delay.count()}(random_)};
  }

  std::mt19937_64 random_;
  std::set<int> cut_off_;
};

/// Who leads and who is in sync, as the arbiter decided last.
struct assignment {
  std::uint64_t revision = 0; ///< of the record in the arbiter
  std::uint64_t epoch = 0;    ///< raised with every change of the leader
  int leader = 0;
  std::set<int> in_sync;
};

class test_arbiter {
public:
  test_arbiter(int copies, std::size_t least_in_sync) : least_in_sync_(least_in_sync) {
    current_ = {1, 1, 0, {}};
    for (int i = 0; i < copies; ++i)
      current_.in_sync.insert(i);
  }

  [[nodiscard]] const assignment& current() const { return current_; }

  /// Compare and swap: takes a new in-sync set from whoever knows the present revision.
  void propose(std::uint64_t revision, const std::set<int>& in_sync) {
    if (revision != current_.revision || in_sync.size() < least_in_sync_)
      return;
    current_.in_sync = in_sync;
    ++current_.revision;
  }

  /// Makes an in-sync copy the leader of a new epoch.
  void appoint(int leader) {
    if (!current_.in_sync.contains(leader))
      return;
    current_.leader = leader;
    ++current_.epoch;
    ++current_.revision;
  }

private:
  assignment current_;
  std::size_t least_in_sync_;
};

} // namespace ros::test
