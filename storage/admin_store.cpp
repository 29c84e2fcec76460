#include "admin_store.hpp"

#include "database_impl.hpp"
#include "keys.hpp"
#include "records.hpp"

namespace ros::storage {

result<std::uint64_t>
visit_admin_rows(const database& db,
                 const std::function<void(std::string_view key, std::string_view value)>& visit) {
  const auto& store = db.get();
  const auto prefix = realm_prefix(admin_shard, admin_realm_id);
  auto row = store.get(family::realms, prefix);
  if (!row)
    return row.error();
  auto record = *row ? decode_realm_record(**row) : realm_record{};
  if (!record)
    return error{ec::corrupt, "the admin Realm's record is damaged"};
  const auto end = end_of_prefix(prefix);
  const rocksdb::Slice last{end};
  auto cursor = store.rows(family::admin, last);
  if (!cursor)
    return cursor.error();
  auto& rows = *cursor;
  for (rows->Seek(prefix); rows->Valid(); rows->Next()) {
    auto key = rows->key().ToStringView(), value = rows->value().ToStringView();
    if (value.empty() || value.front() != value_version)
      return error{ec::corrupt, "a row of the admin Realm is damaged"};
    key.remove_prefix(realm_prefix_size);
    value.remove_prefix(1);
    visit(key, value);
  }
  if (!rows->status().ok())
    return to_error(rows->status(), "cannot read the admin Realm");
  return record->sequence;
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
