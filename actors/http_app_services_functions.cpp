// Functions and push services at the App-Services API (http-api.md 9.7), and the function
// that decides on new passwords (9.6): functions are webhooks of the operator's.
#include "http_app_services.hpp"
#include "http_handlers.hpp"
#include "mail_text.hpp"
#include "outside_judges.hpp"

#include "runtime/encoding.hpp"
#include "runtime/json_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace json = boost::json;

namespace ros::actors {

namespace {

void refuse_function(http_call& call, const std::string& name) {
  call.refuse(app_error{404, "FunctionNotFound", "function not found: '" + name + "'"});
}

/// The function that an event stream asks for in its query; "" if that is no request.
std::string streamed_function(const http_call& call) {
  auto encoded = call.request().query_parameter("baas_request").value_or("");
  // Clients take either of the two alphabets, and may leave out the padding.
  std::ranges::replace(encoded, '-', '+');
  std::ranges::replace(encoded, '_', '/');
  encoded.append((4 - encoded.size() % 4) % 4, '=');
  const auto text = runtime::base64_decode(encoded);
  const auto request = runtime::parse_object(text.value_or(""));
  return request ? runtime::string_member(*request, "name") : std::string{};
}

const config::webhook_section* find_function(const http_service_state& service,
                                             const std::string& name) {
  const auto& functions = service.context().options.functions;
  const auto found = functions.find(name);
  return found == functions.end() ? nullptr : &found->second;
}

app_error function_error(std::string text) {
  return {400, "FunctionExecutionError", std::move(text)};
}

void refuse_failed(http_call& call, const caf::error& e) {
  if (e == auth_ec::provider_unreachable)
    call.refuse(function_error("the function does not answer"));
  else
    call.refuse(login_error(e));
}

/// Calls a webhook on behalf of a call; its side effects must not happen twice.
template <class Then>
void call_webhook(http_service_state& service, const http_call& call,
                  const config::webhook_section& hook, const json::object& body, Then then) {
  auto request = webhook_call(hook.url, hook.secret, json::serialize(body));
  request.is_repeatable = false;
  service.ask<web_answer>(service.context().functions, std::move(request), call, std::move(then),
                          refuse_failed);
}

void answer_function(http_call& call, const web_answer& x) {
  boost::system::error_code failed;
  const auto value = json::parse(x.body.empty() ? "null" : x.body, failed);
  if (x.status == 200 && !failed)
    return call.answer_text(200, "application/json", json::serialize(value));
  const auto* members = failed ? nullptr : value.if_object();
  if (auto why = members ? runtime::string_member(*members, "error") : std::string{}; !why.empty())
    return call.refuse(function_error(std::move(why)));
  call.refuse(function_error("the function failed with status " + std::to_string(x.status)));
}

json::array arguments_of(const http_call& call) {
  const auto* value = call.body().if_contains("arguments");
  return value && value->is_array() ? value->get_array() : json::array{};
}

// -- new passwords -----------------------------------------------------------------

app_error reset_refused(const std::string& email) {
  return {400, "BadRequest", "failed to reset password for user \"" + email + "\""};
}

/// The webhook's word: "success" sets the password, "pending" leaves that to whoever gets the
/// token, anything else refuses.
void decide_reset(http_service_state& service, http_call& call, const web_answer& x,
                  redeem_mail wish, const std::string& email) {
  const auto reply = x.status == 200 ? runtime::parse_object(x.body) : std::nullopt;
  const auto word = reply ? runtime::string_member(*reply, "status") : std::string{};
  if (word == "pending")
    return call.answer(202, {});
  if (word != "success")
    return call.refuse(reset_refused(email));
  service.ask<user_record>(
      service.context().account_mail, std::move(wish), call,
      [](http_call& done, const user_record&) { done.answer(202, {}); }, refuse_mail);
}

} // namespace

void post_function_call(http_service_state& service, http_call call) {
  with_caller(service, token_kind::access, std::move(call),
              [&service](http_call& known, const principal& who) {
                const auto name = known.text("name").value_or("");
                const auto* hook = find_function(service, name);
                if (!hook)
                  return refuse_function(known, name);
                json::object body{
                    {"name", name},
                    {"arguments", arguments_of(known)},
                    {"app_id", known.parameter("app")},
                    {"user", {{"id", who.who.user_id}, {"is_admin", who.who.is_admin}}}};
                if (auto of_service = known.text("service"))
                  body["service"] = *of_service;
                call_webhook(service, known, *hook, body, answer_function);
              });
}

void post_reset_call(http_service_state& service, http_call call) {
  const auto& name = service.context().options.reset_function;
  const auto* hook = find_function(service, name);
  if (!hook)
    return refuse_function(call, name);
  auto email = call.text("email"), password = call.text("password");
  if (!email || email->empty() || !password || !is_good_password(*password))
    return call.refuse(app_error{400, "BadRequest",
                                 "email and a password between 6 and 128 characters are required"});
  request_mail wish{mail_purpose::reset_password, *email, call.origin().address, true};
  service.ask<std::string>(
      service.context().account_mail, std::move(wish), call,
      [&service, hook, name, email = *email, password = *password](http_call& known,
                                                                   const std::string& token) {
        auto arguments = arguments_of(known);
        arguments.insert(arguments.begin(), json::object{{"username", email},
                                                         {"password", password},
                                                         {"token", token},
                                                         {"tokenId", mail_token_id(token)}});
        const json::object body{
            {"name", name}, {"arguments", arguments}, {"app_id", known.parameter("app")}};
        redeem_mail use{mail_purpose::reset_password, token, password, known.origin().address};
        call_webhook(service, known, *hook, body,
                     [&service, use, email](http_call& decided, const web_answer& x) {
                       decide_reset(service, decided, x, use, email);
                     });
      },
      refuse_mail);
}

void get_function_stream(http_service_state& service, http_call call) {
  auto token = call.request().query_parameter("baas_at"); // an event source has no headers
  if (!token)
    return call.refuse(app_error{401, "InvalidSession", "must authenticate first"});
  with_token(
      service, *token, token_kind::access, std::move(call),
      [](http_call& known, const principal&) { refuse_function(known, streamed_function(known)); });
}

void refuse_push_service(http_service_state&, http_call call) {
  call.refuse(
      app_error{404, "ServiceNotFound", "service not found: '" + call.parameter("service") + "'"});
}

} // namespace ros::actors
