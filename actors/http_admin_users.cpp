// Users at the administration API (http-api.md 10), the first administrator, and the
// dashboard's log-in. The route table has admitted administrators only, but for set-up and
// log-in.
#include "auth_names.hpp"
#include "http_admin_json.hpp"
#include "http_handlers.hpp"

#include "runtime/dates.hpp"

namespace json = boost::json;

namespace ros::actors {

namespace {

constexpr std::size_t min_password = 6, max_password = 128;

/// What the administration API tells of a user, beside what the legacy API does.
json::object details_of(const user_record& x) {
  auto out = to_json(x);
  out["created_at"] = runtime::to_iso8601(x.created_ms);
  out["email_confirmed"] = x.email_confirmed;
  return out;
}

void answer_user(http_call& call, const user_record& x) {
  call.answer(200, details_of(x));
}

struct new_login {
  std::string email;
  std::string password;
};

/// E-mail address and password of the body; nothing: the call has been refused.
std::optional<new_login> read_login(http_call& call) {
  const auto email = call.text("email"), password = call.text("password");
  auto name = email ? normalise_account_name(*email) : std::nullopt;
  if (!name) {
    call.refuse(email ? problem(601, "email", "is not valid")
                      : problem(602, "email", "is required"));
    return std::nullopt;
  }
  if (!password || password->size() < min_password || password->size() > max_password) {
    call.refuse(password ? problem(601, "password", "has not 6 to 128 characters")
                         : problem(602, "password", "is required"));
    return std::nullopt;
  }
  return new_login{std::move(*name), *password};
}

} // namespace

// -- set-up -------------------------------------------------------------------------

void get_setup(http_service_state& service, http_call call) {
  ask_admin<admin_totals>(service, std::move(call), read_totals{},
                          [](http_call& done, const admin_totals& x) {
                            done.answer(200, {{"needs_setup", x.needs_setup}});
                          });
}

void post_setup(http_service_state& service, http_call call) {
  auto login = read_login(call);
  if (!login)
    return;
  // Nobody makes the server hash for a set-up that cannot be.
  ask_admin<admin_totals>(
      service, std::move(call), read_totals{},
      [&service, login = *login](http_call& go, const admin_totals& x) {
        if (!x.needs_setup)
          return go.refuse(problem(614));
        with_hash(service, go, login.password,
                  [&service, email = login.email](http_call& last, const std::string& hash) {
                    set_up_admin wish{{"password", email}, hash, initiator_of(last)};
                    ask_admin<user_record>(service, last, std::move(wish),
                                           [](http_call& done, const user_record& user) {
                                             done.answer(201, details_of(user));
                                           });
                  });
      });
}

// -- the dashboard's session --------------------------------------------------------

namespace {

/// Sets the dashboard's cookie, or with an empty token takes it away.
http_headers cookie(const http_call& call, const std::string& token) {
  std::string text = "ros_session=" + token + "; Path=/api/admin/v1; HttpOnly; SameSite=Strict";
  if (token.empty())
    text += "; Max-Age=0";
  if (call.origin().secure)
    text += "; Secure";
  return {{"Set-Cookie", std::move(text)}};
}

} // namespace

void post_admin_session(http_service_state& service, http_call call) {
  const auto email = call.text("email"), password = call.text("password");
  if (!email || !password)
    return call.refuse(problem(602, email ? "password" : "email", "is required"));
  credentials proof{*email, *password, registration::forbidden, call.origin().address};
  service.ask<legacy_token>(
      service.context().auth, legacy_log_in{"password", std::move(proof), ""}, std::move(call),
      [&service](http_call& done, const legacy_token& x) {
        if (x.is_admin)
          return done.answer(200, {{"user_id", x.identity}}, cookie(done, x.token));
        // The token that was made for it must not live on.
        service.ask<bool>(
            service.context().auth, log_out{x.token}, done,
            [](http_call& refused, bool) { refused.refuse(problem(614)); },
            [](http_call& refused, const caf::error&) { refused.refuse(problem(614)); });
      },
      [](http_call& refused, const caf::error& e) { refused.refuse(login_problem(e)); });
}

void delete_admin_session(http_service_state& service, http_call call) {
  const auto token = http_service_state::session_cookie(call);
  if (!token)
    return call.answer(200, {}, cookie(call, ""));
  service.ask<bool>(
      service.context().auth, log_out{*token}, std::move(call),
      [](http_call& done, bool) { done.answer(200, {}, cookie(done, "")); },
      [](http_call& done, const caf::error&) { done.answer(200, {}, cookie(done, "")); });
}

// -- users --------------------------------------------------------------------------

void get_admin_users(http_service_state& service, http_call call) {
  auto page = page_of(call);
  if (!page)
    return;
  ask_admin<user_page>(service, std::move(call), list_users{std::move(*page)},
                       [](http_call& done, const user_page& x) {
                         json::array users;
                         for (const auto& user : x.users)
                           users.push_back(details_of(user));
                         done.answer(200, {{"users", std::move(users)}, {"total", x.total}});
                       });
}

void get_admin_user(http_service_state& service, http_call call) {
  auto id = call.parameter("user");
  ask_admin<user_record>(service, std::move(call), read_user{id}, answer_user);
}

void post_admin_users(http_service_state& service, http_call call) {
  auto login = read_login(call);
  if (!login)
    return;
  register_user wish{.account = {"password", login->email}};
  caf::optional<bool> is_admin;
  caf::optional<std::vector<metadata_row>> metadata;
  if (!take(call.body(), "is_admin", is_admin))
    return call.refuse(problem(601, "is_admin", "is not true or false"));
  if (!take(call.body(), "metadata", metadata))
    return call.refuse(problem(601, "metadata", "is not a list of key and value"));
  wish.is_admin = is_admin.value_or(false);
  wish.metadata = metadata.value_or(std::vector<metadata_row>{});
  wish.by = initiator_of(call);
  with_hash(service, std::move(call), login->password,
            [&service, wish = std::move(wish)](http_call& go, const std::string& hash) mutable {
              wish.credential = hash;
              ask_admin<user_record>(
                  service, go, std::move(wish),
                  [](http_call& done, const user_record& x) { done.answer(201, details_of(x)); });
            });
}

void delete_admin_user(http_service_state& service, http_call call) {
  delete_user wish{call.parameter("user"), initiator_of(call)};
  ask_admin<bool>(service, std::move(call), std::move(wish), [](http_call& done, bool existed) {
    if (existed)
      done.answer_empty(204);
    else
      done.refuse(problem(612));
  });
}

void post_user_revoke(http_service_state& service, http_call call) {
  revoke_user_tokens wish{call.parameter("user"), initiator_of(call)};
  ask_admin<bool>(service, std::move(call), std::move(wish),
                  [](http_call& done, bool) { done.answer(200, {}); });
}

// -- import -------------------------------------------------------------------------

namespace {

bool read_accounts(const json::object& from, std::vector<account_name>& to) {
  const auto* list = from.if_contains("accounts");
  if (!list || !list->is_array())
    return false;
  for (const auto& element : list->get_array()) {
    const auto* account = element.if_object();
    caf::optional<std::string> provider, id;
    if (!account || !take(*account, "provider", provider) || !take(*account, "provider_id", id) ||
        !provider || !id)
      return false;
    to.push_back({*provider, *id});
  }
  return true;
}

/// One user of an import; false: a member has a bad type.
bool read_import(const json::value& from, imported_user& to) {
  const auto* user = from.if_object();
  caf::optional<std::string> id, credential, created;
  caf::optional<bool> is_admin, suspended, confirmed;
  caf::optional<std::vector<metadata_row>> metadata;
  if (!user || !take(*user, "user_id", id) || !take(*user, "password_hash", credential) ||
      !take(*user, "created_at", created) || !take(*user, "is_admin", is_admin) ||
      !take(*user, "suspended", suspended) || !take(*user, "email_confirmed", confirmed) ||
      !take(*user, "metadata", metadata) || !read_accounts(*user, to.accounts))
    return false;
  to.id = id.value_or("");
  to.credential = credential.value_or("");
  to.is_admin = is_admin.value_or(false);
  to.suspended = suspended.value_or(false);
  to.email_confirmed = confirmed.value_or(false);
  to.metadata = metadata.value_or(std::vector<metadata_row>{});
  if (created) {
    const auto when = runtime::parse_date(*created);
    if (!when)
      return false;
    to.created_ms = *when;
  }
  return true;
}

} // namespace

void post_users_import(http_service_state& service, http_call call) {
  constexpr std::size_t most = 1000;
  const auto* list = call.body().if_contains("users");
  if (!list || !list->is_array() || list->get_array().size() > most)
    return call.refuse(problem(601, "users", "is not a list of at most 1000 users"));
  import_users wish;
  for (const auto& element : list->get_array())
    if (!read_import(element, wish.users.emplace_back()))
      return call.refuse(problem(601, "users[" + std::to_string(wish.users.size() - 1) + "]",
                                 "has a member of a bad type"));
  wish.by = initiator_of(call);
  ask_admin<import_result>(
      service, std::move(call), std::move(wish), [](http_call& done, const import_result& x) {
        json::array failures;
        for (const auto& failure : x.failures)
          failures.push_back(json::object{{"index", failure.index}, {"reason", failure.reason}});
        done.answer(200, {{"created", x.created}, {"failures", std::move(failures)}});
      });
}

} // namespace ros::actors
