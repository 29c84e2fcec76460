// What the handlers of the App-Services API (http-api.md 9) share. Owned by the HTTP SERVICE.
#pragma once

#include "http_call.hpp"
#include "http_service.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace ros::actors {

/// The server's name of a log-in provider of SDKs (9.3); "" if SDKs know none of that name.
[[nodiscard]] std::string provider_of_sdk(std::string_view sdk_name);
/// The name SDKs have for a provider of the server; unchanged if they have none.
[[nodiscard]] std::string sdk_name_of(std::string_view provider);

/// The token of a call that needs one; without it the call has been refused.
[[nodiscard]] std::optional<std::string> required_token(http_service_state& service,
                                                        http_call& call);

/// Refuses a call that is authorised by a JWT.
void refuse_session(http_call& call, const caf::error& e);

/// Goes on with `then(call, principal)` if `token` is a JWT of this kind whose user and
/// session are good; the call has been refused otherwise (9.9).
template <class Then>
void with_token(http_service_state& service, const std::string& token, token_kind kind,
                http_call call, Then then) {
  service.ask<principal>(service.context().auth, authenticate{token, kind, api_face::app_services},
                         std::move(call), std::move(then), refuse_session);
}

/// The same with the token in the request's header.
template <class Then>
void with_caller(http_service_state& service, token_kind kind, http_call call, Then then) {
  if (auto token = required_token(service, call))
    with_token(service, *token, kind, std::move(call), std::move(then));
}

/// Whether this may be a new password: 6 to 128 characters (9.6).
[[nodiscard]] bool is_good_password(std::string_view text);
/// Refuses a call about a mailed token (9.6).
void refuse_mail(http_call& call, const caf::error& e);

/// Who makes a change that a call asks for.
[[nodiscard]] initiator initiator_of(const http_call& call, const principal& caller);

} // namespace ros::actors
