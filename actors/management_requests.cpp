#include "management_requests.hpp"

#include "auth_errors.hpp"
#include "errors.hpp"
#include "object_fields.hpp"
#include "realm_path.hpp"

#include <utility>

namespace ros::actors {

namespace {

using sync::value_type;

sync::read_value text(std::string x) {
  return {std::move(x)};
}

management_outcome invalid(std::string why) {
  return {601, std::move(why)};
}
management_outcome missing(const char* name) {
  return {602, std::string{"The property "} + name + " is required."};
}

caf::optional<bool> flag(const sync::read_object& object, const char* name) {
  const auto held = flag_in(object, name);
  return held ? caf::optional<bool>{*held} : caf::none;
}

/// The Realm that `realmUrl` names; false: `to` says what is wrong with it.
bool read_path(const sync::read_object& object, const caller& requester, bool may_be_star,
               std::string& path, management_command& to) {
  const auto url = text_in(object, "realmUrl");
  if (!url || url->empty()) {
    to = missing("realmUrl");
    return false;
  }
  if (may_be_star && *url == "*") {
    path = "*";
    return true;
  }
  auto found = normalise_realm_path(*url, requester.user_id);
  if (!found) {
    to = invalid("The property realmUrl does not name a Realm.");
    return false;
  }
  path = std::move(*found);
  return true;
}

initiator by(const caller& requester) {
  return {requester.user_id, {}};
}

management_command read_change(const sync::read_object& object, const caller& requester,
                               std::string& path) {
  management_command result;
  if (!read_path(object, requester, true, path, result))
    return result;
  change_permission wish{requester,
                         path,
                         {},
                         flag(object, "mayRead"),
                         flag(object, "mayWrite"),
                         flag(object, "mayManage"),
                         by(requester)};
  wish.whom.metadata_key = text_in(object, "metadataKey").value_or("");
  wish.whom.metadata_value = text_in(object, "metadataValue").value_or("");
  wish.whom.user_id = text_in(object, "userId").value_or("");
  if (wish.whom.metadata_key.empty() && wish.whom.user_id.empty())
    return missing("userId");
  return wish;
}

management_command read_offer(const std::string& id, const sync::read_object& object,
                              const caller& requester, std::string& path) {
  management_command result;
  if (!read_path(object, requester, false, path, result))
    return result;
  const rights allowed{flag_in(object, "mayRead").value_or(false),
                       flag_in(object, "mayWrite").value_or(false),
                       flag_in(object, "mayManage").value_or(false)};
  // 0 means never to the ADMIN REALM, and the year 1970 to a client.
  const auto expires = ms_in(object, "expiresAt");
  if (expires && *expires <= 0)
    return management_outcome{701, "The permission offer is expired."};
  return make_offer{requester, id, path, allowed, expires.value_or(0), by(requester)};
}

management_command read_response(const sync::read_object& object, const caller& requester) {
  const auto token = text_in(object, "token");
  if (!token || token->empty())
    return missing("token");
  return accept_offer{requester, *token, by(requester)};
}

} // namespace

std::vector<sync::write_operation> management_schema() {
  std::vector<sync::write_operation> all;
  auto add = [&](const char* owner, const char* name, value_type type, bool nullable) {
    all.emplace_back(
        sync::declare_property{owner, name, type, sync::collection_type::single, nullable});
  };
  for (const char* name :
       {management_class::change, management_class::offer, management_class::response}) {
    all.emplace_back(sync::declare_class{name, "id", value_type::string});
    add(name, "createdAt", value_type::timestamp, false);
    add(name, "updatedAt", value_type::timestamp, false);
    add(name, "statusCode", value_type::integer, true);
    add(name, "statusMessage", value_type::string, true);
  }
  const auto* change = management_class::change;
  add(change, "userId", value_type::string, false);
  add(change, "metadataKey", value_type::string, true);
  add(change, "metadataValue", value_type::string, true);
  add(change, "realmUrl", value_type::string, false);
  for (const char* name : {"mayRead", "mayWrite", "mayManage"}) {
    add(change, name, value_type::boolean, true);
    add(management_class::offer, name, value_type::boolean, false);
  }
  add(management_class::offer, "realmUrl", value_type::string, false);
  add(management_class::offer, "token", value_type::string, true);
  add(management_class::offer, "expiresAt", value_type::timestamp, true);
  add(management_class::response, "realmUrl", value_type::string, true);
  add(management_class::response, "token", value_type::string, false);
  return all;
}

std::optional<management_request> read_request(const std::string& class_name, const std::string& id,
                                               const sync::read_object& object,
                                               const caller& requester) {
  if (number_in(object, "statusCode"))
    return std::nullopt;
  management_request result{class_name, id, ms_in(object, "createdAt").value_or(0), {}};
  if (class_name == management_class::change)
    result.command = read_change(object, requester, result.path);
  else if (class_name == management_class::offer)
    result.command = read_offer(id, object, requester, result.path);
  else
    result.command = read_response(object, requester);
  return result;
}

management_outcome refused_outcome(const caf::error& reason) {
  if (reason == auth_ec::not_shareable)
    return invalid("System Realms cannot be shared.");
  if (reason == auth_ec::realm_not_found)
    return invalid("The Realm does not exist.");
  if (reason == auth_ec::no_recipient)
    return invalid("No user fits the request.");
  if (reason == auth_ec::unknown_offer)
    return invalid("The token does not name a permission offer.");
  if (reason == auth_ec::bad_parameter)
    return invalid("The request needs an id of 16 or more characters and at least one right.");
  if (reason == auth_ec::offer_expired)
    return {701, "The permission offer is expired."};
  if (reason == auth_ec::offer_ambiguous)
    return {702, "The token matches several permission offers."};
  if (reason == ec::denied || reason == auth_ec::unknown_user || reason == auth_ec::user_disabled)
    return {614, "The user may not manage the Realm."};
  if (reason == auth_ec::quota_exceeded)
    return {614, "The user has too many permission offers."};
  return {801, "The server could not do it."};
}

management_outcome accepted_outcome(const permission_changed&) {
  return {0, "The permissions are changed."};
}
management_outcome accepted_outcome(const offer_record& x) {
  return {
      0, "The permission is offered.", {{"token", text(x.token())}, {"realmUrl", text(x.path)}}};
}
management_outcome accepted_outcome(const offer_accepted& x) {
  return {0, "The permission is granted.", {{"realmUrl", text(x.path)}}};
}

sync::put_object write_outcome(const management_request& request, const management_outcome& x,
                               std::int64_t now_ms) {
  sync::put_object result{request.class_name, request.id};
  result.fields = x.more;
  result.fields.push_back({"statusMessage", text(x.message)});
  result.fields.push_back({"updatedAt", date_value(now_ms)});
  result.fields.push_back({"statusCode", {x.code}});
  return result;
}

} // namespace ros::actors
