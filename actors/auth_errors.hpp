// Why a log-in, a token or an account operation was refused. Both HTTP faces and
// the sync service translate these into their own numbers; refusals of access and
// trouble of the node are ec::denied, ec::unavailable and ec::overloaded.
#pragma once

#include <caf/atom.hpp>
#include <caf/error.hpp>
#include <caf/make_message.hpp>

#include <cstdint>
#include <string>

namespace ros::actors {

enum class auth_ec : std::uint8_t {
  none = 0,
  /// Name and password do not fit, or the account is unknown and may not be probed.
  invalid_credentials,
  /// The account that was to be registered exists already.
  account_exists,
  /// No such account; only where the configuration allows saying so.
  unknown_account,
  /// The user of a token does not exist (any more).
  unknown_user,
  /// The user is suspended.
  user_disabled,
  /// The text is no token.
  malformed_token,
  /// The signature does not fit the server's key.
  bad_signature,
  /// The token ran out.
  expired_token,
  /// A good token of a kind that this request does not take.
  wrong_token_kind,
  /// The session of the token was logged out, or the token was revoked.
  revoked_token,
  /// The log-in provider does not exist or is switched off.
  unknown_provider,
  /// Too many attempts for this account from this address; wait a minute.
  too_many_attempts,
  /// A value breaks the rules for its kind (length, characters).
  bad_parameter,
};

std::string to_string(auth_ec x);

} // namespace ros::actors
CAF_ERROR_CODE_ENUM(ros::actors::auth_ec, "ros_auth")
