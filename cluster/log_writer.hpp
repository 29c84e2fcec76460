// The LOG WRITER: the shard log of a single node. Entries of all Realms that arrive
// while the disk is busy share the next sync (stack-notes.md 6). One per node,
// owned by `node`; spawn it detached, for it waits for the disk.
#pragma once

#include "shard_log.hpp"

#include "storage/database.hpp"

#include <caf/response_promise.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace ros::runtime {
class clock;
} // namespace ros::runtime

namespace ros::cluster {

/// What a log writer has done since it started.
struct log_writer_status {
  std::uint64_t syncs = 0;        ///< successful group writes
  std::uint64_t entries = 0;      ///< made durable
  std::uint64_t bytes = 0;        ///< of batches made durable
  std::uint64_t refused = 0;      ///< entries that did not follow
  std::uint64_t failures = 0;     ///< group writes that failed
  std::uint64_t last_sync_us = 0; ///< duration of the last successful group write
  std::uint64_t max_sync_us = 0;
  std::uint64_t total_sync_us = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, log_writer_status& x) {
  return f(caf::meta::type_name("log_writer_status"), x.syncs, x.entries, x.bytes, x.refused,
           x.failures, x.last_sync_us, x.max_sync_us, x.total_sync_us);
}

/// The LOG WRITER actor conforms to the protocol of the SHARD LOG.
using log_writer_actor = shard_log_actor::extend<
    /// Answers with its counters; ask with high priority.
    caf::replies_to<caf::get_atom>::with<log_writer_status>,
    /// INTERNAL: writes and syncs everything collected so far.
    caf::reacts_to<caf::flush_atom>>;

/// Bytes of entries that are written together at most; a single entry may be bigger.
inline constexpr std::size_t default_group_bytes = 16u << 20;

struct log_writer_state {
  static inline const char* name = "log_writer";

  storage::database* db = nullptr;
  runtime::clock* clock = nullptr;
  std::size_t group_bytes = default_group_bytes;

  std::vector<storage::log_entry> group;
  std::vector<caf::typed_response_promise<bool>> waiting; ///< one for each of `group`
  std::size_t collected = 0;                              ///< bytes of `group`
  log_writer_status status;

  /// Makes the group durable with one write and answers everybody in it.
  void write_group();
};

/// `db` and `clock` must outlive the actor.
log_writer_actor::behavior_type
log_writer(log_writer_actor::stateful_pointer<log_writer_state> self, storage::database* db,
           runtime::clock* clock, std::size_t group_bytes = default_group_bytes);

/// What a storage error means to whoever waits for an entry.
caf::error to_caf_error(const storage::error& e);

} // namespace ros::cluster

CAF_BEGIN_TYPE_ID_BLOCK(ros_log_writer, caf::first_custom_type_id + 320)
CAF_ADD_TYPE_ID(ros_log_writer, (ros::cluster::log_writer_status))
CAF_ADD_TYPE_ID(ros_log_writer, (ros::cluster::log_writer_actor))
CAF_END_TYPE_ID_BLOCK(ros_log_writer)
