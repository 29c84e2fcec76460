#include "database.hpp"

#include "database_impl.hpp"
#include "keys.hpp"
#include "records.hpp"
#include "rocks_options.hpp"
#include "runtime/clock.hpp"

namespace ros::storage {
namespace {

constexpr std::string_view layout_key = "layout";
constexpr std::string_view node_id_key = "node_id";

/// Clients whose trim floors are remembered; a forgotten one costs a slower trim.
constexpr std::size_t max_trim_floors = 1u << 16;

rocksdb::Slice slice(std::string_view x) {
  return {x.data(), x.size()};
}

} // namespace

error to_error(const rocksdb::Status& status, std::string_view doing) {
  const auto code = status.IsNoSpace()      ? ec::no_space
                    : status.IsCorruption() ? ec::corrupt
                                            : ec::io;
  return {code, std::string{doing} + ": " + status.ToString()};
}

sync::error to_sync_error(const error& e) {
  return {sync::ec::corrupt_store, e.message};
}

/// RocksDB takes most failed writes and syncs for fatal, so that only reopening would help. They
/// are not: what failed is in no memtable, and recover() leaves the old log behind. Damage stays
/// fatal.
void error_watcher::OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) {
  failed = true;
  if (status->IsIOError() && status->severity() == rocksdb::Status::kFatalError)
    *status = rocksdb::Status{*status, rocksdb::Status::kHardError};
}

// -- database -----------------------------------------------------------------------

result<std::unique_ptr<database>> database::open(const std::string& root,
                                                 const database_options& options) {
  auto entered = root_directory::enter(root);
  if (!entered)
    return entered.error();
  auto x = std::make_unique<impl>(std::move(*entered));
  if (auto opened = x->open(options); !opened)
    return opened.error();
  return std::unique_ptr<database>{new database(std::move(x))};
}

database::database(std::unique_ptr<impl> x) : impl_(std::move(x)) {
  // nop
}

database::~database() = default;

result<void> database::write(std::span<const log_entry> entries, std::vector<bool>& refused) {
  return impl_->apply(entries, refused);
}

const std::string& database::node_id() const {
  return impl_->node_id;
}

std::vector<std::string> database::unknown_files() const {
  return impl_->root.unknown_entries();
}

// -- impl: opening ------------------------------------------------------------------

result<void> database::impl::open(const database_options& options) {
  fsync = options.fsync;
  auto setup = make_rocks_options(options);
  watcher_ = std::make_shared<error_watcher>();
  setup.database.listeners.push_back(watcher_);
  std::vector<rocksdb::ColumnFamilyHandle*> opened;
  rocksdb::DB* raw = nullptr;
  const auto status =
      rocksdb::DB::Open(setup.database, root.store_path(), setup.families, &opened, &raw);
  if (!status.ok())
    return to_error(status, "cannot open " + root.store_path());
  db.reset(raw);
  default_handle = opened[0];
  std::copy(opened.begin() + 1, opened.end(), handles.begin());
  if (const auto kept = keep_a_memtable(); !kept.ok())
    return to_error(kept, "cannot open " + root.store_path());
  return enter_layout(options);
}

database::impl::~impl() {
  if (!db)
    return;
  if (!fsync) // an orderly end loses nothing, whatever the setting
    std::ignore = db->FlushWAL(true);
  for (auto* x : handles)
    std::ignore = db->DestroyColumnFamilyHandle(x);
  std::ignore = db->DestroyColumnFamilyHandle(default_handle);
  std::ignore = db->Close();
}

/// VERSION was checked before; the store repeats it, for the case that only one of both
/// was put back from a backup.
result<void> database::impl::enter_layout(const database_options& options) {
  auto layout = get(family::meta, layout_key);
  if (!layout)
    return layout.error();
  if (*layout) {
    value_reader in(**layout);
    if (const auto version = in.varint(); !in.finished())
      return error{ec::corrupt, "the layout version in " + root.store_path() + " is damaged"};
    else if (version > current_layout_version)
      return error{ec::newer_layout, root.store_path() +
                                         " was written by a newer release: its "
                                         "layout is " +
                                         std::to_string(version)};
    auto id = get(family::meta, node_id_key);
    if (!id)
      return id.error();
    if (!*id)
      return error{ec::corrupt, root.store_path() + " has lost its node id"};
    node_id = std::move(**id);
    return {};
  }
  auto& random = options.random != nullptr ? *options.random : runtime::system_random();
  node_id = random.hex(32);
  std::string version;
  put_varint(version, current_layout_version);
  return commit([&](rocksdb::WriteBatch& batch) {
    batch.Put(handle(family::meta), slice(layout_key), version);
    batch.Put(handle(family::meta), slice(node_id_key), node_id);
  });
}

// -- impl: reading ------------------------------------------------------------------

result<std::optional<std::string>> database::impl::get(family from, std::string_view key) const {
  std::string value;
  const auto status = db->Get({}, handle(from), slice(key), &value);
  if (status.ok())
    return std::optional<std::string>{std::move(value)};
  if (status.IsNotFound())
    return std::optional<std::string>{};
  return to_error(status, std::string{"cannot read "} + family_names[index_of(from)]);
}

std::unique_ptr<rocksdb::Iterator> database::impl::rows(family from,
                                                        const rocksdb::Slice& last) const {
  rocksdb::ReadOptions how;
  if (!last.empty())
    how.iterate_upper_bound = &last;
  return std::unique_ptr<rocksdb::Iterator>{db->NewIterator(how, handle(from))};
}

// -- impl: writing ------------------------------------------------------------------

result<void> database::impl::apply(std::span<const log_entry> entries, std::vector<bool>& refused,
                                   const std::function<void(rocksdb::WriteBatch&)>& add_more) {
  refused.assign(entries.size(), false);
  std::lock_guard lock{write_mutex_};
  if (auto ready = recover(); !ready)
    return ready;
  entry_merger merger{
      {[this](family x) { return handle(x); }, [this] { return rows(family::reciprocal, {}); }},
      floors_};
  sequences last;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto next = follows(entries[i], last);
    if (!next)
      return next.error();
    refused[i] = !*next || merger.add(entries[i]).has_value();
    if (!refused[i])
      last[{entries[i].shard, entries[i].realm_id}] = entries[i].sequence;
  }
  if (add_more)
    add_more(merger.batch());
  if (auto done = write_synced(merger.batch()); !done)
    return done;
  remember(merger.trimmed());
  return {};
}

result<void> database::impl::commit(const std::function<void(rocksdb::WriteBatch&)>& fill) {
  std::lock_guard lock{write_mutex_};
  if (auto ready = recover(); !ready)
    return ready;
  rocksdb::WriteBatch batch;
  fill(batch);
  return write_synced(batch);
}

/// Whether an entry is the next one of its Realm. `last` holds what this write adds.
result<bool> database::impl::follows(const log_entry& entry, sequences& last) const {
  if (auto i = last.find({entry.shard, entry.realm_id}); i != last.end())
    return entry.sequence == i->second + 1;
  auto row = get(family::realms, realm_prefix(entry.shard, entry.realm_id));
  if (!row)
    return row.error();
  if (!*row)
    return entry.sequence == 1;
  const auto record = decode_realm_record(**row);
  return record && entry.sequence == record->sequence + 1;
}

result<void> database::impl::write_synced(rocksdb::WriteBatch& batch) {
  if (batch.Count() == 0)
    return {};
  rocksdb::WriteOptions how;
  how.sync = fsync;
  const auto status = db->Write(how, &batch);
  if (status.ok())
    return {};
  watcher_->failed = true;
  failed_wal_ = wal_number();
  return to_error(status, "cannot write");
}

/// After a failed write its record may lie, unsynced, at the end of the write-ahead log. It
/// must not come back at a restart beside a later entry with the same sequence: everything
/// in memory goes to table files and a new log begins, before anything else is written.
result<void> database::impl::recover() {
  if (!watcher_->failed.exchange(false))
    return {};
  auto status = db->Resume();
  if (status.ok() && failed_wal_ != 0 && failed_wal_ == wal_number())
    status = rocksdb::Status::IOError("the write-ahead log cannot be left; restart the server");
  if (status.ok())
    status = keep_a_memtable();
  if (status.ok()) {
    failed_wal_ = 0;
    return {};
  }
  watcher_->failed = true;
  return to_error(status, "cannot resume writing");
}

/// RocksDB leaves a log behind only if it has something to flush, so there is always one
/// unimportant row in memory. Not logged: writing it needs no disk. That it takes a sequence
/// number which no log shows is harmless here, where a new log has just begun and no older
/// one is needed any more.
rocksdb::Status database::impl::keep_a_memtable() {
  rocksdb::WriteOptions how;
  how.disableWAL = true;
  return db->Put(how, default_handle, "kept", "");
}

std::uint64_t database::impl::wal_number() const {
  std::unique_ptr<rocksdb::LogFile> file;
  return db->GetCurrentWalFile(&file).ok() ? file->LogNumber() : 0;
}

void database::impl::remember(const trim_floors& trimmed) {
  if (floors_.size() + trimmed.size() > max_trim_floors)
    floors_.clear();
  for (const auto& [client, floor] : trimmed)
    floors_.insert_or_assign(client, floor);
}

} // namespace ros::storage
