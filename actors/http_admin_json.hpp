// How users, Realms, permissions and the like look in the answers of the legacy and the
// administration API, and what their handlers share. Owned by the HTTP SERVICE.
#pragma once

#include "http_call.hpp"
#include "http_service.hpp"

#include <boost/json/array.hpp>

#include <optional>
#include <string>
#include <utility>

namespace ros::actors {

/// http-api.md 6.1: elements of accounts and metadata have two members each.
boost::json::object to_json(const user_record& x);
/// http-api.md 6.4.
boost::json::object to_json(const listed_permission& x);
boost::json::object to_json(const offer_record& x);
boost::json::object to_json(const quota& x);

/// A member of the body that may be absent or null; false: it is of another type.
bool take(const boost::json::object& from, std::string_view name, caf::optional<bool>& to);
bool take(const boost::json::object& from, std::string_view name, caf::optional<std::string>& to);
/// Metadata as [{key, value}].
bool take(const boost::json::object& from, std::string_view name,
          caf::optional<std::vector<metadata_row>>& to);
/// A number that is not negative.
bool take(const boost::json::object& from, std::string_view name, std::uint64_t& to);

/// offset, limit, search and sort of the query (10); nothing: the call has been refused.
std::optional<page_request> page_of(http_call& call);

/// Who makes the change that a call asks for.
initiator initiator_of(const http_call& call);

/// A path that a call names, in canonical form; nothing: the call has been refused with 601
/// about `name`.
std::optional<std::string> realm_path_of(http_call& call, std::string_view text,
                                         std::string_view name);

/// Errors of users, Realms and permissions at the legacy API; `realm_missing` is 617 or,
/// about permissions, 601.
http_problem admin_problem(const caf::error& e, int realm_missing = 617);

/// Asks the ADMIN REALM; `then(call, answer)` goes on.
template <class Answer, class Question, class Then>
void ask_admin(http_service_state& service, http_call call, Question question, Then then,
               int realm_missing = 617) {
  service.ask<Answer>(service.context().admin_realm, std::move(question), std::move(call),
                      std::move(then), [realm_missing](http_call& refused, const caf::error& e) {
                        refused.refuse(admin_problem(e, realm_missing));
                      });
}

/// Hashes a password off the scheduler's threads; `then(call, hash)` goes on.
template <class Then>
void with_hash(http_service_state& service, http_call call, std::string password, Then then) {
  service.ask<hash_result>(
      service.context().hash_pool, hash_job{std::move(password), {}}, std::move(call),
      [then](http_call& go, const hash_result& x) mutable { then(go, x.fresh); },
      [](http_call& refused, const caf::error&) { refused.refuse(problem(802)); });
}

} // namespace ros::actors
