// The seam under every writer: an entry goes in, "durable" comes out. One node has
// a log with one copy (log_writer); a cluster puts replicated logs behind the same
// interface without touching realm actors.
#pragma once

#include "errors.hpp"
#include "storage/log_entry.hpp"

#include <caf/error.hpp>
#include <caf/meta/load_callback.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>

namespace ros::storage {

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, log_entry& x) {
  if constexpr (Inspector::writes_state) {
    auto batch = std::make_shared<std::string>();
    auto images = std::make_shared<std::string>();
    auto publish = [&x, batch, images]() -> caf::error {
      x.batch = sync::bytes{std::shared_ptr<const std::string>{batch}, *batch};
      x.before_images = sync::bytes{std::shared_ptr<const std::string>{images}, *images};
      return caf::none;
    };
    return f(caf::meta::type_name("log_entry"), x.layout, x.shard, x.realm_id, x.sequence,
             x.first_version, x.last_version, *batch, *images, caf::meta::load_callback(publish));
  } else {
    std::string batch{x.batch.view()}, images{x.before_images.view()};
    return f(caf::meta::type_name("log_entry"), x.layout, x.shard, x.realm_id, x.sequence,
             x.first_version, x.last_version, batch, images);
  }
}

} // namespace ros::storage

namespace ros::cluster {

/// The SHARD LOG actor.
using shard_log_actor = caf::typed_actor<
    /// Answers true once the entry is durable and applied: reads of storage see
    /// it. Fails with ec::no_space or ec::io (not written, try again later),
    /// ec::refused (does not follow the Realm's last entry) or ec::not_leader.
    /// After any failure the writer must read its head from storage again.
    caf::replies_to<storage::log_entry>::with<bool>>;

} // namespace ros::cluster

CAF_BEGIN_TYPE_ID_BLOCK(ros_cluster, caf::first_custom_type_id + 300)
CAF_ADD_TYPE_ID(ros_cluster, (ros::storage::log_entry))
CAF_ADD_TYPE_ID(ros_cluster, (ros::cluster::shard_log_actor))
CAF_END_TYPE_ID_BLOCK(ros_cluster)
