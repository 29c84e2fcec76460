// A server's HTTP side for tests: real sockets on free ports, real actors, a clock
// that the test moves. Sync connections end in a stand-in.
#pragma once

#include "held_shard_log.hpp"

#include "actors/auth_start.hpp"
#include "actors/http_routes.hpp"
#include "support/actor_world.hpp"
#include "support/http_client.hpp"
#include "support/scratch_directory.hpp"
#include "support/test_keys.hpp"

#include <boost/json/serialize.hpp>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <optional>
#include <string>

namespace ros::test {

/// Answers each upgrade with status 418, so that a test sees who got it.
inline actors::sync_service_actor::behavior_type
stand_in_sync_service(actors::sync_service_actor::pointer) {
  return {
      [](actors::upgrade_request& x) {
        x.offer.reject({418, {}, "sync service"});
      },
      [](const actors::connection_actor&) {},
      [](actors::ready_atom) {},
      [](actors::idle_atom) {},
      [](actors::list_atom) { return std::uint64_t{0}; },
      [](actors::stop_atom) { return true; },
  };
}

/// Knows two Realms, one of them quarantined until it is released.
inline actors::realm_registry_actor::behavior_type stand_in_registry(
    actors::realm_registry_actor::stateful_pointer<std::vector<actors::realm_status>> self) {
  self->state = {{"/good", actors::realm_condition::open, ""},
                 {"/a/bad", actors::realm_condition::quarantined, "version 3 is damaged"}};
  return {
      [](const actors::open_realm&) -> caf::result<actors::realm_actor> {
        return caf::sec::invalid_argument;
      },
      [](actors::forget_atom, const std::string&, std::uint64_t) { return true; },
      [](actors::idle_atom) {},
      [](actors::failed_atom, const std::string&) {},
      [self](actors::restore_atom, const std::string& path) {
        return std::erase_if(self->state, [&](const actors::realm_status& x) {
                 return x.path == path && x.condition == actors::realm_condition::quarantined;
               }) > 0;
      },
      [self](actors::list_atom) { return self->state; },
      [](actors::release_atom, const std::string&) {},
      [](actors::stop_atom) { return true; },
  };
}

class http_world {
public:
  /// `change` adjusts the configuration before anything starts.
  explicit http_world(const std::function<void(config::configuration&)>& change = {}) {
    configuration.auth.password.argon2_passes = 1;
    configuration.auth.password.argon2_memory = 8192;
    configuration.app_services.partition_default = "write";
    if (change)
      change(configuration);
    services = actors::start_auth(
        system, configuration,
        {test::signing_keys(), log.spawn(system), database.get(), &clock, &random});
    registry = system.spawn(stand_in_registry);
    actors::http_context context{services.auth,
                                 services.admin_realm,
                                 &random,
                                 actors::make_http_options(configuration, "1.2.3", {}),
                                 registry,
                                 services.hash_pool,
                                 services.account_mail,
                                 services.outside.functions};
    http = system.spawn(actors::http_service, std::move(context));
    sync = system.spawn(stand_in_sync_service);
    front = listen(actors::listener_role::everything);
    sync_listener = listen(actors::listener_role::sync);
    set_ready();
  }
  ~http_world() {
    pool.stop();
    for (const auto& proxy : proxies)
      caf::anon_send_exit(proxy, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(http, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(sync, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(registry, caf::exit_reason::user_shutdown);
    actors::stop_auth(services);
    log.stop();
  }

  void set_ready() { caf::anon_send(http, actors::ready_atom_v); }
  void set_unready() {
    caf::scoped_actor self{system};
    self->request(http, caf::infinite, actors::stop_atom_v)
        .receive([](bool) {}, [](caf::error&) {});
  }
  test::http_client client() { return test::http_client{front->port()}; }

  /// One request on a connection of its own.
  test::http_answer get(std::string_view target, test::header_list headers = {}) {
    return client().get(target, std::move(headers));
  }
  test::http_answer post(std::string_view target, const boost::json::value& body,
                         test::header_list headers = {}) {
    return client().post(target, boost::json::serialize(body), std::move(headers));
  }
  test::http_answer send(std::string_view method, std::string_view target,
                         test::header_list headers = {}, std::string_view body = {}) {
    return client().send(method, target, std::move(headers), body);
  }

  config::configuration configuration;
  manual_clock clock;
  seeded_random random;
  test::scratch_directory root;
  std::unique_ptr<storage::database> database =
      storage::database::open(root.path(), {.fsync = false}).value();
  held_shard_log log{*database};
  runtime::io_pool pool{1};

private:
  struct settings : caf::actor_system_config {
    settings() {
      set("scheduler.max-threads", std::size_t{2});
      set("logger.console-verbosity", caf::atom("quiet"));
      add_message_types<caf::id_block::ros_sync_atoms>();
      add_message_types<caf::id_block::ros_sync>();
      add_message_types<caf::id_block::ros_realm_data>();
      add_message_types<caf::id_block::ros_auth>();
      add_message_types<caf::id_block::ros_admin>();
      add_message_types<caf::id_block::ros_web>();
      add_message_types<caf::id_block::ros_cluster>();
    }
  };

  std::unique_ptr<runtime::http_listener> listen(actors::listener_role role) {
    auto options = actors::make_proxy_options(configuration, role, {});
    auto proxy = system.spawn(actors::proxy, http, sync, options);
    proxies.push_back(proxy);
    runtime::listener_handlers handlers;
    handlers.on_request = [proxy](runtime::http_exchange x) {
      caf::anon_send(proxy, actors::plain_request{std::move(x)});
    };
    handlers.on_upgrade = [proxy](runtime::websocket_offer x) {
      caf::anon_send(proxy, actors::upgrade_request{std::move(x)});
    };
    handlers.body_limit = actors::body_limit;
    std::string problem;
    auto listener = runtime::listen(pool, "127.0.0.1", 0, std::move(handlers), {}, problem);
    EXPECT_EQ(problem, "");
    return listener;
  }

  settings settings_;

public:
  caf::actor_system system{settings_};
  actors::auth_services services;
  actors::realm_registry_actor registry;
  actors::http_service_actor http;
  actors::sync_service_actor sync;
  std::vector<actors::proxy_actor> proxies;
  std::unique_ptr<runtime::http_listener> front;         ///< like 9080 and 27080
  std::unique_ptr<runtime::http_listener> sync_listener; ///< like 27800
};

} // namespace ros::test
