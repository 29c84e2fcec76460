// The interfaces of log-in and administration. HTTP is in http_actors.hpp, the
// sync side in actors.hpp.
#pragma once

#include "admin_messages.hpp"
#include "auth_errors.hpp"
#include "auth_messages.hpp"
#include "errors.hpp"

#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include <string>

namespace ros::actors {

/// The part of the ADMIN REALM that the sync side needs. Any request may fail with
/// ec::unavailable (log trouble) or, a change, with ec::overloaded.
using access_actor = caf::typed_actor<
    /// Answers with what a user may do with a Realm; nothing for unknown users.
    caf::replies_to<authorize_realm>::with<rights>,
    /// Answers with the directory row, created durably if it is missing. Fails with
    /// ec::denied if the user has no right on it, or may not create it, and with
    /// auth_ec::quota_exceeded.
    caf::replies_to<ensure_realm>::with<realm_grant>,
    /// Answers with the user of a token as of now. Fails with auth_ec::unknown_user,
    /// user_disabled or revoked_token.
    caf::replies_to<check_token>::with<caller>,
    /// Answers only when the user or the token is no longer good, with the error that
    /// check_token then gives; an actor has one such question open at most.
    caf::replies_to<watch_access>::with<bool>,
    /// Answers with the user's rights once they are not those known, within a second of
    /// the change; at once if they differ already. Fails with auth_ec::realm_not_found when
    /// the Realm is deleted, unknown_user or user_disabled. An actor has one such question open
    /// at most; asking again replaces it.
    caf::replies_to<watch_realm>::with<rights>,
    /// Answers with the quotas that hold for a user and a Realm.
    caf::replies_to<read_quota>::with<quota_limits>>;

/// Who removes the data of deleted Realms, from memory and from disk.
using realm_remover_actor = caf::typed_actor<
    /// Ends the Realm's sessions, removes its data and answers; idempotent.
    caf::replies_to<remove_realm_data>::with<bool>>;

/// The ADMIN REALM: the one writer of users, accounts, permissions, offers, keys and the
/// Realm directory. Reads are answered from memory, changes once they are durable. Changes
/// of somebody who does not exist fail with auth_ec::unknown_user, values that break a
/// rule with auth_ec::bad_parameter (which one).
using admin_realm_actor = access_actor::extend<
    // -- tokens
    /// Forbids a token; answers once that is durable. Idempotent.
    caf::replies_to<revoke_token_key>::with<bool>,
    /// Makes all tokens void that were issued to a user until now.
    caf::replies_to<revoke_user_tokens>::with<bool>,

    // -- users
    /// Creates a user. Fails with auth_ec::account_exists.
    caf::replies_to<register_user>::with<user_record>,
    /// Answers with the user of an account, created if need be. Fails with
    /// auth_ec::user_disabled.
    caf::replies_to<admit_account>::with<user_record>,
    /// Ends the time in which a user registered ahead can be linked. Idempotent.
    caf::replies_to<activate_user>::with<bool>,
    /// Answers with an account; its user id is empty if there is none.
    caf::replies_to<find_account>::with<account_record>,
    /// Replaces a credential. Fails with auth_ec::unknown_account.
    caf::replies_to<set_credential>::with<bool>,
    /// Answers with a user. Fails with auth_ec::unknown_user.
    caf::replies_to<read_user>::with<user_record>,
    /// Answers with the user of an account. Fails with auth_ec::unknown_account.
    caf::replies_to<find_user>::with<user_record>,
    /// Answers with a page of users.
    caf::replies_to<list_users>::with<user_page>,
    /// Creates or changes a user. Fails with auth_ec::account_exists (another user's),
    /// unknown_user, last_admin.
    caf::replies_to<put_user>::with<user_record>,
    /// Removes a user and all that is the user's; answers whether there was one. Fails with
    /// auth_ec::last_admin.
    caf::replies_to<delete_user>::with<bool>,
    /// Gives a user an account. Fails with auth_ec::account_exists, unknown_user.
    caf::replies_to<link_account>::with<user_record>,
    /// Creates the first administrator. Fails with ec::denied ever after.
    caf::replies_to<set_up_admin>::with<user_record>,
    /// Creates many users; what cannot be created is in the answer.
    caf::replies_to<import_users>::with<import_result>,
    /// Answers with how much there is.
    caf::replies_to<read_totals>::with<admin_totals>,

    // -- API keys and mailed tokens
    /// Creates a key. Fails with auth_ec::key_exists, ec::denied (anonymous users).
    caf::replies_to<create_api_key>::with<api_key_record>,
    /// Answers with a user's keys.
    caf::replies_to<list_api_keys>::with<api_key_list>,
    /// Answers with one of them. Fails, as all on keys do, with auth_ec::unknown_key.
    caf::replies_to<read_api_key>::with<api_key_record>,
    /// Switches a key on or off.
    caf::replies_to<enable_api_key>::with<bool>,
    /// Removes a key.
    caf::replies_to<delete_api_key>::with<bool>,
    /// Answers with the key of this hash. Fails with auth_ec::unknown_key.
    caf::replies_to<find_api_key>::with<api_key_record>,
    /// Stores a mailed token; answers with its user. Fails with auth_ec::unknown_account,
    /// already_confirmed.
    caf::replies_to<create_mail_token>::with<user_record>,
    /// Uses up a mailed token; answers with its user. Fails with auth_ec::bad_mail_token.
    caf::replies_to<consume_mail_token>::with<user_record>,

    // -- permissions and offers
    /// Sets flags (access-control.md 6.3). Fails with auth_ec::not_shareable, realm_not_found,
    /// no_recipient, ec::denied.
    caf::replies_to<change_permission>::with<permission_changed>,
    /// Answers with the rows that the requester may see.
    caf::replies_to<list_permissions>::with<permission_list>,
    /// Answers with all rows of a Realm. Fails with auth_ec::realm_not_found.
    caf::replies_to<list_realm_permissions>::with<permission_list>,
    /// Sets rows of a Realm in one step; answers with all its rows. Fails with
    /// auth_ec::realm_not_found, not_shareable, unknown_user.
    caf::replies_to<put_realm_permissions>::with<permission_list>,
    /// Makes an offer. Fails with auth_ec::not_shareable, realm_not_found, offer_expired,
    /// bad_parameter (id, rights), ec::denied.
    caf::replies_to<make_offer>::with<offer_record>,
    /// Answers with a user's offers.
    caf::replies_to<list_offers>::with<offer_list>,
    /// Gives the requester what is offered. Fails with auth_ec::unknown_offer, offer_expired,
    /// offer_ambiguous, realm_not_found.
    caf::replies_to<accept_offer>::with<offer_accepted>,
    /// Takes an offer back. Fails with auth_ec::unknown_offer.
    caf::replies_to<withdraw_offer>::with<bool>,
    /// Changes until when it holds. Fails with auth_ec::unknown_offer.
    caf::replies_to<set_offer_expiry>::with<offer_record>,

    // -- Realms
    /// Creates a Realm. Fails with auth_ec::realm_exists, quota_exceeded, ec::denied.
    caf::replies_to<create_realm>::with<realm_record>,
    /// Gives a Realm another owner. Fails with auth_ec::realm_not_found, unknown_user.
    caf::replies_to<set_realm_owner>::with<realm_record>,
    /// Answers with the row of a Realm. Fails with auth_ec::realm_not_found.
    caf::replies_to<read_realm>::with<realm_record>,
    /// Answers with a page of Realms.
    caf::replies_to<list_realms>::with<realm_page>,
    /// Deletes a Realm; answers with what it was. Fails with auth_ec::realm_not_found,
    /// ec::denied (others' Realms, system Realms).
    caf::replies_to<delete_realm>::with<realm_record>,

    // -- feed, audit, quotas
    /// Answers with what changed behind a sequence, once something did.
    caf::replies_to<follow_admin>::with<admin_changes>,
    /// Answers with these rows.
    caf::replies_to<read_admin_rows>::with<admin_rows>,
    /// Answers with a page of all rows.
    caf::replies_to<scan_admin_rows>::with<admin_rows>,
    /// Writes into the audit log.
    caf::replies_to<note_audit>::with<bool>,
    /// Answers with a page of the audit log.
    caf::replies_to<list_audit>::with<audit_page>,
    /// Sets or removes a quota. Fails with auth_ec::unknown_user.
    caf::replies_to<set_user_quota>::with<bool>,
    /// The same for a Realm. Fails with auth_ec::realm_not_found.
    caf::replies_to<set_realm_quota>::with<bool>,
    /// From the NODE: who removes the data of deleted Realms.
    caf::reacts_to<realm_remover_actor>>;

/// An AUTH PROVIDER: one way to prove who you are.
using auth_provider_actor = caf::typed_actor<
    /// Answers with the user behind the credentials, creating one where the
    /// provider does so. Fails with auth_ec::invalid_credentials, unknown_account,
    /// account_exists, user_disabled, too_many_attempts, bad_parameter,
    /// confirmation_required, provider_unreachable.
    caf::replies_to<credentials>::with<recognised>,
    /// Answers with the account that the credentials prove, to be linked to a user. Fails
    /// likewise; providers that cannot be linked to with auth_ec::bad_parameter (provider).
    caf::replies_to<identify>::with<identified>>;

/// ACCOUNT MAIL: tokens that are mailed to users.
using account_mail_actor = caf::typed_actor<
    /// Makes a token; answers when the MAILER has taken it over, or with the token if it is
    /// not to be mailed. Fails with auth_ec::unknown_account, already_confirmed,
    /// too_many_attempts, no_mailer, bad_parameter (email), ec::overloaded.
    caf::replies_to<request_mail>::with<std::string>,
    /// Does what a mailed token is for; answers with the user. Fails with
    /// auth_ec::bad_mail_token, too_many_attempts.
    caf::replies_to<redeem_mail>::with<user_record>>;

/// The MAILER: sends mail, with a queue of its own.
using mailer_actor = caf::typed_actor<
    /// Takes over a mail and answers at once. Fails with ec::overloaded, auth_ec::no_mailer.
    caf::replies_to<send_mail>::with<bool>>;

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
    /// Adds an account to the user of a token; answers with tokens of that user. Fails as
    /// enrol_account, or with one of the auth_ec on tokens.
    caf::replies_to<link_identity>::with<logged_in>,
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
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::rights))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::authorize_realm))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::realm_record))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::ensure_realm))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::realm_grant))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::authenticate))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::authenticate_upgrade))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::principal))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::check_token))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::revoke_token_key))
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
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::access_actor))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::watch_realm))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::link_identity))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::identify))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::identified))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::request_mail))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::redeem_mail))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::send_mail))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::account_mail_actor))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::mailer_actor))
CAF_ADD_TYPE_ID(ros_auth, (ros::actors::realm_remover_actor))
CAF_END_TYPE_ID_BLOCK(ros_auth)

CAF_BEGIN_TYPE_ID_BLOCK(ros_admin, caf::first_custom_type_id + 400)
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::initiator))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::account_name))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::metadata_row))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::user_record))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::register_user))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::admit_account))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::activate_user))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::find_account))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::account_record))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::set_credential))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::read_user))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::find_user))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::page_request))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::list_users))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::user_page))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::put_user))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::delete_user))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::link_account))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::set_up_admin))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::revoke_user_tokens))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::read_totals))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::admin_totals))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::imported_user))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::import_users))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::import_failure))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::import_result))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::api_key_record))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::create_api_key))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::list_api_keys))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::api_key_list))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::read_api_key))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::enable_api_key))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::delete_api_key))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::find_api_key))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::mail_purpose))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::create_mail_token))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::consume_mail_token))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::permission_record))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::recipient))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::change_permission))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::permission_changed))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::permission_filter))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::list_permissions))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::list_realm_permissions))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::listed_permission))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::permission_list))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::wanted_permission))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::put_realm_permissions))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::offer_record))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::make_offer))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::list_offers))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::offer_list))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::accept_offer))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::offer_accepted))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::withdraw_offer))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::set_offer_expiry))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::create_realm))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::set_realm_owner))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::read_realm))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::list_realms))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::realm_page))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::delete_realm))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::remove_realm_data))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::admin_row_kind))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::admin_row_name))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::follow_admin))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::admin_changes))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::read_admin_rows))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::scan_admin_rows))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::admin_rows))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::audit_record))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::note_audit))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::list_audit))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::audit_page))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::quota))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::set_user_quota))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::set_realm_quota))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::read_quota))
CAF_ADD_TYPE_ID(ros_admin, (ros::actors::quota_limits))
CAF_END_TYPE_ID_BLOCK(ros_admin)
