// The ADMIN REALM: the one writer of users, accounts, revoked tokens and the Realm
// directory (access-control.md 4). Answers reads from memory; a change is planned on
// the durable state, written through the shard log and told only then.
#pragma once

#include "access_watches.hpp"
#include "admin_state.hpp"
#include "auth_actors.hpp"

#include "cluster/shard_log.hpp"
#include "runtime/clock.hpp"
#include "storage/errors.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>
#include <vector>

namespace ros::actors {

using admin_row_visitor = std::function<void(std::string_view key, std::string_view value)>;
/// Visits every stored row and answers with the sequence of the last applied entry
/// (storage/admin_store.hpp).
using admin_row_loader =
    std::function<storage::result<std::uint64_t>(const admin_row_visitor& visit)>;

struct admin_realm_options {
  rights partition_default;       ///< see admin_state
  std::size_t max_waiting = 4096; ///< changes that wait behind the entry in flight
  std::int64_t retry_ms = 500;    ///< how long changes are refused after log trouble
};

/// What the actor lives on. Everything outlives it.
struct admin_realm_context {
  cluster::shard_log_actor log;
  admin_row_loader load;
  runtime::clock* clock = nullptr;
  runtime::random_source* random = nullptr;
  admin_realm_options options;
};

class admin_realm_state {
public:
  static inline const char* name = "admin_realm";
  using self_pointer = admin_realm_actor::stateful_pointer<admin_realm_state>;
  /// Called once with the outcome of a change.
  using deliver_function = std::function<void(caf::expected<admin_answer>)>;

  explicit admin_realm_state(self_pointer self) : self_(self) {}
  void start(admin_realm_context context);

  /// The users and Realms as of now, or ec::unavailable if they could never be read.
  caf::expected<const admin_state*> content();
  /// Carries out a change, at once if nothing needs to be written.
  void submit(admin_command command, deliver_function deliver);
  /// Answers when the sender's access has ended, see watch_access.
  caf::result<bool> watch(const watch_access& x);
  /// A watcher has ended.
  void forget(const caf::actor_addr& watcher) { watches_.forget(watcher); }

private:
  struct change {
    admin_command command;
    deliver_function deliver;
  };
  struct planned_change {
    change what;
    admin_answer answer;
  };
  /// The one entry that is on its way.
  struct entry {
    std::vector<planned_change> changes;
    std::vector<admin_row> rows;
  };

  bool load();
  bool usable();
  plan_inputs inputs(std::size_t new_realms) const;
  void commit();
  void committed();
  void failed(const caf::error& reason);
  void tell_watchers(const admin_command& done);

  self_pointer self_;
  admin_realm_context context_;
  admin_state content_{no_rights};
  std::uint64_t sequence_ = 0; ///< of the last applied entry
  bool loaded_ = false;        ///< content_ is worth answering from
  bool current_ = false;       ///< and an entry may be built on it
  std::int64_t retry_at_ms_ = 0;
  std::deque<change> waiting_;
  entry in_flight_;
  access_watches watches_;
};

admin_realm_actor::behavior_type
admin_realm(admin_realm_actor::stateful_pointer<admin_realm_state> self,
            admin_realm_context context);

} // namespace ros::actors
