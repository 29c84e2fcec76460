// The interfaces of log-in and administration. HTTP is in http_actors.hpp, the
// sync side in actors.hpp.
#pragma once

#include "auth_errors.hpp"
#include "auth_messages.hpp"
#include "errors.hpp"

#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include <string>

namespace ros::actors {

/// The ADMIN REALM: users, accounts, revoked tokens and the Realm directory. Reads
/// are answered from memory, changes once they are durable. Any request may fail
/// with ec::unavailable (log trouble) or, a change, with ec::overloaded.
using admin_realm_actor = caf::typed_actor<
    /// Answers with what a user may do with a Realm.
    caf::replies_to<authorize_realm>::with<access_level>,
    /// Answers with the directory row, created durably if it is missing. Fails
    /// with ec::denied if the user may not read the Realm, or not create it.
    caf::replies_to<ensure_realm>::with<realm_grant>,
    /// Answers with the user of a token as of now. Fails with auth_ec::unknown_user,
    /// user_disabled or revoked_token.
    caf::replies_to<check_token>::with<caller>,
    /// Answers only when the user or the token is no longer good, with the error that
    /// check_token then gives; an actor has one such question open at most.
    caf::replies_to<watch_access>::with<bool>,
    /// Forbids a token; answers once that is durable. Idempotent.
    caf::replies_to<revoke_token_key>::with<bool>,
    /// Creates a user. Fails with auth_ec::account_exists.
    caf::replies_to<register_user>::with<user_record>,
    /// Answers with an account; its user id is empty if there is none.
    caf::replies_to<find_account>::with<account_record>,
    /// Replaces a credential. Fails with auth_ec::unknown_account.
    caf::replies_to<set_credential>::with<bool>,
    /// Answers with a user. Fails with auth_ec::unknown_user.
    caf::replies_to<read_user>::with<user_record>,
    /// Removes a user; answers whether there was one.
    caf::replies_to<delete_user>::with<bool>>;

/// An AUTH PROVIDER: one way to prove who you are.
using auth_provider_actor = caf::typed_actor<
    /// Answers with the user behind the credentials, creating one where the
    /// provider does so. Fails with auth_ec::invalid_credentials, unknown_account,
    /// account_exists, user_disabled, too_many_attempts, bad_parameter.
    caf::replies_to<credentials>::with<recognised>>;

/// A HASH WORKER: hashes passwords on a thread of its own.
using hash_worker_actor = caf::typed_actor<
    /// Makes or checks a hash. Fails with ec::unavailable if memory is short.
    caf::replies_to<hash_job>::with<hash_result>>;

/// The HASH POOL: a bounded queue in front of the HASH WORKERs.
using hash_pool_actor = caf::typed_actor<
    /// Makes or checks a hash. Fails with ec::overloaded while too many wait.
    caf::replies_to<hash_job>::with<hash_result>>;

/// AUTH: log-in dispatch, token issue, refresh and revocation.
using auth_actor = caf::typed_actor<
    /// Answers with whom a token speaks for. Fails with one of the auth_ec on tokens.
    caf::replies_to<authenticate>::with<principal>,
    /// The same for a sync upgrade or BIND.
    caf::replies_to<authenticate_upgrade>::with<principal>,
    /// Creates an account. Fails as AUTH PROVIDERs do, or with unknown_provider.
    caf::replies_to<enrol_account>::with<recognised>,
    /// Answers with App-Services tokens. Fails as enrol_account.
    caf::replies_to<log_in>::with<logged_in>,
    /// Answers with a fresh access JWT. Fails with one of the auth_ec on tokens.
    caf::replies_to<refresh_session>::with<std::string>,
    /// Revokes a refresh token; an expired or revoked one is fine.
    caf::replies_to<log_out>::with<bool>,
    /// Answers with a legacy refresh token. Fails as enrol_account.
    caf::replies_to<legacy_log_in>::with<legacy_token>,
    /// Answers with a legacy access or user token. Fails with one of the auth_ec
    /// on tokens, auth_ec::bad_parameter (path) or ec::denied.
    caf::replies_to<exchange_token>::with<legacy_token>>;

} // namespace ros::actors

CAF_BEGIN_TYPE_ID_BLOCK(ros_auth, caf::first_custom_type_id + 200)
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::caller))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::access_level))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::authorize_realm))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::realm_record))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::ensure_realm))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::realm_grant))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::authenticate))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::authenticate_upgrade))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::principal))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::check_token))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::revoke_token_key))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::account_name))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::user_record))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::register_user))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::find_account))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::account_record))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::set_credential))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::read_user))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::delete_user))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::credentials))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::recognised))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::enrol_account))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::log_in))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::logged_in))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::refresh_session))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::log_out))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::legacy_log_in))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::exchange_token))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::legacy_token))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::hash_job))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::hash_result))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::admin_realm_actor))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::auth_provider_actor))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::auth_actor))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::watch_access))
CAF_END_TYPE_ID_BLOCK(ros_auth)
