#include "realm_store.hpp"

#include "database_impl.hpp"
#include "keys.hpp"
#include "records.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

namespace ros::storage {
namespace {

rocksdb::Slice slice(std::string_view x) {
  return {x.data(), x.size()};
}

sync::error damaged(std::string_view what, std::uint64_t number) {
  return {sync::ec::corrupt_store, "the stored " + std::string{what} + " " +
                                       std::to_string(number) + " is missing or damaged"};
}

family family_of(sync::state_column column) {
  return column == sync::state_column::schema ? family::schema : family::objects;
}

/// The changeset of a version, whose history row says that it has `size` bytes.
sync::result<sync::bytes> decode_changeset(sync::version_type version, std::uint64_t size,
                                           std::string row) {
  auto data = decode_blob(std::move(row));
  if (!data || data->size() != size)
    return damaged("changeset", version);
  return std::move(*data);
}

/// The changesets beside a walk over history; touches nothing before it is asked.
class changeset_walk {
public:
  changeset_walk(const database::impl& db, const rocksdb::Slice& end) : db_(db), end_(end) {}

  /// The row at `key`; keys must rise.
  sync::result<sync::bytes> at(const rocksdb::Slice& key, sync::version_type version,
                               std::uint64_t size) {
    if (!rows_) {
      auto rows = db_.rows(family::changesets, end_);
      if (!rows)
        return to_sync_error(rows.error());
      rows_ = std::make_unique<row_cursor>(std::move(*rows));
      (*rows_)->Seek(key);
    }
    auto& rows = *rows_;
    while (rows->Valid() && rows->key().compare(key) < 0)
      rows->Next();
    if (!rows->status().ok())
      return to_sync_error(to_error(rows->status(), "cannot read changesets"));
    const bool found = rows->Valid() && rows->key() == key;
    return decode_changeset(version, size, found ? rows->value().ToString() : "");
  }

private:
  const database::impl& db_;
  const rocksdb::Slice& end_;
  std::unique_ptr<row_cursor> rows_;
};

/// Block summaries, read one by one or, for a walk over many, some ahead.
class block_summary_reader {
public:
  /// Not readable is like not there: the entries themselves are asked then.
  std::optional<sync::bytes> get(const database::impl& db, const std::string& prefix,
                                 std::uint64_t block) {
    std::lock_guard lock{mutex_};
    const bool walking = block == last_asked_ + 1;
    last_asked_ = block;
    if (walking && !ahead_.contains(block))
      read_ahead(db, prefix, block);
    if (auto known = ahead_.extract(block))
      return std::move(known.mapped());
    if (walking)
      return std::nullopt;
    auto row = db.get(family::block_summaries, numbered_key(prefix, block));
    return row && *row ? decode_blob(std::move(**row)) : std::nullopt;
  }
  void forget() {
    std::lock_guard lock{mutex_};
    ahead_.clear();
  }

private:
  static constexpr std::uint64_t blocks_ahead = 64;

  void read_ahead(const database::impl& db, const std::string& prefix, std::uint64_t block) {
    ahead_.clear();
    const auto end = numbered_key(prefix, block + blocks_ahead);
    const auto last = slice(end);
    auto rows = db.rows(family::block_summaries, last);
    if (!rows)
      return;
    for ((*rows)->Seek(numbered_key(prefix, block)); (*rows)->Valid(); (*rows)->Next())
      if (auto summary = decode_blob((*rows)->value().ToString()))
        ahead_.emplace(number_behind((*rows)->key().ToStringView(), realm_prefix_size),
                       std::move(*summary));
  }

  std::mutex mutex_;
  std::uint64_t last_asked_ = UINT64_MAX - 1;
  std::map<std::uint64_t, sync::bytes> ahead_;
};

} // namespace

struct realm_store::impl {
  impl(const database& db, std::uint32_t shard, std::uint64_t realm_id)
      : db(db.get()), prefix(realm_prefix(shard, realm_id)) {}

  sync::result<std::optional<std::string>> get(family from, std::string_view key) const {
    auto row = db.get(from, key);
    if (!row)
      return to_sync_error(row.error());
    return std::move(*row);
  }

  database::impl& db;
  std::string prefix;
  realm_record record;
  block_summary_reader summaries;
};

realm_store::realm_store(const database& db, std::uint32_t shard, std::uint64_t realm_id)
    : impl_(std::make_unique<impl>(db, shard, realm_id)) {
  // nop
}

realm_store::~realm_store() = default;

result<realm_record> realm_store::refresh() {
  impl_->summaries.forget();
  auto row = impl_->db.get(family::realms, impl_->prefix);
  if (!row)
    return row.error();
  if (!*row)
    return impl_->record = realm_record{};
  auto record = decode_realm_record(**row);
  if (!record)
    return error{ec::corrupt, "a Realm's record is damaged"};
  return impl_->record = std::move(*record);
}

const realm_record& realm_store::record() const noexcept {
  return impl_->record;
}

// -- client files -------------------------------------------------------------------

result<std::optional<sync::client_file>> realm_store::client_file(sync::file_ident ident) const {
  auto row = impl_->db.get(family::clients, numbered_key(impl_->prefix, ident));
  if (!row)
    return row.error();
  if (!*row)
    return std::optional<sync::client_file>{};
  auto file = decode_client_file(**row);
  if (!file)
    return error{ec::corrupt, "the record of client file " + std::to_string(ident) + " is damaged"};
  return file;
}

result<void> realm_store::visit_client_files(
    const std::function<bool(sync::file_ident, const sync::client_file&)>& visit) const {
  const auto end = end_of_prefix(impl_->prefix);
  const auto last = slice(end);
  auto cursor = impl_->db.rows(family::clients, last);
  if (!cursor)
    return cursor.error();
  auto& rows = *cursor;
  for (rows->Seek(impl_->prefix); rows->Valid(); rows->Next()) {
    const auto ident = number_behind(rows->key().ToStringView(), realm_prefix_size);
    const auto file = decode_client_file(rows->value().ToStringView());
    if (!file || ident == 0)
      return error{ec::corrupt,
                   "the record of client file " + std::to_string(ident) + " is damaged"};
    if (!visit(ident, *file))
      return {};
  }
  if (!rows->status().ok())
    return to_error(rows->status(), "cannot read client files");
  return {};
}

// -- history ------------------------------------------------------------------------

sync::version_type realm_store::head() const {
  return impl_->record.head.version;
}

sync::result<sync::history_entry> realm_store::read(sync::version_type version) const {
  if (version == 0 || version > head())
    return damaged("version", version);
  const auto key = numbered_key(impl_->prefix, version);
  auto row = impl_->get(family::history, key);
  if (!row)
    return row.error();
  auto decoded = *row ? decode_history(version, **row) : std::nullopt;
  if (!decoded)
    return damaged("version", version);
  if (decoded->data_size != 0) {
    auto data = impl_->get(family::changesets, key);
    if (!data)
      return data.error();
    auto bytes = decode_changeset(version, decoded->data_size, std::move(*data).value_or(""));
    if (!bytes)
      return bytes.error();
    decoded->entry.data = std::move(*bytes);
  }
  return std::move(decoded->entry);
}

sync::result<void>
realm_store::visit(sync::version_type first, sync::version_type last, bool with_data,
                   const std::function<bool(const sync::history_entry&)>& visit) const {
  if (first > last)
    return {};
  if (first == 0 || last > head())
    return damaged("version", first == 0 ? first : last);
  const auto start = numbered_key(impl_->prefix, first),
             end = numbered_key(impl_->prefix, last + 1);
  const auto bound = slice(end);
  auto cursor = impl_->db.rows(family::history, bound);
  if (!cursor)
    return to_sync_error(cursor.error());
  auto& rows = *cursor;
  changeset_walk changesets{impl_->db, bound};
  rows->Seek(start);
  // An entry up to the horizon that became empty may have been deleted (sync-protocol.md 5.2).
  const auto missing = [this](sync::version_type from, sync::version_type to) {
    return from < to && to - 1 > impl_->record.horizon;
  };
  auto expected = first;
  for (; rows->Valid(); rows->Next()) {
    const auto version = number_behind(rows->key().ToStringView(), realm_prefix_size);
    auto row = decode_history(version, rows->value().ToStringView());
    if (!row || missing(expected, version))
      return damaged("version", expected);
    if (with_data && row->data_size != 0) {
      auto bytes = changesets.at(rows->key(), version, row->data_size);
      if (!bytes)
        return bytes.error();
      row->entry.data = std::move(*bytes);
    }
    if (!visit(row->entry))
      return {};
    expected = version + 1;
  }
  if (!rows->status().ok())
    return to_sync_error(to_error(rows->status(), "cannot read history"));
  if (missing(expected, last + 1))
    return damaged("version", expected);
  return {};
}

std::optional<sync::bytes> realm_store::block_summary(std::uint64_t block) const {
  return impl_->summaries.get(impl_->db, impl_->prefix, block);
}

sync::result<std::optional<sync::bytes>> realm_store::reciprocal(sync::file_ident client,
                                                                 sync::version_type version) const {
  auto row = impl_->get(family::reciprocal, reciprocal_key(impl_->prefix, client, version));
  if (!row)
    return row.error();
  if (!*row)
    return std::optional<sync::bytes>{};
  auto data = decode_blob(std::move(**row));
  if (!data)
    return damaged("reciprocal of version", version);
  return data;
}

// -- state --------------------------------------------------------------------------

sync::result<std::optional<std::string>> realm_store::get(sync::state_column column,
                                                          std::string_view key) const {
  return impl_->get(family_of(column), text_key(impl_->prefix, key));
}

sync::result<void> realm_store::scan(
    sync::state_column column, std::string_view prefix, std::string_view from,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  const auto first = text_key(impl_->prefix, std::max(prefix, from));
  const auto end = end_of_prefix(text_key(impl_->prefix, prefix));
  const auto last = slice(end);
  auto cursor = impl_->db.rows(family_of(column), last);
  if (!cursor)
    return to_sync_error(cursor.error());
  auto& rows = *cursor;
  for (rows->Seek(first); rows->Valid(); rows->Next()) {
    auto key = rows->key().ToStringView();
    key.remove_prefix(realm_prefix_size);
    if (!visit(key, rows->value().ToStringView()))
      return {};
  }
  if (!rows->status().ok())
    return to_sync_error(to_error(rows->status(), "cannot read object state"));
  return {};
}

} // namespace ros::storage
