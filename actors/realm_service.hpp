// Who is bound to a REALM, and how it goes out of service. Part of the REALM actor.
#pragma once

#include "realm_data_desk.hpp"

#include <string>
#include <vector>

namespace ros::actors {

const std::string& path_of(realm_pointer self);

/// The session of this client file leaves.
void unbind(realm_pointer self, sync::file_ident ident);
/// The same, and it is told why.
void fail_session(realm_pointer self, sync::file_ident ident, session_failure failure);
/// Who waits for an ident is told to come back.
void fail_allocations(realm_pointer self, std::vector<realm_state::waiting_allocation>& list);

/// Takes the Realm out of service. Who is bound is told `failure`; who waits or asks later,
/// to come back. The actor ends as soon as no entry is in flight.
void shut(realm_pointer self, std::string why, const session_failure& failure);

} // namespace ros::actors
