// A DOWNLOAD PACKER: compresses big DOWNLOAD bodies so that no scheduler thread is
// held by them. A few of them, detached, owned by the SYNC SERVICE.
#pragma once

#include "actors.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>

namespace ros::actors {

struct download_packer_state {
  static inline const char* name = "download_packer";
};

download_packer_actor::behavior_type
download_packer(download_packer_actor::stateful_pointer<download_packer_state> self,
                const directory_actor& directory, std::size_t number);

} // namespace ros::actors
