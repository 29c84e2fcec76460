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
  /// A value breaks the rules for its kind (length, characters); the context names it.
  bad_parameter,
  /// A change would leave the server without an administrator.
  last_admin,
  /// A third party that vouches for users does not answer, or answers nonsense.
  provider_unreachable,
  /// Log-in waits until the e-mail address has been confirmed.
  confirmation_required,
  /// The e-mail address has been confirmed already.
  already_confirmed,
  /// A mailed token is unknown, out of date or used up.
  bad_mail_token,
  /// Nothing is configured that could send mail.
  no_mailer,
  /// There is no Realm at this path.
  realm_not_found,
  /// There is a Realm at this path already.
  realm_exists,
  /// System Realms have no permissions to give away (access-control.md 5).
  not_shareable,
  /// Nobody is meant by a permission change.
  no_recipient,
  /// No such offer, or its offerer may no longer make it.
  unknown_offer,
  /// The offer ran out or was taken back by date.
  offer_expired,
  /// More than one offer fits.
  offer_ambiguous,
  /// The user or the Realm may not have more; the context says of what.
  quota_exceeded,
  /// The user has an API key of that name already.
  key_exists,
  /// The user has no such API key.
  unknown_key,
};

std::string to_string(auth_ec x);

} // namespace ros::actors
CAF_ERROR_CODE_ENUM(ros::actors::auth_ec, "ros_auth")
