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
  }
  return "unknown error";
}

} // namespace ros::actors
