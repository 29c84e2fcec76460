// Mailed tokens at the App-Services API (http-api.md 9.6).
#include "http_app_services.hpp"
#include "http_handlers.hpp"
#include "mail_text.hpp"

#include <algorithm>

namespace ros::actors {

namespace {

/// Has a token mailed and answers with `status`.
void request_token(http_service_state& service, http_call call, mail_purpose purpose,
                   unsigned status) {
  auto email = call.text("email");
  if (!email || email->empty())
    return call.refuse(app_error{400, "BadRequest", "email is required"});
  service.ask<std::string>(
      service.context().account_mail, request_mail{purpose, *email, call.origin().address}, call,
      [status](http_call& done, const std::string&) { done.answer(status, {}); }, refuse_mail);
}

/// The token of the call; nothing: it has been refused.
std::optional<std::string> read_token(http_call& call) {
  auto token = call.text("token"), id = call.text("tokenId");
  if (!token || token->empty() || !id || id->empty())
    call.refuse(app_error{400, "BadRequest", "invalid token data"});
  else if (*id != mail_token_id(*token))
    refuse_mail(call, caf::make_error(auth_ec::bad_mail_token));
  else
    return token;
  return std::nullopt;
}

void use_token(http_service_state& service, const http_call& call, redeem_mail wish) {
  wish.address = call.origin().address;
  service.ask<user_record>(
      service.context().account_mail, std::move(wish), call,
      [](http_call& done, const user_record&) { done.answer(200, {}); }, refuse_mail);
}

} // namespace

bool is_good_password(std::string_view text) {
  const auto characters = std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80; // not the bytes behind the first
  });
  return characters >= 6 && characters <= 128;
}

void refuse_mail(http_call& call, const caf::error& e) {
  if (e == auth_ec::unknown_account)
    call.refuse(app_error{404, "UserNotFound", "user not found"});
  else if (e == auth_ec::already_confirmed)
    call.refuse(app_error{400, "UserAlreadyConfirmed", "already confirmed"});
  else if (e == auth_ec::bad_mail_token)
    call.refuse(app_error{400, "UserpassTokenInvalid", "the token is unknown, used or expired"});
  else if (e == auth_ec::no_mailer)
    call.refuse(app_error{501, "InternalServerError", "no mail server is configured"});
  else if (e == auth_ec::bad_parameter)
    call.refuse(app_error{400, "BadRequest", "email is not an e-mail address"});
  else
    call.refuse(login_error(e));
}

void post_confirm(http_service_state& service, http_call call) {
  if (auto token = read_token(call))
    use_token(service, call, {mail_purpose::confirm_email, std::move(*token)});
}

void post_confirm_send(http_service_state& service, http_call call) {
  request_token(service, std::move(call), mail_purpose::confirm_email, 202);
}

void post_confirm_call(http_service_state& service, http_call call) {
  request_token(service, std::move(call), mail_purpose::confirm_email, 200);
}

void post_reset_send(http_service_state& service, http_call call) {
  request_token(service, std::move(call), mail_purpose::reset_password, 202);
}

void post_reset(http_service_state& service, http_call call) {
  auto token = read_token(call);
  if (!token)
    return;
  auto password = call.text("password");
  if (!password || !is_good_password(*password))
    return call.refuse(
        app_error{400, "BadRequest", "password must be between 6 and 128 characters"});
  use_token(service, call, {mail_purpose::reset_password, std::move(*token), *password});
}

} // namespace ros::actors
