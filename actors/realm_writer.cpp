#include "realm_writer.hpp"

#include "realm_writer_codes.hpp"

#include "runtime/clock.hpp"
#include "sync/download.hpp"

#include <algorithm>

namespace ros::actors {

namespace {

/// Bookkeeping of one waiting upload besides its bytes.
constexpr std::size_t upload_overhead = 256;

std::size_t size_of(const sync::upload_batch& batch) {
  std::size_t bytes = upload_overhead;
  for (const auto& x : batch.changesets)
    bytes += x.data.size() + sizeof(x);
  return bytes;
}

outgoing_entry outgoing(const sync::history_entry& x) {
  return {.version = x.version,
          .origin = x.origin == 0 ? sync::server_file_ident : x.origin,
          .client_version = x.client_version,
          .timestamp = x.timestamp,
          .original_size = x.original_size,
          .data = x.data};
}

} // namespace

realm_writer::realm_writer(const storage::database& db, realm_identity identity,
                           runtime::clock& clock, runtime::random_source& random,
                           realm_limits limits)
    : identity_(std::move(identity)), clock_(clock), random_(random), limits_(limits),
      store_(db, identity_.shard, identity_.realm_id), membership_(limits_.caches),
      upkeep_(limits_.history) {}

storage::result<void> realm_writer::load() {
  auto record = store_.refresh();
  if (!record) {
    note(storage::to_sync_error(record.error()));
    return record.error();
  }
  next_ = *record;
  next_.path = identity_.path;
  // A fresh salt for every start: it is what tells histories apart after a restore
  // from backup (sync-protocol.md 5.1).
  integrator_ =
      std::make_unique<sync::integrator>(store_, store_, random_.salt(), limits_.integration);
  fit_caches();
  upkeep_.loaded(*record);
  return {};
}

/// Remembers what is the store's fault.
const sync::error& realm_writer::note(const sync::error& e) {
  if (e.code == sync::ec::corrupt_store && !trouble_)
    trouble_ = e;
  return e;
}

// -- uploads --------------------------------------------------------------------

bool realm_writer::enqueue(waiting_upload upload) {
  auto size = size_of(upload.batch);
  if (queue_bytes_ + size > limits_.queue_bytes && !queue_.empty())
    return false;
  queue_bytes_ += size;
  queue_.push_back(std::move(upload));
  return true;
}

bool realm_writer::has_waiting(sync::file_ident client) const {
  return (current_ && current_->batch.client == client) ||
         std::any_of(queue_.begin(), queue_.end(),
                     [&](const waiting_upload& x) { return x.batch.client == client; });
}

void realm_writer::drop_waiting(sync::file_ident client) {
  std::erase_if(queue_, [&](const waiting_upload& x) {
    if (x.batch.client != client)
      return false;
    queue_bytes_ -= size_of(x.batch);
    return true;
  });
}

void realm_writer::begin_next() {
  current_ = std::move(queue_.front());
  queue_.pop_front();
  queue_bytes_ -= size_of(current_->batch);
  head_before_current_ = integrator_->head();
  integrator_->begin(current_->batch, current_->protocol_version);
}

sync::result<bool> realm_writer::integrate_here_or_away(sync::client_file& file,
                                                        std::int64_t deadline) {
  const bool is_big = limits_.away_bytes != 0 && size_of(current_->batch) > limits_.away_bytes;
  if (!is_big)
    return integrator_->step(file, [&] { return clock_.steady_us() >= deadline; });
  if (!away_)
    away_.emplace(file);
  if (!away_->outcome)
    return false;
  file.progress = away_->file.progress;
  file.locked_version = away_->file.locked_version;
  file.contributed = away_->file.contributed;
  return *away_->outcome;
}

void realm_writer::integrate_away() {
  auto outcome = integrator_->step(away_->file, nullptr);
  if (outcome && integrator_->head() != head_before_current_)
    away_->changes = collect();
  away_->outcome = std::move(outcome);
}

/// Goes on with the current upload; false if its time is up and it is not done.
bool realm_writer::integrate_some(formed& out, std::int64_t deadline) {
  const auto client = current_->batch.client;
  std::optional<session_failure> failure;
  if (auto* file = find_file(client); file == nullptr) {
    failure = session_failure{208, "unknown client file"};
  } else {
    auto done = integrate_here_or_away(*file, deadline);
    if (!done)
      failure = session_failure{code_of(note(done.error())), done.error().message};
    else if (!*done)
      return false;
  }
  if (failure) {
    // What follows from this client was made on top of what is refused.
    drop_waiting(client);
    out.refused.push_back({client, std::move(*failure)});
  } else {
    if (integrator_->head() != head_before_current_)
      uploaded_.insert(client);
    dirty_.insert(client);
  }
  current_.reset();
  return true;
}

void realm_writer::integrate_slice(formed& out) {
  const auto deadline = clock_.steady_us() + limits_.slice_us;
  std::size_t bytes = 0;
  while (!trouble_ && (current_ || !queue_.empty())) {
    if (!current_) {
      const auto next = size_of(queue_.front().batch);
      const bool is_big = limits_.away_bytes != 0 && next > limits_.away_bytes;
      // A long one does not keep those waiting that are done.
      if (bytes > 0 &&
          (is_big || bytes + next > limits_.slice_bytes || clock_.steady_us() >= deadline))
        return;
      bytes += next;
      begin_next();
    }
    if (!integrate_some(out, deadline))
      return;
    if (away_) // an entry of its own, which is begun already
      return;
  }
}

bool realm_writer::has_work() {
  return current_ || !queue_.empty() || !transactions_.empty() || !allocated_.empty() ||
         save_wanted_ || upkeep_.has_work(needs_below());
}

formed realm_writer::form_entry(bool save_cursors) {
  formed out;
  integrate_slice(out);
  if (trouble_ || current_)
    return out;
  if (away_ && !away_->changes)
    away_.reset(); // refused, or it moved a cursor only
  if (!away_)
    carry_out_transactions(out);
  if (trouble_)
    return out;
  const bool new_versions = integrator_->head() > store_.record().head.version;
  if (upkeep_.at() == history_upkeep::phase::saving && dirty_.empty() && !new_versions)
    upkeep_.saved(); // nothing is in memory only
  if (new_versions || !allocated_.empty() || save_wanted_ || (save_cursors && !dirty_.empty()) ||
      upkeep_.has_work(needs_below()))
    make_entry(out);
  return out;
}

realm_writer::collected realm_writer::collect() {
  collected all{integrator_->take(), std::make_unique<storage::realm_entry_builder>(
                                         identity_.shard, identity_.realm_id)};
  all.entry->add(all.changes);
  return all;
}

void realm_writer::make_entry(formed& out) {
  auto [changes, entry] = away_ && away_->changes ? std::move(*away_->changes) : collect();
  away_.reset();
  auto& builder = *entry;
  auto news = std::make_shared<publication>();
  if (!changes.entries.empty()) {
    const auto& last = changes.entries.back();
    next_.head = {last.version, last.salt};
    next_.history_bytes += last.cumulative_size - next_.cumulative_size;
    next_.cumulative_size = last.cumulative_size;
    next_.feature_level = std::max(next_.feature_level, changes.feature_level);
    news->first = changes.entries.front().version;
    news->entries.reserve(changes.entries.size());
    for (const auto& x : changes.entries)
      news->entries.push_back(outgoing(x));
  }
  news->head = next_.head;
  news->feature_level = next_.feature_level;

  const bool new_versions = !changes.entries.empty();
  if (new_versions)
    dirty_.merge(std::exchange(unreported_, {}));
  for (auto ident : dirty_) {
    // What is reported changes only once it is durable: see committed().
    auto file = files_.at(ident);
    if (is_unreported(file) && new_versions) {
      file.reported = file.progress;
      news->progress.push_back({ident, file.reported});
    } else if (is_unreported(file)) {
      unreported_.insert(ident);
    }
    builder.put_client_file(ident, file);
  }
  in_entry_ = std::exchange(dirty_, {});
  allocated_in_entry_ = std::exchange(allocated_, {});
  unsaved_life_ = save_wanted_ = false;
  erase_superfluous(builder);
  if (auto done = upkeep_.contribute(builder, next_, store_, needs_below()); !done) {
    note(storage::to_sync_error(done.error()));
    return;
  }
  ++next_.sequence;
  pending_ = std::move(news);
  out.entry = builder.finish(next_);
}

storage::result<std::shared_ptr<const publication>> realm_writer::committed() {
  if (auto record = store_.refresh(); !record) {
    note(storage::to_sync_error(record.error()));
    return record.error();
  }
  integrator_->committed();
  if (upkeep_.committed(store_.record()))
    integrator_->discard(); // its caches hold what was rewritten
  auto news = std::exchange(pending_, nullptr);
  for (const auto& [ident, cursor] : news->progress)
    files_.at(ident).reported = cursor;
  in_entry_.clear();
  allocated_in_entry_.clear();
  uploaded_.clear();
  shrink_files();
  fit_caches();
  return std::shared_ptr<const publication>{news->first != 0 ? news : nullptr};
}

storage::result<std::vector<sync::file_ident>> realm_writer::failed() {
  integrator_->discard();
  pending_.reset();
  // Idents that nobody was told yet go back; those for the next entry too, because
  // the counter starts again at its durable value.
  allocated_.merge(std::exchange(allocated_in_entry_, {}));
  for (auto ident : std::exchange(allocated_, {})) {
    files_.erase(ident);
    in_entry_.erase(ident);
    dirty_.erase(ident);
  }
  auto lost = std::exchange(uploaded_, {});
  for (auto ident : lost) {
    drop_waiting(ident);
    files_.erase(ident);
    in_entry_.erase(ident);
    dirty_.erase(ident);
    unreported_.erase(ident);
    bound_.erase(ident);
  }
  // Cursors that would have ridden along wait for the next entry.
  dirty_.merge(std::exchange(in_entry_, {}));
  unsaved_life_ = !dirty_.empty(); // some of them may have become live
  auto record = store_.refresh();
  if (!record) {
    note(storage::to_sync_error(record.error()));
    return record.error();
  }
  next_ = *record;
  next_.path = identity_.path;
  upkeep_.failed(*record);
  return std::vector<sync::file_ident>{lost.begin(), lost.end()};
}

// -- downloads ------------------------------------------------------------------

sync::result<download_chunk> realm_writer::read(const read_download& request) {
  auto scanned = sync::scan_download(store_, request.client, request.from, request.budget);
  if (!scanned)
    return note(scanned.error());
  download_chunk chunk;
  chunk.entries.reserve(scanned->entries.size());
  for (auto& x : scanned->entries)
    chunk.entries.push_back({.version = x.version,
                             .client_version = x.client_version,
                             .timestamp = x.timestamp,
                             .origin = x.origin,
                             .original_size = x.original_size,
                             .data = std::move(x.data)});
  chunk.to = scanned->to;
  chunk.head = head();
  chunk.downloadable_bytes = scanned->remaining_bytes;
  if (auto* file = find_file(request.client))
    chunk.reported = file->reported;
  return chunk;
}

void realm_writer::fit_caches() {
  if (!limits_.caches || !integrator_ || current_)
    return;
  const auto share = membership_.share();
  if (share == share_)
    return;
  share_ = share;
  integrator_->set_cache_bytes(share.history, share.objects);
}

std::size_t realm_writer::memory_use() const {
  return queue_bytes_ + (integrator_ ? integrator_->memory_use() : 0) +
         files_.size() * sizeof(sync::client_file);
}

} // namespace ros::actors
