// The handlers of the HTTP SERVICE, one per route of http_routes.cpp.
#pragma once

#include "http_call.hpp"

namespace ros::actors {

class http_service_state;

// -- http_account_mail.cpp (5.2, 5.3) ------------------------------------------------

/// POST /auth/password/updateAccount: mailed tokens, asked for and used.
void post_update_account(http_service_state& service, http_call call);
/// GET /confirm-email: confirms an address and shows a page or leads on.
void get_confirm_page(http_service_state& service, http_call call);
/// GET /reset-password: the form for a new password.
void get_reset_page(http_service_state& service, http_call call);
/// POST /reset-password: what the form sends.
void post_reset_page(http_service_state& service, http_call call);

// -- http_pages.cpp --------------------------------------------------------------

/// GET /: what this is and where to connect.
void get_front_page(http_service_state& service, http_call call);
/// GET /health (6.6); before the server is ready, the service answers it itself.
void get_health(http_service_state& service, http_call call);
/// GET /api/ok (6.6).
void get_ok(http_service_state& service, http_call call);

// -- http_legacy.cpp -------------------------------------------------------------

/// POST /auth: log-in at a provider, or a refresh token's exchange (4).
void post_auth(http_service_state& service, http_call call);
/// POST /auth/revoke (5.4).
void post_revoke(http_service_state& service, http_call call);

// -- http_users.cpp --------------------------------------------------------------

/// GET /auth/users/{user} (6.1).
void get_user(http_service_state& service, http_call call);
/// GET /auth/users/{provider}/{provider_id}.
void get_user_of_account(http_service_state& service, http_call call);
/// GET /auth/users.
void get_users(http_service_state& service, http_call call);
/// PUT /auth/users: creates or changes one.
void put_users(http_service_state& service, http_call call);
/// PATCH of a user, of both APIs.
void patch_user(http_service_state& service, http_call call);
/// DELETE /auth/user/{user} and /auth/users/{user}.
void delete_user_by_id(http_service_state& service, http_call call);
/// GET /api/providers/{provider}/accounts/{provider_id} (6.2).
void get_account(http_service_state& service, http_call call);
/// PUT /auth/password (5.1).
void put_password(http_service_state& service, http_call call);

// -- http_permissions.cpp (6.4) ----------------------------------------------------

/// GET /permissions.
void get_permissions(http_service_state& service, http_call call);
/// POST /permissions/apply.
void post_permissions_apply(http_service_state& service, http_call call);
/// POST and GET /permissions/offers.
void post_offer(http_service_state& service, http_call call);
void get_offers(http_service_state& service, http_call call);
/// POST /permissions/offers/{token}/accept.
void post_offer_accepted(http_service_state& service, http_call call);
/// DELETE /permissions/offers/{token}.
void delete_offer(http_service_state& service, http_call call);

// -- http_realms.cpp (6.5) ----------------------------------------------------------

/// GET /realms/files/{path}, which may create it.
void get_realm_file(http_service_state& service, http_call call);
/// DELETE /realms/files/{path} and /api/realm/{path}.
void delete_realm_file(http_service_state& service, http_call call);
/// PATCH /realms/files/{path}: there is one type only.
void patch_realm_file(http_service_state& service, http_call call);
/// GET /realms: the directory.
void list_realm_files(http_service_state& service, http_call call);

// -- http_app_services.cpp -------------------------------------------------------

/// GET …/location (9.2).
void get_location(http_service_state& service, http_call call);
/// GET …/profile (9.5).
void get_profile(http_service_state& service, http_call call);
/// POST …/session: a fresh access token (9.4).
void post_session(http_service_state& service, http_call call);
/// DELETE …/session: log-out (9.4).
void delete_session(http_service_state& service, http_call call);
/// DELETE …/delete: removes the caller's own user (9.5).
void delete_own_user(http_service_state& service, http_call call);

// -- http_app_services_login.cpp -------------------------------------------------

/// POST …/local-userpass/register (9.6).
void post_register(http_service_state& service, http_call call);
/// POST …/{provider}/login, with `link=true` for the user of an access token (9.3).
void post_login(http_service_state& service, http_call call);

// -- http_app_services_keys.cpp (9.6) ----------------------------------------------

/// POST …/api_keys: makes a key, and shows it this once.
void post_api_key(http_service_state& service, http_call call);
/// GET …/api_keys: the caller's keys.
void get_api_keys(http_service_state& service, http_call call);
/// GET …/api_keys/{id}.
void get_api_key(http_service_state& service, http_call call);
/// PUT …/api_keys/{id}/enable.
void put_key_enabled(http_service_state& service, http_call call);
/// PUT …/api_keys/{id}/disable.
void put_key_disabled(http_service_state& service, http_call call);
/// DELETE …/api_keys/{id}.
void delete_key(http_service_state& service, http_call call);

// -- http_app_services_mail.cpp (9.6) ----------------------------------------------

/// POST …/confirm.
void post_confirm(http_service_state& service, http_call call);
/// POST …/confirm/send.
void post_confirm_send(http_service_state& service, http_call call);
/// POST …/confirm/call: the same, as SDKs expect it.
void post_confirm_call(http_service_state& service, http_call call);
/// POST …/reset.
void post_reset(http_service_state& service, http_call call);
/// POST …/reset/send.
void post_reset_send(http_service_state& service, http_call call);

// -- http_app_services_functions.cpp (9.6, 9.7) ------------------------------------

/// POST …/functions/call: the webhook of the function answers.
void post_function_call(http_service_state& service, http_call call);
/// POST …/reset/call: a webhook decides on a new password.
void post_reset_call(http_service_state& service, http_call call);
/// GET …/functions/call: a stream of events of a function: there are none.
void get_function_stream(http_service_state& service, http_call call);
/// PUT and DELETE …/registration of a push service: there is none.
void refuse_push_service(http_service_state& service, http_call call);

// -- http_admin.cpp --------------------------------------------------------------

/// GET /api/admin/v1/realms: those that are open or quarantined, with the reason (10).
void get_realms(http_service_state& service, http_call call);
/// POST /api/admin/v1/realms/{path}/release: ends a Realm's quarantine; 404 if it is in none.
void post_release(http_service_state& service, http_call call);

// -- http_openapi.cpp --------------------------------------------------------------

/// GET /api/admin/v1/openapi.json: what the administration API is.
void get_openapi(http_service_state& service, http_call call);

// -- http_admin_users.cpp (10) -----------------------------------------------------

/// GET and POST /setup: the first administrator.
void get_setup(http_service_state& service, http_call call);
void post_setup(http_service_state& service, http_call call);
/// POST and DELETE /session: the dashboard's log-in.
void post_admin_session(http_service_state& service, http_call call);
void delete_admin_session(http_service_state& service, http_call call);
void get_admin_users(http_service_state& service, http_call call);
void get_admin_user(http_service_state& service, http_call call);
void post_admin_users(http_service_state& service, http_call call);
void delete_admin_user(http_service_state& service, http_call call);
/// POST /users/{user}/revoke: all tokens.
void post_user_revoke(http_service_state& service, http_call call);
/// POST /users/import: with ids and password hashes.
void post_users_import(http_service_state& service, http_call call);

// -- http_admin_realms.cpp (10) ----------------------------------------------------

void get_admin_realm(http_service_state& service, http_call call);
void post_admin_realms(http_service_state& service, http_call call);
/// PATCH /realms/{path}: another owner.
void patch_admin_realm(http_service_state& service, http_call call);
void delete_admin_realm(http_service_state& service, http_call call);
/// GET and PUT /realms/{path}/permissions.
void get_realm_permissions(http_service_state& service, http_call call);
void put_permissions(http_service_state& service, http_call call);
/// GET, PUT and DELETE /users/{user}/quota and /realms/{path}/quota.
void get_user_quota(http_service_state& service, http_call call);
void set_quota_of_user(http_service_state& service, http_call call);
void get_realm_quota(http_service_state& service, http_call call);
void set_quota_of_realm(http_service_state& service, http_call call);
/// GET /audit.
void get_audit(http_service_state& service, http_call call);
/// GET /status.
void get_admin_status(http_service_state& service, http_call call);

} // namespace ros::actors
