// What the files of realm_store share. Private to storage/.
#pragma once

#include "database_impl.hpp"
#include "keys.hpp"
#include "realm_store.hpp"
#include "records.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ros::storage {

inline rocksdb::Slice slice(std::string_view x) {
  return {x.data(), x.size()};
}

inline sync::error damaged(std::string_view what, std::uint64_t number) {
  return {sync::ec::corrupt_store, "the stored " + std::string{what} + " " +
                                       std::to_string(number) + " is missing or damaged"};
}

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

struct realm_store::impl {
  impl(const database& db, std::uint32_t shard, std::uint64_t realm_id, read_mode mode)
      : db(db.get()), prefix(realm_prefix(shard, realm_id)), mode(mode) {}

  sync::result<std::optional<std::string>> get(family from, std::string_view key) const {
    auto row = db.get(from, key);
    if (!row)
      return to_sync_error(row.error());
    return std::move(*row);
  }

  database::impl& db;
  std::string prefix;
  read_mode mode;
  realm_record record;
  block_summary_reader summaries;
};

} // namespace ros::storage
