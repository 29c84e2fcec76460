#include "auth_errors.hpp"

namespace ros::actors {

std::string to_string(auth_ec x) {
  switch (x) {
  case auth_ec::none:
    return "none";
  case auth_ec::invalid_credentials:
    return "invalid credentials";
  case auth_ec::account_exists:
    return "account exists";
  case auth_ec::unknown_account:
    return "unknown account";
  case auth_ec::unknown_user:
    return "unknown user";
  case auth_ec::user_disabled:
    return "user disabled";
  case auth_ec::malformed_token:
    return "malformed token";
  case auth_ec::bad_signature:
    return "bad signature";
  case auth_ec::expired_token:
    return "expired token";
  case auth_ec::wrong_token_kind:
    return "wrong token kind";
  case auth_ec::revoked_token:
    return "revoked token";
  case auth_ec::unknown_provider:
    return "unknown provider";
  case auth_ec::too_many_attempts:
    return "too many attempts";
  case auth_ec::bad_parameter:
    return "bad parameter";
  case auth_ec::last_admin:
    return "last admin";
  case auth_ec::provider_unreachable:
    return "provider unreachable";
  case auth_ec::confirmation_required:
    return "confirmation required";
  case auth_ec::already_confirmed:
    return "already confirmed";
  case auth_ec::bad_mail_token:
    return "bad mail token";
  case auth_ec::no_mailer:
    return "no mailer";
  case auth_ec::realm_not_found:
    return "realm not found";
  case auth_ec::realm_exists:
    return "realm exists";
  case auth_ec::not_shareable:
    return "not shareable";
  case auth_ec::no_recipient:
    return "no recipient";
  case auth_ec::unknown_offer:
    return "unknown offer";
  case auth_ec::offer_expired:
    return "offer expired";
  case auth_ec::offer_ambiguous:
    return "offer ambiguous";
  case auth_ec::quota_exceeded:
    return "quota exceeded";
  case auth_ec::key_exists:
    return "key exists";
  case auth_ec::unknown_key:
    return "unknown key";
  }
  return "unknown error";
}

} // namespace ros::actors
