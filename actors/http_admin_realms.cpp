// Permissions, quotas, the audit log and the rest of the directory at the administration
// API (http-api.md 10). The route table has admitted administrators only.
#include "http_admin_json.hpp"
#include "http_handlers.hpp"

#include "runtime/dates.hpp"

#include <boost/json/parse.hpp>

#include <charconv>

namespace json = boost::json;

namespace ros::actors {

namespace {

json::object details_of(const realm_record& x) {
  return {{"path", x.path},
          {"owner", x.owner.empty() ? json::value{} : json::value(x.owner)},
          {"created_at", runtime::to_iso8601(x.created_ms)},
          {"partition", x.partition.empty() ? json::value{} : json::value(x.partition)}};
}

json::object row_of(const permission_record& x) {
  return {{"user_id", x.user.empty() ? json::value{} : json::value(x.user)},
          {"read", x.allowed.read},
          {"write", x.allowed.write},
          {"manage", x.allowed.manage},
          {"updated_at", runtime::to_iso8601(x.updated_ms)}};
}

void answer_rows(http_call& call, const permission_list& x) {
  json::array rows;
  for (const auto& row : x.rows)
    rows.push_back(row_of(row.row));
  call.answer(200, {{"permissions", std::move(rows)}, {"truncated", x.truncated}});
}

/// The rows of a PUT; false: a member has a bad type.
bool read_rows(const json::object& body, std::vector<wanted_permission>& to) {
  const auto* list = body.if_contains("permissions");
  constexpr std::size_t most = 10'000;
  if (!list || !list->is_array() || list->get_array().size() > most)
    return false;
  for (const auto& element : list->get_array()) {
    const auto* row = element.if_object();
    caf::optional<std::string> user;
    caf::optional<bool> read, write, manage;
    if (!row || !take(*row, "user_id", user) || !take(*row, "read", read) ||
        !take(*row, "write", write) || !take(*row, "manage", manage))
      return false;
    to.push_back(
        {user.value_or(""), {read.value_or(false), write.value_or(false), manage.value_or(false)}});
  }
  return true;
}

} // namespace

void get_admin_realm(http_service_state& service, http_call call) {
  auto path = realm_path_of(call, call.parameter("path"), "path");
  if (!path)
    return;
  ask_admin<realm_record>(
      service, std::move(call), read_realm{std::move(*path)},
      [](http_call& done, const realm_record& x) { done.answer(200, details_of(x)); });
}

void post_admin_realms(http_service_state& service, http_call call) {
  const auto text = call.text("path");
  if (!text)
    return call.refuse(problem(602, "path", "is required"));
  auto path = realm_path_of(call, *text, "path");
  caf::optional<std::string> owner;
  if (!path)
    return;
  if (!take(call.body(), "owner", owner))
    return call.refuse(problem(601, "owner", "is not a text"));
  create_realm wish{call.caller().who, std::move(*path), std::move(owner), initiator_of(call)};
  ask_admin<realm_record>(
      service, std::move(call), std::move(wish),
      [](http_call& done, const realm_record& x) { done.answer(201, details_of(x)); });
}

void patch_admin_realm(http_service_state& service, http_call call) {
  auto path = realm_path_of(call, call.parameter("path"), "path");
  const auto* owner = call.body().if_contains("owner");
  if (!path)
    return;
  if (!owner || !(owner->is_null() || owner->is_string()))
    return call.refuse(problem(602, "owner", "is required"));
  set_realm_owner wish{std::move(*path),
                       owner->is_null() ? std::string{} : std::string{owner->get_string()},
                       initiator_of(call)};
  ask_admin<realm_record>(
      service, std::move(call), std::move(wish),
      [](http_call& done, const realm_record& x) { done.answer(200, details_of(x)); });
}

void delete_admin_realm(http_service_state& service, http_call call) {
  auto path = realm_path_of(call, call.parameter("path"), "path");
  if (!path)
    return;
  delete_realm wish{call.caller().who, std::move(*path), initiator_of(call)};
  ask_admin<realm_record>(service, std::move(call), std::move(wish),
                          [](http_call& done, const realm_record&) { done.answer_empty(204); });
}

void get_realm_permissions(http_service_state& service, http_call call) {
  auto path = realm_path_of(call, call.parameter("path"), "path");
  if (path)
    ask_admin<permission_list>(service, std::move(call), list_realm_permissions{std::move(*path)},
                               answer_rows);
}

void put_permissions(http_service_state& service, http_call call) {
  auto path = realm_path_of(call, call.parameter("path"), "path");
  if (!path)
    return;
  put_realm_permissions wish{std::move(*path), {}, true, initiator_of(call)};
  if (!read_rows(call.body(), wish.rows))
    return call.refuse(problem(601, "permissions", "is not a list of at most 10000 rows"));
  ask_admin<permission_list>(service, std::move(call), std::move(wish), answer_rows);
}

// -- quotas -------------------------------------------------------------------------

namespace {

/// The quota of the body; null members: no limit. Nothing: the call has been refused.
std::optional<quota> read_limits(http_call& call) {
  quota x;
  const auto& body = call.body();
  if (take(body, "bytes", x.bytes) && take(body, "realms", x.realms) &&
      take(body, "sessions", x.sessions))
    return x;
  call.refuse(problem(601, "quota", "has a member that is no number"));
  return std::nullopt;
}

/// What PUT and DELETE of a quota share.
template <class Wish>
void set_quota(http_service_state& service, http_call call, Wish wish) {
  if (call.request().method == "PUT") {
    const auto limits = read_limits(call);
    if (!limits)
      return;
    wish.limits = *limits;
  }
  wish.by = initiator_of(call);
  ask_admin<bool>(service, std::move(call), std::move(wish),
                  [](http_call& done, bool) { done.answer(200, {}); });
}

} // namespace

void get_user_quota(http_service_state& service, http_call call) {
  read_quota question{call.parameter("user"), ""};
  ask_admin<quota_limits>(service, std::move(call), std::move(question),
                          [](http_call& done, const quota_limits& x) {
                            auto out = to_json(x.user);
                            out["owned_realms"] = x.owned_realms.size();
                            done.answer(200, out);
                          });
}

void set_quota_of_user(http_service_state& service, http_call call) {
  set_user_quota wish{call.parameter("user")};
  set_quota(service, std::move(call), std::move(wish));
}

void get_realm_quota(http_service_state& service, http_call call) {
  auto path = realm_path_of(call, call.parameter("path"), "path");
  if (path)
    ask_admin<quota_limits>(service, std::move(call), read_quota{"", std::move(*path)},
                            [](http_call& done, const quota_limits& x) {
                              done.answer(200, {{"bytes", x.realm.bytes}});
                            });
}

void set_quota_of_realm(http_service_state& service, http_call call) {
  auto path = realm_path_of(call, call.parameter("path"), "path");
  if (path)
    set_quota(service, std::move(call), set_realm_quota{std::move(*path)});
}

// -- audit and status ---------------------------------------------------------------

namespace {

json::object to_json(const audit_record& x) {
  boost::system::error_code failed;
  auto detail = x.detail.empty() ? json::value{} : json::parse(x.detail, failed);
  return {{"number", x.number},
          {"at", runtime::to_iso8601(x.at_ms)},
          {"by", x.by.user_id},
          {"address", x.by.address},
          {"action", x.action},
          {"target", x.target},
          {"detail", failed ? json::value(x.detail) : std::move(detail)}};
}

} // namespace

void get_audit(http_service_state& service, http_call call) {
  const auto& request = call.request();
  list_audit question;
  for (const auto& [name, to] :
       {std::pair{"before", &question.before}, std::pair{"limit", &question.limit}}) {
    const auto text = request.query_parameter(name);
    if (!text)
      continue;
    const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), *to);
    if (fault != std::errc{} || end != text->data() + text->size())
      return call.refuse(problem(601, name, "is not a number"));
  }
  question.user = request.query_parameter("user").value_or("");
  question.action = request.query_parameter("action").value_or("");
  question.target = request.query_parameter("target").value_or("");
  ask_admin<audit_page>(
      service, std::move(call), std::move(question), [](http_call& done, const audit_page& x) {
        json::array rows;
        for (const auto& record : x.records)
          rows.push_back(to_json(record));
        done.answer(200, {{"records", std::move(rows)},
                          {"next", x.next == 0 ? json::value{} : json::value(x.next)}});
      });
}

void get_admin_status(http_service_state& service, http_call call) {
  ask_admin<admin_totals>(service, std::move(call), read_totals{},
                          [&service](http_call& done, const admin_totals& x) {
                            done.answer(200, {{"version", service.context().options.version},
                                              {"users", x.users},
                                              {"administrators", x.admins},
                                              {"accounts", x.accounts},
                                              {"realms", x.realms},
                                              {"permissions", x.permissions},
                                              {"offers", x.offers},
                                              {"api_keys", x.api_keys}});
                          });
}

} // namespace ros::actors
