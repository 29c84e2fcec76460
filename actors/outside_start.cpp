#include "outside_start.hpp"

#include "jwt_judge.hpp"
#include "mailer.hpp"
#include "outside_provider.hpp"
#include "web_pool.hpp"

#include "runtime/log.hpp"

#include <boost/json/parse.hpp>

#include <fstream>
#include <iterator>

namespace ros::actors {

namespace {

using judge_maker = std::function<std::unique_ptr<judge>(judge_means)>;

/// The files were checked with the configuration; one that went away since is empty.
std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// `base`, or the provider's own; without a slash at the end.
std::string base_of(std::string base, const char* own) {
  while (base.ends_with('/'))
    base.pop_back();
  return base.empty() ? own : base;
}

judge_maker make_google(const config::google_provider& x) {
  google_rules rules{x.client_ids, x.client_secret};
  if (!x.api_base_url.empty()) {
    rules.token_info_url = base_of(x.api_base_url, "") + "/oauth2/v3/tokeninfo";
    rules.token_url = base_of(x.api_base_url, "") + "/token";
  }
  return [rules](judge_means means) { return google_judge(std::move(means), rules); };
}

judge_maker make_facebook(const config::facebook_provider& x) {
  facebook_rules rules{x.app_id, x.app_secret};
  rules.graph_url = base_of(x.api_base_url, "https://graph.facebook.com");
  return [rules](judge_means means) { return facebook_judge(std::move(means), rules); };
}

judge_maker make_cloudkit(const config::cloudkit_provider& x) {
  cloudkit_rules rules{x.key_id, read_file(x.private_key_path), x.container, x.environment,
                       base_of(x.api_base_url, "https://api.apple-cloudkit.com")};
  return [rules](judge_means means) { return cloudkit_judge(std::move(means), rules); };
}

judge_maker make_azuread(const config::azuread_provider& x) {
  jwt_rules rules{.issuer = "https://sts.windows.net/" + x.tenant_id + '/',
                  .audiences = x.audiences,
                  .must_expire = true,
                  .id_fields = {"unique_name", "oid"},
                  .required = {{"tid", boost::json::string(x.tenant_id)}}};
  const auto base = base_of(x.api_base_url, "https://login.microsoftonline.com");
  jwk_set_location where{base + '/' + x.tenant_id + "/.well-known/openid-configuration", true,
                         "azuread"};
  return [rules, where](judge_means means) {
    return jwt_judge(means, rules, keys_on_web(means, where));
  };
}

judge_maker make_apple(const config::apple_provider& x) {
  jwt_rules rules{.issuer = "https://appleid.apple.com",
                  .audiences = x.client_ids,
                  .must_expire = true,
                  .id_fields = {"sub"}};
  jwk_set_location where{base_of(x.api_base_url, "https://appleid.apple.com") + "/auth/keys", false,
                         "apple"};
  return [rules, where](judge_means means) {
    return jwt_judge(means, rules, keys_on_web(means, where));
  };
}

boost::json::value parse_scalar(const std::string& text) {
  boost::system::error_code failed;
  auto value = boost::json::parse(text, failed);
  return failed ? boost::json::value(nullptr) : value;
}

jwt_rules jwt_rules_of(const config::jwt_provider& x) {
  jwt_rules rules{.issuer = x.issuer,
                  .audiences = x.audiences,
                  .id_fields = {x.user_id_field},
                  .admin_field = x.is_admin_field,
                  .admin_value = parse_scalar(x.is_admin_value),
                  .owns_user_ids = true};
  for (const auto& [name, value] : x.required_attributes)
    rules.required.emplace(name, parse_scalar(value));
  for (const auto& character : x.escaped_characters)
    rules.escaped_characters += character;
  return rules;
}

judge_maker make_jwt(const config::jwt_provider& x) {
  const auto rules = jwt_rules_of(x);
  if (!x.jwks_url.empty())
    return [rules, where = jwk_set_location{x.jwks_url, false, "jwt"}](judge_means means) {
      return jwt_judge(means, rules, keys_on_web(means, where));
    };
  const auto key = !x.secret.empty()
                       ? runtime::jwt_key::from_secret(x.secret)
                       : runtime::jwt_key::from_pem(
                             x.public_key.empty() ? read_file(x.public_key_path) : x.public_key);
  jwk_source::keys keys;
  if (key)
    keys.push_back(*key);
  else
    log::error("auth: provider jwt lets nobody in: {}", key.error().message);
  return [rules, keys](judge_means means) {
    return jwt_judge(std::move(means), rules, fixed_keys(keys));
  };
}

judge_maker make_custom(const std::string& name, const config::webhook_section& x) {
  webhook_rules rules{name, x.url, x.secret};
  return [rules](judge_means means) { return webhook_judge(std::move(means), rules); };
}

/// What the configuration switches on, by stanza.
std::vector<std::pair<std::string, judge_maker>> wanted_providers(const config::auth_section& x) {
  std::vector<std::pair<std::string, judge_maker>> out;
  if (x.google.enabled)
    out.emplace_back("google", make_google(x.google));
  if (x.facebook.enabled)
    out.emplace_back("facebook", make_facebook(x.facebook));
  if (x.cloudkit.enabled)
    out.emplace_back("cloudkit", make_cloudkit(x.cloudkit));
  if (x.azuread.enabled)
    out.emplace_back("azuread", make_azuread(x.azuread));
  if (x.jwt.enabled)
    out.emplace_back("jwt", make_jwt(x.jwt));
  if (x.apple.enabled)
    out.emplace_back("apple", make_apple(x.apple));
  for (const auto& [name, hook] : x.custom)
    out.emplace_back("custom/" + name, make_custom("custom/" + name, hook));
  return out;
}

mail_template template_of(mail_template form, const config::mail_template& x) {
  if (!x.subject.empty())
    form.subject = x.subject;
  if (!x.text_path.empty())
    form.text = read_file(x.text_path);
  if (!x.html_path.empty())
    form.html = read_file(x.html_path);
  return form;
}

runtime::mail_server server_of(const config::mail_section& x) {
  using runtime::mail_security;
  const auto security = x.tls == "tls"    ? mail_security::tls
                        : x.tls == "none" ? mail_security::none
                                          : mail_security::starttls;
  const std::uint16_t usual = x.tls == "tls" ? 465 : x.tls == "none" ? 25 : 587;
  return {x.host, x.port == 0 ? usual : static_cast<std::uint16_t>(x.port), security, x.username,
          x.password};
}

mailer_actor start_mailer(caf::actor_system& system, const config::configuration& configuration,
                          const outside_resources& resources,
                          const runtime::web_client_options& client) {
  const auto& section = configuration.mail;
  mailer_context context;
  context.spawn_worker = [&system, client, server = server_of(section), from = section.from,
                          stop = resources.stop] {
    return system.spawn<caf::detached>(mail_worker, client, server, from, stop);
  };
  context.clock = resources.clock;
  context.random = resources.random;
  context.from = section.from;
  context.base_url = base_of(section.base_url, "");
  if (context.base_url.empty())
    context.base_url = base_of(configuration.app_services.public_url, "");
  context.reset = template_of(reset_template(), section.reset);
  context.confirm = template_of(confirm_template(), section.confirm);
  return system.spawn(mailer, std::move(context));
}

} // namespace

outside_services start_outside(caf::actor_system& system,
                               const config::configuration& configuration,
                               const outside_resources& resources) {
  outside_services result;
  runtime::web_client_options client;
  client.ca_path = configuration.network.outgoing_ca_path;
  if (!configuration.mail.host.empty())
    result.mailer = start_mailer(system, configuration, resources, client);
  const auto start_pool = [&] {
    return system.spawn(
        web_pool, web_pool_options{},
        [&system, client, stop = resources.stop] {
          return system.spawn<caf::detached>(web_worker, client, stop);
        },
        resources.clock);
  };
  if (!configuration.app_services.functions.empty())
    result.functions = start_pool();
  auto wanted = wanted_providers(configuration.auth);
  if (!wanted.empty())
    result.web = start_pool();
  for (auto& [name, make_judge] : wanted)
    result.providers.emplace_back(
        name, system.spawn(outside_provider,
                           outside_provider_context{name, resources.admin_realm, result.web,
                                                    resources.clock, std::move(make_judge)}));
  return result;
}

void enter_providers(const outside_services& services, provider_map& legacy, provider_map& apps) {
  for (const auto& [name, provider] : services.providers) {
    legacy.emplace(name, provider);
    if (name == "cloudkit") {
      legacy.emplace("icloud", provider);
      legacy.emplace("iCloud", provider);
    }
    // Those that SDKs have names for (http-api.md 9.3).
    if (name == "google" || name == "facebook" || name == "apple" || name == "jwt" ||
        name == "custom/function")
      apps.emplace(name, provider);
  }
}

} // namespace ros::actors
