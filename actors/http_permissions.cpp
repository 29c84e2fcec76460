// Permissions and offers at the legacy API (http-api.md 6.4).
#include "http_admin_json.hpp"
#include "http_handlers.hpp"

#include "runtime/dates.hpp"

#include <algorithm>

namespace json = boost::json;

namespace ros::actors {

namespace {

constexpr int missing_realm = 601;

std::optional<permission_filter> filter_of(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  if (text.empty() || text == "undefined" || text == "any")
    return permission_filter::any;
  if (text == "currentuser")
    return permission_filter::current_user;
  if (text == "otheruser")
    return permission_filter::other_user;
  return std::nullopt;
}

/// The level that the body names; nothing: the call has been refused.
std::optional<access_level> level_of_body(http_call& call) {
  const auto text = call.text("accessLevel");
  if (!text) {
    call.refuse(problem(602, "accessLevel", "is required"));
    return std::nullopt;
  }
  auto level = parse_access_level(*text);
  if (!level)
    call.refuse(problem(601, "accessLevel", "is not none, read, write or admin"));
  return level;
}

/// The Realm that the body names by one of its two members.
std::optional<std::string> path_of_body(http_call& call) {
  for (const char* name : {"realmPath", "realmUrl"})
    if (const auto text = call.text(name))
      return *text == "*" ? text : realm_path_of(call, *text, name);
  call.refuse(problem(602, "realmPath", "is required"));
  return std::nullopt;
}

/// When an offer ends: a text, epoch milliseconds, or never. False: refused.
bool read_expiry(http_call& call, std::int64_t& to) {
  const auto* value = call.body().if_contains("expiresAt");
  if (!value || value->is_null())
    return true;
  std::optional<std::int64_t> when;
  if (value->is_string())
    when = runtime::parse_date(std::string_view{value->get_string()});
  else if (value->is_int64() && value->get_int64() > 0)
    when = value->get_int64();
  else if (value->is_double() && value->get_double() > 0 && value->get_double() < 9e15)
    when = static_cast<std::int64_t>(value->get_double());
  if (!when || *when == 0) {
    call.refuse(problem(601, "expiresAt", "is not a date"));
    return false;
  }
  to = *when;
  return true;
}

} // namespace

void get_permissions(http_service_state& service, http_call call) {
  const auto filter = filter_of(call.request().query_parameter("recipient").value_or(""));
  if (!filter)
    return call.refuse(problem(601, "recipient", "is not any, currentUser or otherUser"));
  list_permissions question{call.caller().who, *filter};
  ask_admin<permission_list>(service, std::move(call), std::move(question),
                             [](http_call& done, const permission_list& x) {
                               json::array rows;
                               for (const auto& row : x.rows)
                                 rows.push_back(to_json(row));
                               done.answer(200, {{"permissions", std::move(rows)}});
                             });
}

void post_permissions_apply(http_service_state& service, http_call call) {
  const auto* given = call.body().if_contains("condition");
  const auto* condition = given ? given->if_object() : nullptr;
  if (!condition)
    return call.refuse(problem(602, "condition", "is required"));
  caf::optional<std::string> user, key, value;
  if (!take(*condition, "userId", user) || !take(*condition, "metadataKey", key) ||
      !take(*condition, "metadataValue", value))
    return call.refuse(problem(601, "condition", "has members of a bad type"));
  if (!user && !key)
    return call.refuse(problem(602, "condition", "names nobody"));
  auto path = path_of_body(call);
  const auto level = path ? level_of_body(call) : std::nullopt;
  if (!level)
    return;
  const auto flags = rights_of(*level);
  change_permission wish{call.caller().who,
                         std::move(*path),
                         {user.value_or(""), key.value_or(""), value.value_or("")},
                         flags.read,
                         flags.write,
                         flags.manage,
                         initiator_of(call)};
  service.ask<permission_changed>(
      service.context().admin_realm, std::move(wish), std::move(call),
      [](http_call& done, const permission_changed& x) {
        done.answer(200, {{"affectedUsers", x.affected_users}});
      },
      [](http_call& refused, const caf::error& e) {
        if (e == auth_ec::not_shareable)
          return refused.refuse(problem(601, "realmPath", "is a system Realm"));
        refused.refuse(admin_problem(e, missing_realm));
      });
}

void post_offer(http_service_state& service, http_call call) {
  auto path = path_of_body(call);
  const auto level = path ? level_of_body(call) : std::nullopt;
  std::int64_t expires_ms = 0;
  if (!level || !read_expiry(call, expires_ms))
    return;
  make_offer wish{call.caller().who, {},         std::move(*path),
                  rights_of(*level), expires_ms, initiator_of(call)};
  ask_admin<offer_record>(
      service, std::move(call), std::move(wish),
      [](http_call& done, const offer_record& x) { done.answer(200, to_json(x)); }, missing_realm);
}

void get_offers(http_service_state& service, http_call call) {
  list_offers question{call.caller().who.user_id};
  ask_admin<offer_list>(service, std::move(call), std::move(question),
                        [](http_call& done, const offer_list& x) {
                          json::array offers;
                          for (const auto& offer : x.offers)
                            offers.push_back(to_json(offer));
                          done.answer(200, {{"offers", std::move(offers)}});
                        });
}

void post_offer_accepted(http_service_state& service, http_call call) {
  accept_offer wish{call.caller().who, call.parameter("token"), initiator_of(call)};
  ask_admin<offer_accepted>(
      service, std::move(call), std::move(wish),
      [](http_call& done, const offer_accepted& x) {
        done.answer(200, {{"path", x.path}});
      },
      missing_realm);
}

void delete_offer(http_service_state& service, http_call call) {
  withdraw_offer wish{call.caller().who, call.parameter("token"), initiator_of(call)};
  ask_admin<bool>(service, std::move(call), std::move(wish),
                  [](http_call& done, bool) { done.answer(200, {}); });
}

} // namespace ros::actors
