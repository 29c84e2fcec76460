// Messages about API keys (http-api.md 9.6) and mailed tokens (5.2): what providers and
// HTTP routes ask the ADMIN REALM. Serialisable; only hashes travel, never a secret.
#pragma once

#include "admin_user_messages.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ros::actors {

// -- API keys ------------------------------------------------------------------

struct api_key_record {
  std::string id; ///< 24 hexadecimal digits
  std::string user_id;
  std::string name;
  bool disabled = false;
  std::int64_t created_ms = 0; ///< Unix milliseconds
  friend bool operator==(const api_key_record&, const api_key_record&) = default;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, api_key_record& x) {
  return f(caf::meta::type_name("api_key_record"), x.id, x.user_id, x.name, x.disabled,
           x.created_ms);
}

struct create_api_key {
  std::string user_id;
  std::string name; ///< [A-Za-z0-9_-]{1,128}, unique within the user
  std::string hash; ///< SHA-256 of the key in hexadecimal digits
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, create_api_key& x) {
  return f(caf::meta::type_name("create_api_key"), x.user_id, x.name, x.hash, x.by);
}

struct list_api_keys {
  std::string user_id;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, list_api_keys& x) {
  return f(caf::meta::type_name("list_api_keys"), x.user_id);
}

struct api_key_list {
  std::vector<api_key_record> keys; ///< in order of creation
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, api_key_list& x) {
  return f(caf::meta::type_name("api_key_list"), x.keys);
}

/// One key of this user; another user's is like none.
struct read_api_key {
  std::string user_id;
  std::string id;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_api_key& x) {
  return f(caf::meta::type_name("read_api_key"), x.user_id, x.id);
}

struct enable_api_key {
  std::string user_id;
  std::string id;
  bool enabled = true;
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, enable_api_key& x) {
  return f(caf::meta::type_name("enable_api_key"), x.user_id, x.id, x.enabled, x.by);
}

struct delete_api_key {
  std::string user_id;
  std::string id;
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, delete_api_key& x) {
  return f(caf::meta::type_name("delete_api_key"), x.user_id, x.id, x.by);
}

/// Whose key is this? For log-in.
struct find_api_key {
  std::string hash; ///< as in create_api_key
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, find_api_key& x) {
  return f(caf::meta::type_name("find_api_key"), x.hash);
}

// -- mailed tokens -------------------------------------------------------------

enum class mail_purpose : std::uint8_t { reset_password, confirm_email };

/// Store a token that is going to be mailed.
struct create_mail_token {
  mail_purpose purpose = mail_purpose::reset_password;
  account_name account;
  std::string hash;            ///< SHA-256 of the token in hexadecimal digits
  std::int64_t expires_ms = 0; ///< Unix milliseconds
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, create_mail_token& x) {
  return f(caf::meta::type_name("create_mail_token"), x.purpose, x.account, x.hash, x.expires_ms,
           x.by);
}

/// Use up a mailed token and do what it is for, in one step: set the credential, or
/// mark the e-mail address as confirmed (a reset proves the address, too).
struct consume_mail_token {
  mail_purpose purpose = mail_purpose::reset_password;
  std::string hash;
  std::string credential{};   ///< for reset_password
  bool revoke_tokens = false; ///< as in set_credential
  initiator by{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, consume_mail_token& x) {
  return f(caf::meta::type_name("consume_mail_token"), x.purpose, x.hash, x.credential,
           x.revoke_tokens, x.by);
}

} // namespace ros::actors
