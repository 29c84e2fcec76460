// Turns what compaction changes in a Realm's history into the rows that it takes: fewer
// bytes in some entries, none at all of others, block summaries and sizes that fit. Used by
// the COMPACTOR; reads the database, writes nothing to it.
#pragma once

#include "database.hpp"
#include "realm_record.hpp"
#include "rewriting.hpp"

#include "sync/bytes.hpp"

#include <cstddef>
#include <memory>

namespace ros::storage {

class history_rewriter {
public:
  /// `record`: of the Realm as it is now. `horizon`: up to where entries may change; must not
  /// be below the record's horizon nor above its head, and no file that needs an entry below
  /// it may still be live when the rewriting is published (sync-protocol.md 5.2).
  history_rewriter(const database& db, std::uint32_t shard, std::uint64_t realm_id,
                   const realm_record& record, sync::version_type horizon,
                   std::size_t part_bytes = rewriting_part_bytes);
  ~history_rewriter();

  /// The entry of `version`, 1 .. horizon and rising from call to call, gets other content.
  /// Empty content: the entry goes. Fails with ec::corrupt where there is no such entry.
  result<void> rewrite(sync::version_type version, const sync::bytes& data,
                       const sync::bytes& summary);
  /// Call last, once. Deletes entries that were empty before, too.
  result<rewriting> finish();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace ros::storage
