// Users at the legacy API (http-api.md 5.1, 5.2, 6.1, 6.2).
#include "auth_names.hpp"
#include "http_admin_json.hpp"
#include "http_handlers.hpp"

#include <boost/json/array.hpp>

namespace json = boost::json;

namespace ros::actors {

namespace {

void answer_user(http_call& call, const user_record& x) {
  call.answer(200, to_json(x));
}

/// What PUT /auth/users says of a user; false: the call has been refused.
bool read_user_wish(http_call& call, put_user& to, caf::optional<std::string>& password) {
  const auto& body = call.body();
  caf::optional<std::string> id, provider, provider_id, status;
  auto wrong = [&](const char* name) {
    call.refuse(problem(601, name, "has a bad value"));
    return false;
  };
  if (!take(body, "user_id", id))
    return wrong("user_id");
  if (!take(body, "provider", provider) || (provider && provider->empty()))
    return wrong("provider");
  if (!take(body, "provider_id", provider_id) || (provider_id && provider_id->empty()))
    return wrong("provider_id");
  if (!take(body, "password", password))
    return wrong("password");
  if (!take(body, "is_admin", to.is_admin))
    return wrong("is_admin");
  if (!take(body, "metadata", to.metadata))
    return wrong("metadata");
  if (!take(body, "status", status) || (status && *status != "active" && *status != "suspended"))
    return wrong("status");
  to.user_id = id.value_or("");
  if (status)
    to.suspended = *status == "suspended";
  if (provider_id) {
    to.account = account_name{provider.value_or("password"), *provider_id};
    if (to.account->provider == "password") {
      auto name = normalise_account_name(*provider_id);
      if (!name)
        return wrong("provider_id");
      to.account->id = std::move(*name);
    }
  }
  to.by = initiator_of(call);
  return true;
}

void put(http_service_state& service, http_call call, put_user wish,
         const caf::optional<std::string>& password, void (*then)(http_call&, const user_record&)) {
  if (!password)
    return ask_admin<user_record>(service, std::move(call), std::move(wish), then);
  with_hash(
      service, std::move(call), *password,
      [&service, wish = std::move(wish), then](http_call& go, const std::string& hash) mutable {
        wish.credential = hash;
        ask_admin<user_record>(service, go, std::move(wish), then);
      });
}

} // namespace

void get_user(http_service_state& service, http_call call) {
  auto id = call.parameter("user");
  ask_admin<user_record>(service, std::move(call), read_user{id}, answer_user);
}

/// Everybody may ask; others' accounts are shown to administrators only.
void get_user_of_account(http_service_state& service, http_call call) {
  find_user question{{call.parameter("provider"), call.parameter("provider_id")}};
  service.ask<user_record>(
      service.context().admin_realm, std::move(question), std::move(call),
      [](http_call& done, const user_record& x) {
        const auto& who = done.caller().who;
        if (who.is_admin || who.user_id == x.id)
          return answer_user(done, x);
        done.refuse(problem(614));
      },
      [](http_call& refused, const caf::error& e) {
        if (!refused.caller().who.is_admin && e == auth_ec::unknown_account)
          return refused.refuse(problem(614)); // nobody probes names
        refused.refuse(admin_problem(e));
      });
}

void get_users(http_service_state& service, http_call call) {
  auto page = page_of(call);
  if (!page)
    return;
  ask_admin<user_page>(service, std::move(call), list_users{std::move(*page)},
                       [](http_call& done, const user_page& x) {
                         json::array users;
                         for (const auto& user : x.users)
                           users.push_back(to_json(user));
                         done.answer(200, {{"users", std::move(users)}, {"total", x.total}});
                       });
}

void put_users(http_service_state& service, http_call call) {
  put_user wish;
  caf::optional<std::string> password;
  if (!read_user_wish(call, wish, password))
    return;
  if (wish.user_id.empty() && !wish.account)
    return call.refuse(problem(602, "user_id", "or provider_id is required"));
  put(service, std::move(call), std::move(wish), password, answer_user);
}

void patch_user(http_service_state& service, http_call call) {
  put_user wish;
  caf::optional<std::string> password;
  if (!read_user_wish(call, wish, password))
    return;
  wish.user_id = call.parameter("user");
  wish.must_exist = true;
  put(service, std::move(call), std::move(wish), password, answer_user);
}

void delete_user_by_id(http_service_state& service, http_call call) {
  const auto& who = call.caller().who;
  if (!who.is_admin && !service.context().options.allow_self_delete)
    return call.refuse(problem(614));
  delete_user wish{call.parameter("user"), initiator_of(call)};
  ask_admin<bool>(service, std::move(call), std::move(wish), [](http_call& done, bool existed) {
    if (existed)
      done.answer(200, {});
    else
      done.refuse(problem(612));
  });
}

void get_account(http_service_state& service, http_call call) {
  const account_name name{call.parameter("provider"), call.parameter("provider_id")};
  ask_admin<user_record>(
      service, std::move(call), find_user{name}, [name](http_call& done, const user_record& x) {
        done.answer(200, {{"provider", name.provider},
                          {"provider_id", name.id},
                          {"user", json::object{{"id", x.id}, {"isAdmin", x.is_admin}}}});
      });
}

// -- passwords (5.1, 5.2) -----------------------------------------------------------

namespace {

/// Gives `user` another password; the caller may.
void change_password_of(http_service_state& service, http_call call, const std::string& user,
                        const std::string& password) {
  with_hash(service, std::move(call), password,
            [&service, user](http_call& go, const std::string& hash) {
              put_user wish{.user_id = user, .must_exist = true, .credential = hash};
              wish.by = initiator_of(go);
              service.ask<user_record>(
                  service.context().admin_realm, std::move(wish), go,
                  [&service, user](http_call& done, const user_record&) {
                    if (!service.context().options.revoke_on_password_change)
                      return done.answer(200, {});
                    ask_admin<bool>(service, done, revoke_user_tokens{user, initiator_of(done)},
                                    [](http_call& last, bool) { last.answer(200, {}); });
                  },
                  [](http_call& refused, const caf::error& e) {
                    // Without a password account there is nothing to change.
                    refused.refuse(e == auth_ec::bad_parameter ? problem(612) : admin_problem(e));
                  });
            });
}

/// The caller is known: whose password is it about?
void change_password_as(http_service_state& service, http_call call,
                        const caf::optional<std::string>& user, const std::string& password) {
  const auto& who = call.caller().who;
  const auto& whose = user.value_or(who.user_id);
  if (whose != who.user_id && !who.is_admin)
    return call.refuse(problem(614));
  change_password_of(service, call, whose, password);
}

} // namespace

void put_password(http_service_state& service, http_call call) {
  const auto& body = call.body();
  const auto* data = body.if_contains("data");
  const auto* later_form = data ? data->if_object() : nullptr;
  caf::optional<std::string> user, password;
  const char* name = later_form ? "data.new_password" : "password";
  if (!take(body, "user_id", user))
    return call.refuse(problem(601, "user_id", "has a bad type"));
  if (!(later_form ? take(*later_form, "new_password", password)
                   : take(body, "password", password)))
    return call.refuse(problem(601, name, "has a bad type"));
  if (!password || password->empty())
    return call.refuse(problem(602, name, "is required"));
  if (!call.caller().who.user_id.empty())
    return change_password_as(service, std::move(call), user, *password);
  auto token = call.text("token"); // the form of the first SDKs
  if (!token)
    return call.refuse(problem(611));
  service.ask<principal>(
      service.context().auth, authenticate{*token, token_kind::refresh, api_face::legacy}, call,
      [&service, user, password](http_call& known, const principal& who) {
        known.set_caller(who);
        change_password_as(service, known, user, *password);
      },
      [](http_call& refused, const caf::error& e) { refused.refuse(caller_problem(e)); });
}

} // namespace ros::actors
