// The COMPACTOR: reads whole histories, so that no Realm has to (sync-protocol.md 5.2). One
// per node, detached: one Realm after the other, while their REALM actors go on. It writes
// nothing; what it finds out travels in the Realms' own log entries.
#pragma once

#include "actors.hpp"
#include "history_upkeep.hpp"

#include "storage/database.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <utility>

namespace ros::actors {

/// Look at the client files of a Realm. Files last seen before `expiry_limit`, in Unix
/// milliseconds, have been away for too long; 0: nobody has.
struct survey_clients {
  std::uint32_t shard = 0;
  std::uint64_t realm_id = 0;
  std::int64_t expiry_limit = 0;
};

/// Work out what entries up to the horizon become.
struct rewrite_history {
  std::uint32_t shard = 0;
  std::uint64_t realm_id = 0;
  sync::version_type horizon = 0;
};
struct rewritten_history {
  std::shared_ptr<const storage::rewriting> outcome;
};

/// A compaction of this Realm has taken away about so many bytes.
struct reclaim_space {
  std::uint32_t shard = 0;
  std::uint64_t realm_id = 0;
  std::uint64_t bytes = 0;
};

using compactor_actor = caf::typed_actor<
    /// Answers with the horizon and the files that stayed away, or ec::unavailable.
    caf::replies_to<survey_clients>::with<client_survey>,
    /// Answers with the rewriting, or ec::unavailable if history cannot be read or the
    /// node shuts down.
    caf::replies_to<rewrite_history>::with<rewritten_history>,
    /// Gives disk space back once it is worth it.
    caf::reacts_to<reclaim_space>,
    /// INTERNAL: opens Realms with garbage that nobody uses, so that they compact.
    caf::reacts_to<upkeep_atom>>;

struct compactor_options {
  storage::database* db = nullptr;
  realm_registry_actor registry;
  directory_actor directory;
  std::chrono::milliseconds sweep_interval{0}; ///< 0 = no sweeps
  history_limits limits;
  std::uint64_t reclaim_bytes = 64u << 20;                ///< taken away before space is reclaimed
  std::size_t memory_bytes = 64u << 20;                   ///< for one compaction
  std::size_t part_bytes = storage::rewriting_part_bytes; ///< of what an entry takes of it
  /// Set when the node shuts down: long work ends early.
  std::shared_ptr<std::atomic<bool>> stopping = std::make_shared<std::atomic<bool>>(false);
};

struct compactor_state {
  static inline const char* name = "compactor";

  compactor_options options;
  std::uint64_t freed = 0;                                 ///< and not reclaimed yet
  std::set<std::pair<std::uint32_t, std::uint64_t>> dirty; ///< Realms it was freed in
  std::pair<std::uint32_t, std::uint64_t> swept;           ///< the sweep goes on behind it
};

compactor_actor::behavior_type compactor(compactor_actor::stateful_pointer<compactor_state> self,
                                         compactor_options options);

} // namespace ros::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::survey_clients)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::client_survey)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::rewrite_history)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::rewritten_history)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::reclaim_space)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::compactor_options)
