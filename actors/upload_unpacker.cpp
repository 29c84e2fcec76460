#include "upload_unpacker.hpp"

#include <new>

namespace ros::actors {

upload_unpacker_actor::behavior_type
upload_unpacker(upload_unpacker_actor::stateful_pointer<upload_unpacker_state> self,
                const directory_actor& directory) {
  self->send(directory, actor_record{"upload_unpacker", "upload_unpacker", "sync_service"});
  return {
      [](const unpack_upload& x) {
        try {
          return unpacked_upload{sync::unpack(x.upload, x.max_size)};
        } catch (const std::bad_alloc&) {
          return unpacked_upload{
              sync::error{sync::ec::bad_message, "no memory for an upload", 100}};
        }
      },
  };
}

} // namespace ros::actors
