// The legacy API's log-in (http-api.md 4, 5.4).
#include "auth_errors.hpp"
#include "http_handlers.hpp"
#include "http_service.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace json = boost::json;

namespace ros::actors {

namespace {

/// A member that may be absent or null but must else be of one type.
template <class Take>
bool take(const json::object& from, std::string_view name, Take take_value) {
  auto* value = from.if_contains(name);
  return !value || value->is_null() || take_value(*value);
}

/// The members of a log-in, whichever form it has (4.1).
struct auth_request {
  std::string provider;
  std::string app_id;
  std::optional<std::string> data;
  std::optional<std::string> path;
  std::optional<std::string> password;
  std::string extras; ///< user_info as text
  registration enrol = registration::by_configuration;
};

bool take_text(const json::object& from, std::string_view name, std::optional<std::string>& to) {
  return take(from, name, [&to](const json::value& value) {
    if (!value.is_string())
      return false;
    to = std::string{value.get_string()};
    return true;
  });
}

bool take_registration(const json::object& from, registration& to) {
  return take(from, "register", [&to](const json::value& value) {
    if (!value.is_bool())
      return false;
    to = value.get_bool() ? registration::required : registration::forbidden;
    return true;
  });
}

/// Reads the body; on failure `wrong` names the member of a bad type.
bool read_auth_request(const json::object& body, auth_request& to, std::string& wrong) {
  const bool flat = body.contains("username") && !body.contains("data");
  std::optional<std::string> provider, app_id;
  for (const auto& [name, target] :
       {std::pair{"provider", &provider}, std::pair{"app_id", &app_id},
        std::pair{flat ? "username" : "data", &to.data}, std::pair{"path", &to.path}})
    if (!take_text(body, wrong = name, *target))
      return false;
  const json::object empty;
  const auto* user_info = flat ? &body : &empty;
  wrong = "user_info";
  if (!flat && !take(body, wrong, [&user_info](const json::value& value) {
        return (user_info = value.if_object()) != nullptr;
      }))
    return false;
  wrong = "user_info.register";
  if (!take_registration(*user_info, to.enrol))
    return false;
  to.extras = json::serialize(*user_info);
  if (auto* password = user_info->if_contains("password"); password && password->is_string())
    to.password = std::string{password->get_string()};
  to.provider = provider.value_or("");
  to.app_id = app_id.value_or("");
  return true;
}

/// The members of token_data that every SDK's parser is content with (4.2, 4.3).
json::object to_json(const legacy_token& x) {
  json::object data{{"app_id", x.app_id},
                    {"identity", x.identity},
                    {"access", json::array(x.access.begin(), x.access.end())},
                    {"salt", x.salt},
                    {"expires", x.expires_s}};
  if (x.kind == token_kind::access) {
    data["path"] = x.path;
    data["sync_label"] = "default";
  } else {
    data["is_admin"] = x.is_admin;
  }
  return {{"token", x.token}, {"token_data", std::move(data)}};
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

/// The authority of a full URL; "" if it is a plain path.
std::string_view authority_of(std::string_view path) {
  auto scheme = path.find("://");
  if (scheme == std::string_view::npos || path.find('/') < scheme)
    return {};
  path.remove_prefix(scheme + 3);
  return path.substr(0, path.find('/'));
}

/// 4.3 step 5: whether this server answers for the host that a path names.
bool is_own_host(const http_options& options, const http_call& call, std::string_view path) {
  auto host = authority_of(path);
  if (host.empty() || options.sync_hosts.empty())
    return true;
  auto is_host = [host](std::string_view own) { return equal_ignoring_case(own, host); };
  return std::any_of(options.sync_hosts.begin(), options.sync_hosts.end(), is_host) ||
         std::any_of(options.own_hosts.begin(), options.own_hosts.end(), is_host) ||
         is_host(call.request().header("Host").value_or(""));
}

void exchange(http_service_state& service, http_call& call, const auth_request& x) {
  if (!x.data || x.data->empty())
    return call.refuse(problem(602, "data", "is required"));
  const auto& options = service.context().options;
  if (x.path && !is_own_host(options, call, *x.path))
    return call.refuse(problem(616));
  if (x.path && x.path->empty())
    return call.refuse(problem(601, "path", "is not valid"));
  service.ask<legacy_token>(
      service.context().auth, exchange_token{*x.data, x.app_id, x.path.value_or("")}, call,
      [&options](http_call& done, const legacy_token& token) {
        if (token.kind == token_kind::user)
          return done.answer(200, {{"user_token", to_json(token)}});
        json::object answer{{"access_token", to_json(token)}};
        if (options.sync_route_prefix != "/realm-sync")
          answer["sync_worker"] = json::object{{"path", options.sync_route_prefix}};
        done.answer(200, answer);
      },
      [](http_call& refused, const caf::error& e) { refused.refuse(exchange_problem(e)); });
}

void log_user_in(http_service_state& service, http_call& call, const auth_request& x) {
  const bool by_password = x.provider == "password";
  if (by_password && (!x.data || x.data->empty()))
    return call.refuse(problem(602, "data", "is required"));
  if (by_password && !x.password)
    return call.refuse(problem(602, "user_info.password", "is required"));
  credentials proof{x.data.value_or(""), x.password.value_or(""), x.enrol, call.origin().address};
  if (!by_password)
    proof.extras = x.extras;
  proof.app_id = x.app_id;
  const bool proof_is_empty = proof.data.empty();
  service.ask<legacy_token>(
      service.context().auth, legacy_log_in{x.provider, std::move(proof), x.app_id}, call,
      [](http_call& done, const legacy_token& token) {
        done.answer(200, {{"refresh_token", to_json(token)}});
      },
      [is_empty = proof_is_empty, provider = x.provider](http_call& refused, const caf::error& e) {
        if (e == auth_ec::provider_unreachable) // clients retry both (4.5)
          return refused.refuse(provider == "azuread"
                                    ? plain_problem(502, "The provider does not answer.")
                                    : problem(802));
        // Whether there is such a provider comes first.
        refused.refuse(is_empty && e == auth_ec::bad_parameter ? problem(602, "data", "is required")
                                                               : login_problem(e));
      });
}

} // namespace

void post_auth(http_service_state& service, http_call call) {
  auth_request request;
  std::string wrong;
  if (!read_auth_request(call.body(), request, wrong))
    return call.refuse(problem(601, wrong, "has a bad type"));
  if (request.provider.empty())
    return call.refuse(problem(602, "provider", "is required"));
  if (request.provider == "realm")
    exchange(service, call, request);
  else
    log_user_in(service, call, request);
}

void post_revoke(http_service_state& service, http_call call) {
  auto token = call.text("token");
  if (!token || token->empty())
    return call.refuse(problem(602, "token", "is required"));
  service.ask<bool>(
      service.context().auth, log_out{*token}, call,
      [](http_call& done, bool) { done.answer(200, {}); },
      [](http_call& refused, const caf::error& e) {
        if (e == ec::unavailable || e == ec::overloaded)
          refused.refuse(problem(802));
        else
          refused.refuse(problem(601, "token", "is not a refresh token"));
      });
}

} // namespace ros::actors
