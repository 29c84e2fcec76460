// An OUTSIDE PROVIDER: lets in users whom somebody else vouches for (http-api.md 4.5). What
// is particular to one is its JUDGE. Owned by the node.
#pragma once

#include "judge.hpp"
#include "web_actors.hpp"

#include "runtime/clock.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <memory>
#include <string>

namespace ros::actors {

struct outside_provider_context {
  std::string provider; ///< under which accounts are kept
  admin_realm_actor admin_realm;
  web_pool_actor web;
  runtime::clock* clock = nullptr; ///< outlives the actor
  std::function<std::unique_ptr<judge>(judge_means)> make_judge;
};

class outside_provider_state {
public:
  static inline const char* name = "outside_provider";
  using self_pointer = auth_provider_actor::stateful_pointer<outside_provider_state>;

  explicit outside_provider_state(self_pointer self) : self_(self) {}
  void start(outside_provider_context context);
  caf::result<recognised> recognise(const credentials& presented);
  caf::result<identified> identify_only(const credentials& presented);

private:
  template <class T, class Then>
  void examine(const credentials& presented, caf::typed_response_promise<T> answer, Then then);

  self_pointer self_;
  outside_provider_context context_;
  std::unique_ptr<judge> judge_;
};

auth_provider_actor::behavior_type
outside_provider(auth_provider_actor::stateful_pointer<outside_provider_state> self,
                 outside_provider_context context);

} // namespace ros::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::outside_provider_context)
