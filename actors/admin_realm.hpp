// The ADMIN REALM: the one writer of users, accounts, keys, the Realm directory,
// permissions and offers (access-control.md 4). Answers reads from memory; a change is planned on
// the durable state, written through the shard log and told only then.
#pragma once

#include "access_watches.hpp"
#include "admin_feed.hpp"
#include "admin_state.hpp"
#include "auth_actors.hpp"

#include "cluster/shard_log.hpp"
#include "runtime/clock.hpp"
#include "storage/admin_store.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace ros::actors {

/// Visits every stored row but the audit log's and answers with the sequence of the last
/// applied entry (storage/admin_store.hpp).
using admin_row_loader =
    std::function<storage::result<std::uint64_t>(const storage::admin_row_visitor& visit)>;
/// Visits rows of the audit log in front of the key `end`, newest first, until `visit`
/// answers false.
using audit_row_reader = std::function<storage::result<void>(
    const std::string& end,
    const std::function<bool(std::string_view key, std::string_view value)>& visit)>;

struct admin_realm_options {
  rights partition_default;       ///< see admin_rules
  std::size_t max_waiting = 4096; ///< changes that wait behind the entry in flight
  std::int64_t retry_ms = 500;    ///< how long changes are refused after log trouble
  bool additive = false;          ///< see admin_rules
  bool keep_realms_of_deleted_users = false;
  quota user_quota{};
  quota realm_quota{};
};

/// What the actor lives on. Everything outlives it.
struct admin_realm_context {
  cluster::shard_log_actor log;
  admin_row_loader load;
  runtime::clock* clock = nullptr;
  runtime::random_source* random = nullptr;
  admin_realm_options options;
  audit_row_reader read_audit{};
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
  /// Answers when the sender's rights change, see watch_realm.
  caf::result<rights> watch(const watch_realm& x);
  /// Answers when rows behind a sequence have changed.
  caf::result<admin_changes> follow(const follow_admin& x);
  caf::result<audit_page> audit(const list_audit& x);
  /// Watches the asking actor, to forget it when it ends.
  caf::actor_addr remember_sender();
  /// A watcher or follower has ended.
  void forget(const caf::actor_addr& who);
  /// Who removes the data of deleted Realms is there now.
  void set_remover(const realm_remover_actor& remover);
  /// The sequence of what content() shows.
  [[nodiscard]] std::uint64_t sequence() const noexcept { return sequence_; }
  [[nodiscard]] std::string random_id() const { return context_.random->hex(32); }

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
    std::vector<audit_note> notes;
  };

  bool load();
  bool usable();
  plan_inputs inputs(std::size_t new_realms) const;
  void commit();
  void committed();
  void failed(const caf::error& reason);
  void add_notes(entry& x) const;
  std::set<admin_row_name> apply(const std::vector<admin_row>& rows);
  void settle_watches(const std::set<admin_row_name>& changed, const entry& done);
  std::optional<caf::expected<bool>> access_news(const watch_access& x) const;
  std::optional<caf::expected<rights>> rights_news(const watch_realm& x) const;
  void remove_data();

  self_pointer self_;
  admin_realm_context context_;
  admin_state content_{no_rights};
  std::uint64_t sequence_ = 0; ///< of the last applied entry
  bool loaded_ = false;        ///< content_ is worth answering from
  bool current_ = false;       ///< and an entry may be built on it
  std::int64_t retry_at_ms_ = 0;
  std::deque<change> waiting_;
  entry in_flight_;
  access_watches access_watches_;
  realm_watches realm_watches_;
  admin_feed feed_;
  std::unordered_set<caf::actor_addr> monitored_; ///< who asked for news
  realm_remover_actor remover_;
  std::set<std::uint64_t> removing_; ///< deleted Realms that the remover was asked about
};

admin_realm_actor::behavior_type
admin_realm(admin_realm_actor::stateful_pointer<admin_realm_state> self,
            admin_realm_context context);

} // namespace ros::actors
