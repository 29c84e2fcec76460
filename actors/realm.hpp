// The REALM actor: one open Realm file (architecture.md 2). Carries the messages
// of a realm_writer: at most one log entry is in flight, what arrives meanwhile
// forms the next one.
#pragma once

#include "actors.hpp"
#include "compactor.hpp"
#include "realm_data_requests.hpp"
#include "realm_writer.hpp"
#include "upload_worker.hpp"

#include "cluster/shard_log.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ros::actors {

struct realm_dependencies {
  cluster::shard_log_actor log;
  realm_registry_actor registry;
  directory_actor directory;
  std::chrono::milliseconds idle_interval{60'000};      ///< between looks whether anybody uses it
  compactor_actor compactor = {};                       ///< null: history is not compacted
  std::chrono::milliseconds upkeep_interval{3'600'000}; ///< between looks at history
  upload_worker_actor worker = {}; ///< needed if the writer's limits send uploads away
};

struct realm_state {
  static inline const char* name = "realm";

  struct bound_session {
    session_actor session;
    std::uint64_t connection_id = 0;
    int protocol_version = 0;
  };
  struct waiting_attach {
    attach_session request;
    session_actor session;
    caf::typed_response_promise<session_attached> promise;
  };
  struct waiting_allocation {
    sync::salted_file_ident file;
    caf::typed_response_promise<sync::salted_file_ident> promise;
  };

  std::shared_ptr<realm_writer> writer; ///< also the worker's while it integrates
  realm_dependencies links;
  std::optional<std::string> broken; ///< why this Realm is quarantined
  std::unordered_map<sync::file_ident, bound_session> bound;
  std::unordered_map<caf::actor_addr, sync::file_ident> ident_of;
  std::vector<waiting_attach> attaches;        ///< while an entry is in flight
  std::vector<waiting_allocation> allocations; ///< for the next entry
  std::vector<waiting_allocation> allocations_in_entry;
  realm_data_requests data;
  bool in_flight = false; ///< an entry, or an upload at the worker
  bool scheduled = false; ///< a commit message is in the mailbox
  bool stopping = false;
  bool used = true;                 ///< since the last idle tick
  std::uint64_t surveyed_round = 0; ///< of upkeep, for which the survey was asked
};

/// Puts the next step behind everything that is in the mailbox now, so that
/// waiting uploads share one entry.
void schedule(realm_actor::stateful_pointer<realm_state> self);

realm_actor::behavior_type realm(realm_actor::stateful_pointer<realm_state> self,
                                 std::shared_ptr<std::unique_ptr<realm_writer>> writer,
                                 realm_dependencies links);

} // namespace ros::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<std::unique_ptr<ros::actors::realm_writer>>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::realm_dependencies)
