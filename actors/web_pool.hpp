// The WEB POOL: hands requests to servers of others to a fixed number of WEB WORKERs, tries
// again once when a server does not answer, and leaves servers alone that are down. Owned by
// the node.
#pragma once

#include "web_actors.hpp"
#include "web_breaker.hpp"
#include "worker_pool.hpp"

#include "runtime/clock.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>

namespace ros::actors {

struct web_pool_options {
  unsigned workers = 4;          ///< 1 ..
  std::size_t max_waiting = 256; ///< requests beyond those being worked on
  std::chrono::milliseconds retry_after{250};
  /// A request that has taken longer already is not tried again.
  std::chrono::milliseconds retry_within{5'000};
};

class web_pool_state {
public:
  static inline const char* name = "web_pool";
  using self_pointer = web_pool_actor::stateful_pointer<web_pool_state>;
  using promise = caf::typed_response_promise<web_answer>;

  explicit web_pool_state(self_pointer self) : pool(self), self_(self) {}
  void start(const web_pool_options& options, std::function<web_worker_actor()> spawn_worker,
             runtime::clock* clock);
  void fetch(web_call call, promise answer);
  void fetch_again(std::uint64_t id);

  worker_pool<self_pointer, web_worker_actor, web_call, web_answer> pool;

private:
  struct request {
    web_call call;
    promise answer;
    std::string origin;
    std::int64_t begun_ms = 0;
    bool may_retry = true;
  };

  void send(request x);
  void finish(request x, caf::expected<web_answer> outcome);
  [[nodiscard]] bool should_retry(const request& x, const web_answer& outcome) const;
  void note(const std::string& origin, bool has_answered);

  self_pointer self_;
  web_pool_options options_;
  runtime::clock* clock_ = nullptr;
  std::map<std::string, web_breaker> breakers_; ///< of servers that failed
  std::map<std::uint64_t, request> waiting_;    ///< for their second attempt
  std::uint64_t last_id_ = 0;
};

/// `clock` outlives the actor.
web_pool_actor::behavior_type web_pool(web_pool_actor::stateful_pointer<web_pool_state> self,
                                       web_pool_options options,
                                       std::function<web_worker_actor()> spawn_worker,
                                       runtime::clock* clock);

} // namespace ros::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::web_pool_options)
