// The table of all settings: which key fills which member by which rule
// (operations.md 2.2 to 2.6). Reading, printing and checking for unknown keys
// all walk through it with a visitor(key, member, rule), visitor.section(key, is_on) where
// the presence of a mapping switches something on, and visitor.webhooks() and
// visitor.scalars() where operators choose names. Internal to config/*.cpp.
#pragma once

#include "configuration.hpp"
#include "values.hpp"

namespace ros::config {

inline constexpr range century{1, 3'155'760'000};
inline constexpr range century_or_zero{0, 3'155'760'000};
/// Timeouts become milliseconds in 32 bits.
inline constexpr range month{1, 30 * 86'400};

template <class Visitor>
void visit_storage(storage_section& s, Visitor& v) {
  v("storage.root_path", s.root_path, rule::text{});
  v("storage.fsync", s.fsync, rule::flag{});
  v("storage.compaction_interval", s.compaction_interval_s, rule::seconds{century_or_zero});
  v("storage.keep_realms_of_deleted_users", s.keep_realms_of_deleted_users, rule::flag{});
  v("storage.allow_owner_delete", s.allow_owner_delete, rule::flag{});
}

template <class Visitor>
void visit_network(network_section& n, proxy_section& p, Visitor& v) {
  v("network.sync.listen_address", n.sync.listen.address, rule::address{});
  v("network.sync.listen_port", n.sync.listen.port, rule::port{});
  v("network.sync.route_prefix", n.sync_route_prefix, rule::text{});
  v("network.sync.request_timeout", n.sync.request_timeout_s, rule::seconds{month});
  v("network.sync.idle_timeout", n.sync.idle_timeout_s, rule::seconds{month});
  v("network.http.listen_address", n.http.listen.address, rule::address{});
  v("network.http.listen_port", n.http.listen.port, rule::port{});
  v("network.http.cors_origins", n.cors_origins, rule::list{item_kind::text});
  v("network.http.request_timeout", n.http.request_timeout_s, rule::seconds{month});
  v("network.http.idle_timeout", n.http.idle_timeout_s, rule::seconds{month});
  v("network.outgoing.ca_path", n.outgoing_ca_path, rule::text{});
  v("proxy.http.enable", p.http_enable, rule::flag{});
  v("proxy.http.listen_address", p.http.address, rule::address{});
  v("proxy.http.listen_port", p.http.port, rule::port{});
  v("proxy.https.enable", p.https_enable, rule::flag{});
  v("proxy.https.listen_address", p.https.address, rule::address{});
  v("proxy.https.listen_port", p.https.port, rule::port{});
  v("proxy.https.certificate_path", p.https_certificate_path, rule::text{});
  v("proxy.https.private_key_path", p.https_private_key_path, rule::text{});
  v("proxy.https.allow_self_signed", p.https_allow_self_signed, rule::flag{});
  v("proxy.trusted_proxies", p.trusted_proxies, rule::list{item_kind::cidr});
}

template <class Visitor>
void visit_auth(auth_section& a, Visitor& v) {
  v("auth.public_key_path", a.public_key_path, rule::text{});
  v("auth.private_key_path", a.private_key_path, rule::text{});
  v("auth.admin_token_path", a.admin_token_path, rule::text{});
  v("auth.sync_hosts", a.sync_hosts, rule::list{item_kind::host});
  v("auth.ttls.refresh_token", a.refresh_token_ttl_s, rule::seconds{century});
  v("auth.ttls.access_token", a.access_token_ttl_s, rule::seconds{{60, century.most}});
  v("auth.authorization_header_names", a.authorization_header_names, rule::list{item_kind::header});
  v("auth.permissions.mode", a.permissions_mode, rule::choice{{"override", "additive"}});
  v("auth.permissions.on_read_loss", a.permissions_on_read_loss,
    rule::choice{{"expire", "deny", "lazy"}});
  v("auth.permissions.hide_default_realms", a.hide_default_realms, rule::flag{});
  v("auth.revocation.end_sessions", a.revocation_end_sessions, rule::flag{});
  v("auth.allow_self_delete", a.allow_self_delete, rule::flag{});
  auto& p = a.password;
  v("auth.providers.password.auto_register", p.auto_register, rule::flag{});
  v("auth.providers.password.reveal_unknown_accounts", p.reveal_unknown_accounts, rule::flag{});
  v("auth.providers.password.revoke_on_change", p.revoke_on_change, rule::flag{});
  v("auth.providers.password.max_attempts_per_minute", p.max_attempts_per_minute,
    rule::integer{{1, 1'000'000}});
  v("auth.providers.password.argon2_passes", p.argon2_passes, rule::integer{{1, 100}});
  v("auth.providers.password.argon2_memory", p.argon2_memory, rule::bytes{{8192, 4LL << 30}});
  v("auth.providers.anonymous", a.anonymous, rule::stanza{});
  v("auth.providers.nickname", a.nickname, rule::stanza{});
  v("auth.providers.debug", a.debug, rule::stanza{});
}

template <class Visitor>
void visit_providers(auth_section& a, Visitor& v) {
  if (auto& p = a.google; v.section("auth.providers.google", p.enabled)) {
    v("auth.providers.google.clientId", p.client_ids, rule::list{item_kind::text});
    v("auth.providers.google.clientSecret", p.client_secret, rule::secret{});
    v("auth.providers.google.api_base_url", p.api_base_url, rule::url{});
  }
  if (auto& p = a.facebook; v.section("auth.providers.facebook", p.enabled)) {
    v("auth.providers.facebook.appId", p.app_id, rule::text{});
    v("auth.providers.facebook.appSecret", p.app_secret, rule::secret{});
    v("auth.providers.facebook.api_base_url", p.api_base_url, rule::url{});
  }
  if (auto& p = a.cloudkit; v.section("auth.providers.cloudkit", p.enabled)) {
    v("auth.providers.cloudkit.key_id", p.key_id, rule::text{});
    v("auth.providers.cloudkit.private_key_path", p.private_key_path, rule::text{});
    v("auth.providers.cloudkit.container", p.container, rule::text{});
    v("auth.providers.cloudkit.environment", p.environment,
      rule::choice{{"development", "production"}});
    v("auth.providers.cloudkit.api_base_url", p.api_base_url, rule::url{});
  }
  if (auto& p = a.azuread; v.section("auth.providers.azuread", p.enabled)) {
    v("auth.providers.azuread.tenant_id", p.tenant_id, rule::text{});
    v("auth.providers.azuread.audience", p.audiences, rule::list{item_kind::text});
    v("auth.providers.azuread.api_base_url", p.api_base_url, rule::url{});
  }
  if (auto& p = a.apple; v.section("auth.providers.apple", p.enabled)) {
    v("auth.providers.apple.clientId", p.client_ids, rule::list{item_kind::text});
    v("auth.providers.apple.api_base_url", p.api_base_url, rule::url{});
  }
  if (auto& p = a.jwt; v.section("auth.providers.jwt", p.enabled)) {
    v("auth.providers.jwt.public_key_path", p.public_key_path, rule::text{});
    v("auth.providers.jwt.publicKey", p.public_key, rule::text{});
    v("auth.providers.jwt.jwksUrl", p.jwks_url, rule::url{});
    v("auth.providers.jwt.secret", p.secret, rule::secret{});
    v("auth.providers.jwt.issuer", p.issuer, rule::text{});
    v("auth.providers.jwt.audience", p.audiences, rule::list{item_kind::text});
    v("auth.providers.jwt.userIdFieldName", p.user_id_field, rule::text{});
    v("auth.providers.jwt.isAdminFieldName", p.is_admin_field, rule::text{});
    v("auth.providers.jwt.isAdminValue", p.is_admin_value, rule::json_scalar{});
    v.scalars("auth.providers.jwt.requiredAttributes", p.required_attributes);
    v("auth.providers.jwt.charactersToEscape", p.escaped_characters,
      rule::list{item_kind::character});
  }
  v.webhooks("auth.providers.custom/", "webhook_url", a.custom);
}

template <class Visitor>
void visit_mail(mail_section& m, Visitor& v) {
  v("mail.smtp.host", m.host, rule::text{});
  v("mail.smtp.port", m.port, rule::integer{{0, 65535}});
  v("mail.smtp.tls", m.tls, rule::choice{{"none", "starttls", "tls"}});
  v("mail.smtp.username", m.username, rule::text{});
  v("mail.smtp.password", m.password, rule::secret{});
  v("mail.from", m.from, rule::text{});
  v("mail.base_url", m.base_url, rule::url{});
  v("mail.redirect_origins", m.redirect_origins, rule::list{item_kind::text});
  v("mail.templates.reset.subject", m.reset.subject, rule::text{});
  v("mail.templates.reset.text_path", m.reset.text_path, rule::text{});
  v("mail.templates.reset.html_path", m.reset.html_path, rule::text{});
  v("mail.templates.confirm.subject", m.confirm.subject, rule::text{});
  v("mail.templates.confirm.text_path", m.confirm.text_path, rule::text{});
  v("mail.templates.confirm.html_path", m.confirm.html_path, rule::text{});
}

template <class Visitor>
void visit_rest(configuration& c, Visitor& v) {
  v("sync.max_download_size", c.sync.max_download_size, rule::bytes{{1 << 10, 1 << 30}});
  v("sync.max_upload_size", c.sync.max_upload_size, rule::bytes{{1 << 10, 1 << 30}});
  v("sync.max_upload_backlog", c.sync.max_upload_backlog, rule::bytes{{1 << 20, 1LL << 40}});
  v("sync.history_ttl", c.sync.history_ttl_s, rule::seconds{century_or_zero});
  v("sync.allow_destructive_schema_changes", c.sync.allow_destructive_schema_changes, rule::flag{});
  auto& p = c.performance;
  v("performance.max_open_files", p.max_open_files, rule::integer{{1, 1'000'000}});
  v("performance.memory_budget", p.memory_budget, rule::bytes{{0, 1LL << 50}});
  v("performance.scheduler_threads", p.scheduler_threads, rule::integer{{0, 1024}});
  v("performance.io_threads", p.io_threads, rule::integer{{0, 256}});
  v("performance.password_workers", p.password_workers, rule::integer{{1, 64}});
  v("logging.level", c.logging.level,
    rule::choice{{"all", "trace", "debug", "detail", "info", "warn", "error", "fatal", "off"}});
  v("logging.path", c.logging.path, rule::text{});
  v("logging.format", c.logging.format, rule::choice{{"text", "json"}});
  auto& a = c.app_services;
  v("app_services.enable", a.enable, rule::flag{});
  v("app_services.public_url", a.public_url, rule::url{});
  v("app_services.app_ids", a.app_ids, rule::list{item_kind::text});
  v("app_services.anonymous", a.anonymous, rule::flag{});
  v("app_services.confirm", a.confirm, rule::choice{{"auto", "email"}});
  v("app_services.partition_default", a.partition_default, rule::choice{{"none", "read", "write"}});
  v("app_services.ttls.access_token", a.access_token_ttl_s, rule::seconds{{60, century.most}});
  v("app_services.ttls.refresh_token", a.refresh_token_ttl_s, rule::seconds{century});
  v.webhooks("app_services.functions.", "url", a.functions);
  v("app_services.reset_function", a.reset_function, rule::text{});
}

template <class Visitor>
void visit_settings(configuration& c, Visitor& v) {
  visit_storage(c.storage, v);
  visit_network(c.network, c.proxy, v);
  visit_auth(c.auth, v);
  visit_providers(c.auth, v);
  visit_rest(c, v);
  visit_mail(c.mail, v);
}

} // namespace ros::config
