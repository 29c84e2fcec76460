#include "http_admin_json.hpp"

#include "realm_path.hpp"

#include "runtime/dates.hpp"

#include <caf/message.hpp>

#include <algorithm>
#include <charconv>

namespace json = boost::json;

namespace ros::actors {

json::object to_json(const user_record& x) {
  json::array accounts;
  for (const auto& name : x.accounts)
    accounts.push_back(json::object{{"provider", name.provider}, {"provider_id", name.id}});
  json::array metadata;
  for (const auto& row : x.metadata)
    metadata.push_back(json::object{{"key", row.key}, {"value", row.value}});
  return {{"user_id", x.id},
          {"is_admin", x.is_admin},
          {"status", x.suspended ? "suspended" : "active"},
          {"accounts", std::move(accounts)},
          {"metadata", std::move(metadata)}};
}

json::object to_json(const listed_permission& x) {
  const auto& row = x.row;
  return {{"userId", row.user.empty() ? json::value{} : json::value(row.user)},
          {"path", row.path},
          {"accessLevel", to_string(level_of(row.allowed))},
          {"updatedAt", runtime::to_iso8601(row.updated_ms)},
          {"realmOwnerId", x.realm_owner.empty() ? json::value{} : json::value(x.realm_owner)}};
}

json::object to_json(const offer_record& x) {
  return {{"realmPath", x.path},
          {"accessLevel", to_string(level_of(x.allowed))},
          {"createdAt", runtime::to_iso8601(x.created_ms)},
          {"expiresAt",
           x.expires_ms == 0 ? json::value{} : json::value(runtime::to_iso8601(x.expires_ms))},
          {"userId", x.offerer},
          {"token", x.token()}};
}

json::object to_json(const quota& x) {
  return {{"bytes", x.bytes}, {"realms", x.realms}, {"sessions", x.sessions}};
}

namespace {

/// The member, unless it is absent or null.
const json::value* given(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value && !value->is_null() ? value : nullptr;
}

} // namespace

bool take(const json::object& from, std::string_view name, caf::optional<bool>& to) {
  const auto* value = given(from, name);
  if (value && value->is_bool())
    to = value->get_bool();
  return !value || value->is_bool();
}

bool take(const json::object& from, std::string_view name, caf::optional<std::string>& to) {
  const auto* value = given(from, name);
  if (value && value->is_string())
    to = std::string{value->get_string()};
  return !value || value->is_string();
}

bool take(const json::object& from, std::string_view name,
          caf::optional<std::vector<metadata_row>>& to) {
  const auto* value = given(from, name);
  if (!value)
    return true;
  if (!value->is_array())
    return false;
  std::vector<metadata_row> rows;
  for (const auto& element : value->get_array()) {
    const auto* row = element.if_object();
    const auto* key = row ? row->if_contains("key") : nullptr;
    const auto* text = row ? row->if_contains("value") : nullptr;
    if (!key || !text || !key->is_string() || !text->is_string())
      return false;
    rows.push_back({std::string{key->get_string()}, std::string{text->get_string()}});
  }
  to = std::move(rows);
  return true;
}

bool take(const json::object& from, std::string_view name, std::uint64_t& to) {
  const auto* value = given(from, name);
  if (!value)
    return true;
  if (!value->is_int64() || value->get_int64() < 0)
    return false;
  to = static_cast<std::uint64_t>(value->get_int64());
  return true;
}

std::optional<page_request> page_of(http_call& call) {
  page_request page;
  for (const auto& [name, to] :
       {std::pair{"offset", &page.offset}, std::pair{"limit", &page.limit}}) {
    const auto text = call.request().query_parameter(name);
    if (!text)
      continue;
    const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), *to);
    if (fault != std::errc{} || end != text->data() + text->size()) {
      call.refuse(problem(601, name, "is not a number"));
      return std::nullopt;
    }
  }
  page.search = call.request().query_parameter("search").value_or("");
  page.sort = call.request().query_parameter("sort").value_or("");
  return page;
}

initiator initiator_of(const http_call& call) {
  return {call.caller().who.user_id, call.origin().address};
}

std::optional<std::string> realm_path_of(http_call& call, std::string_view text,
                                         std::string_view name) {
  auto path = normalise_realm_path(text, call.caller().who.user_id);
  if (!path)
    call.refuse(problem(601, std::string{name}, "is not the path of a Realm"));
  return path;
}

http_problem admin_problem(const caf::error& e, int realm_missing) {
  auto context = [&e] {
    return e.context().match_elements<std::string>() ? e.context().get_as<std::string>(0)
                                                     : std::string{};
  };
  if (e == ec::unavailable || e == ec::overloaded)
    return problem(802);
  auto with_detail = [&](http_problem x) {
    x.detail = context();
    return x;
  };
  if (e == ec::denied)
    return with_detail(problem(614));
  if (e == auth_ec::last_admin) {
    auto x = problem(614);
    x.detail = "the server would have no administrator left";
    return x;
  }
  if (e == auth_ec::unknown_user || e == auth_ec::unknown_account)
    return problem(612);
  if (e == auth_ec::account_exists)
    return problem(613);
  if (e == auth_ec::realm_not_found)
    return realm_missing == 601 ? problem(601, "realmPath", "there is no such Realm")
                                : problem(realm_missing);
  if (e == auth_ec::realm_exists)
    return plain_problem(409, "There is a Realm at this path already.");
  if (e == auth_ec::not_shareable)
    return problem(703);
  if (e == auth_ec::no_recipient)
    return problem(601, "condition", "nobody is meant");
  if (e == auth_ec::unknown_offer)
    return problem(601, "token", "there is no such offer");
  if (e == auth_ec::offer_expired)
    return problem(701);
  if (e == auth_ec::offer_ambiguous)
    return problem(702);
  if (e == auth_ec::quota_exceeded)
    return with_detail(plain_problem(403, "A quota is used up."));
  if (e == auth_ec::bad_parameter)
    return problem(601, context(), "is not valid");
  return plain_problem(500, "The server failed.");
}

} // namespace ros::actors
