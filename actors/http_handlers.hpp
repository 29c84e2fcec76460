// The handlers of the HTTP SERVICE, one per route of http_routes.cpp.
#pragma once

#include "http_call.hpp"

namespace ros::actors {

class http_service_state;

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

// -- http_app_services.cpp -------------------------------------------------------

/// GET …/location (9.2).
void get_location(http_service_state& service, http_call call);
/// POST …/local-userpass/register (9.6).
void post_register(http_service_state& service, http_call call);
/// POST …/{provider}/login (9.3).
void post_login(http_service_state& service, http_call call);
/// GET …/profile (9.5).
void get_profile(http_service_state& service, http_call call);
/// POST …/session: a fresh access token (9.4).
void post_session(http_service_state& service, http_call call);
/// DELETE …/session: log-out (9.4).
void delete_session(http_service_state& service, http_call call);
/// POST …/functions/call: no functions are configured (9.7).
void post_function_call(http_service_state& service, http_call call);

// -- http_admin.cpp --------------------------------------------------------------

/// GET /api/admin/v1/realms: those that are open or quarantined, with the reason (10).
void get_realms(http_service_state& service, http_call call);
/// POST /api/admin/v1/realms/{path}/release: ends a Realm's quarantine; 404 if it is in none.
void post_release(http_service_state& service, http_call call);

} // namespace ros::actors
