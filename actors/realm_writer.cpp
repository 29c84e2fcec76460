#include "realm_writer.hpp"

#include "runtime/clock.hpp"
#include "sync/download.hpp"
#include "sync/identification.hpp"

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

int code_of(const sync::error& e) {
  if (e.protocol_code != 0)
    return e.protocol_code;
  return e.code == sync::ec::corrupt_store ? 201 : 212;
}

sync::error in_terms_of_sync(const storage::error& e) {
  return {sync::ec::corrupt_store, e.message, e.code == storage::ec::corrupt ? 0 : 201};
}

/// Downloads do not tell all of its progress yet (sync-protocol.md 5.3).
bool is_unreported(const sync::client_file& file) {
  return file.progress.client_version > file.reported.client_version;
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
      store_(db, identity_.shard, identity_.realm_id), membership_(limits_.caches) {}

storage::result<void> realm_writer::load() {
  auto record = store_.refresh();
  if (!record) {
    note(in_terms_of_sync(record.error()));
    return record.error();
  }
  next_ = *record;
  next_.path = identity_.path;
  // A fresh salt for every start: it is what tells histories apart after a restore
  // from backup (sync-protocol.md 5.1).
  integrator_ =
      std::make_unique<sync::integrator>(store_, store_, random_.salt(), limits_.integration);
  fit_caches();
  return {};
}

// -- client files ---------------------------------------------------------------

/// Remembers what is the store's fault.
const sync::error& realm_writer::note(const sync::error& e) {
  if (e.code == sync::ec::corrupt_store && !trouble_)
    trouble_ = e;
  return e;
}

sync::client_file* realm_writer::find_file(sync::file_ident ident) {
  if (auto i = files_.find(ident); i != files_.end())
    return &i->second;
  auto stored = store_.client_file(ident);
  if (!stored)
    note(in_terms_of_sync(stored.error()));
  if (!stored || !*stored)
    return nullptr;
  return &files_.emplace(ident, std::move(**stored)).first->second;
}

sync::salted_file_ident realm_writer::allocate(std::string user_id) {
  auto ident = next_.next_ident++;
  sync::client_file file;
  file.salt = random_.salt();
  file.user_id = std::move(user_id);
  file.last_seen_ms = clock_.unix_ms();
  auto salt = file.salt;
  files_.emplace(ident, std::move(file));
  dirty_.insert(ident);
  allocated_.insert(ident);
  return {ident, salt};
}

sync::version_type realm_writer::client_version(sync::salted_file_ident file) {
  const auto* found = file.ident < sync::first_client_file_ident ? nullptr : find_file(file.ident);
  return found != nullptr && found->salt == file.salt ? found->progress.client_version : 0;
}

void realm_writer::detach(sync::file_ident client) {
  bound_.erase(client);
  if (auto i = files_.find(client); i != files_.end()) {
    i->second.last_seen_ms = clock_.unix_ms();
    dirty_.insert(client);
  }
}

/// Keeps what is in use and a few more.
void realm_writer::shrink_files() {
  constexpr std::size_t spare = 1024;
  if (files_.size() <= bound_.size() + spare)
    return;
  std::erase_if(files_, [this](const auto& x) {
    const bool spared = bound_.contains(x.first) || dirty_.contains(x.first);
    if (!spared)
      unreported_.erase(x.first);
    return !spared;
  });
}

attach_result realm_writer::attach(const attach_session& request) {
  const auto head = store_.record().head;
  const auto ident = request.file.ident;
  // The reference takes the server's own ident for a file with another salt (211), which
  // check_identification keeps for its vectors; the protocol asks for 208 (10, R2).
  if (ident == sync::server_file_ident)
    return session_failure{208, "unknown client file"};
  auto* file = ident == 0 ? nullptr : find_file(ident);
  auto salt_of = [&](sync::version_type version) -> sync::result<sync::salt_type> {
    if (version == head.version)
      return head.salt;
    auto entry = store_.read(version);
    if (!entry)
      return entry.error();
    return entry->salt;
  };
  const sync::identifying_realm realm{file, head.version, store_.record().horizon, salt_of};
  auto known = sync::check_identification(
      {request.file, request.download, request.latest, request.user_id}, realm);
  if (!known)
    return session_failure{code_of(note(known.error())), known.error().message};

  // A client reset takes a file over with client versions of its own, which must not
  // look integrated already (sync-protocol.md 5.7).
  // What was reported stays: a mere reader comes back the same way, and a client
  // takes a smaller number than it was told for a broken server.
  if (!file->contributed && request.download.last_integrated_client_version == 0)
    file->progress.client_version = 0;
  file->live = true;
  file->expired = false;
  file->last_seen_ms = clock_.unix_ms();
  dirty_.insert(ident);
  bound_.insert(ident);
  if (is_unreported(*file))
    unreported_.insert(ident);
  std::uint64_t foreign_bytes = 0;
  if (request.wants_foreign_bytes) {
    auto counted = sync::foreign_bytes(store_, ident);
    if (!counted)
      return session_failure{code_of(counted.error()), counted.error().message};
    foreign_bytes = *counted;
  }
  return session_attached{.threshold = file->progress,
                          .reported = file->reported,
                          .locked_version = file->locked_version,
                          .head = head,
                          .feature_level = feature_level(),
                          .foreign_bytes = foreign_bytes};
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

/// Goes on with the current upload; false if its time is up and it is not done.
bool realm_writer::integrate_some(formed& out, std::int64_t deadline) {
  const auto client = current_->batch.client;
  std::optional<session_failure> failure;
  if (auto* file = find_file(client); file == nullptr) {
    failure = session_failure{208, "unknown client file"};
  } else {
    auto done = integrator_->step(*file, [&] { return clock_.steady_us() >= deadline; });
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
    if (integrator_->head() != head_before_current_) {
      files_.at(client).contributed = true;
      uploaded_.insert(client);
    }
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
      // A long one does not keep those waiting that are done.
      if (bytes > 0 && (bytes + next > limits_.slice_bytes || clock_.steady_us() >= deadline))
        return;
      bytes += next;
      begin_next();
    }
    if (!integrate_some(out, deadline))
      return;
  }
}

formed realm_writer::form_entry(bool save_cursors) {
  formed out;
  integrate_slice(out);
  if (trouble_ || current_)
    return out;
  const bool new_versions = integrator_->head() > store_.record().head.version;
  if (new_versions || !allocated_.empty() || (save_cursors && !dirty_.empty()))
    out.entry = make_entry();
  return out;
}

storage::log_entry realm_writer::make_entry() {
  auto changes = integrator_->take();
  auto news = std::make_shared<publication>();
  if (!changes.entries.empty()) {
    const auto& last = changes.entries.back();
    next_.head = {last.version, last.salt};
    next_.history_bytes = last.cumulative_size;
    next_.feature_level = std::max(next_.feature_level, changes.feature_level);
    news->first = changes.entries.front().version;
    news->entries.reserve(changes.entries.size());
    for (const auto& entry : changes.entries)
      news->entries.push_back(outgoing(entry));
  }
  news->head = next_.head;
  news->feature_level = next_.feature_level;

  storage::realm_entry_builder builder{identity_.shard, identity_.realm_id};
  builder.add(changes);
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
  ++next_.sequence;
  pending_ = std::move(news);
  return builder.finish(next_);
}

storage::result<std::shared_ptr<const publication>> realm_writer::committed() {
  if (auto record = store_.refresh(); !record) {
    note(in_terms_of_sync(record.error()));
    return record.error();
  }
  integrator_->committed();
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
  auto record = store_.refresh();
  if (!record) {
    note(in_terms_of_sync(record.error()));
    return record.error();
  }
  next_ = *record;
  next_.path = identity_.path;
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
