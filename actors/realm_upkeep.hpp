// The questions a REALM asks the COMPACTOR, and when (history_upkeep.hpp).
#pragma once

#include "realm.hpp"

namespace ros::actors {

/// After loading: looks at history before long, and then regularly.
void begin_upkeep(realm_actor::stateful_pointer<realm_state> self);
/// A regular look.
void upkeep_tick(realm_actor::stateful_pointer<realm_state> self);
/// After every step: asks what is to be asked now.
void continue_upkeep(realm_actor::stateful_pointer<realm_state> self);

} // namespace ros::actors
