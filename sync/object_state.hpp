// The object state of one Realm: schema and objects, changed by applying
// changesets and thereby validating them (changesets.md 13). Works on an
// overlay over a state_source, with a bounded cache of decoded objects.
// One per integrator.
#pragma once

#include "before_image.hpp"
#include "changeset.hpp"
#include "errors.hpp"
#include "state_store.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace ros::sync {

struct object_state_options {
  bool allow_destructive_schema_changes = true;
  std::size_t cache_bytes = 64u << 20; ///< decoded objects that are not dirty
  bool before_images = false;
};

/// Not thread-safe. What was changed and is not committed stays in memory, whatever its
/// size; clean objects are evicted above `cache_bytes`. Reading goes through object_reader.
///
///   begin_batch, apply ..., keep_batch or drop_batch     once for each upload
///   take_mutations -> store -> committed                 once for each log entry
///
/// Batches may go on between take_mutations and committed: what they change comes with
/// the next mutations.
class object_state {
public:
  explicit object_state(const state_source& source, object_state_options options = {});
  ~object_state();
  object_state(const object_state&) = delete;
  object_state& operator=(const object_state&) = delete;

  /// Starts a batch that is kept or dropped as a whole. Batches do not nest.
  void begin_batch();
  void keep_batch();
  /// Undoes everything since begin_batch().
  void drop_batch();

  /// Applies one changeset inside a batch. On error (ec::apply_failure, or
  /// ec::schema_conflict with protocol_code 212, or 225 where a destructive change is
  /// refused; ec::corrupt_store) the batch must be dropped.
  result<void> apply(const changeset& changes);

  /// Writes that bring the source to the present state; the dirty objects stay
  /// readable as an overlay until committed(). Not within a batch.
  [[nodiscard]] std::vector<state_mutation> take_mutations();
  /// Before-images of the objects touched since the last take, encoded
  /// (before_image.hpp); empty unless asked for. Before or after take_mutations.
  [[nodiscard]] bytes take_before_images();

  /// The source now contains everything that was taken.
  void committed();
  /// Forgets overlay and caches: the state is again what the source holds.
  void discard();

  /// `cache_bytes` from now on; evicts what exceeds it. Not within a batch.
  void set_cache_bytes(std::size_t cache_bytes);

  /// Bytes of overlay and cache, approximately: what a batch adds is counted when taken.
  [[nodiscard]] std::size_t memory_use() const;

  struct impl;
  [[nodiscard]] const impl& get() const { return *impl_; } ///< for object_reader

private:
  std::unique_ptr<impl> impl_;
};

} // namespace ros::sync
