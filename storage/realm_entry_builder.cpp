#include "entry_batch.hpp"
#include "keys.hpp"
#include "realm_store.hpp"
#include "records.hpp"

namespace ros::storage {

struct realm_entry_builder::impl {
  impl(std::uint32_t shard, std::uint64_t realm_id) : prefix(realm_prefix(shard, realm_id)) {
    entry.shard = shard;
    entry.realm_id = realm_id;
  }

  void add_history(const sync::history_entry& x) {
    const auto key = numbered_key(prefix, x.version);
    batch.put(family::history, key, encode_history(x));
    if (!x.data.empty())
      batch.put(family::changesets, key, encode_blob(x.data.view()));
    if (entry.first_version == 0)
      entry.first_version = x.version;
    entry.last_version = x.version;
  }

  void add_state(const sync::state_mutation& x) {
    const auto to = x.column == sync::state_column::schema ? family::schema : family::objects;
    const auto key = text_key(prefix, x.key);
    if (x.value)
      batch.put(to, key, *x.value);
    else
      batch.erase(to, key);
  }

  std::string prefix;
  batch_writer batch;
  log_entry entry;
};

realm_entry_builder::realm_entry_builder(std::uint32_t shard, std::uint64_t realm_id)
    : impl_(std::make_unique<impl>(shard, realm_id)) {
  // nop
}

realm_entry_builder::~realm_entry_builder() = default;

void realm_entry_builder::add(const sync::integrated& changes) {
  auto& x = *impl_;
  for (const auto& entry : changes.entries)
    x.add_history(entry);
  for (const auto& [block, summary] : changes.block_summaries)
    x.batch.put(family::block_summaries, numbered_key(x.prefix, block),
                encode_blob(summary.view()));
  for (const auto& change : changes.reciprocals)
    x.batch.put(family::reciprocal, reciprocal_key(x.prefix, change.client, change.version),
                encode_blob(change.data.view()));
  for (const auto& trim : changes.trims)
    x.batch.erase_range(family::reciprocal, reciprocal_key(x.prefix, trim.client, 0),
                        reciprocal_key(x.prefix, trim.client, trim.through + 1));
  for (const auto& mutation : changes.state)
    x.add_state(mutation);
  if (!changes.before_images.empty())
    x.entry.before_images = changes.before_images;
}

void realm_entry_builder::put_client_file(sync::file_ident ident, const sync::client_file& file) {
  impl_->batch.put(family::clients, numbered_key(impl_->prefix, ident), encode(file));
}

void realm_entry_builder::erase_reciprocals(sync::file_ident client) {
  impl_->batch.erase_range(family::reciprocal, numbered_key(impl_->prefix, client),
                           numbered_key(impl_->prefix, client + 1));
}

void realm_entry_builder::stage(std::uint64_t number, std::string_view part) {
  auto& x = *impl_;
  if (number == 1) // an earlier rewriting may have ended half way
    x.batch.erase_range(family::changesets, staged_key(x.prefix, 1), end_of_prefix(x.prefix));
  x.batch.put(family::changesets, staged_key(x.prefix, number), encode_blob(part));
}

bool realm_entry_builder::fold(std::uint64_t number, std::string_view part) {
  auto& x = *impl_;
  x.batch.erase(family::changesets, staged_key(x.prefix, number));
  return x.batch.append(part);
}

log_entry realm_entry_builder::finish(const realm_record& record) {
  auto& x = *impl_;
  x.batch.put(family::realms, x.prefix, encode(record));
  x.entry.sequence = record.sequence;
  x.entry.batch = x.batch.take();
  return std::move(x.entry);
}

std::size_t realm_entry_builder::size() const {
  return impl_->batch.size() + impl_->entry.before_images.size();
}

} // namespace ros::storage
