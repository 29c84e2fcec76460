#include "shard_log_store.hpp"

#include "database_impl.hpp"
#include "keys.hpp"
#include "records.hpp"

#include <vector>

namespace ros::storage {
namespace {

/// Bytes of entries that are applied with one write.
constexpr std::size_t max_apply_bytes = 16u << 20;

error damaged(std::uint64_t index) {
  return {ec::corrupt,
          "entry " + std::to_string(index) + " of a shard's log is missing or damaged"};
}

} // namespace

std::string encode_logged_entry(const logged_entry& x) {
  const auto& entry = x.entry;
  std::string out(1, value_version);
  out.reserve(64 + entry.batch.size() + entry.before_images.size());
  put_varint(out, x.epoch);
  put_varint(out, entry.layout);
  put_varint(out, entry.shard);
  put_varint(out, entry.realm_id);
  put_varint(out, entry.sequence);
  put_varint(out, entry.first_version);
  put_varint(out, entry.last_version);
  put_text(out, entry.batch.view());
  put_text(out, entry.before_images.view());
  return out;
}

result<logged_entry> decode_logged_entry(std::uint64_t index, std::string_view data) {
  value_reader in(data);
  if (in.byte() != value_version)
    return damaged(index);
  logged_entry x;
  x.index = index;
  x.epoch = in.varint();
  x.entry.layout = static_cast<std::uint32_t>(in.varint());
  x.entry.shard = static_cast<std::uint32_t>(in.varint());
  x.entry.realm_id = in.varint();
  x.entry.sequence = in.varint();
  x.entry.first_version = in.varint();
  x.entry.last_version = in.varint();
  x.entry.batch = sync::bytes{std::string{in.text()}};
  x.entry.before_images = sync::bytes{std::string{in.text()}};
  if (!in.finished())
    return damaged(index);
  return x;
}

shard_log_store::shard_log_store(database& db, std::uint32_t shard)
    : db_(db), shard_(shard), state_key_("log/" + shard_prefix(shard)) {
  // nop
}

std::string shard_log_store::entry_key(std::uint64_t index) const {
  return numbered_key(shard_prefix(shard_), index);
}

std::string shard_log_store::encode(const state& x) {
  std::string out(1, value_version);
  put_varint(out, x.epoch);
  put_varint(out, x.applied);
  return out;
}

result<void> shard_log_store::load() {
  auto row = db_.get().get(family::meta, state_key_);
  if (!row)
    return row.error();
  state_ = {};
  if (*row) {
    value_reader in(**row);
    const auto version = in.byte();
    state_.epoch = in.varint();
    state_.applied = in.varint();
    if (version != value_version || !in.finished())
      return error{ec::corrupt, "the state of a shard's log is damaged"};
  }
  const auto first = shard_prefix(shard_), end = end_of_prefix(first);
  const rocksdb::Slice last{end};
  auto found_rows = db_.get().rows(family::log, last);
  if (!found_rows)
    return found_rows.error();
  auto& rows = *found_rows;
  rows->SeekToLast();
  if (!rows->status().ok())
    return to_error(rows->status(), "cannot read a shard's log");
  const bool found = rows->Valid() && rows->key().starts_with(first);
  last_index_ = found ? number_behind(rows->key().ToStringView(), shard_prefix_size) : 0;
  if (last_index_ < state_.applied)
    return damaged(state_.applied);
  return {};
}

result<void> shard_log_store::enter_epoch(std::uint64_t epoch) {
  if (epoch <= state_.epoch)
    return {};
  auto next = state_;
  next.epoch = epoch;
  auto done =
      db_.get().commit([&](rocksdb::WriteBatch& batch, auto*, rocksdb::ColumnFamilyHandle* meta) {
        batch.Put(meta, state_key_, encode(next));
      });
  if (done)
    state_ = next;
  return done;
}

result<logged_entry> shard_log_store::read(std::uint64_t index) const {
  auto row = db_.get().get(family::log, entry_key(index));
  if (!row)
    return row.error();
  if (!*row)
    return damaged(index);
  return decode_logged_entry(index, **row);
}

result<void> shard_log_store::append(std::span<const logged_entry> entries) {
  if (entries.empty())
    return {};
  const auto first = entries.front().index;
  if (first == 0 || first > last_index_ + 1)
    return error{ec::refused_entry, "a gap in a shard's log"};
  if (first <= state_.applied)
    return error{ec::refused_entry, "committed entries cannot be cut off"};
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (entries[i].index != first + i)
      return error{ec::refused_entry, "entries of a shard's log that are not consecutive"};
  auto done =
      db_.get().commit([&](rocksdb::WriteBatch& batch, rocksdb::ColumnFamilyHandle* log, auto*) {
        if (first <= last_index_)
          batch.DeleteRange(log, entry_key(first), entry_key(last_index_ + 1));
        for (const auto& x : entries)
          batch.Put(log, entry_key(x.index), encode_logged_entry(x));
      });
  if (done)
    last_index_ = entries.back().index;
  return done;
}

result<std::vector<std::uint64_t>> shard_log_store::apply(std::uint64_t index) {
  std::vector<std::uint64_t> left_out;
  while (state_.applied < index) {
    std::vector<log_entry> entries;
    auto next = state_;
    for (std::size_t bytes = 0; next.applied < index && bytes < max_apply_bytes;) {
      auto x = read(next.applied + 1);
      if (!x)
        return x.error();
      ++next.applied;
      bytes += x->entry.batch.size();
      entries.push_back(std::move(x->entry));
    }
    std::vector<bool> refused;
    auto done =
        db_.get().apply(entries, refused,
                        [&](rocksdb::WriteBatch& batch, auto*, rocksdb::ColumnFamilyHandle* meta) {
                          batch.Put(meta, state_key_, encode(next));
                        });
    if (!done)
      return done.error();
    for (std::size_t i = 0; i < refused.size(); ++i)
      if (refused[i])
        left_out.push_back(state_.applied + 1 + i);
    state_ = next;
  }
  return left_out;
}

} // namespace ros::storage
