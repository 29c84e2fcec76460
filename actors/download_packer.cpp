#include "download_packer.hpp"

#include <utility>

namespace ros::actors {

download_packer_actor::behavior_type
download_packer(download_packer_actor::stateful_pointer<download_packer_state>) {
  return {
      [](pack_download& x) { return packed_download{sync::packed_body{std::move(x.body)}}; },
  };
}

} // namespace ros::actors
