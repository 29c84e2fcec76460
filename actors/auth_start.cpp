#include "auth_start.hpp"

#include "account_mail.hpp"
#include "admin_realm.hpp"
#include "anonymous_provider.hpp"
#include "api_key_provider.hpp"
#include "hash_pool.hpp"
#include "hash_worker.hpp"
#include "name_provider.hpp"
#include "password_provider.hpp"

#include "runtime/log.hpp"
#include "storage/admin_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <array>

namespace ros::actors {

namespace {

rights to_rights(const std::string& level) {
  return rights_of(parse_access_level(level).value_or(access_level::none));
}

admin_realm_context make_admin_context(const config::configuration& configuration,
                                       const auth_resources& x) {
  admin_realm_context context;
  context.log = x.log;
  context.load = [database = x.database](const storage::admin_row_visitor& visit) {
    return storage::visit_admin_rows(*database, visit, first_audit_key);
  };
  context.read_audit = [database = x.database](const std::string& end, const auto& visit) {
    return storage::visit_admin_rows_backwards(*database, first_audit_key, end, visit);
  };
  context.clock = x.clock;
  context.random = x.random;
  auto& options = context.options;
  options.partition_default = to_rights(configuration.app_services.partition_default);
  options.additive = configuration.auth.permissions_mode == "additive";
  options.keep_realms_of_deleted_users = configuration.storage.keep_realms_of_deleted_users;
  return context;
}

runtime::password_cost make_cost(const config::password_provider& section) {
  return {static_cast<unsigned>(section.argon2_passes),
          static_cast<std::size_t>(section.argon2_memory)};
}

password_provider_options make_password_options(const config::configuration& configuration) {
  const auto& section = configuration.auth.password;
  return {section.auto_register, section.reveal_unknown_accounts, section.max_attempts_per_minute,
          configuration.app_services.confirm == "email"};
}

token_options make_token_options(const config::configuration& configuration,
                                 const storage::database& database) {
  return {database.node_id(), configuration.app_services.access_token_ttl_s,
          configuration.app_services.refresh_token_ttl_s, configuration.auth.refresh_token_ttl_s,
          configuration.auth.access_token_ttl_s};
}

/// The listeners' addresses with these ports, as clients on this host write them.
std::vector<std::string> own_hosts(const config::configuration& configuration,
                                   const std::vector<std::uint16_t>& ports) {
  std::vector<std::string> hosts;
  for (const auto& address :
       {std::string{"localhost"}, std::string{"127.0.0.1"}, std::string{"[::1]"},
        configuration.proxy.http.address, configuration.proxy.https.address,
        configuration.network.http.listen.address, configuration.network.sync.listen.address}) {
    hosts.push_back(address);
    for (auto port : ports)
      hosts.push_back(address + ':' + std::to_string(port));
  }
  return hosts;
}

/// "https://server.example/x" -> "server.example"
std::string authority_of(const std::string& url) {
  auto scheme = url.find("://");
  if (scheme == std::string::npos)
    return {};
  auto rest = url.substr(scheme + 3);
  return rest.substr(0, rest.find('/'));
}

} // namespace

auth_services start_auth(caf::actor_system& system, const config::configuration& configuration,
                         const auth_resources& resources) {
  auth_services result;
  const auto& section = configuration.auth;
  result.admin_realm = system.spawn(admin_realm, make_admin_context(configuration, resources));
  auto cost = make_cost(section.password);
  hash_pool_options pool;
  pool.workers = static_cast<unsigned>(configuration.performance.password_workers);
  result.hash_pool = system.spawn(
      hash_pool, pool, [&system, cost] { return system.spawn<caf::detached>(hash_worker, cost); });
  result.password =
      system.spawn(password_provider,
                   password_provider_context{result.admin_realm, result.hash_pool, resources.clock,
                                             make_password_options(configuration)});
  result.anonymous = system.spawn(anonymous_provider, result.admin_realm);
  result.api_key = system.spawn(api_key_provider, result.admin_realm);
  result.outside =
      start_outside(system, configuration,
                    {result.admin_realm, resources.clock, resources.random, resources.stop});
  result.account_mail = system.spawn(
      account_mail,
      account_mail_context{result.admin_realm, result.hash_pool, result.outside.mailer,
                           resources.clock, resources.random, section.password.revoke_on_change});
  auth_context context;
  context.admin_realm = result.admin_realm;
  context.legacy_providers = {{"password", result.password}};
  context.app_providers = {{"password", result.password}, {"api-key", result.api_key}};
  if (section.anonymous)
    context.legacy_providers.emplace("anonymous", result.anonymous);
  for (const auto& [name, is_on] :
       {std::pair{"nickname", section.nickname}, std::pair{"debug", section.debug}})
    if (is_on) {
      log::warn("auth lets in whoever says a name: provider {} is switched on", name);
      result.by_name.push_back(system.spawn(name_provider, std::string{name}, result.admin_realm));
      context.legacy_providers.emplace(name, result.by_name.back());
    }
  if (configuration.app_services.anonymous)
    context.app_providers.emplace("anonymous", result.anonymous);
  enter_providers(result.outside, context.legacy_providers, context.app_providers);
  context.keys = resources.keys;
  context.clock = resources.clock;
  context.random = resources.random;
  context.tokens = make_token_options(configuration, *resources.database);
  result.auth = system.spawn(auth, std::move(context));
  return result;
}

void stop_auth(const auth_services& services) {
  auto stop = [](const auto& actor) {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  };
  stop(services.auth);
  stop(services.password);
  stop(services.anonymous);
  stop(services.api_key);
  for (const auto& provider : services.by_name)
    stop(provider);
  stop(services.account_mail);
  for (const auto& [name, provider] : services.outside.providers)
    stop(provider);
  if (services.outside.web)
    stop(services.outside.web);
  if (services.outside.functions)
    stop(services.outside.functions);
  if (services.outside.mailer)
    stop(services.outside.mailer);
  stop(services.hash_pool);
  stop(services.admin_realm);
}

http_options make_http_options(const config::configuration& configuration, std::string version,
                               const std::vector<std::uint16_t>& ports) {
  http_options options;
  options.version = std::move(version);
  options.app_services = configuration.app_services.enable;
  options.public_url = configuration.app_services.public_url;
  options.app_ids = configuration.app_services.app_ids;
  options.confirm_by_mail = configuration.app_services.confirm == "email";
  options.functions = configuration.app_services.functions;
  options.reset_function = configuration.app_services.reset_function;
  options.redirect_origins = configuration.mail.redirect_origins;
  options.cors_origins = configuration.network.cors_origins;
  options.authorization_headers = configuration.auth.authorization_header_names;
  options.sync_hosts = configuration.auth.sync_hosts;
  options.own_hosts = own_hosts(configuration, ports);
  options.sync_route_prefix = configuration.network.sync_route_prefix;
  options.allow_self_delete = configuration.auth.allow_self_delete;
  options.allow_owner_delete = configuration.storage.allow_owner_delete;
  options.revoke_on_password_change = configuration.auth.password.revoke_on_change;
  return options;
}

proxy_options make_proxy_options(const config::configuration& configuration, listener_role role,
                                 const std::vector<std::uint16_t>& ports) {
  proxy_options options;
  options.role = role;
  options.trusted_proxies = configuration.proxy.trusted_proxies;
  options.sync_route_prefix = configuration.network.sync_route_prefix;
  options.own_hosts = own_hosts(configuration, ports);
  const auto& named = configuration.auth.sync_hosts;
  options.own_hosts.insert(options.own_hosts.end(), named.begin(), named.end());
  if (auto host = authority_of(configuration.app_services.public_url); !host.empty())
    options.own_hosts.push_back(std::move(host));
  return options;
}

} // namespace ros::actors
