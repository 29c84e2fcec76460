// Rules on log-in providers of others, functions and mail (operations.md 2.7).
#include "checks.hpp"

#include "runtime/foreign_jwt.hpp"
#include "runtime/web_client.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace ros::config {

namespace {

/// Complains about a setting, or where it is missing about the section it belongs in.
void complain_near(load_result& r, const std::string& key, std::string reason) {
  if (is_refused(r, key))
    return;
  if (!r.places.contains(key)) {
    auto section = key.substr(0, key.rfind('.'));
    auto next = r.places.lower_bound(section);
    if (next != r.places.end() && next->first.starts_with(section)) {
      r.problems.push_back({severity::error, next->second, key, std::move(reason)});
      return;
    }
  }
  complain(r, severity::error, key, std::move(reason));
}

bool is_hex(const std::string& text) {
  return text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

/// Without what could lead into another part of a URL.
bool is_url_segment(const std::string& text) {
  return !text.empty() && text.find_first_of("/?#% \\") == std::string::npos;
}

void check_google(load_result& r) {
  const auto& p = r.value.auth.google;
  if (p.enabled && p.client_ids.empty())
    complain_near(r, "auth.providers.google.clientId", "is missing: it names the app");
}

void check_facebook(load_result& r) {
  const auto& p = r.value.auth.facebook;
  if (p.enabled && p.app_id.empty() != p.app_secret.empty())
    complain_near(
        r, std::string("auth.providers.facebook.") + (p.app_id.empty() ? "appId" : "appSecret"),
        "is missing: appId and appSecret belong together");
}

void check_cloudkit(load_result& r) {
  const auto& p = r.value.auth.cloudkit;
  const std::string prefix = "auth.providers.cloudkit.";
  if (!p.enabled)
    return;
  if (p.key_id.size() != 64 || !is_hex(p.key_id))
    complain_near(r, prefix + "key_id", "must be the 64 hexadecimal digits that Apple shows");
  if (p.private_key_path.empty())
    complain_near(r, prefix + "private_key_path", "is missing");
  if (!is_url_segment(p.container))
    complain_near(r, prefix + "container", "must name a container such as iCloud.com.example.app");
}

void check_azuread(load_result& r) {
  const auto& p = r.value.auth.azuread;
  if (p.enabled && !is_url_segment(p.tenant_id))
    complain_near(r, "auth.providers.azuread.tenant_id", "must be the id of the directory");
}

void check_apple(load_result& r) {
  const auto& p = r.value.auth.apple;
  if (p.enabled && p.client_ids.empty())
    complain_near(r, "auth.providers.apple.clientId", "is missing: it names the app");
}

void check_jwt(load_result& r) {
  const auto& p = r.value.auth.jwt;
  const std::string prefix = "auth.providers.jwt.";
  if (!p.enabled)
    return;
  const std::array sources{!p.public_key_path.empty(), !p.public_key.empty(), !p.jwks_url.empty(),
                           !p.secret.empty()};
  if (std::count(sources.begin(), sources.end(), true) != 1)
    complain_near(r, prefix + (sources[0] ? "publicKey" : "public_key_path"),
                  "exactly one of public_key_path, publicKey, jwksUrl and secret has to be set");
  if (!p.public_key.empty())
    if (const auto key = runtime::jwt_key::from_pem(p.public_key); !key)
      complain_near(r, prefix + "publicKey", key.error().message);
  if (!p.secret.empty())
    if (const auto key = runtime::jwt_key::from_secret(p.secret); !key)
      complain_near(r, prefix + "secret", key.error().message);
  if (p.user_id_field.empty())
    complain_near(r, prefix + "userIdFieldName", "must name the field with the user's id");
}

void check_webhooks(load_result& r, const webhook_map& hooks, const std::string& prefix,
                    const char* url_name) {
  for (const auto& [name, hook] : hooks)
    if (hook.url.empty())
      complain_near(r, prefix + name + '.' + url_name, "is missing");
}

void check_mail(load_result& r) {
  const auto& m = r.value.mail;
  const bool by_mail = r.value.app_services.confirm == "email";
  if (m.host.empty()) {
    if (by_mail)
      complain_near(r, "app_services.confirm",
                    "\"email\" needs a mail server: mail.smtp.host is missing");
    return;
  }
  if (m.from.find('@') == std::string::npos || m.from.find_first_of(" <>\r\n") != std::string::npos)
    complain_near(r, "mail.from", "must be the bare address that mails come from");
  if (m.base_url.empty() && r.value.app_services.public_url.empty())
    complain_near(r, "mail.base_url",
                  "is missing: mails lead to this URL of the server (or app_services.public_url)");
  for (const auto& origin : m.redirect_origins)
    if (!runtime::is_web_url(origin) || runtime::web_origin(origin) != origin)
      complain_near(r, "mail.redirect_origins",
                    '"' + origin + "\" is no origin such as https://app.example.com");
}

/// The content; nothing, and a problem, if it cannot be read.
std::optional<std::string> read_file(load_result& r, const std::string& key,
                                     const std::string& path) {
  if (path.empty() || is_refused(r, key))
    return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.good() || (in.eof() && !text.empty()))
    return text;
  complain(r, severity::error, key, path + " cannot be read or is empty");
  return std::nullopt;
}

} // namespace

void check_provider_values(load_result& r) {
  check_google(r);
  check_facebook(r);
  check_cloudkit(r);
  check_azuread(r);
  check_apple(r);
  check_jwt(r);
  check_webhooks(r, r.value.auth.custom, "auth.providers.custom/", "webhook_url");
  const auto& functions = r.value.app_services.functions;
  check_webhooks(r, functions, "app_services.functions.", "url");
  if (const auto& name = r.value.app_services.reset_function;
      !name.empty() && !functions.contains(name))
    complain_near(r, "app_services.reset_function",
                  '"' + name + "\" is none of app_services.functions");
  check_mail(r);
}

void check_provider_files(load_result& r) {
  const auto& c = r.value;
  if (c.auth.cloudkit.enabled) {
    const std::string key = "auth.providers.cloudkit.private_key_path";
    if (const auto pem = read_file(r, key, c.auth.cloudkit.private_key_path))
      if (const auto signature = runtime::sign_es256_der(*pem, "x"); !signature)
        complain(r, severity::error, key, signature.error().message);
  }
  if (c.auth.jwt.enabled) {
    const std::string key = "auth.providers.jwt.public_key_path";
    if (const auto pem = read_file(r, key, c.auth.jwt.public_key_path))
      if (const auto parsed = runtime::jwt_key::from_pem(*pem); !parsed)
        complain(r, severity::error, key, parsed.error().message);
  }
  read_file(r, "network.outgoing.ca_path", c.network.outgoing_ca_path);
  read_file(r, "mail.templates.reset.text_path", c.mail.reset.text_path);
  read_file(r, "mail.templates.reset.html_path", c.mail.reset.html_path);
  read_file(r, "mail.templates.confirm.text_path", c.mail.confirm.text_path);
  read_file(r, "mail.templates.confirm.html_path", c.mail.confirm.html_path);
}

} // namespace ros::config
