// From configuration to running actors and listeners: the wiring of the NODE.
#pragma once

#include "node.hpp"

#include <optional>
#include <string>

namespace ros::actors {

/// Spawns the node's children in order and watches them.
void start_services(node_actor::stateful_pointer<node_state> self);

/// Opens every configured listener; nothing, and a sentence for the operator, if one
/// cannot be opened.
std::optional<bound_ports> open_listeners(node_actor::stateful_pointer<node_state> self,
                                          std::string& problem);

/// See restore_atom of node_actor.
void reload_certificate(node_actor::stateful_pointer<node_state> self);

} // namespace ros::actors
