// The DIRECTORY: every actor of the node with its kind and parent; what the
// inspection shell and the dashboard list.
#pragma once

#include "actors.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <string>

namespace ros::actors {

struct directory_state {
  static inline const char* name = "directory";
  std::map<caf::actor_addr, actor_record> records;
};

directory_actor::behavior_type directory(directory_actor::stateful_pointer<directory_state> self);

} // namespace ros::actors
