// What keeps a database in shape: looking through all Realms, giving space back.
#include "database_impl.hpp"
#include "keys.hpp"
#include "records.hpp"

#include <array>
#include <vector>

namespace ros::storage {

result<void> database::visit_realms(
    const std::function<bool(std::uint32_t, std::uint64_t, const realm_record&)>& visit) const {
  auto cursor = impl_->rows(family::realms, {}, read_mode::bulk);
  if (!cursor)
    return cursor.error();
  auto& rows = *cursor;
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    const auto key = rows->key().ToStringView();
    const auto record = decode_realm_record(rows->value().ToStringView());
    if (key.size() != realm_prefix_size || !record)
      continue;
    const auto shard = static_cast<std::uint32_t>(get_big_endian(key.substr(0, shard_prefix_size)));
    if (!visit(shard, number_behind(key, shard_prefix_size), *record))
      return {};
  }
  if (!rows->status().ok())
    return to_error(rows->status(), "cannot read the Realms");
  return {};
}

result<void> database::reclaim(std::uint32_t shard, std::uint64_t realm_id) {
  const auto first = realm_prefix(shard, realm_id);
  return impl_->reclaim(first, end_of_prefix(first));
}

result<void> database::impl::reclaim(const std::string& first, const std::string& last) {
  const reader_gate::pass pass{gate_};
  if (!store_ || store_->health() != store_health::good)
    return error{ec::io, "the store is out of order"};
  // All of them: the write-ahead log goes only when nobody needs it any more.
  std::vector<rocksdb::ColumnFamilyHandle*> all;
  for (std::size_t i = 0; i < family_count; ++i)
    all.push_back(store_->handle(static_cast<family>(i + 1)));
  if (auto status = store_->db().Flush({}, all); !status.ok())
    return to_error(status, "cannot flush");
  rocksdb::CompactRangeOptions how;
  how.exclusive_manual_compaction = false;
  const rocksdb::Slice begin{first}, end{last};
  constexpr std::array rewritten{family::history, family::changesets, family::block_summaries,
                                 family::reciprocal, family::objects};
  for (auto x : rewritten)
    if (auto status = store_->db().CompactRange(how, store_->handle(x), &begin, &end); !status.ok())
      return to_error(status, "cannot merge tables");
  return {};
}

} // namespace ros::storage
