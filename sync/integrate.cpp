#include "integrate.hpp"

#include "changeset_codec.hpp"
#include "history_cache.hpp"
#include "integrate_reciprocals.hpp"
#include "merge.hpp"
#include "object_state.hpp"
#include "summary.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <utility>

namespace ros::sync {

namespace {

constexpr int bad_changeset_code = 212;
constexpr int bad_server_version_code = 209;
constexpr int bad_client_version_code = 210;

constexpr std::size_t majors_at_once = 1024;
constexpr std::size_t max_unchanged_majors = 4096; ///< kept for later runs of the same upload

/// One uploaded changeset on its way into the history.
struct incoming_changeset {
  merge_changeset merged;
  version_type client_version = 0;
  version_type base = 0;
};

error bad_cursor(int code, std::string message) {
  return {ec::bad_cursor, std::move(message), code};
}

/// Names the changeset an error is about; what is the client's fault gets a
/// session error number.
error about(const incoming_changeset& changes, error e) {
  e.message =
      "changeset of client version " + std::to_string(changes.client_version) + ": " + e.message;
  if (e.protocol_code == 0 && !is_store_error(e))
    e.protocol_code = bad_changeset_code;
  return e;
}

/// The cursors that admission has to guarantee (merge-rules.md 4).
result<void> check_cursors(const upload_batch& batch, const client_file& file, version_type head) {
  version_type client_version = 0;
  version_type base = file.progress.last_integrated_server_version;
  for (const pending_changeset& changes : batch.changesets) {
    if (changes.client_version <= client_version)
      return bad_cursor(bad_client_version_code, "client versions do not increase");
    client_version = changes.client_version;
    if (client_version <= file.progress.client_version)
      continue;
    if (changes.base < base || changes.base > head)
      return bad_cursor(bad_server_version_code, "base version " + std::to_string(changes.base) +
                                                     " outside " + std::to_string(base) + " to " +
                                                     std::to_string(head));
    base = changes.base;
  }
  if (batch.progress.last_integrated_server_version > head)
    return bad_cursor(bad_server_version_code, "progress is ahead of the server");
  return {};
}

/// Admission of the changesets themselves: they parse, need nothing the
/// connection does not know, and name no object without owner (changesets.md
/// 10 and 11). What was integrated earlier is left out.
result<std::vector<incoming_changeset>>
parse_incoming(const upload_batch& batch, const client_file& file, int protocol_version) {
  std::vector<incoming_changeset> all;
  for (const pending_changeset& pending : batch.changesets) {
    if (pending.client_version <= file.progress.client_version)
      continue;
    incoming_changeset& next = all.emplace_back();
    next.client_version = pending.client_version;
    next.base = pending.base;
    next.merged.timestamp = pending.timestamp;
    next.merged.origin = batch.client;
    auto changes = parse_changeset(pending.data, protocol_version);
    if (!changes)
      return about(next, changes.error());
    next.merged.changes = std::move(*changes);
    const int needed = required_protocol_version(next.merged.changes);
    if (needed > protocol_version)
      return about(next, {ec::bad_changeset, "needs protocol version " + std::to_string(needed) +
                                                 " on a connection of version " +
                                                 std::to_string(protocol_version)});
    adopt_local_objects(next.merged.changes, batch.client);
  }
  return all;
}

} // namespace

struct integrator::impl {
  impl(const history_source& history_source, const state_source& state_source, salt_type salt,
       const integration_options& options)
      : salt_(salt), history_(history_source, options.history_cache_bytes / 2),
        reciprocals_(history_source, history_, options.history_cache_bytes / 2),
        state_(state_source, {options.allow_destructive_schema_changes, options.object_cache_bytes,
                              options.before_images}) {}

  /// The majors of one call: what of the history was merged, as seen by the client.
  using majors_map = std::map<version_type, merge_changeset>;

  result<void> integrate(const upload_batch& batch, client_file& file, int protocol_version);
  result<void> merge_and_apply(file_ident client, std::span<incoming_changeset> incoming,
                               majors_map& majors);
  result<void> merge_run(file_ident client, std::span<incoming_changeset> run, majors_map& majors);
  result<void> merge_part(file_ident client, std::span<const window_entry> part,
                          std::span<merge_changeset* const> minors, majors_map& majors);
  result<void> append_all(file_ident client, std::span<const incoming_changeset> incoming);
  result<void> append(file_ident origin, version_type client_version, origin_timestamp timestamp,
                      const changeset& changes);
  void advance(const upload_batch& batch, client_file& file);
  result<void> integrate_local(const changeset& changes, origin_timestamp now);

  salt_type salt_;
  history_cache history_;
  reciprocal_views reciprocals_;
  object_state state_;
  std::uint32_t feature_level_ = 0; ///< of the entries not taken yet
};

result<void> integrator::impl::integrate(const upload_batch& batch, client_file& file,
                                         int protocol_version) {
  if (auto checked = check_cursors(batch, file, history_.head()); !checked)
    return checked.error();
  auto incoming = parse_incoming(batch, file, protocol_version);
  if (!incoming)
    return incoming.error();
  if (!incoming->empty()) {
    majors_map majors;
    state_.begin_batch();
    auto done = merge_and_apply(batch.client, *incoming, majors);
    if (done)
      done = append_all(batch.client, *incoming);
    if (!done) {
      state_.drop_batch();
      reciprocals_.shrink();
      return done.error();
    }
    state_.keep_batch();
    for (auto& [version, major] : majors) {
      if (major.changed)
        reciprocals_.keep(batch.client, version, std::move(major));
    }
    file.contributed = true;
  }
  advance(batch, file);
  reciprocals_.shrink();
  return {};
}

/// Merges and applies run by run: a run is what has the same base.
result<void> integrator::impl::merge_and_apply(file_ident client,
                                               std::span<incoming_changeset> incoming,
                                               majors_map& majors) {
  while (!incoming.empty()) {
    std::size_t length = 1;
    while (length < incoming.size() && incoming[length].base == incoming[0].base)
      ++length;
    const auto run = incoming.first(length);
    incoming = incoming.subspan(length);
    if (auto merged = merge_run(client, run, majors); !merged)
      return merged.error();
    for (const incoming_changeset& changes : run) {
      if (auto applied = state_.apply(changes.merged.changes); !applied)
        return about(changes, applied.error());
    }
  }
  return {};
}

result<void> integrator::impl::merge_run(file_ident client, std::span<incoming_changeset> run,
                                         majors_map& majors) {
  if (run[0].base == history_.head())
    return {};
  run_signature signature;
  std::vector<merge_changeset*> minors;
  for (incoming_changeset& changes : run) {
    signature.add(changes.merged.changes);
    minors.push_back(&changes.merged);
  }
  signature.finish();
  auto window = history_.window(run[0].base + 1, history_.head(), client, signature);
  if (!window)
    return window.error();
  for (std::span<const window_entry> rest(*window); !rest.empty();) {
    const auto part = rest.first(std::min(rest.size(), majors_at_once));
    rest = rest.subspan(part.size());
    if (auto merged = merge_part(client, part, minors, majors); !merged)
      return about(run.back(), merged.error());
  }
  return {};
}

/// Merging part of the window after the other is the same as merging it at once,
/// and needs to keep only what changed of a window of any size.
result<void> integrator::impl::merge_part(file_ident client, std::span<const window_entry> part,
                                          std::span<merge_changeset* const> minors,
                                          majors_map& majors) {
  std::vector<merge_changeset*> seen;
  for (const window_entry& entry : part) {
    auto known = majors.find(entry.version);
    if (known == majors.end()) {
      auto opened = reciprocals_.open(client, entry);
      if (!opened)
        return opened.error();
      known = majors.emplace(entry.version, std::move(*opened)).first;
    }
    if (!known->second.changes.instructions.empty())
      seen.push_back(&known->second);
  }
  if (seen.empty())
    return {};
  if (auto merged = merge(seen, minors); !merged)
    return merged.error();
  if (majors.size() > max_unchanged_majors)
    std::erase_if(majors, [](const auto& major) { return !major.second.changed; });
  return {};
}

result<void> integrator::impl::append_all(file_ident client,
                                          std::span<const incoming_changeset> incoming) {
  const version_type head = history_.head();
  for (const incoming_changeset& changes : incoming) {
    auto appended =
        append(client, changes.client_version, changes.merged.timestamp, changes.merged.changes);
    if (!appended) {
      history_.rollback(head);
      return appended.error();
    }
  }
  for (const incoming_changeset& changes : incoming)
    feature_level_ =
        std::max(feature_level_,
                 static_cast<std::uint32_t>(required_protocol_version(changes.merged.changes)));
  return {};
}

result<void> integrator::impl::append(file_ident origin, version_type client_version,
                                      origin_timestamp timestamp, const changeset& changes) {
  history_entry entry;
  entry.origin = origin;
  entry.client_version = client_version;
  entry.timestamp = timestamp;
  entry.salt = salt_;
  entry.data = bytes(encode_changeset(changes));
  entry.original_size = entry.data.size();
  entry.summary = bytes(summarize(changes));
  return history_.append(std::move(entry));
}

/// Progress only ever grows; what the client has integrated it no longer needs
/// reciprocals of (merge-rules.md 5, end).
void integrator::impl::advance(const upload_batch& batch, client_file& file) {
  file.locked_version = std::max(file.locked_version, batch.locked_version);
  if (batch.progress.client_version <= file.progress.client_version)
    return;
  file.progress.client_version = batch.progress.client_version;
  const version_type base = batch.progress.last_integrated_server_version;
  if (base <= file.progress.last_integrated_server_version)
    return;
  file.progress.last_integrated_server_version = base;
  reciprocals_.trim(batch.client, base);
}

result<void> integrator::impl::integrate_local(const changeset& changes, origin_timestamp now) {
  state_.begin_batch();
  auto done = state_.apply(changes);
  if (done)
    done = append(0, 0, now, changes);
  if (!done) {
    state_.drop_batch();
    return done.error();
  }
  state_.keep_batch();
  feature_level_ =
      std::max(feature_level_, static_cast<std::uint32_t>(required_protocol_version(changes)));
  return {};
}

// -- interface ----------------------------------------------------------------

integrator::integrator(const history_source& history, const state_source& state,
                       salt_type version_salt, integration_options options)
    : impl_(std::make_unique<impl>(history, state, version_salt, options)) {}

integrator::~integrator() = default;

version_type integrator::head() const {
  return impl_->history_.head();
}

result<void> integrator::integrate(const upload_batch& batch, client_file& file,
                                   int protocol_version) {
  return impl_->integrate(batch, file, protocol_version);
}

result<void> integrator::integrate_local(const changeset& changes, origin_timestamp now) {
  return impl_->integrate_local(changes, now);
}

integrated integrator::take() {
  integrated all;
  impl_->history_.take(all.entries, all.block_summaries);
  impl_->reciprocals_.take(all.reciprocals, all.trims);
  all.state = impl_->state_.take_mutations();
  all.before_images = impl_->state_.take_before_images();
  all.feature_level = std::exchange(impl_->feature_level_, 0);
  return all;
}

void integrator::committed() {
  impl_->history_.committed();
  impl_->reciprocals_.committed();
  impl_->state_.committed();
}

void integrator::discard() {
  impl_->history_.discard();
  impl_->reciprocals_.discard();
  impl_->state_.discard();
  impl_->feature_level_ = 0;
}

void integrator::set_cache_bytes(std::size_t history, std::size_t objects) {
  impl_->history_.set_budget(history / 2);
  impl_->reciprocals_.set_budget(history / 2);
  impl_->state_.set_cache_bytes(objects);
}

std::size_t integrator::memory_use() const {
  return impl_->history_.memory_use() + impl_->reciprocals_.memory_use() +
         impl_->state_.memory_use();
}

} // namespace ros::sync
