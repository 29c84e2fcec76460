// Mailed tokens at the legacy API, and the pages that mails lead to (http-api.md 5.2, 5.3).
#include "http_handlers.hpp"
#include "http_service.hpp"
#include "mail_text.hpp"

#include "runtime/encoding.hpp"
#include "runtime/json_text.hpp"
#include "runtime/web_client.hpp"

#include <algorithm>

namespace json = boost::json;

namespace ros::actors {

namespace {

/// How calls about mailed tokens fail. An unknown account looks like a known one.
void refuse(http_call& call, const caf::error& e) {
  if (e == auth_ec::unknown_account || e == auth_ec::already_confirmed)
    call.answer(200, {});
  else if (e == auth_ec::bad_mail_token)
    call.refuse(problem(614));
  else if (e == auth_ec::no_mailer)
    call.refuse(problem(803));
  else if (e == auth_ec::too_many_attempts)
    call.refuse(plain_problem(429, "Too many requests; try again later."));
  else
    call.refuse(login_problem(e));
}

void request_token(http_service_state& service, http_call call, mail_purpose purpose) {
  auto account = call.text("provider_id");
  if (!account || account->empty())
    return call.refuse(problem(602, "provider_id", "is required"));
  service.ask<std::string>(
      service.context().account_mail, request_mail{purpose, *account, call.origin().address}, call,
      [](http_call& done, const std::string&) { done.answer(200, {}); }, refuse);
}

void use_token(http_service_state& service, http_call call, const json::object& data,
               mail_purpose purpose) {
  redeem_mail wish{purpose, runtime::string_member(data, "token"),
                   runtime::string_member(data, "new_password"), call.origin().address};
  if (wish.token.empty())
    return call.refuse(problem(602, "data.token", "is required"));
  if (purpose == mail_purpose::reset_password && wish.new_password.empty())
    return call.refuse(problem(602, "data.new_password", "is required"));
  service.ask<user_record>(
      service.context().account_mail, std::move(wish), call,
      [](http_call& done, const user_record&) { done.answer(200, {}); }, refuse);
}

// -- pages -------------------------------------------------------------------------

/// `body` is HTML, the rest text.
void answer_page(http_call& call, unsigned status, std::string_view title,
                 const std::string& body) {
  const auto page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
                    std::string{title} + "</title>\n</head>\n<body>\n<h1>" + std::string{title} +
                    "</h1>\n" + body + "</body>\n</html>\n";
  call.answer_text(status, "text/html; charset=utf-8", page,
                   {{"Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'"},
                    {"Referrer-Policy", "no-referrer"},
                    {"X-Content-Type-Options", "nosniff"},
                    {"Cache-Control", "no-store"}});
}

void refuse_page(http_call& call, const caf::error& e) {
  if (e == auth_ec::bad_mail_token)
    answer_page(call, 403, "This link is not valid",
                "<p>It was used already, or it is too old. Ask for another mail.</p>\n");
  else if (e == auth_ec::too_many_attempts)
    answer_page(call, 429, "Too many attempts", "<p>Try again in a minute.</p>\n");
  else
    answer_page(call, 503, "This does not work now", "<p>Try again later.</p>\n");
}

/// Where a page may lead to: only to origins that the operator has named.
std::string allowed_target(const http_service_state& service, const std::string& url) {
  const auto& origins = service.context().options.redirect_origins;
  const bool is_allowed =
      runtime::is_web_url(url) &&
      std::find(origins.begin(), origins.end(), runtime::web_origin(url)) != origins.end() &&
      // What browsers read differently: "https://good.example\@evil.example".
      url.find_first_of("\\@") == std::string::npos;
  return is_allowed ? url : std::string{};
}

void finish_page(http_call& call, const std::string& target, std::string_view title,
                 const std::string& body) {
  if (target.empty())
    answer_page(call, 200, title, body);
  else
    call.answer_empty(303, {{"Location", target}, {"Referrer-Policy", "no-referrer"}});
}

struct reset_form {
  std::string email, token, target;
  std::string problem{}; ///< shown above it
};

void show_reset_form(http_call& call, unsigned status, const reset_form& x) {
  const auto hidden = [](std::string_view name, const std::string& value) {
    return "<input type=\"hidden\" name=\"" + std::string{name} + "\" value=\"" +
           runtime::html_escape(value) + "\">\n";
  };
  std::string body;
  if (!x.problem.empty())
    body += "<p role=\"alert\">" + runtime::html_escape(x.problem) + "</p>\n";
  body += "<form method=\"post\" action=\"/reset-password\">\n" + hidden("email", x.email) +
          hidden("token", x.token) + hidden("redirect-url", x.target) +
          "<p><label>New password <input type=\"password\" name=\"password\" "
          "autocomplete=\"new-password\" required></label></p>\n"
          "<p><label>Again <input type=\"password\" name=\"password-repeated\" "
          "autocomplete=\"new-password\" required></label></p>\n"
          "<p><button>Set password</button></p>\n</form>\n";
  answer_page(call, status, "Choose a new password", body);
}

} // namespace

void post_update_account(http_service_state& service, http_call call) {
  const auto* value = call.body().if_contains("data");
  const auto* data = value ? value->if_object() : nullptr;
  const auto action = data ? runtime::string_member(*data, "action") : std::string{};
  if (action.empty())
    call.refuse(problem(602, "data.action", "is required"));
  else if (action == "reset_password")
    request_token(service, std::move(call), mail_purpose::reset_password);
  else if (action == "request_email_confirmation")
    request_token(service, std::move(call), mail_purpose::confirm_email);
  else if (action == "complete_reset")
    use_token(service, std::move(call), *data, mail_purpose::reset_password);
  else if (action == "confirm_email")
    use_token(service, std::move(call), *data, mail_purpose::confirm_email);
  else
    call.refuse(problem(601, "data.action", "is unknown"));
}

void get_confirm_page(http_service_state& service, http_call call) {
  const auto token = call.request().query_parameter("token").value_or("");
  auto target = allowed_target(service, call.request().query_parameter("redirectUrl").value_or(""));
  redeem_mail wish{mail_purpose::confirm_email, token, {}, call.origin().address};
  service.ask<user_record>(
      service.context().account_mail, std::move(wish), call,
      [target = std::move(target)](http_call& done, const user_record&) {
        finish_page(done, target, "Your address is confirmed", "<p>You can log in now.</p>\n");
      },
      refuse_page);
}

void get_reset_page(http_service_state&, http_call call) {
  const auto& request = call.request();
  const auto value = [&](const char* name) { return request.query_parameter(name).value_or(""); };
  show_reset_form(call, 200, {value("email"), value("token"), value("redirectUrl")});
}

void post_reset_page(http_service_state& service, http_call call) {
  const auto& body = call.request().body;
  const auto value = [&](const char* name) { return runtime::form_value(body, name).value_or(""); };
  reset_form form{value("email"), value("token"), value("redirect-url")};
  const auto password = value("password");
  if (password.empty())
    form.problem = "A password is needed.";
  else if (password != value("password-repeated"))
    form.problem = "The two passwords differ.";
  if (!form.problem.empty())
    return show_reset_form(call, 400, form);
  redeem_mail wish{mail_purpose::reset_password, form.token, password, call.origin().address};
  service.ask<user_record>(
      service.context().account_mail, std::move(wish), call,
      [target = allowed_target(service, form.target)](http_call& done, const user_record&) {
        finish_page(done, target, "Your password is changed",
                    "<p>You can log in with the new one now.</p>\n");
      },
      refuse_page);
}

} // namespace ros::actors
