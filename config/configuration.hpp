// The configuration as the program uses it: one struct per section of
// operations.md 2, filled with that document's defaults. Plain values, made
// once at start by config/load.hpp and then only read.
#pragma once

#include "providers.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ros::config {

/// Where a listener listens. Port 0: the system chooses one.
struct endpoint {
  std::string address;
  std::uint16_t port = 0;
};

struct storage_section {
  std::string root_path;
  bool fsync = true;
  std::int64_t compaction_interval_s = 3600; ///< 0 = off
  bool keep_realms_of_deleted_users = false;
  bool allow_owner_delete = false;
};

struct service_section {
  endpoint listen;
  std::int64_t request_timeout_s = 30;
  std::int64_t idle_timeout_s = 900;
};

struct network_section {
  service_section sync{{"127.0.0.1", 27800}};
  std::string sync_route_prefix = "/realm-sync";
  service_section http{{"127.0.0.1", 27080}};
  std::vector<std::string> cors_origins{"*"};
  std::string outgoing_ca_path; ///< whom to trust instead of whom the system trusts
};

struct proxy_section {
  bool http_enable = true;
  endpoint http{"::", 9080};
  bool https_enable = false;
  endpoint https{"::", 9443};
  std::string https_certificate_path;
  std::string https_private_key_path;
  bool https_allow_self_signed = false;
  std::vector<std::string> trusted_proxies; ///< CIDR
};

struct password_provider {
  bool auto_register = false;
  bool reveal_unknown_accounts = false;
  bool revoke_on_change = false;
  std::int64_t max_attempts_per_minute = 30;
  std::int64_t argon2_passes = 2;
  std::int64_t argon2_memory = 64 << 20; ///< bytes
};

struct auth_section {
  std::string public_key_path;
  std::string private_key_path;
  std::string admin_token_path = "/etc/realm/admin_token.base64";
  std::vector<std::string> sync_hosts; ///< empty = no check
  std::int64_t refresh_token_ttl_s = 315'360'000;
  std::int64_t access_token_ttl_s = 600;
  std::vector<std::string> authorization_header_names{"Authorization", "X-Realm-Access-Token"};
  std::string permissions_mode = "override";       ///< override, additive
  std::string permissions_on_read_loss = "expire"; ///< expire, deny, lazy
  bool hide_default_realms = false;
  bool revocation_end_sessions = true;
  bool allow_self_delete = false;
  password_provider password; ///< always enabled
  bool anonymous = false;     ///< legacy provider
  bool nickname = false;      ///< legacy provider
  bool debug = false;         ///< legacy provider
  google_provider google;
  facebook_provider facebook;
  cloudkit_provider cloudkit;
  azuread_provider azuread;
  jwt_provider jwt;
  apple_provider apple;
  webhook_map custom;
};

struct sync_section {
  std::int64_t max_download_size = 16 << 20;     ///< bytes
  std::int64_t max_upload_size = 104'857'600;    ///< bytes
  std::int64_t max_upload_backlog = 268'435'456; ///< bytes in the whole process
  std::int64_t history_ttl_s = 5'184'000;        ///< 0 = never
  bool allow_destructive_schema_changes = true;
};

struct performance_section {
  std::int64_t max_open_files = 256;
  std::int64_t memory_budget = 0;     ///< bytes; 0 = half of the memory the process may use
  std::int64_t scheduler_threads = 0; ///< actor threads; 0 = one per processor
  std::int64_t io_threads = 0;        ///< socket threads; 0 = half the processors, at least one
  std::int64_t password_workers = 2;  ///< threads hashing passwords
};

struct logging_section {
  std::string level = "info";
  std::string path; ///< empty = stdout and stderr
  std::string format = "text";
};

struct app_services_section {
  bool enable = true;
  std::string public_url;           ///< empty = derived from the request
  std::vector<std::string> app_ids; ///< empty = any
  bool anonymous = true;
  std::string confirm = "auto";           ///< auto, email
  std::string partition_default = "none"; ///< none, read, write
  std::int64_t access_token_ttl_s = 1800;
  std::int64_t refresh_token_ttl_s = 5'184'000;
  webhook_map functions;
  std::string reset_function; ///< of `functions`; decides on resets by call
};

struct configuration {
  storage_section storage;
  network_section network;
  proxy_section proxy;
  auth_section auth;
  sync_section sync;
  performance_section performance;
  logging_section logging;
  app_services_section app_services;
  mail_section mail;
};

} // namespace ros::config
