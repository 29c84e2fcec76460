#include "http_errors.hpp"

#include "auth_errors.hpp"
#include "errors.hpp"

#include <boost/json/array.hpp>

#include <caf/message.hpp>

#include <algorithm>
#include <array>

namespace json = boost::json;

namespace ros::actors {

namespace {

struct known_problem {
  int code;
  unsigned status;
  const char* slug;
  const char* title;
};

// http-api.md 7.3, complete; no other code may ever be sent.
constexpr std::array known_problems{
    known_problem{601, 400, "invalid-parameters", "A parameter of the request has a bad value."},
    known_problem{602, 400, "missing-parameters", "A required parameter is missing."},
    known_problem{611, 401, "invalid-credentials", "The provided credentials are invalid."},
    known_problem{612, 404, "unknown-account", "The account does not exist."},
    known_problem{613, 400, "existing-account", "The account exists already."},
    known_problem{614, 403, "access-denied", "The operation is not allowed."},
    known_problem{615, 403, "expired-refresh-token", "The refresh token has expired."},
    known_problem{616, 400, "invalid-host", "The server is not authoritative for that host."},
    known_problem{617, 404, "realm-not-found", "The Realm does not exist."},
    known_problem{618, 404, "unknown-user", "The user does not exist."},
    known_problem{619, 400, "invalid-realm-type", "The type of the Realm is not supported."},
    known_problem{701, 403, "expired-permission-offer", "The permission offer is expired."},
    known_problem{702, 403, "ambiguous-permission-offer",
                  "The token matches several permission offers."},
    known_problem{703, 403, "file-may-not-be-shared", "This Realm may not be shared."},
    known_problem{801, 500, "server-misconfiguration", "The server is not configured correctly."},
    known_problem{802, 503, "service-unavailable", "A service that is needed is not available."},
    known_problem{803, 501, "not-enabled", "The feature is not configured."},
};

constexpr const char* problem_base = "https://realm.io/docs/object-server/problems/";

bool is_trouble(const caf::error& e) {
  return e == ec::unavailable || e == ec::overloaded;
}

/// The text that came with an error; "" if none did.
std::string context_of(const caf::error& e) {
  if (e && e.context().match_elements<std::string>())
    return e.context().get_as<std::string>(0);
  return {};
}

bool is_dead_token(const caf::error& e) {
  return e == auth_ec::revoked_token || e == auth_ec::unknown_user || e == auth_ec::user_disabled;
}

bool is_bad_token(const caf::error& e) {
  return e == auth_ec::malformed_token || e == auth_ec::bad_signature ||
         e == auth_ec::wrong_token_kind || e == auth_ec::expired_token;
}

/// What is the same wherever it happens.
http_problem common_problem(const caf::error& e) {
  if (is_trouble(e))
    return problem(802);
  if (e == ec::denied)
    return problem(614);
  if (e == auth_ec::bad_parameter)
    return problem(601, context_of(e), "is not valid");
  if (e == auth_ec::quota_exceeded) {
    auto full = plain_problem(403, "A quota is used up.");
    full.detail = context_of(e);
    return full;
  }
  return plain_problem(500, "The server failed.");
}

app_error common_error(const caf::error& e) {
  if (is_trouble(e))
    return {503, "MaintenanceInProgress", "the server cannot do this now, try again later"};
  return {500, "InternalServerError", "internal server error"};
}

} // namespace

json::object http_problem::document() const {
  json::object out{{"type", type}, {"title", title}, {"status", status}};
  if (code != 0)
    out["code"] = code;
  if (!detail.empty())
    out["detail"] = detail;
  if (!instance.empty())
    out["instance"] = instance;
  if (!invalid_params.empty()) {
    auto& list = out["invalid_params"].emplace_array();
    for (const auto& [name, reason] : invalid_params)
      list.push_back(json::object{{"name", name}, {"reason", reason}});
  }
  return out;
}

http_problem problem(int code) {
  auto found = std::find_if(known_problems.begin(), known_problems.end(),
                            [code](const known_problem& x) { return x.code == code; });
  if (found == known_problems.end())
    return plain_problem(500, "The server failed.");
  http_problem result;
  result.status = found->status;
  result.code = code;
  result.type = std::string{problem_base} + found->slug;
  result.title = found->title;
  return result;
}

http_problem problem(int code, std::string name, std::string reason) {
  auto result = problem(code);
  result.invalid_params.emplace_back(std::move(name), std::move(reason));
  return result;
}

http_problem plain_problem(unsigned status, std::string title) {
  http_problem result;
  result.status = status;
  result.type = "about:blank";
  result.title = std::move(title);
  return result;
}

json::object app_error::document() const {
  return {{"error", text}, {"error_code", name}, {"link", ""}};
}

http_problem login_problem(const caf::error& e) {
  // An existing account looks like a wrong password: SDKs of 2.x and later expect 611.
  if (e == auth_ec::invalid_credentials || e == auth_ec::account_exists)
    return problem(611);
  if (e == auth_ec::user_disabled)
    return problem(614);
  if (e == auth_ec::unknown_provider)
    return problem(601, "provider", "is unknown or not enabled");
  if (e == auth_ec::too_many_attempts)
    return plain_problem(429, "Too many attempts; wait a minute.");
  if (e == auth_ec::unknown_account) {
    auto result = problem(612);
    result.status = 400; // 4.4: as 1.x did; 404 on /auth means "no connection" to .NET
    return result;
  }
  return common_problem(e);
}

http_problem exchange_problem(const caf::error& e) {
  if (e == auth_ec::expired_token)
    return problem(615);
  if (is_bad_token(e) || is_dead_token(e))
    return problem(614);
  return common_problem(e);
}

http_problem caller_problem(const caf::error& e) {
  if (is_bad_token(e))
    return problem(611);
  if (is_dead_token(e))
    return problem(614);
  return common_problem(e);
}

app_error login_error(const caf::error& e) {
  if (e == auth_ec::invalid_credentials || e == auth_ec::unknown_account)
    return {401, "InvalidPassword", "invalid username/password"};
  if (e == auth_ec::account_exists)
    return {409, "AccountNameInUse", "name already in use"};
  if (e == auth_ec::user_disabled)
    return {401, "UserDisabled", "user disabled"};
  if (e == auth_ec::unknown_provider)
    return {404, "AuthProviderNotFound", "authentication provider not found"};
  if (e == auth_ec::too_many_attempts)
    return {429, "TooManyRequests", "too many attempts, wait a minute"};
  if (e == auth_ec::confirmation_required)
    return {401, "AuthError", "confirmation required"};
  if (e == auth_ec::provider_unreachable)
    return {503, "MaintenanceInProgress", "the authentication provider cannot be reached"};
  if (e == auth_ec::bad_parameter)
    return {400, "BadRequest", "a user name has 1 to 1024 bytes of UTF-8"};
  return common_error(e);
}

app_error session_error(const caf::error& e) {
  // 401 makes clients refresh and, if that is refused too, log out: right for all of these.
  if (e == auth_ec::user_disabled)
    return {401, "UserDisabled", "user disabled"};
  if (is_bad_token(e) || is_dead_token(e))
    return {401, "InvalidSession", "invalid session: " + to_string(static_cast<auth_ec>(e.code()))};
  if (e == auth_ec::last_admin)
    return {403, "AuthError", "the last administrator cannot be deleted"};
  return common_error(e);
}

app_error api_key_error(const caf::error& e) {
  if (e == auth_ec::unknown_key)
    return {404, "APIKeyNotFound", "API key not found"};
  if (e == auth_ec::key_exists)
    return {409, "APIKeyAlreadyExists", "API key with name already exists"};
  if (e == ec::denied)
    return {403, "AuthError", "anonymous users cannot have API keys"};
  return session_error(e);
}

bool is_token_error(const caf::error& e) {
  return is_bad_token(e) || is_dead_token(e);
}

} // namespace ros::actors
