// Integrating uploads (merge-rules.md 5): merges what a client sent with what it
// had not seen, validates the result against the object state and collects
// everything that one log entry has to store. One integrator per open Realm; it
// also owns the caches of parsed history and of objects.
#pragma once

#include "changeset.hpp"
#include "client_file.hpp"
#include "errors.hpp"
#include "history.hpp"
#include "state_store.hpp"
#include "write_operation.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace ros::sync {

struct integration_options {
  bool allow_destructive_schema_changes =
      true; ///< false: EraseTable, EraseColumn are refused with 225
  std::size_t history_cache_bytes = 64u << 20; ///< parsed history kept between calls
  std::size_t object_cache_bytes = 64u << 20;  ///< decoded objects kept between calls
  /// Memory that the instructions of one upload may take; what would take more is
  /// refused while it is parsed. While that memory grows, twice as much may be in use.
  std::size_t max_parsed_bytes = 2048ull << 20;
  bool before_images = false; ///< collect before-images of touched objects
};

/// What was integrated since the last take(): the content of one log entry.
struct integrated {
  std::vector<history_entry> entries; ///< consecutive, complete (summary, sizes, salt)
  std::vector<std::pair<std::uint64_t, bytes>> block_summaries; ///< blocks completed by `entries`
  std::vector<reciprocal_change> reciprocals;
  std::vector<reciprocal_trim> trims; ///< apply after `reciprocals`
  std::vector<state_mutation> state;
  bytes before_images;             ///< see before_image.hpp; empty unless asked for
  std::uint32_t feature_level = 0; ///< highest protocol version needed by `entries`, 0 if none
};

/// What operations of the server itself came to.
struct local_changes {
  bool written = false;
  std::vector<global_key> made; ///< see put_object::key
};

/// Not thread-safe. Reads `history` and `state` as they are committed; whatever
/// was integrated and is not committed yet lies in an overlay.
class integrator {
public:
  /// Both sources must outlive the integrator. `version_salt` goes into new entries.
  integrator(const history_source& history, const state_source& state, salt_type version_salt,
             integration_options options = {});
  ~integrator();
  integrator(const integrator&) = delete;
  integrator& operator=(const integrator&) = delete;

  /// Server version including what is not committed yet.
  [[nodiscard]] version_type head() const;

  /// Integrates one upload as a whole or not at all. `file` is the client's
  /// record as of now (including uncommitted changes); its progress and locked
  /// version are updated on success, `reported` is left to the caller. Entries
  /// with client_version <= file.progress.client_version are skipped.
  /// On error (ec::bad_changeset, merge_failure, apply_failure, schema_conflict with
  /// protocol_code 212 or 225, or 206; corrupt_store) nothing of the batch stays; earlier
  /// batches do. `protocol_version` is that of the connection (changesets.md 10).
  result<void> integrate(const upload_batch& batch, client_file& file, int protocol_version = 14);

  /// The same in steps, so that others get their turn during a long merge (merge-rules.md
  /// 17.3). Until it is done nothing else may be integrated, taken or limited; discard()
  /// forgets it. `batch` must outlive it.
  void begin(const upload_batch& batch, int protocol_version);
  [[nodiscard]] bool is_integrating() const noexcept;
  /// Works until the upload is integrated (true), or between two pieces of the work
  /// `pause` says so (false). Errors and `file` as above; an error ends it.
  result<bool> step(client_file& file, const std::function<bool()>& pause);

  /// Appends a change made by the server itself (origin 0, client version 0).
  result<void> integrate_local(const changeset& changes, origin_timestamp now);

  /// The same for operations by name (server_transaction.hpp). Nothing is appended if
  /// everything is so already. On error nothing stays: ec::apply_failure, schema_conflict
  /// with a sentence naming the operation; corrupt_store.
  result<local_changes> transact(std::span<const write_operation> operations, origin_timestamp now);

  /// Everything since the last take(), for the next log entry. The overlay stays
  /// until committed() or discard().
  [[nodiscard]] integrated take();

  /// What was taken is durable: `history` and `state` now contain it.
  void committed();

  /// Forgets the overlay, taken or not, and every cache. Also needed, with an empty
  /// overlay, after stored history was changed in place (compaction).
  void discard();

  /// The options' cache sizes from now on; forgets what exceeds them.
  void set_cache_bytes(std::size_t history, std::size_t objects);

  /// Bytes held by caches and overlay, approximately.
  [[nodiscard]] std::size_t memory_use() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace ros::sync
