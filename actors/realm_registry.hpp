// The REALM REGISTRY of a node: canonical path -> realm actor. Starts realms on
// demand, lets idle ones go, keeps those closed that failed (quarantine: damage of one
// Realm is nobody else's business) and ends for good those that were deleted.
#pragma once

#include "actors.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace ros::actors {

/// Starts the actor of one Realm; an error if its stored data cannot be read.
using realm_spawner = std::function<realm_actor(const open_realm&)>;

struct realm_registry_state {
  static inline const char* name = "realm_registry";

  struct slot {
    realm_actor actor;
    std::uint64_t realm_id = 0;
    /// Set once the realm was told to stop: whoever asks now waits for its end
    /// and gets a fresh one, so that no two actors ever write one Realm.
    bool stopping = false;
    std::vector<std::pair<open_realm, caf::typed_response_promise<realm_actor>>> waiting;
    std::vector<caf::typed_response_promise<bool>> forgetting; ///< who deleted it
  };
  struct quarantine {
    std::string reason;
    std::uint64_t realm_id = 0;
  };
  std::unordered_map<std::string, slot> slots; ///< by path
  /// By path. Not stored: after a restart damage shows again by itself.
  std::map<std::string, quarantine> quarantined;
  /// Ids of Realms that were deleted, lately and before that: somebody who was let in
  /// before may still be on the way here, and must not begin to write where the data was.
  /// Ids are never used again.
  std::set<std::uint64_t> deleted, deleted_before;
  realm_spawner spawn_realm;
  bool closing = false;
  std::optional<caf::typed_response_promise<bool>> closed;
};

realm_registry_actor::behavior_type
realm_registry(realm_registry_actor::stateful_pointer<realm_registry_state> self,
               realm_spawner spawn_realm);

} // namespace ros::actors
