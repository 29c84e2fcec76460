#include "realm_removal.hpp"

#include "database_impl.hpp"
#include "entry_batch.hpp"
#include "keys.hpp"
#include "records.hpp"

namespace ros::storage {

result<std::optional<log_entry>> make_removal_entry(const database& db, std::uint32_t shard,
                                                    std::uint64_t realm_id) {
  const auto prefix = realm_prefix(shard, realm_id);
  auto row = db.get().get(family::realms, prefix);
  if (!row)
    return row.error();
  if (!*row)
    return std::optional<log_entry>{};
  auto record = decode_realm_record(**row);
  if (!record)
    return error{ec::corrupt, "the Realm's record is damaged"};
  realm_record last;
  last.sequence = record->sequence;
  if (*record == last)
    return std::optional<log_entry>{}; // removed already
  ++last.sequence;
  batch_writer batch;
  const auto end = end_of_prefix(prefix);
  for (auto from : {family::history, family::changesets, family::block_summaries,
                    family::reciprocal, family::clients, family::objects, family::schema})
    batch.erase_range(from, prefix, end);
  batch.put(family::realms, prefix, encode(last));
  log_entry entry;
  entry.shard = shard;
  entry.realm_id = realm_id;
  entry.sequence = last.sequence;
  entry.batch = batch.take();
  return std::optional{std::move(entry)};
}

} // namespace ros::storage
