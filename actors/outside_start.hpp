// From the configuration to the actors that speak to servers of others: the WEB POOL, the
// OUTSIDE PROVIDERs and the MAILER (operations.md 2.4, 2.6). Used by auth_start.
#pragma once

#include "auth.hpp"
#include "outside_judges.hpp"
#include "web_actors.hpp"
#include "web_worker.hpp"

#include "config/configuration.hpp"
#include "runtime/clock.hpp"

#include <caf/actor_system.hpp>

#include <string>
#include <utility>
#include <vector>

namespace ros::actors {

struct outside_resources {
  admin_realm_actor admin_realm;
  runtime::clock* clock = nullptr; ///< all of these outlive the actors
  runtime::random_source* random = nullptr;
  stop_flag stop;
};

struct outside_services {
  web_pool_actor web;       ///< for providers; none if there are none
  web_pool_actor functions; ///< for functions, which may be slow; none if there are none
  mailer_actor mailer;      ///< none if no mail server is configured
  std::vector<std::pair<std::string, auth_provider_actor>> providers; ///< by stanza
};

outside_services start_outside(caf::actor_system& system,
                               const config::configuration& configuration,
                               const outside_resources& resources);

/// Enters the providers into AUTH's tables under the names that clients use.
void enter_providers(const outside_services& services, provider_map& legacy, provider_map& apps);

} // namespace ros::actors
