#include "node_services.hpp"

#include "admin_token.hpp"
#include "auth_start.hpp"
#include "compactor.hpp"
#include "directory.hpp"
#include "home_keeper.hpp"
#include "http_routes.hpp"
#include "http_service.hpp"
#include "proxy.hpp"
#include "realm.hpp"
#include "realm_registry.hpp"
#include "realm_remover.hpp"
#include "sync_service.hpp"

#include "runtime/log.hpp"
#include "runtime/tls.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace ros::actors {

namespace {

using self_pointer = node_actor::stateful_pointer<node_state>;

/// Watches a child and enters it into the directory.
template <class Handle>
Handle adopt(self_pointer self, Handle child, std::string name, std::string kind) {
  self->monitor(child);
  self->state.children.emplace_back(caf::actor_cast<caf::actor>(child), name);
  if (auto& directory = self->state.directory)
    caf::send_as(caf::actor_cast<caf::actor>(child), directory,
                 actor_record{std::move(name), std::move(kind), "node"});
  return child;
}

template <class Handle>
Handle adopt(self_pointer self, Handle child, const std::string& name) {
  return adopt(self, std::move(child), name, name);
}

// -- log-in and administration ------------------------------------------------------

void start_log_in(self_pointer self) {
  auto& state = self->state;
  ensure_admin_token(state.context.settings.auth.admin_token_path, *state.context.keys);
  auto started = start_auth(self->system(), state.context.settings,
                            {.keys = *state.context.keys,
                             .log = state.log,
                             .database = state.context.db,
                             .clock = state.context.clock,
                             .random = state.context.random,
                             .stop = state.stop_web});
  state.admin_realm = adopt(self, started.admin_realm, "admin_realm");
  state.hash_pool = adopt(self, started.hash_pool, "hash_pool");
  adopt(self, started.password, "password_provider", "auth_provider");
  adopt(self, started.anonymous, "anonymous_provider", "auth_provider");
  adopt(self, started.api_key, "api_key_provider", "auth_provider");
  for (const auto& provider : started.by_name)
    adopt(self, provider, "name_provider", "auth_provider");
  if (started.outside.web)
    adopt(self, started.outside.web, "web_pool");
  if (started.outside.functions)
    state.functions = adopt(self, started.outside.functions, "function_pool", "web_pool");
  if (started.outside.mailer)
    adopt(self, started.outside.mailer, "mailer");
  for (const auto& [name, provider] : started.outside.providers)
    adopt(self, provider, name + "_provider", "auth_provider");
  state.account_mail = adopt(self, started.account_mail, "account_mail");
  state.auth = adopt(self, started.auth, "auth");
}

// -- sync ---------------------------------------------------------------------------

history_limits history_limits_of(const config::configuration& settings) {
  history_limits limits;
  limits.ttl_ms = settings.sync.history_ttl_s * 1000;
  return limits;
}

/// For the caches of all open Realms together. They save reading and parsing what was
/// uploaded a moment ago; more of it helps only long merges.
constexpr std::size_t realm_cache_bytes = 64u << 20;

/// An upload beyond this is not integrated on a scheduler thread: parsing its two-byte
/// instructions alone would take it for 20 ms.
constexpr std::size_t big_upload_bytes = 256u << 10;

/// What the registry starts a Realm with.
realm_actor spawn_realm(caf::actor_system& system, const node_context& node,
                        const realm_dependencies& links, const open_realm& request,
                        const std::shared_ptr<cache_pool>& caches) {
  realm_limits limits;
  limits.caches = caches;
  limits.integration.allow_destructive_schema_changes =
      node.settings.sync.allow_destructive_schema_changes;
  limits.history = history_limits_of(node.settings);
  limits.integration.max_parsed_bytes = static_cast<std::size_t>(node.memory.one_upload);
  limits.queue_bytes = static_cast<std::size_t>(node.memory.uploads);
  limits.away_bytes = big_upload_bytes;
  realm_identity identity{request.path, request.realm_id, storage::shard_of(request.path)};
  auto writer = std::make_shared<std::unique_ptr<realm_writer>>(std::make_unique<realm_writer>(
      *node.db, std::move(identity), *node.clock, *node.random, limits));
  return system.spawn(realm, std::move(writer), links);
}

void start_registry(self_pointer self) {
  auto& state = self->state;
  // The registry lives as long as its spawner; the handle in it is filled in below.
  auto links = std::make_shared<realm_dependencies>();
  links->log = state.log;
  links->directory = state.directory;
  links->worker = adopt(self, self->spawn<caf::detached>(upload_worker), "upload_worker");
  const auto cache_bytes =
      std::min(realm_cache_bytes, static_cast<std::size_t>(state.context.memory.caches));
  auto keeper = adopt(
      self,
      self->spawn(home_keeper, home_keeper_links{state.admin_realm, state.context.clock,
                                                 state.context.settings.auth.hide_default_realms}),
      "home_keeper");
  auto spawner = [system = &self->system(), node = state.context, links, keeper,
                  caches = std::make_shared<cache_pool>(cache_bytes)](const open_realm& x) {
    auto started = spawn_realm(*system, node, *links, x, caches);
    caf::anon_send(keeper, realm_opened{x.path, started});
    return started;
  };
  state.registry =
      adopt(self, self->spawn(realm_registry, realm_spawner{spawner}), "realm_registry");
  links->registry = state.registry;
  auto remover =
      adopt(self,
            self->spawn<caf::detached>(
                realm_remover, realm_remover_links{state.context.db, state.log, state.registry}),
            "realm_remover");
  caf::anon_send(state.admin_realm, remover);
  const std::chrono::seconds interval{state.context.settings.storage.compaction_interval_s};
  if (interval.count() == 0)
    return;
  compactor_options options;
  options.db = state.context.db;
  options.registry = state.registry;
  options.directory = state.directory;
  options.sweep_interval = interval;
  options.limits = history_limits_of(state.context.settings);
  options.stopping = state.stop_compacting;
  links->compactor = adopt(self, self->spawn<caf::detached>(compactor, options), "compactor");
  links->upkeep_interval = interval;
}

sync_service_limits limits_of(const config::sync_section& settings) {
  sync_service_limits limits;
  limits.max_upload_size = static_cast<std::uint64_t>(settings.max_upload_size);
  limits.max_download_size = static_cast<std::uint64_t>(settings.max_download_size);
  limits.low_water = runtime::net_limits{}.low_water;
  return limits;
}

/// `text` is one of the three; the configuration was checked.
read_loss_reaction reaction_to_read_loss(const std::string& text) {
  if (text == "deny")
    return read_loss_reaction::deny;
  return text == "lazy" ? read_loss_reaction::lazy : read_loss_reaction::expire;
}

void start_sync_service(self_pointer self) {
  auto& state = self->state;
  const auto& settings = state.context.settings;
  state.uploads = std::make_shared<runtime::byte_budget>(state.context.memory.uploads);
  state.outgoing = std::make_shared<runtime::byte_budget>(state.context.memory.outgoing);
  auto context = std::make_shared<sync_service_context>();
  context->auth = state.auth;
  context->admin = state.admin_realm;
  context->registry = state.registry;
  context->directory = state.directory;
  context->random = state.context.random;
  context->clock = state.context.clock;
  context->limits = limits_of(settings.sync);
  context->on_read_loss = reaction_to_read_loss(settings.auth.permissions_on_read_loss);
  context->end_revoked_sessions = settings.auth.revocation_end_sessions;
  context->route_prefix = settings.network.sync_route_prefix;
  context->authorization_headers = settings.auth.authorization_header_names;
  context->backlog = state.uploads;
  context->outgoing = state.outgoing;
  state.sync_service =
      adopt(self, self->spawn(sync_service, sync_service_context_ptr{context}), "sync_service");
}

/// The ports as configured; those that the system chooses are not known yet.
std::vector<std::uint16_t> configured_ports(const config::configuration& settings) {
  return {settings.proxy.http.port, settings.proxy.https.port, settings.network.http.listen.port,
          settings.network.sync.listen.port};
}

void start_http_service(self_pointer self) {
  auto& state = self->state;
  const auto& settings = state.context.settings;
  http_context context;
  context.auth = state.auth;
  context.admin_realm = state.admin_realm;
  context.registry = state.registry;
  context.hash_pool = state.hash_pool;
  context.account_mail = state.account_mail;
  context.functions = state.functions;
  context.random = state.context.random;
  context.options = make_http_options(settings, state.context.version, configured_ports(settings));
  state.http_service = adopt(self, self->spawn(http_service, std::move(context)), "http_service");
}

// -- listeners ----------------------------------------------------------------------

/// Opens one listener with a PROXY of its own behind it; its port, or 0 on failure.
std::uint16_t open_listener(self_pointer self, const std::string& name, listener_role role,
                            const config::endpoint& where, std::string& problem,
                            runtime::tls_identity_ptr identity = nullptr) {
  auto& state = self->state;
  const auto& settings = state.context.settings;
  auto looks = make_proxy_options(settings, role, configured_ports(settings));
  looks.secure = identity != nullptr;
  auto first_look =
      adopt(self, self->spawn(proxy, state.http_service, state.sync_service, std::move(looks)),
            name, "proxy");
  runtime::listener_handlers handlers;
  handlers.on_request = [first_look](runtime::http_exchange x) {
    caf::anon_send(first_look, plain_request{std::move(x)});
  };
  handlers.on_upgrade = [first_look](runtime::websocket_offer x) {
    caf::anon_send(first_look, upgrade_request{std::move(x)});
  };
  handlers.body_limit = body_limit;
  runtime::net_limits limits;
  // A whole UPLOAD with its head has to fit in.
  limits.max_message = static_cast<std::size_t>(settings.sync.max_upload_size) + limits.max_head;
  limits.request_timeout_ms = static_cast<unsigned>(settings.network.http.request_timeout_s * 1000);
  limits.websocket_idle_timeout_ms =
      static_cast<unsigned>(settings.network.sync.idle_timeout_s * 1000);
  limits.inbound = state.uploads;
  limits.outgoing = state.outgoing;
  auto listener = runtime::listen(*state.context.io, where.address, where.port, std::move(handlers),
                                  limits, problem, std::move(identity));
  if (!listener)
    return 0;
  auto port = listener->port();
  log::info("{} listens on {} port {}", name, where.address, port);
  state.listeners.push_back(std::move(listener));
  return port;
}

runtime::tls_identity::result read_identity(const config::proxy_section& settings) {
  auto identity = runtime::tls_identity::from_files(settings.https_certificate_path,
                                                    settings.https_private_key_path);
  if (identity && (*identity)->is_self_signed() && !settings.https_allow_self_signed)
    return runtime::tls_error{runtime::tls_error::part::certificate,
                              settings.https_certificate_path + " is self-signed"};
  return identity;
}

std::uint16_t open_https(self_pointer self, std::string& problem) {
  const auto& settings = self->state.context.settings.proxy;
  auto identity = read_identity(settings);
  if (!identity) {
    problem = identity.error().message;
    return 0;
  }
  const auto port = open_listener(self, "https_listener", listener_role::everything, settings.https,
                                  problem, *identity);
  if (port != 0)
    self->state.https = self->state.listeners.back().get();
  return port;
}

} // namespace

void reload_certificate(self_pointer self) {
  auto& state = self->state;
  if (!state.https || state.stopping)
    return;
  const auto& settings = state.context.settings.proxy;
  if (auto identity = read_identity(settings)) {
    if ((*identity)->expires_s() * 1000 < state.context.clock->unix_ms())
      log::warn("node: the certificate in {} has expired", settings.https_certificate_path);
    log::info("node shows the certificate in {} from now on", settings.https_certificate_path);
    state.https->show(*identity);
  } else {
    log::error("node keeps the certificate it has: {}", identity.error().message);
  }
}

void start_services(self_pointer self) {
  auto& state = self->state;
  state.directory = adopt(self, self->spawn(directory), "directory");
  state.log = adopt(self,
                    self->spawn<caf::detached>(cluster::log_writer, state.context.db,
                                               state.context.clock, cluster::default_group_bytes),
                    "log_writer");
  start_log_in(self);
  start_registry(self);
  start_sync_service(self);
  start_http_service(self);
}

std::optional<bound_ports> open_listeners(self_pointer self, std::string& problem) {
  const auto& settings = self->state.context.settings;
  bound_ports ports;
  ports.sync = open_listener(self, "sync_listener", listener_role::sync,
                             settings.network.sync.listen, problem);
  if (ports.sync != 0)
    ports.http = open_listener(self, "http_listener", listener_role::everything,
                               settings.network.http.listen, problem);
  if (ports.http != 0 && settings.proxy.http_enable)
    ports.proxy_http = open_listener(self, "proxy_listener", listener_role::everything,
                                     settings.proxy.http, problem);
  if (problem.empty() && settings.proxy.https_enable)
    ports.proxy_https = open_https(self, problem);
  if (!problem.empty())
    return std::nullopt;
  return ports;
}

} // namespace ros::actors
