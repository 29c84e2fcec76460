// The sections on log-in providers of others, functions and mail (operations.md 2.4, 2.6).
// Plain values; part of configuration.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ros::config {

/// A web service of the operator's.
struct webhook_section {
  std::string url;
  std::string secret; ///< signs requests; empty: they are not signed
};
/// By name.
using webhook_map = std::map<std::string, webhook_section>;

// An empty api_base_url means the provider's own.

struct google_provider {
  bool enabled = false;
  std::vector<std::string> client_ids;
  std::string client_secret; ///< for authorisation codes
  std::string api_base_url;
};

struct facebook_provider {
  bool enabled = false;
  std::string app_id, app_secret; ///< both or none
  std::string api_base_url;
};

struct cloudkit_provider {
  bool enabled = false;
  std::string key_id;
  std::string private_key_path;
  std::string container;
  std::string environment = "development"; ///< development, production
  std::string api_base_url;
};

struct azuread_provider {
  bool enabled = false;
  std::string tenant_id;
  std::vector<std::string> audiences; ///< empty: tokens for any app of the tenant
  std::string api_base_url;
};

struct apple_provider {
  bool enabled = false;
  std::vector<std::string> client_ids;
  std::string api_base_url;
};

/// Exactly one of the first four is set.
struct jwt_provider {
  bool enabled = false;
  std::string public_key_path;
  std::string public_key; ///< PEM
  std::string jwks_url;
  std::string secret;
  std::string issuer;                 ///< empty: any
  std::vector<std::string> audiences; ///< empty: any
  std::string user_id_field = "userId";
  std::string is_admin_field = "isAdmin";
  std::string is_admin_value = "true";                    ///< JSON text
  std::map<std::string, std::string> required_attributes; ///< JSON texts
  std::vector<std::string> escaped_characters{"|"};       ///< one character each
};

struct mail_template {
  std::string subject;
  std::string text_path, html_path; ///< empty: built in, no HTML
};

struct mail_section {
  std::string host; ///< empty: no mail is sent
  std::int64_t port = 0;
  std::string tls = "starttls"; ///< none, starttls, tls
  std::string username, password;
  std::string from;
  std::string base_url; ///< of the pages that mails lead to; empty: app_services.public_url
  std::vector<std::string> redirect_origins; ///< where the pages may lead to
  mail_template reset, confirm;
};

} // namespace ros::config
