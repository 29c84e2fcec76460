// The REPLICATED COPY actor: one of several copies of a log, leader or follower, for
// tests of the seam cluster/shard_log.hpp. An entry is appended on the leader, sent to the
// others and committed once every in-sync copy has it on disk; only then it is applied
// and answered. Who is in sync is the arbiter's word alone (stack-notes.md 5).
#pragma once

#include "cluster/shard_log.hpp"
#include "storage/database.hpp"
#include "storage/shard_log_store.hpp"
#include "test_network.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/response_promise.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ros::test {

/// Leader to follower: what comes behind `previous`, and what is committed.
struct append_request {
  std::uint64_t epoch = 0;
  int from = 0;
  std::uint64_t previous_index = 0;
  std::uint64_t previous_epoch = 0;
  std::vector<storage::logged_entry> entries;
  std::uint64_t committed = 0;
};

/// Follower to leader: on disk up to `index`; or, refused, where to go on from.
struct append_reply {
  std::uint64_t epoch = 0;
  int from = 0;
  bool accepted = false;
  std::uint64_t index = 0;
};

} // namespace ros::test

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::test::assignment)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::test::append_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::test::append_reply)

namespace ros::test {

/// The REPLICATED COPY conforms to the protocol of the SHARD LOG.
using copy_actor = cluster::shard_log_actor::extend<
    /// The arbiter's present word.
    caf::reacts_to<assignment>,
    /// From the leader.
    caf::reacts_to<append_request>,
    /// From a follower.
    caf::reacts_to<append_reply>,
    /// INTERNAL: sends again what was not answered, asks the arbiter.
    caf::reacts_to<caf::tick_atom>>;

/// What the copies of one log share.
struct copy_world {
  copy_world(int copies, std::uint64_t seed, std::size_t least_in_sync)
      : network(seed), arbiter(copies, least_in_sync), handles(copies), databases(copies) {}

  test_network network;
  test_arbiter arbiter;
  std::vector<copy_actor> handles;
  std::vector<std::unique_ptr<storage::database>> databases;
  std::vector<std::string> violations; ///< broken promises of the protocol; must stay empty
};

class copy_state {
public:
  static inline const char* name = "replicated_copy";

  /// What a leader knows of a follower.
  struct follower {
    std::uint64_t next = 1;    ///< first index to send
    std::uint64_t matched = 0; ///< on its disk, in this epoch
    std::uint64_t told = 0;    ///< committed index it was sent last
    bool waiting = false;      ///< a request is under way
    unsigned silent_ticks = 0;
  };

  void start(copy_actor::stateful_pointer<copy_state> self, copy_world& world, int id);
  caf::result<bool> take(storage::log_entry entry);
  void hear(const assignment& word);
  void follow(const append_request& request);
  void answer(const append_reply& reply);
  void tick();
  void step_down();

private:
  using realm_key = std::pair<std::uint32_t, std::uint64_t>;

  void lead();
  void read_tail();
  void send_append(int to);
  void send_to_all();
  void commit_what_all_have();
  void propose(const std::set<int>& in_sync);
  [[nodiscard]] bool matches(const append_request& request) const;
  [[nodiscard]] std::uint64_t last_sequence(const storage::log_entry& entry) const;
  [[nodiscard]] std::uint64_t epoch_at(std::uint64_t index) const;
  void violated(const std::string& what);
  template <class Message>
  void send(int to, const Message& message);

  copy_actor::stateful_pointer<copy_state> self_ = nullptr;
  copy_world* world_ = nullptr;
  int id_ = 0;
  std::optional<storage::shard_log_store> log_;
  assignment known_;
  bool leading_ = false;
  std::map<int, follower> followers_;
  std::set<int> joining_; ///< waited for before the arbiter says that they are in sync
  std::map<realm_key, std::uint64_t> tail_sequences_; ///< of entries appended, not applied
  std::map<std::uint64_t, caf::typed_response_promise<bool>> waiting_; ///< by index
};

copy_actor::behavior_type replicated_copy(copy_actor::stateful_pointer<copy_state> self,
                                          copy_world* world, int id);

} // namespace ros::test
