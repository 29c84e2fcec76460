// Registration, log-in and linking of identities at the App-Services API (http-api.md 9.3, 9.6).
#include "http_app_services.hpp"
#include "http_handlers.hpp"
#include "mail_text.hpp"

#include "runtime/log.hpp"

#include <boost/json/serialize.hpp>

namespace json = boost::json;

namespace ros::actors {

namespace {

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

/// The member of the body that proves who the client is, for providers that take one (9.3).
std::string_view proof_member(std::string_view provider) {
  if (provider == "jwt")
    return "token";
  if (provider == "api-key")
    return "key";
  if (provider == "facebook")
    return "accessToken";
  if (provider == "google" || provider == "apple")
    return "id_token";
  return {};
}

/// The body of a custom function's log-in as its webhook gets it.
std::string function_payload(const http_call& call) {
  auto payload = call.body();
  payload.erase("options");
  payload.erase("provider");
  return json::serialize(payload);
}

/// What the client presents to this provider; nothing: the call has been refused. Whether
/// a provider is enabled comes first, so an absent credential is left to the provider.
std::optional<credentials> read_proof(http_call& call, const std::string& provider) {
  credentials proof;
  proof.address = call.origin().address;
  proof.app_id = call.parameter("app");
  if (provider == "password") {
    auto username = call.text("username"), password = call.text("password");
    if (!username || !password) {
      call.refuse(app_error{400, "MissingParameter", "username and password are required"});
      return std::nullopt;
    }
    proof.data = *username;
    proof.password = *password;
    proof.enrol = registration::forbidden;
    if (proof.data.empty()) { // no account has this name
      call.refuse(login_error(caf::make_error(auth_ec::invalid_credentials)));
      return std::nullopt;
    }
  } else if (provider == "custom/function") {
    proof.extras = function_payload(call);
  } else if (auto member = proof_member(provider); !member.empty()) {
    proof.data = call.text(member).value_or("");
    if (auto code = call.text("authCode"); code && provider == "google")
      proof.extras = json::serialize(json::object{{"authCode", *code}});
  }
  return proof;
}

/// How a log-in at a provider fails.
app_error refusal(const http_call& call, const std::string& provider, const caf::error& e) {
  if (provider == "password" || provider.empty())
    return login_error(e);
  if (e == auth_ec::invalid_credentials || e == auth_ec::unknown_account)
    return {401, "AuthError", "authentication failed"};
  if (e == auth_ec::bad_parameter && provider == "google" && call.text("authCode"))
    return {400, "InvalidParameter", "authCode needs a clientSecret; send id_token"};
  if (e == auth_ec::bad_parameter && call.text(proof_member(provider)).value_or("").empty())
    return {400, "MissingParameter", std::string{proof_member(provider)} + " is required"};
  if (e == auth_ec::bad_parameter)
    return {400, "InvalidParameter", std::string{proof_member(provider)} + " is not valid"};
  return login_error(e);
}

void answer_tokens(http_call& call, const logged_in& x) {
  call.answer(200, {{"access_token", x.access_token},
                    {"refresh_token", x.refresh_token},
                    {"user_id", x.user_id},
                    {"device_id", x.device_id}});
}

/// Adds the identity to the user of the access token (9.3).
void link(http_service_state& service, http_call call, const std::string& provider,
          credentials proof) {
  auto token = required_token(service, call);
  if (!token)
    return;
  service.ask<logged_in>(
      service.context().auth, link_identity{*token, provider, std::move(proof)}, call,
      answer_tokens, [provider](http_call& refused, const caf::error& e) {
        if (e == auth_ec::account_exists)
          refused.refuse(
              app_error{401, "AuthError", "a user already exists with the specified provider"});
        else if (is_token_error(e))
          refuse_session(refused, e);
        else
          refused.refuse(refusal(refused, provider, e));
      });
}

/// The account is there; if no mail can go out now the app can ask for one again.
void send_confirmation(http_service_state& service, const http_call& call,
                       const std::string& email) {
  request_mail wish{mail_purpose::confirm_email, email, call.origin().address};
  service.ask<std::string>(
      service.context().account_mail, std::move(wish), call,
      [](http_call& done, const std::string&) { done.answer(201, {}); },
      [](http_call& done, const caf::error& e) {
        log::warn("http_service could not have a confirmation mailed: {}", caf::to_string(e));
        done.answer(201, {});
      });
}

} // namespace

void post_register(http_service_state& service, http_call call) {
  auto email = call.text("email"), password = call.text("password");
  if (!email || email->empty() || !password)
    return call.refuse(app_error{400, "BadRequest", "email and password are required"});
  if (!is_good_password(*password))
    return call.refuse(
        app_error{400, "BadRequest", "password must be between 6 and 128 characters"});
  const bool by_mail = service.context().options.confirm_by_mail;
  if (by_mail && !is_mail_address(*email))
    return call.refuse(app_error{400, "BadRequest", "email is not an e-mail address"});
  credentials proof{*email, *password, registration::ahead, call.origin().address};
  service.ask<recognised>(
      service.context().auth, enrol_account{"password", std::move(proof)}, call,
      [&service, by_mail, email = *email](http_call& done, const recognised&) {
        if (by_mail)
          send_confirmation(service, done, email);
        else
          done.answer(201, {});
      },
      [](http_call& refused, const caf::error& e) { refused.refuse(login_error(e)); });
}

void post_login(http_service_state& service, http_call call) {
  auto provider = provider_of_sdk(call.parameter("provider"));
  const bool linking = call.request().query_parameter("link") == "true";
  if (linking && provider == "anonymous")
    return call.refuse(app_error{400, "BadRequest", "a user cannot be linked to anon-user"});
  auto proof = read_proof(call, provider);
  if (!proof)
    return;
  if (linking)
    return link(service, std::move(call), provider, std::move(*proof));
  log::debug("http_service sees a log-in of {} {} on {}", device_text(call, "sdk"),
             device_text(call, "sdkVersion"), device_text(call, "platform"));
  service.ask<logged_in>(service.context().auth,
                         log_in{provider, std::move(*proof), device_text(call, "deviceId")}, call,
                         answer_tokens, [provider](http_call& refused, const caf::error& e) {
                           refused.refuse(refusal(refused, provider, e));
                         });
}

} // namespace ros::actors
