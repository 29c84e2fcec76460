// The WEB WORKER and the MAIL WORKER: block on libcurl, on threads of their own. Owned by
// the WEB POOL and the MAILER. Spawn them detached.
#pragma once

#include "web_actors.hpp"

#include "runtime/web_client.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <memory>

namespace ros::actors {

/// Set when the node stops: exchanges under way then fail soon.
using stop_flag = std::shared_ptr<std::atomic<bool>>;

struct web_worker_state {
  static inline const char* name = "web_worker";
  std::unique_ptr<runtime::web_client> client;
};

web_worker_actor::behavior_type
web_worker(web_worker_actor::stateful_pointer<web_worker_state> self,
           const runtime::web_client_options& options, const stop_flag& stop);

struct mail_worker_state {
  static inline const char* name = "mail_worker";
  std::unique_ptr<runtime::web_client> client;
};

/// `from`: bare address.
mail_worker_actor::behavior_type
mail_worker(mail_worker_actor::stateful_pointer<mail_worker_state> self,
            const runtime::web_client_options& options, const runtime::mail_server& server,
            const std::string& from, const stop_flag& stop);

} // namespace ros::actors
