#include "http_routes.hpp"

#include "http_handlers.hpp"

#include <array>

namespace ros::actors {

namespace {

using enum route_needs;

constexpr std::array table{
    // -- pages and status (6.6) --
    http_route{"GET", "/", nothing, &get_front_page},
    http_route{"GET", "/health", nothing, &get_health},
    http_route{"GET", "/api/ok", nothing, &get_ok},
    http_route{"GET", "/confirm-email", nothing, &get_confirm_page},
    http_route{"GET", "/reset-password", nothing, &get_reset_page},
    http_route{"POST", "/reset-password", nothing, &post_reset_page},
    // -- legacy (4, 5) --
    http_route{"POST", "/auth", body_and_caller, &post_auth},
    http_route{"POST", "/auth/revoke", body, &post_revoke},
    // -- users, permissions, Realms (5, 6) --
    http_route{"PUT", "/auth/password", body_and_caller, &put_password},
    http_route{"POST", "/auth/password/updateAccount", body, &post_update_account},
    http_route{"GET", "/auth/users", administrator, &get_users},
    http_route{"PUT", "/auth/users", administrator, &put_users},
    http_route{"GET", "/auth/users/{user}", self_or_admin, &get_user},
    http_route{"PATCH", "/auth/users/{user}", administrator, &patch_user},
    http_route{"DELETE", "/auth/users/{user}", self_or_admin, &delete_user_by_id},
    http_route{"DELETE", "/auth/user/{user}", self_or_admin, &delete_user_by_id},
    http_route{"GET", "/auth/users/{provider}/{provider_id}", user, &get_user_of_account},
    http_route{"GET", "/api/providers/{provider}/accounts/{provider_id}", administrator,
               &get_account},
    http_route{"GET", "/permissions", user, &get_permissions},
    http_route{"POST", "/permissions/apply", user, &post_permissions_apply},
    http_route{"POST", "/permissions/offers", user, &post_offer},
    http_route{"GET", "/permissions/offers", user, &get_offers},
    http_route{"POST", "/permissions/offers/{token}/accept", user, &post_offer_accepted},
    http_route{"DELETE", "/permissions/offers/{token}", user, &delete_offer},
    http_route{"GET", "/realms", administrator, &list_realm_files},
    http_route{"GET", "/realms/files/{path}", user, &get_realm_file},
    http_route{"DELETE", "/realms/files/{path}", user, &delete_realm_file},
    http_route{"PATCH", "/realms/files/{path}", administrator, &patch_realm_file},
    http_route{"DELETE", "/api/realm/{path}", administrator, &delete_realm_file},
    // -- administration (10) --
    http_route{"GET", "/api/admin/v1/openapi.json", nothing, &get_openapi},
    http_route{"GET", "/api/admin/v1/setup", nothing, &get_setup},
    http_route{"POST", "/api/admin/v1/setup", body, &post_setup},
    http_route{"POST", "/api/admin/v1/session", body, &post_admin_session},
    http_route{"DELETE", "/api/admin/v1/session", administrator, &delete_admin_session},
    http_route{"GET", "/api/admin/v1/status", administrator, &get_admin_status},
    http_route{"GET", "/api/admin/v1/users", administrator, &get_admin_users},
    http_route{"POST", "/api/admin/v1/users", administrator, &post_admin_users},
    http_route{"POST", "/api/admin/v1/users/import", administrator, &post_users_import},
    http_route{"GET", "/api/admin/v1/users/{user}", administrator, &get_admin_user},
    http_route{"PATCH", "/api/admin/v1/users/{user}", administrator, &patch_user},
    http_route{"DELETE", "/api/admin/v1/users/{user}", administrator, &delete_admin_user},
    http_route{"POST", "/api/admin/v1/users/{user}/revoke", administrator, &post_user_revoke},
    http_route{"GET", "/api/admin/v1/users/{user}/quota", administrator, &get_user_quota},
    http_route{"PUT", "/api/admin/v1/users/{user}/quota", administrator, &set_quota_of_user},
    http_route{"DELETE", "/api/admin/v1/users/{user}/quota", administrator, &set_quota_of_user},
    http_route{"POST", "/api/admin/v1/realms", administrator, &post_admin_realms},
    http_route{"GET", "/api/admin/v1/realms/{path}", administrator, &get_admin_realm},
    http_route{"PATCH", "/api/admin/v1/realms/{path}", administrator, &patch_admin_realm},
    http_route{"DELETE", "/api/admin/v1/realms/{path}", administrator, &delete_admin_realm},
    http_route{"GET", "/api/admin/v1/realms/{path}/permissions", administrator,
               &get_realm_permissions},
    http_route{"PUT", "/api/admin/v1/realms/{path}/permissions", administrator, &put_permissions},
    http_route{"GET", "/api/admin/v1/realms/{path}/quota", administrator, &get_realm_quota},
    http_route{"PUT", "/api/admin/v1/realms/{path}/quota", administrator, &set_quota_of_realm},
    http_route{"DELETE", "/api/admin/v1/realms/{path}/quota", administrator, &set_quota_of_realm},
    http_route{"GET", "/api/admin/v1/audit", administrator, &get_audit},
    http_route{"GET", "/api/admin/v1/realms", administrator, &get_realms},
    http_route{"POST", "/api/admin/v1/realms/{path}/release", administrator, &post_release},
    // -- App Services (9) --
    http_route{"GET", "/api/client/v2.0/app/{app}/location", nothing, &get_location},
    http_route{"POST", "/api/client/v2.0/app/{app}/auth/providers/local-userpass/register", body,
               &post_register},
    http_route{"POST", "/api/client/v2.0/app/{app}/auth/providers/local-userpass/confirm", body,
               &post_confirm},
    http_route{"POST", "/api/client/v2.0/app/{app}/auth/providers/local-userpass/confirm/send",
               body, &post_confirm_send},
    http_route{"POST", "/api/client/v2.0/app/{app}/auth/providers/local-userpass/confirm/call",
               body, &post_confirm_call},
    http_route{"POST", "/api/client/v2.0/app/{app}/auth/providers/local-userpass/reset", body,
               &post_reset},
    http_route{"POST", "/api/client/v2.0/app/{app}/auth/providers/local-userpass/reset/send", body,
               &post_reset_send},
    http_route{"POST", "/api/client/v2.0/app/{app}/auth/providers/local-userpass/reset/call", body,
               &post_reset_call},
    http_route{"POST", "/api/client/v2.0/app/{app}/auth/providers/{provider}/login", body,
               &post_login},
    http_route{"POST", "/api/client/v2.0/app/{app}/functions/call", body, &post_function_call},
    http_route{"GET", "/api/client/v2.0/app/{app}/functions/call", nothing, &get_function_stream},
    http_route{"PUT", "/api/client/v2.0/app/{app}/push/providers/{service}/registration", nothing,
               &refuse_push_service},
    http_route{"DELETE", "/api/client/v2.0/app/{app}/push/providers/{service}/registration",
               nothing, &refuse_push_service},
    http_route{"GET", "/api/client/v2.0/auth/profile", nothing, &get_profile},
    http_route{"POST", "/api/client/v2.0/auth/session", nothing, &post_session},
    http_route{"DELETE", "/api/client/v2.0/auth/session", nothing, &delete_session},
    http_route{"DELETE", "/api/client/v2.0/auth/delete", nothing, &delete_own_user},
    http_route{"POST", "/api/client/v2.0/auth/api_keys", body, &post_api_key},
    http_route{"GET", "/api/client/v2.0/auth/api_keys", nothing, &get_api_keys},
    http_route{"GET", "/api/client/v2.0/auth/api_keys/{id}", nothing, &get_api_key},
    http_route{"DELETE", "/api/client/v2.0/auth/api_keys/{id}", nothing, &delete_key},
    http_route{"PUT", "/api/client/v2.0/auth/api_keys/{id}/enable", nothing, &put_key_enabled},
    http_route{"PUT", "/api/client/v2.0/auth/api_keys/{id}/disable", nothing, &put_key_disabled},
};

} // namespace

std::span<const http_route> http_routes() {
  return table;
}

} // namespace ros::actors
