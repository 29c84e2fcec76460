// Inside the integrator: what it owns, and an upload on its way through
// (integrate_steps.cpp). Private to sync/integrate*.cpp.
#pragma once

#include "history_cache.hpp"
#include "integrate.hpp"
#include "integrate_reciprocals.hpp"
#include "merge.hpp"
#include "object_state.hpp"

#include <map>
#include <optional>
#include <span>
#include <vector>

namespace ros::sync {

/// One uploaded changeset on its way into the history.
struct incoming_changeset {
  merge_changeset merged;
  version_type client_version = 0;
  version_type base = 0;
};

/// The majors of one upload: what of the history was merged, as seen by the client.
using majors_map = std::map<version_type, merge_changeset>;

/// An upload that is being integrated, piece by piece.
struct work_in_progress {
  /// In this order; merging and applying alternate run by run. A run is what has the
  /// same base.
  enum class stage { parsing, opening_run, merging, applying, appending, done };

  const upload_batch* batch = nullptr;
  int protocol_version = 0;
  stage now = stage::parsing;
  std::size_t parsed = 0; ///< of the batch's changesets
  std::size_t parsed_bytes = 0;
  std::vector<incoming_changeset> incoming; ///< without what was integrated earlier
  std::size_t run_begin = 0, run_end = 0;   ///< in `incoming`
  std::vector<merge_changeset*> minors;     ///< of the run
  std::vector<window_entry> window;         ///< of the run
  std::size_t merged = 0;                   ///< of the window
  std::size_t applied = 0, appended = 0;    ///< of `incoming`
  majors_map majors;
  version_type head_before = 0;
};

struct integrator::impl {
  impl(const history_source& history_source, const state_source& state_source, salt_type salt,
       const integration_options& options)
      : salt_(salt), history_(history_source, options.history_cache_bytes / 2),
        reciprocals_(history_source, history_, options.history_cache_bytes / 2),
        state_(state_source, {options.allow_destructive_schema_changes, options.object_cache_bytes,
                              options.before_images}),
        max_parsed_bytes_(options.max_parsed_bytes) {}

  result<bool> step(client_file& file, const std::function<bool()>& pause);
  result<void> next_piece(const client_file& file);
  result<void> parse_next(const client_file& file);
  result<void> open_run();
  result<void> merge_part();
  result<void> apply_next();
  result<void> append_next();
  void finish(client_file& file);
  void abandon();
  result<void> append(file_ident origin, version_type client_version, origin_timestamp timestamp,
                      const changeset& changes);
  void advance(const upload_batch& batch, client_file& file);
  result<void> integrate_local(const changeset& changes, origin_timestamp now);
  result<local_changes> transact(std::span<const write_operation> operations, origin_timestamp now);
  result<void> finish_local(result<void> applied, const changeset& changes, origin_timestamp now);

  salt_type salt_;
  history_cache history_;
  reciprocal_views reciprocals_;
  object_state state_;
  std::size_t max_parsed_bytes_;
  std::optional<work_in_progress> work_;
  std::uint32_t feature_level_ = 0; ///< of the entries not taken yet
};

} // namespace ros::sync
