// The part of the REALM actor that serves the server's own requests (realm_data.hpp).
// Internal to the REALM actor.
#pragma once

#include "realm.hpp"

#include <vector>

namespace ros::actors {

using realm_pointer = realm_actor::stateful_pointer<realm_state>;

caf::error realm_unavailable(realm_pointer self);
/// To be asked after every call of the writer: whether the Realm is or now goes out of service.
bool is_broken(realm_pointer self);

// -- requests --------------------------------------------------------------------

caf::result<transacted> accept(realm_pointer self, transact& request);
caf::result<objects_read> accept(realm_pointer self, const read_objects& request);
caf::result<realm_schema> accept(realm_pointer self, const read_schema& request);
caf::result<realm_changes> accept(realm_pointer self, const follow_realm& request);

// -- what happens around -----------------------------------------------------------

/// These were carried out; `in_entry`: the entry in flight makes them durable.
void transactions_formed(realm_pointer self, std::vector<finished_transaction> all, bool in_entry);
/// The entry is durable: tells the writers, and the followers if there are new versions.
void data_committed(realm_pointer self, bool new_versions);
/// The entry is lost.
void data_lost(realm_pointer self);
/// No entry is in flight any more: answers the readers.
void serve_readers(realm_pointer self);
/// The Realm leaves memory when it has written what waits.
void data_closing(realm_pointer self);
/// Nobody will be served any more.
void refuse_data(realm_pointer self);
void forget_follower(realm_pointer self, const caf::actor_addr& who);
[[nodiscard]] bool is_followed(realm_pointer self);

} // namespace ros::actors
