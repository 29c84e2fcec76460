#include "download_packer.hpp"

#include <string>
#include <utility>

namespace ros::actors {

download_packer_actor::behavior_type
download_packer(download_packer_actor::stateful_pointer<download_packer_state> self,
                const directory_actor& directory, std::size_t number) {
  self->send(directory, actor_record{"download_packer/" + std::to_string(number), "download_packer",
                                     "sync_service"});
  return {
      [](pack_download& x) { return packed_download{sync::packed_body{std::move(x.body)}}; },
  };
}

} // namespace ros::actors
