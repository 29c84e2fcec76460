// The interfaces of what speaks to servers of others: HTTPS of log-in providers and
// functions, and mail (http-api.md 4.5, 9.7; operations.md 2.6).
#pragma once

#include "actors.hpp"
#include "auth_actors.hpp"

#include <caf/meta/type_name.hpp>
#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace ros::actors {

/// One HTTP request. Holds secrets: never to be logged.
struct web_call {
  std::string method = "GET"; ///< GET, POST
  std::string url;            ///< http or https
  std::map<std::string, std::string> headers{};
  std::string body{};
  /// Whether the same request may be sent again when no answer came.
  bool is_repeatable = true;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, web_call& x) {
  return f(caf::meta::type_name("web_call"), x.method, x.url, x.headers, x.body, x.is_repeatable);
}

struct web_answer {
  std::uint16_t status = 0;  ///< 0: there was no answer
  std::string body{};        ///< at most 1 MiB
  std::string failure{};     ///< why there was none; names the server, no secrets
  bool is_permanent = false; ///< the same request would fail again
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, web_answer& x) {
  return f(caf::meta::type_name("web_answer"), x.status, x.body, x.failure, x.is_permanent);
}

/// One mail, ready to go.
struct mail_job {
  std::string to;   ///< bare address
  std::string text; ///< head and body of RFC 5322
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, mail_job& x) {
  return f(caf::meta::type_name("mail_job"), x.to, x.text);
}

struct mail_outcome {
  bool sent = false;
  std::string failure{};     ///< else why
  bool is_permanent = false; ///< else: sending it again would fail again
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, mail_outcome& x) {
  return f(caf::meta::type_name("mail_outcome"), x.sent, x.failure, x.is_permanent);
}

/// A WEB WORKER: one request at a time on a thread of its own.
using web_worker_actor = caf::typed_actor<
    /// Answers always.
    caf::replies_to<web_call>::with<web_answer>>;

/// The WEB POOL: a bounded queue in front of the WEB WORKERs that knows which servers are
/// down.
using web_pool_actor = caf::typed_actor<
    /// Answers with what the server said, whatever the status. Fails with ec::overloaded,
    /// ec::unavailable, auth_ec::provider_unreachable (a sentence for the log).
    caf::replies_to<web_call>::with<web_answer>,
    /// INTERNAL: send this request again.
    caf::reacts_to<restore_atom, std::uint64_t>>;

/// A MAIL WORKER: one mail at a time on a thread of its own.
using mail_worker_actor = caf::typed_actor<
    /// Answers always.
    caf::replies_to<mail_job>::with<mail_outcome>>;

} // namespace ros::actors

CAF_BEGIN_TYPE_ID_BLOCK(ros_web, caf::first_custom_type_id + 600)
CAF_ADD_TYPE_ID(ros_web, (ros::actors::web_call))
CAF_ADD_TYPE_ID(ros_web, (ros::actors::web_answer))
CAF_ADD_TYPE_ID(ros_web, (ros::actors::mail_job))
CAF_ADD_TYPE_ID(ros_web, (ros::actors::mail_outcome))
CAF_ADD_TYPE_ID(ros_web, (ros::actors::web_pool_actor))
CAF_END_TYPE_ID_BLOCK(ros_web)
