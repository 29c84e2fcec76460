#include "database.hpp"

#include "database_impl.hpp"
#include "keys.hpp"
#include "records.hpp"
#include "runtime/clock.hpp"

#include <rocksdb/env.h>

namespace ros::storage {
namespace {

constexpr std::string_view layout_key = "layout";
constexpr std::string_view node_id_key = "node_id";

/// Clients whose trim floors are remembered; a forgotten one costs a slower trim.
constexpr std::size_t max_trim_floors = 1u << 16;

/// Free bytes, besides those for what is in the log, without which a full disk still counts
/// as full.
constexpr std::uint64_t spare_bytes = 8u << 20;

/// Of a session that may try again (sync-protocol.md 4.5).
constexpr int try_again_code = 201;

rocksdb::Slice slice(std::string_view x) {
  return {x.data(), x.size()};
}

} // namespace

sync::error to_sync_error(const error& e) {
  const bool damaged = e.code == ec::corrupt || e.code == ec::newer_layout;
  return {sync::ec::corrupt_store, e.message, damaged ? 0 : try_again_code};
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
  options_ = options;
  auto opened = rocks_store::open(root.store_path(), options);
  if (!opened)
    return opened.error();
  store_ = std::move(*opened);
  return enter_layout();
}

/// VERSION was checked before; the store repeats it, for the case that only one of both
/// was put back from a backup.
result<void> database::impl::enter_layout() {
  auto layout = get(family::meta, layout_key);
  if (!layout)
    return layout.error();
  if (*layout) {
    value_reader in(**layout);
    const auto version = in.varint();
    if (!in.finished())
      return error{ec::corrupt, "the layout version in " + root.store_path() + " is damaged"};
    if (version > current_layout_version)
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
    return version < current_layout_version ? write_layout() : result<void>{};
  }
  auto& random = options_.random != nullptr ? *options_.random : runtime::system_random();
  node_id = random.hex(32);
  return write_layout();
}

result<void> database::impl::write_layout() {
  std::string version;
  put_varint(version, current_layout_version);
  return commit([&](rocksdb::WriteBatch& batch, auto*, rocksdb::ColumnFamilyHandle* meta) {
    batch.Put(meta, slice(layout_key), version);
    batch.Put(meta, slice(node_id_key), node_id);
  });
}

// -- impl: reading ------------------------------------------------------------------

result<std::optional<std::string>> database::impl::get(family from, std::string_view key) const {
  const reader_gate::pass pass{gate_};
  if (!store_)
    return error{ec::io, "the store is closed after a failure of the disk"};
  std::string value;
  const auto status = store_->db().Get({}, store_->handle(from), slice(key), &value);
  if (status.ok())
    return std::optional<std::string>{std::move(value)};
  if (status.IsNotFound())
    return std::optional<std::string>{};
  return to_error(status, std::string{"cannot read "} + family_names[index_of(from)]);
}

result<row_cursor> database::impl::rows(family from, const rocksdb::Slice& last,
                                        read_mode mode) const {
  reader_gate::pass pass{gate_};
  if (!store_)
    return error{ec::io, "the store is closed after a failure of the disk"};
  rocksdb::ReadOptions how;
  how.fill_cache = mode == read_mode::cached;
  if (!last.empty())
    how.iterate_upper_bound = &last;
  std::unique_ptr<rocksdb::Iterator> rows{store_->db().NewIterator(how, store_->handle(from))};
  return row_cursor{std::move(pass), std::move(rows)};
}

// -- impl: writing ------------------------------------------------------------------

result<void> database::impl::apply(std::span<const log_entry> entries, std::vector<bool>& refused,
                                   const fill_batch& add_more) {
  refused.assign(entries.size(), false);
  std::lock_guard lock{write_mutex_};
  if (auto ready = make_ready(); !ready)
    return ready;
  entry_merger merger{*store_, floors_};
  sequences last;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto next = follows(entries[i], last);
    if (!next && next.error().code != ec::corrupt)
      return next.error();
    // A Realm whose record is damaged must not take the others of the group with it.
    refused[i] = !next || !*next || merger.add(entries[i]).has_value();
    if (!refused[i])
      last[{entries[i].shard, entries[i].realm_id}] = entries[i].sequence;
  }
  if (add_more)
    fill(merger.batch(), add_more);
  if (auto done = write(merger.batch()); !done)
    return done;
  remember(merger.trimmed());
  return {};
}

result<void> database::impl::commit(const fill_batch& add) {
  std::lock_guard lock{write_mutex_};
  if (auto ready = make_ready(); !ready)
    return ready;
  rocksdb::WriteBatch batch;
  fill(batch, add);
  return write(batch);
}

void database::impl::fill(rocksdb::WriteBatch& batch, const fill_batch& add) const {
  add(batch, store_->handle(family::log), store_->handle(family::meta));
}

result<void> database::impl::flush(family x) {
  std::lock_guard lock{write_mutex_};
  if (auto ready = make_ready(); !ready)
    return ready;
  if (const auto status = store_->db().Flush({}, store_->handle(x)); !status.ok())
    return to_error(status, "cannot flush");
  return {};
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

result<void> database::impl::write(rocksdb::WriteBatch& batch) {
  if (batch.Count() == 0)
    return {};
  if (const auto status = store_->write(batch); !status.ok())
    return to_error(status, "cannot write");
  return {};
}

/// Brings the store back to work after a failure. The record of a failed write may lie at
/// the end of the write-ahead log, whole and unsynced: it must not come back beside a later
/// entry with the same sequence. So the store is closed and opened anew, without that record;
/// opening moves what the log holds into tables and begins a new log.
result<void> database::impl::make_ready() {
  if (store_) {
    if (store_->health() == store_health::good)
      return {};
    if (store_->health() == store_health::damaged)
      return error{ec::corrupt, root.store_path() + " is damaged: nothing is written any more"};
    last_good_ = store_->last_good();
    space_to_open_ = store_->logged_bytes() + spare_bytes;
  }
  // Reading goes on in the store as it is until opening has a chance.
  if (auto space = probe_space(); !space)
    return space;
  return gate_.alone([this]() -> result<void> {
    store_.reset();
    floors_.clear();
    auto opened = rocks_store::open_again(root.store_path(), options_, last_good_);
    if (opened) {
      store_ = std::move(*opened);
      return {};
    }
    if (auto readable = rocks_store::open_to_read(root.store_path(), options_, last_good_))
      store_ = std::move(*readable);
    return opened.error();
  });
}

/// Whether the disk takes and keeps a small file, and has room for what is in the log.
result<void> database::impl::probe_space() const {
  auto* const env = options_.env != nullptr ? options_.env : rocksdb::Env::Default();
  const auto name = root.path() + "/tmp/probe";
  std::uint64_t free = 0;
  if (env->GetFreeSpace(root.path(), &free).ok() && free < space_to_open_)
    return error{ec::no_space, "the disk of " + root.path() + " is full"};
  auto status = rocksdb::WriteStringToFile(env, std::string(4096, 'x'), name, true);
  std::ignore = env->DeleteFile(name);
  if (!status.ok())
    return to_error(status, "cannot write");
  return {};
}

void database::impl::remember(const trim_floors& trimmed) {
  if (floors_.size() + trimmed.size() > max_trim_floors)
    floors_.clear();
  for (const auto& [client, floor] : trimmed)
    floors_.insert_or_assign(client, floor);
}

} // namespace ros::storage
