// A log with three copies in one process, under virtual time: the second implementation
// of cluster/shard_log.hpp. Owns the copies, their databases and the faults between them.
#pragma once

#include "replicated_copy.hpp"
#include "support/scratch_directory.hpp"

#include <caf/actor_system.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace ros::test {

struct replicated_log_options {
  int copies = 3;
  std::uint64_t seed = 1;
  std::size_t least_in_sync = 1; ///< below this many, entries wait
  storage::database_options database;
};

/// The actor system's scheduler must be the test coordinator.
class replicated_log {
public:
  explicit replicated_log(caf::actor_system& system, replicated_log_options options = {});
  ~replicated_log();
  replicated_log(const replicated_log&) = delete;
  replicated_log& operator=(const replicated_log&) = delete;

  /// Who leads, by the arbiter's word.
  [[nodiscard]] int leader() const { return world_.arbiter.current().leader; }
  [[nodiscard]] const std::set<int>& in_sync() const { return world_.arbiter.current().in_sync; }
  [[nodiscard]] int copies() const { return static_cast<int>(world_.handles.size()); }

  /// Where writers on the node of a copy send their entries, and read.
  [[nodiscard]] cluster::shard_log_actor log(int copy) const { return world_.handles[copy]; }
  [[nodiscard]] storage::database& db(int copy) const { return *world_.databases[copy]; }

  test_network& network() { return world_.network; }
  /// Appoints a new leader, which must be in sync, and tells every copy that can be reached.
  void appoint(int copy);
  /// Ends a copy's process and starts it again from what is on its disk.
  void restart(int copy);

  /// Every byte a copy holds for readers and in its log, to compare copies by.
  [[nodiscard]] std::string content(int copy) const;
  [[nodiscard]] const std::vector<std::string>& violations() const { return world_.violations; }

private:
  void run();
  void open(int copy);
  void end(int copy);

  caf::actor_system& system_;
  replicated_log_options options_;
  std::vector<scratch_directory> roots_;
  copy_world world_;
};

} // namespace ros::test
