// The history side of realm_store: entries, summaries, sizes, reciprocals.
#include "realm_store_impl.hpp"

#include <algorithm>
#include <memory>

namespace ros::storage {
namespace {

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
  changeset_walk(const database::impl& db, const rocksdb::Slice& end, read_mode mode)
      : db_(db), end_(end), mode_(mode) {}

  /// The row at `key`; keys must rise.
  sync::result<sync::bytes> at(const rocksdb::Slice& key, sync::version_type version,
                               std::uint64_t size) {
    if (!rows_) {
      auto rows = db_.rows(family::changesets, end_, mode_);
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
  read_mode mode_;
  std::unique_ptr<row_cursor> rows_;
};

} // namespace

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
  auto cursor = impl_->db.rows(family::history, bound, impl_->mode);
  if (!cursor)
    return to_sync_error(cursor.error());
  auto& rows = *cursor;
  changeset_walk changesets{impl_->db, bound, impl_->mode};
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

// -- sizes --------------------------------------------------------------------------

/// Up to the horizon cumulative sizes count what compaction took away, so that sizes as they
/// are now are kept per block.
sync::result<std::uint64_t> realm_store::compacted_size_up_to(sync::version_type version) const {
  const auto& x = *impl_;
  const auto block = version / sync::summary_block_length;
  std::uint64_t size = 0;
  if (block > 0) {
    auto row = x.get(family::block_summaries, block_size_key(x.prefix, block - 1));
    if (!row)
      return row.error();
    const auto stored = *row ? decode_block_size(**row) : std::nullopt;
    if (!stored)
      return damaged("size of block", block - 1);
    size = *stored;
  }
  const auto end = numbered_key(x.prefix, version + 1);
  const auto bound = slice(end);
  auto cursor = x.db.rows(family::history, bound, x.mode);
  if (!cursor)
    return to_sync_error(cursor.error());
  auto& rows = *cursor;
  for (rows->Seek(numbered_key(x.prefix, block * sync::summary_block_length + 1)); rows->Valid();
       rows->Next()) {
    const auto here = number_behind(rows->key().ToStringView(), realm_prefix_size);
    const auto row = decode_history(here, rows->value().ToStringView());
    if (!row)
      return damaged("version", here);
    size += row->data_size;
  }
  if (!rows->status().ok())
    return to_sync_error(to_error(rows->status(), "cannot read history"));
  return size;
}

sync::result<std::uint64_t> realm_store::size_behind(sync::version_type version) const {
  const auto& record = impl_->record;
  if (version >= head())
    return std::uint64_t{0};
  if (version == 0)
    return record.history_bytes;
  if (version < record.horizon) {
    auto before = compacted_size_up_to(version);
    if (!before)
      return before.error();
    return record.history_bytes - std::min(*before, record.history_bytes);
  }
  auto row = impl_->get(family::history, numbered_key(impl_->prefix, version));
  if (!row)
    return row.error();
  const auto decoded = *row ? decode_history(version, **row) : std::nullopt;
  if (!decoded)
    return damaged("version", version);
  return record.cumulative_size - std::min(decoded->entry.cumulative_size, record.cumulative_size);
}

// -- reciprocals --------------------------------------------------------------------

result<bool> realm_store::has_reciprocals(sync::file_ident client) const {
  const auto first = reciprocal_key(impl_->prefix, client, 0),
             end = numbered_key(impl_->prefix, client + 1);
  const auto bound = slice(end);
  auto rows = impl_->db.rows(family::reciprocal, bound, impl_->mode);
  if (!rows)
    return rows.error();
  (*rows)->Seek(first);
  if (!(*rows)->status().ok())
    return to_error((*rows)->status(), "cannot read reciprocals");
  return (*rows)->Valid();
}

result<sync::bytes> realm_store::staged_part(std::uint64_t number) const {
  auto row = impl_->db.get(family::changesets, staged_key(impl_->prefix, number));
  if (!row)
    return row.error();
  auto part = *row ? decode_blob(std::move(**row)) : std::nullopt;
  if (!part)
    return error{ec::corrupt, "part " + std::to_string(number) +
                                  " of the rewritten history is missing or damaged"};
  return std::move(*part);
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

} // namespace ros::storage
