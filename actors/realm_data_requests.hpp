// What the REALM actor remembers of those who read, write and follow the Realm on behalf
// of the server (realm_data.hpp). Part of realm_state.
#pragma once

#include "realm_data.hpp"
#include "realm_writer.hpp"

#include <caf/actor_addr.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

namespace ros::actors {

struct realm_data_requests {
  struct follower {
    caf::actor_addr who;
    follow_realm question;
    caf::typed_response_promise<realm_changes> promise;
  };

  /// By number, until told.
  std::unordered_map<std::uint64_t, caf::typed_response_promise<transacted>> transactions;
  std::vector<finished_transaction> in_entry;
  std::vector<std::function<void()>> reads; ///< while an entry is in flight
  std::vector<follower> followers;
};

} // namespace ros::actors
