// From the configuration to running actors of log-in, administration and HTTP: which
// key of operations.md 2 sets what. Used by the node.
#pragma once

#include "auth.hpp"
#include "http_service.hpp"
#include "outside_start.hpp"
#include "proxy.hpp"

#include "cluster/shard_log.hpp"
#include "config/configuration.hpp"
#include "storage/database.hpp"

#include <caf/actor_system.hpp>

#include <string>

namespace ros::actors {

/// What log-in stands on. Everything outlives the actors.
struct auth_resources {
  runtime::key_pair keys; ///< must be able to sign
  cluster::shard_log_actor log;
  storage::database* database = nullptr;
  runtime::clock* clock = nullptr;
  runtime::random_source* random = nullptr;
  stop_flag stop{}; ///< set when the node stops
};

struct auth_services {
  admin_realm_actor admin_realm;
  hash_pool_actor hash_pool;
  auth_provider_actor password;
  auth_provider_actor anonymous;
  auth_provider_actor api_key;
  std::vector<auth_provider_actor> by_name{}; ///< those that the configuration switches on
  outside_services outside;
  account_mail_actor account_mail;
  auth_actor auth;
};

/// Starts them all. Questions wait until the users are loaded; if they cannot be read,
/// the answer to everything is ec::unavailable and the log says why.
auth_services start_auth(caf::actor_system& system, const config::configuration& configuration,
                         const auth_resources& resources);
/// Ends them, those first that use others.
void stop_auth(const auth_services& services);

/// `version`: of the server. The ports are those in use, for auth.sync_hosts' check.
http_options make_http_options(const config::configuration& configuration, std::string version,
                               const std::vector<std::uint16_t>& ports);
/// For a listener of this role; `ports` as above.
proxy_options make_proxy_options(const config::configuration& configuration, listener_role role,
                                 const std::vector<std::uint16_t>& ports);

} // namespace ros::actors
