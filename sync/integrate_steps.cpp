// An upload on its way into the history, in pieces between which it may rest
// (merge-rules.md 5, 17.3).
#include "changeset_codec.hpp"
#include "integrate_impl.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

namespace ros::sync {

namespace {

constexpr int bad_changeset_code = 212;
constexpr int bad_server_version_code = 209;
constexpr int bad_client_version_code = 210;
constexpr int permission_denied_code = 206;

constexpr std::size_t majors_at_once = 1024;
constexpr std::size_t max_unchanged_majors = 4096; ///< kept for later runs of the same upload

error bad_cursor(int code, std::string message) {
  return {ec::bad_cursor, std::move(message), code};
}

/// Names the changeset an error is about; what is the client's fault gets a
/// session error number.
error about(const incoming_changeset& changes, error e) {
  e.message =
      "changeset of client version " + std::to_string(changes.client_version) + ": " + e.message;
  if (e.protocol_code == 0 && e.code != ec::corrupt_store)
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

/// Admission of a changeset itself: it parses, needs nothing the connection does not
/// know, and names no object without owner (changesets.md 10 and 11).
result<incoming_changeset> parse_incoming(const pending_changeset& pending, file_ident client,
                                          int protocol_version, std::size_t max_bytes) {
  incoming_changeset next;
  next.client_version = pending.client_version;
  next.base = pending.base;
  next.merged.timestamp = pending.timestamp;
  next.merged.origin = client;
  auto changes = parse_changeset_within(max_bytes, pending.data, protocol_version);
  if (!changes)
    return about(next, changes.error());
  next.merged.changes = std::move(*changes);
  const int needed = required_protocol_version(next.merged.changes);
  if (needed > protocol_version)
    return about(next, {ec::bad_changeset, "needs protocol version " + std::to_string(needed) +
                                               " on a connection of version " +
                                               std::to_string(protocol_version)});
  adopt_local_objects(next.merged.changes, client);
  return next;
}

bool declares_only(const changeset& changes) {
  return std::all_of(changes.instructions.begin(), changes.instructions.end(), [](const auto& i) {
    return i.op == opcode::add_table || i.op == opcode::add_column;
  });
}

error no_permission(const incoming_changeset& changes) {
  return about(changes, {ec::bad_changeset, "no permission to write", permission_denied_code});
}

} // namespace

result<bool> integrator::impl::step(client_file& file, const std::function<bool()>& pause) {
  using stage = work_in_progress::stage;
  while (work_->now != stage::done) {
    if (auto done = next_piece(file); !done) {
      abandon();
      return done.error();
    }
    if (work_->now != stage::done && pause && pause())
      return false;
  }
  finish(file);
  return true;
}

result<void> integrator::impl::next_piece(const client_file& file) {
  using stage = work_in_progress::stage;
  switch (work_->now) {
  case stage::parsing:
    return parse_next(file);
  case stage::opening_run:
    return open_run();
  case stage::merging:
    return merge_part();
  case stage::applying:
    return apply_next();
  case stage::appending:
    return append_next();
  case stage::done:
    break;
  }
  return {};
}

result<void> integrator::impl::parse_next(const client_file& file) {
  auto& w = *work_;
  const auto& all = w.batch->changesets;
  if (w.parsed == 0) {
    if (auto checked = check_cursors(*w.batch, file, history_.head()); !checked)
      return checked.error();
  }
  // What was integrated earlier is left out.
  while (w.parsed < all.size() && all[w.parsed].client_version <= file.progress.client_version)
    ++w.parsed;
  if (w.parsed < all.size()) {
    auto next = parse_incoming(all[w.parsed], w.batch->client, w.protocol_version,
                               max_parsed_bytes_ - std::min(max_parsed_bytes_, w.parsed_bytes));
    if (!next)
      return next.error();
    if (!w.batch->may_write && !declares_only(next->merged.changes))
      return no_permission(*next);
    w.parsed_bytes += parsed_cost(next->merged.changes);
    w.incoming.push_back(std::move(*next));
    ++w.parsed;
  }
  if (w.parsed < all.size())
    return {};
  if (w.incoming.empty()) {
    w.now = work_in_progress::stage::done;
    return {};
  }
  w.head_before = history_.head();
  state_.begin_batch();
  w.now = work_in_progress::stage::opening_run;
  return {};
}

result<void> integrator::impl::open_run() {
  auto& w = *work_;
  w.run_begin = w.run_end;
  const auto base = w.incoming[w.run_begin].base;
  while (w.run_end < w.incoming.size() && w.incoming[w.run_end].base == base)
    ++w.run_end;
  w.now = work_in_progress::stage::applying;
  if (base == history_.head())
    return {};
  run_signature signature;
  w.minors.clear();
  for (auto i = w.run_begin; i < w.run_end; ++i) {
    signature.add(w.incoming[i].merged.changes);
    w.minors.push_back(&w.incoming[i].merged);
  }
  signature.finish();
  auto window = history_.window(base + 1, history_.head(), w.batch->client, signature);
  if (!window)
    return window.error();
  w.window = std::move(*window);
  w.merged = 0;
  if (!w.window.empty())
    w.now = work_in_progress::stage::merging;
  return {};
}

/// Merging part of the window after the other is the same as merging it at once,
/// and needs to keep only what changed of a window of any size.
result<void> integrator::impl::merge_part() {
  auto& w = *work_;
  const auto part = std::span<const window_entry>(w.window).subspan(
      w.merged, std::min(w.window.size() - w.merged, majors_at_once));
  w.merged += part.size();
  if (w.merged == w.window.size())
    w.now = work_in_progress::stage::applying;
  const auto& about_run = w.incoming[w.run_end - 1];
  std::vector<merge_changeset*> seen;
  for (const window_entry& entry : part) {
    auto known = w.majors.find(entry.version);
    if (known == w.majors.end()) {
      auto opened = reciprocals_.open(w.batch->client, entry);
      if (!opened)
        return about(about_run, opened.error());
      known = w.majors.emplace(entry.version, std::move(*opened)).first;
    }
    if (!known->second.changes.instructions.empty())
      seen.push_back(&known->second);
  }
  if (seen.empty())
    return {};
  if (auto merged = merge(seen, w.minors); !merged)
    return about(about_run, merged.error());
  if (w.majors.size() > max_unchanged_majors)
    std::erase_if(w.majors, [](const auto& major) { return !major.second.changed; });
  return {};
}

result<void> integrator::impl::apply_next() {
  auto& w = *work_;
  const auto& changes = w.incoming[w.applied];
  // Every SDK declares its schema before its first download; what the Realm has already
  // is gone after merging.
  if (!w.batch->may_write && !changes.merged.changes.instructions.empty())
    return no_permission(changes);
  if (auto applied = state_.apply(changes.merged.changes); !applied)
    return about(changes, applied.error());
  if (++w.applied == w.incoming.size())
    w.now = work_in_progress::stage::appending;
  else if (w.applied == w.run_end)
    w.now = work_in_progress::stage::opening_run;
  return {};
}

result<void> integrator::impl::append_next() {
  auto& w = *work_;
  const auto& next = w.incoming[w.appended];
  if (auto appended =
          append(w.batch->client, next.client_version, next.merged.timestamp, next.merged.changes);
      !appended)
    return appended;
  if (++w.appended == w.incoming.size())
    w.now = work_in_progress::stage::done;
  return {};
}

void integrator::impl::finish(client_file& file) {
  auto w = std::move(*work_);
  work_.reset();
  if (!w.incoming.empty()) {
    state_.keep_batch();
    for (const incoming_changeset& changes : w.incoming)
      feature_level_ =
          std::max(feature_level_,
                   static_cast<std::uint32_t>(required_protocol_version(changes.merged.changes)));
    for (auto& [version, major] : w.majors) {
      if (major.changed)
        reciprocals_.keep(w.batch->client, version, std::move(major));
    }
    file.contributed = true;
  }
  advance(*w.batch, file);
  reciprocals_.shrink();
}

/// Takes back whatever of the upload is there.
void integrator::impl::abandon() {
  if (work_->now != work_in_progress::stage::parsing) {
    history_.rollback(work_->head_before);
    state_.drop_batch();
  }
  work_.reset();
  reciprocals_.shrink();
}

} // namespace ros::sync
