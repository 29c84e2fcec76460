#include "admin_store.hpp"

#include "database_impl.hpp"
#include "keys.hpp"
#include "records.hpp"

namespace ros::storage {

namespace {

const error damaged_row{ec::corrupt, "a row of the admin Realm is damaged"};

} // namespace

result<std::uint64_t> visit_admin_rows(const database& db, const admin_row_visitor& visit,
                                       std::string_view end) {
  const auto& store = db.get();
  const auto prefix = realm_prefix(admin_shard, admin_realm_id);
  auto row = store.get(family::realms, prefix);
  if (!row)
    return row.error();
  auto record = *row ? decode_realm_record(**row) : realm_record{};
  if (!record)
    return error{ec::corrupt, "the admin Realm's record is damaged"};
  const auto last_key = end.empty() ? end_of_prefix(prefix) : text_key(prefix, end);
  const rocksdb::Slice last{last_key};
  auto cursor = store.rows(family::admin, last);
  if (!cursor)
    return cursor.error();
  auto& rows = *cursor;
  for (rows->Seek(prefix); rows->Valid(); rows->Next()) {
    auto key = rows->key().ToStringView(), value = rows->value().ToStringView();
    if (value.empty() || value.front() != value_version)
      return damaged_row;
    key.remove_prefix(realm_prefix_size);
    value.remove_prefix(1);
    visit(key, value);
  }
  if (!rows->status().ok())
    return to_error(rows->status(), "cannot read the admin Realm");
  return record->sequence;
}

result<void> visit_admin_rows_backwards(
    const database& db, std::string_view first, std::string_view end,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) {
  const auto prefix = realm_prefix(admin_shard, admin_realm_id);
  const auto first_key = text_key(prefix, first);
  const auto end_key = text_key(prefix, end);
  const rocksdb::Slice last{end_key};
  auto cursor = db.get().rows(family::admin, last);
  if (!cursor)
    return cursor.error();
  auto& rows = *cursor;
  for (rows->SeekToLast(); rows->Valid() && rows->key().ToStringView() >= first_key; rows->Prev()) {
    auto key = rows->key().ToStringView(), value = rows->value().ToStringView();
    if (value.empty() || value.front() != value_version)
      return damaged_row;
    key.remove_prefix(realm_prefix_size);
    value.remove_prefix(1);
    if (!visit(key, value))
      break;
  }
  if (!rows->status().ok())
    return to_error(rows->status(), "cannot read the admin Realm");
  return {};
}

log_entry
make_admin_entry(std::uint64_t sequence,
                 const std::vector<std::pair<std::string, std::optional<std::string>>>& rows) {
  const auto prefix = realm_prefix(admin_shard, admin_realm_id);
  batch_writer batch;
  for (const auto& [name, value] : rows) {
    const auto key = text_key(prefix, name);
    if (value)
      batch.put(family::admin, key, encode_blob(*value));
    else
      batch.erase(family::admin, key);
  }
  realm_record record;
  record.sequence = sequence;
  batch.put(family::realms, prefix, encode(record));
  log_entry entry;
  entry.shard = admin_shard;
  entry.realm_id = admin_realm_id;
  entry.sequence = sequence;
  entry.batch = batch.take();
  return entry;
}

} // namespace ros::storage
