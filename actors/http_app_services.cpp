// The App-Services-compatible API (http-api.md 9): what clients ask of the server and of
// their own user. Log-in, API keys and functions have files of their own.
#include "http_app_services.hpp"
#include "http_handlers.hpp"

#include "runtime/encoding.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>

namespace json = boost::json;

namespace ros::actors {

namespace {

constexpr const char* no_domain = "000000000000000000000000";

/// Names of log-in providers: those of SDKs and those of the server (9.3).
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> provider_names{{
    {"anon-user", "anonymous"},
    {"local-userpass", "password"},
    {"custom-token", "jwt"},
    {"api-key", "api-key"},
    {"custom-function", "custom/function"},
    {"oauth2-google", "google"},
    {"oauth2-facebook", "facebook"},
    {"oauth2-apple", "apple"},
}};

/// What a profile tells of a user's metadata (9.5).
constexpr std::array<std::string_view, 9> profile_members{"name",       "email",     "picture_url",
                                                          "first_name", "last_name", "gender",
                                                          "birthday",   "min_age",   "max_age"};

/// Stable 24 hexadecimal digits for an account, as SDKs expect of an identity.
std::string identity_id(const account_name& account) {
  return runtime::hex_encode(runtime::sha256(account.provider + '\0' + account.id)).substr(0, 24);
}

json::object profile_of(const user_record& user) {
  json::array identities;
  json::object data;
  for (const auto& [key, value] : user.metadata)
    if (std::find(profile_members.begin(), profile_members.end(), key) != profile_members.end())
      data[key] = value;
  for (const auto& account : user.accounts) {
    identities.push_back(json::object{{"id", identity_id(account)},
                                      {"provider_type", sdk_name_of(account.provider)},
                                      {"provider_id", account.id}});
    if (account.provider == "password")
      data["email"] = account.id;
  }
  return {{"user_id", user.id},
          {"domain_id", no_domain},
          {"identities", std::move(identities)},
          {"data", std::move(data)},
          {"type", "normal"}};
}

} // namespace

std::string provider_of_sdk(std::string_view sdk_name) {
  for (const auto& [sdk, own] : provider_names)
    if (sdk == sdk_name)
      return std::string{own};
  return {};
}

std::string sdk_name_of(std::string_view provider) {
  for (const auto& [sdk, own] : provider_names)
    if (own == provider)
      return std::string{sdk};
  return std::string{provider};
}

std::optional<std::string> required_token(http_service_state& service, http_call& call) {
  auto token = service.presented_token(call);
  if (!token)
    call.refuse(app_error{401, "InvalidSession", "must authenticate first"});
  return token;
}

void refuse_session(http_call& call, const caf::error& e) {
  call.refuse(session_error(e));
}

initiator initiator_of(const http_call& call, const principal& caller) {
  return {caller.who.user_id, call.origin().address};
}

void get_location(http_service_state& service, http_call call) {
  auto url = service.public_url(call);
  if (!url)
    return call.refuse(app_error{400, "BadRequest", "the request has no usable Host header"});
  // http -> ws, https -> wss
  auto sockets = url->starts_with("http") ? "ws" + url->substr(4) : *url;
  call.answer(200, {{"deployment_model", "LOCAL"},
                    {"location", "US-VA"},
                    {"hostname", *url},
                    {"ws_hostname", sockets}});
}

void get_profile(http_service_state& service, http_call call) {
  with_caller(
      service, token_kind::access, std::move(call),
      [&service](http_call& known, const principal& x) {
        service.ask<user_record>(
            service.context().admin_realm, read_user{x.who.user_id}, known,
            [](http_call& done, const user_record& user) { done.answer(200, profile_of(user)); },
            refuse_session);
      });
}

void delete_own_user(http_service_state& service, http_call call) {
  with_caller(service, token_kind::access, std::move(call),
              [&service](http_call& known, const principal& x) {
                service.ask<bool>(
                    service.context().admin_realm,
                    delete_user{x.who.user_id, initiator_of(known, x)}, known,
                    [](http_call& done, bool) { done.answer_empty(204); }, refuse_session);
              });
}

void post_session(http_service_state& service, http_call call) {
  auto token = required_token(service, call);
  if (!token)
    return;
  service.ask<std::string>(
      service.context().auth, refresh_session{*token}, call,
      [](http_call& done, const std::string& access) {
        done.answer(201, {{"access_token", access}});
      },
      refuse_session);
}

void delete_session(http_service_state& service, http_call call) {
  auto token = required_token(service, call);
  if (!token)
    return;
  service.ask<bool>(
      service.context().auth, log_out{*token}, call,
      [](http_call& done, bool) { done.answer_empty(204); }, refuse_session);
}

} // namespace ros::actors
