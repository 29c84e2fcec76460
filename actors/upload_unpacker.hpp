// The UPLOAD UNPACKER: inflates big UPLOAD bodies and takes them apart on a thread of its
// own, so that no scheduler thread is held by them. Owned by the SYNC SERVICE.
#pragma once

#include "actors.hpp"

#include "sync/message.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <vector>

namespace ros::actors {

struct unpack_upload {
  sync::upload_message upload;
  std::uint64_t max_size = 0; ///< of the plain body, bytes
};
struct unpacked_upload {
  sync::result<std::vector<sync::uploaded_entry>> entries; ///< as of sync::unpack
};

using upload_unpacker_actor = caf::typed_actor<
    /// Answers with what is in the upload, or why it is refused.
    caf::replies_to<unpack_upload>::with<unpacked_upload>>;

struct upload_unpacker_state {
  static inline const char* name = "upload_unpacker";
};

/// Spawn it detached.
upload_unpacker_actor::behavior_type
upload_unpacker(upload_unpacker_actor::stateful_pointer<upload_unpacker_state> self,
                const directory_actor& directory);

} // namespace ros::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::unpack_upload)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::unpacked_upload)
