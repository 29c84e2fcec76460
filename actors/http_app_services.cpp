// The App-Services-compatible API (http-api.md 9).
#include "http_handlers.hpp"
#include "http_service.hpp"

#include "runtime/encoding.hpp"
#include "runtime/log.hpp"

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

std::string own_name(std::string_view sdk_name) {
  for (const auto& [sdk, own] : provider_names)
    if (sdk == sdk_name)
      return std::string{own};
  return {};
}

std::string sdk_name(std::string_view own_name) {
  for (const auto& [sdk, own] : provider_names)
    if (own == own_name)
      return std::string{sdk};
  return std::string{own_name};
}

/// Characters, not bytes, of UTF-8 text.
std::size_t length(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

void refuse_login(http_call& call, const caf::error& e) {
  call.refuse(login_error(e));
}
void refuse_session(http_call& call, const caf::error& e) {
  call.refuse(session_error(e));
}

/// The token of a call that needs one; without it the call has been refused.
std::optional<std::string> required_token(http_service_state& service, http_call& call) {
  auto token = service.presented_token(call);
  if (!token)
    call.refuse(app_error{401, "InvalidSession", "must authenticate first"});
  return token;
}

/// `options.device` of a log-in (9.3).
const json::object* device_of(const http_call& call) {
  auto* options = call.body().if_contains("options");
  auto* device =
      options && options->is_object() ? options->get_object().if_contains("device") : nullptr;
  return device ? device->if_object() : nullptr;
}

std::string device_text(const http_call& call, std::string_view name) {
  auto* device = device_of(call);
  auto* value = device ? device->if_contains(name) : nullptr;
  return value && value->is_string() ? std::string{value->get_string()} : std::string{};
}

/// Stable 24 hexadecimal digits for an account, as SDKs expect of an identity.
std::string identity_id(const account_name& account) {
  return runtime::hex_encode(runtime::sha256(account.provider + '\0' + account.id)).substr(0, 24);
}

json::object profile_of(const user_record& user) {
  json::array identities;
  json::object data;
  for (const auto& account : user.accounts) {
    identities.push_back(json::object{{"id", identity_id(account)},
                                      {"provider_type", sdk_name(account.provider)},
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

void post_register(http_service_state& service, http_call call) {
  auto email = call.text("email"), password = call.text("password");
  if (!email || email->empty() || !password)
    return call.refuse(app_error{400, "BadRequest", "email and password are required"});
  if (auto size = length(*password); size < 6 || size > 128)
    return call.refuse(
        app_error{400, "BadRequest", "password must be between 6 and 128 characters"});
  if (service.context().options.confirm_by_mail) // nobody could ever confirm
    return call.refuse(
        app_error{501, "InternalServerError", "sending of confirmation e-mails is not available"});
  credentials proof{*email, *password, registration::required, call.origin().address};
  service.ask<recognised>(
      service.context().auth, enrol_account{"password", std::move(proof)}, call,
      [](http_call& done, const recognised&) { done.answer(201, {}); }, refuse_login);
}

void post_login(http_service_state& service, http_call call) {
  auto provider = own_name(call.parameter("provider"));
  if (auto link = call.request().query_parameter("link"); link && *link == "true")
    return call.refuse(app_error{400, "BadRequest", "linking of identities is not available"});
  credentials proof{{}, {}, registration::forbidden, call.origin().address};
  if (provider == "password") {
    auto username = call.text("username"), password = call.text("password");
    if (!username || !password)
      return call.refuse(app_error{400, "MissingParameter", "username and password are required"});
    proof.data = *username;
    proof.password = *password;
    if (proof.data.empty()) // no account has this name
      return call.refuse(login_error(caf::make_error(auth_ec::invalid_credentials)));
  }
  log::debug("http_service sees a log-in of {} {} on {}", device_text(call, "sdk"),
             device_text(call, "sdkVersion"), device_text(call, "platform"));
  service.ask<logged_in>(
      service.context().auth, log_in{provider, std::move(proof), device_text(call, "deviceId")},
      call,
      [](http_call& done, const logged_in& x) {
        done.answer(200, {{"access_token", x.access_token},
                          {"refresh_token", x.refresh_token},
                          {"user_id", x.user_id},
                          {"device_id", x.device_id}});
      },
      refuse_login);
}

void get_profile(http_service_state& service, http_call call) {
  auto token = required_token(service, call);
  if (!token)
    return;
  service.ask<principal>(
      service.context().auth, authenticate{*token, token_kind::access, api_face::app_services},
      call,
      [&service](http_call& known, const principal& x) {
        service.ask<user_record>(
            service.context().admin_realm, read_user{x.who.user_id}, known,
            [](http_call& done, const user_record& user) { done.answer(200, profile_of(user)); },
            refuse_session);
      },
      refuse_session);
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

void post_function_call(http_service_state&, http_call call) {
  call.refuse(app_error{404, "FunctionNotFound",
                        "function not found: '" + call.text("name").value_or("") + "'"});
}

} // namespace ros::actors
