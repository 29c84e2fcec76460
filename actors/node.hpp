// The NODE: starts every actor of the process in order, opens the listeners, watches
// its children and shuts down in reverse (operations.md 4). One per process,
// owned by main.
#pragma once

#include "actors.hpp"
#include "auth_actors.hpp"
#include "http_actors.hpp"
#include "web_worker.hpp"

#include "cluster/log_writer.hpp"
#include "config/configuration.hpp"
#include "runtime/clock.hpp"
#include "runtime/memory.hpp"
#include "runtime/net.hpp"
#include "runtime/tokens.hpp"
#include "storage/database.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ros::actors {

/// What the node stands on. Everything outlives the actor system.
struct node_context {
  config::configuration settings;
  std::optional<runtime::key_pair> keys;
  storage::database* db = nullptr;
  runtime::clock* clock = nullptr;
  runtime::random_source* random = nullptr;
  runtime::io_pool* io = nullptr;
  std::string version; ///< of the program
  runtime::memory_shares memory = runtime::divide_memory(0, 1u << 30, 256u << 20);
};

/// Ports in use; 0 = that listener is off.
struct bound_ports {
  std::uint16_t proxy_http = 0;
  std::uint16_t proxy_https = 0;
  std::uint16_t http = 0;
  std::uint16_t sync = 0;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, bound_ports& x) {
  return f(caf::meta::type_name("bound_ports"), x.proxy_http, x.proxy_https, x.http, x.sync);
}

/// The NODE actor.
using node_actor = caf::typed_actor<
    /// Opens the listeners and lets clients in. Fails with ec::unavailable and a
    /// sentence for the operator if an address cannot be listened on.
    caf::replies_to<ready_atom>::with<bound_ports>,
    /// Stops accepting, ends connections and Realms, then itself. Answers before it ends.
    caf::replies_to<stop_atom>::with<bool>,
    /// Reads certificate and key of the HTTPS proxy again; connections go on. What cannot
    /// be used is logged and changes nothing.
    caf::reacts_to<restore_atom>>;

struct node_state {
  static inline const char* name = "node";

  node_context context;
  directory_actor directory;
  cluster::log_writer_actor log;
  admin_realm_actor admin_realm;
  hash_pool_actor hash_pool;
  account_mail_actor account_mail;
  web_pool_actor functions; ///< none if there are none
  auth_actor auth;
  realm_registry_actor registry;
  sync_service_actor sync_service;
  http_service_actor http_service;
  std::shared_ptr<runtime::byte_budget> uploads;  ///< received and not integrated yet
  std::shared_ptr<runtime::byte_budget> outgoing; ///< queued for sending
  std::shared_ptr<std::atomic<bool>> stop_compacting = std::make_shared<std::atomic<bool>>(false);
  stop_flag stop_web = std::make_shared<std::atomic<bool>>(false);
  std::vector<std::unique_ptr<runtime::http_listener>> listeners;
  runtime::http_listener* https = nullptr; ///< one of them, or null
  /// Every child by address, with its name; in order of starting.
  std::vector<std::pair<caf::actor, std::string>> children;
  bool stopping = false;
};

node_actor::behavior_type node(node_actor::stateful_pointer<node_state> self,
                               std::shared_ptr<node_context> context);

} // namespace ros::actors

CAF_BEGIN_TYPE_ID_BLOCK(ros_node, caf::first_custom_type_id + 340)
CAF_ADD_TYPE_ID(ros_node, (ros::actors::bound_ports))
CAF_ADD_TYPE_ID(ros_node, (ros::actors::node_actor))
CAF_END_TYPE_ID_BLOCK(ros_node)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<ros::actors::node_context>)
