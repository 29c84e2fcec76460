// The UPLOAD WORKER: integrates big uploads on a thread of its own, one at a time, so that
// they hold no scheduler thread and only one of them takes memory. Asked by REALMS, owned
// by the NODE.
#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace ros::actors {

class realm_writer;

/// A writer whose next upload is big (realm_writer::is_away).
struct integrate_away {
  std::shared_ptr<realm_writer> writer;
};

using upload_worker_actor = caf::typed_actor<
    /// Answers once the upload is integrated or refused, which the writer knows. Fails with
    /// ec::quarantined if it ended by an exception.
    caf::replies_to<integrate_away>::with<bool>>;

struct upload_worker_state {
  static inline const char* name = "upload_worker";
};

/// Spawn it detached.
upload_worker_actor::behavior_type
upload_worker(upload_worker_actor::stateful_pointer<upload_worker_state> self);

} // namespace ros::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::integrate_away)
