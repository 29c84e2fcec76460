#include "history_cache.hpp"

#include "changeset_codec.hpp"

#include <algorithm>

namespace ros::sync {

namespace {

constexpr std::uint64_t block_of(version_type version) {
  return (version - 1) / summary_block_length;
}
constexpr version_type first_of(std::uint64_t block) {
  return block * summary_block_length + 1;
}
constexpr version_type last_of(std::uint64_t block) {
  return (block + 1) * summary_block_length;
}
constexpr std::size_t place_of(version_type version) {
  return static_cast<std::size_t>((version - 1) % summary_block_length);
}

std::size_t pending_cost(const history_entry& entry) {
  return sizeof(history_entry) + entry.summary.size() + entry.data.size();
}

/// A handle, and what the allocator needs for the block behind it.
std::size_t recent_cost(const bytes& data) {
  return sizeof(bytes) + 64 + data.size();
}

/// Bytes that are known, even if there are none: their owner is not null.
bytes known(const bytes& summary) {
  return summary.owner() ? summary : bytes(std::string());
}

} // namespace

std::size_t parsed_cost(const changeset& changes) noexcept {
  return sizeof(changeset) + changes.strings.size() * sizeof(std::string_view) +
         changes.instructions.size() * sizeof(instruction) + changes.buffers.size() * sizeof(bytes);
}

void history_cache::block_heads::add(const history_entry& entry) {
  heads.push_back({entry.origin, entry.timestamp, static_cast<std::uint32_t>(summaries.size()),
                   static_cast<std::uint32_t>(entry.summary.size())});
  summaries.append(entry.summary.view());
}

std::size_t history_cache::block_heads::cost() const {
  return sizeof(block_heads) + heads.capacity() * sizeof(head) + summaries.capacity();
}

history_cache::history_cache(const history_source& source, std::size_t budget)
    : source_(source), budget_(budget), committed_head_(source.head()), blocks_(budget / 4),
      changesets_(budget / 4) {}

// -- finding what can interact ------------------------------------------------

result<std::vector<window_entry>> history_cache::window(version_type first, version_type last,
                                                        file_ident skip, const run_signature& run) {
  std::vector<window_entry> found;
  if (first > last)
    return found;
  if (first <= committed_head_) {
    auto done = find_committed(first, std::min(last, committed_head_), skip, run, found);
    if (!done)
      return done.error();
  }
  find_pending(std::max(first, committed_head_ + 1), last, skip, run, found);
  return found;
}

result<void> history_cache::find_committed(version_type first, version_type last, file_ident skip,
                                           const run_signature& run,
                                           std::vector<window_entry>& found) {
  for (std::uint64_t block = block_of(first); block <= block_of(last); ++block) {
    if (last_of(block) <= committed_head_) {
      const bytes summary = block_summary(block);
      if (summary.owner() && (summary.empty() || !may_interact(summary.view(), run)))
        continue;
    }
    auto loaded = load_block(block);
    if (!loaded)
      return loaded.error();
    const block_heads& entries = **loaded;
    const version_type end = std::min(last, last_of(block));
    for (version_type v = std::max(first, first_of(block)); v <= end; ++v) {
      const auto& head = entries.heads[place_of(v)];
      if (head.size != 0 && head.origin != skip && may_interact(entries.summary(head), run))
        found.push_back({v, head.origin, head.timestamp});
    }
  }
  return {};
}

void history_cache::find_pending(version_type first, version_type last, file_ident skip,
                                 const run_signature& run, std::vector<window_entry>& found) const {
  for (version_type v = first; v <= last; ++v) {
    const history_entry& entry = pending_[static_cast<std::size_t>(v - committed_head_ - 1)];
    if (!entry.summary.empty() && entry.origin != skip && may_interact(entry.summary.view(), run))
      found.push_back({v, entry.origin, entry.timestamp});
  }
}

result<std::shared_ptr<history_cache::block_heads>> history_cache::load_block(std::uint64_t block) {
  const version_type last = std::min(last_of(block), committed_head_);
  const std::size_t count = place_of(last) + 1;
  if (auto* cached = blocks_.find(block); cached && (*cached)->heads.size() >= count)
    return *cached;
  auto loaded = std::make_shared<block_heads>();
  // Compaction may have deleted entries that became empty (sync-protocol.md 5.2).
  auto pad = [&loaded](std::size_t size) {
    if (loaded->heads.size() < size)
      loaded->heads.resize(size);
  };
  auto visited = source_.visit(first_of(block), last, false, [&](const history_entry& entry) {
    pad(place_of(entry.version));
    loaded->add(entry);
    return true;
  });
  if (!visited)
    return visited.error();
  pad(count);
  const std::size_t cost = loaded->cost();
  return blocks_.put(block, std::move(loaded), cost);
}

bytes history_cache::block_summary(std::uint64_t block) {
  if (block < block_summaries_.size() && block_summaries_[block].owner())
    return block_summaries_[block];
  auto stored = source_.block_summary(block);
  if (!stored)
    return {};
  const bytes summary = known(*stored);
  keep_block_summary(block, summary);
  return summary;
}

void history_cache::keep_block_summary(std::uint64_t block, const bytes& summary) {
  // Scans go through all blocks in order, so that forgetting the oldest would
  // make every one of them miss; what exceeds the budget is read each time.
  const std::size_t cost = summary.size() + sizeof(std::string);
  if (block_summary_bytes_ + cost > budget_ / 4)
    return;
  if (block >= block_summaries_.size())
    block_summaries_.resize(static_cast<std::size_t>(block) + 1);
  if (!block_summaries_[block].owner())
    block_summary_bytes_ += cost;
  block_summaries_[block] = summary;
}

// -- reading changesets -------------------------------------------------------

result<std::shared_ptr<const changeset>> history_cache::parsed(version_type version) {
  if (const auto* known = changesets_.find(version))
    return *known;
  bytes data;
  if (version >= recent_first_ && version - recent_first_ < recent_.size()) {
    data = recent_[static_cast<std::size_t>(version - recent_first_)];
  } else if (version > committed_head_) {
    data = pending_[static_cast<std::size_t>(version - committed_head_ - 1)].data;
  } else {
    auto entry = source_.read(version);
    if (!entry)
      return entry.error();
    data = entry->data;
  }
  auto changes = parse_stored_changeset(data);
  if (!changes)
    return error{ec::corrupt_store, "stored changeset of server version " +
                                        std::to_string(version) + ": " + changes.error().message};
  auto shared = std::make_shared<const changeset>(std::move(*changes));
  changesets_.put(version, shared, data.size() + parsed_cost(*shared));
  return shared;
}

// -- appending ----------------------------------------------------------------

result<void> history_cache::load_size() {
  if (size_known_)
    return {};
  committed_size_ = 0;
  if (committed_head_ > 0) {
    auto entry = source_.read(committed_head_);
    if (!entry)
      return entry.error();
    committed_size_ = entry->cumulative_size;
  }
  size_known_ = true;
  return {};
}

result<void> history_cache::append(history_entry entry) {
  if (auto loaded = load_size(); !loaded)
    return loaded.error();
  entry.version = head() + 1;
  entry.cumulative_size =
      (pending_.empty() ? committed_size_ : pending_.back().cumulative_size) + entry.data.size();
  pending_bytes_ += pending_cost(entry);
  pending_.push_back(std::move(entry));
  if (head() % summary_block_length != 0)
    return {};
  const std::uint64_t block = block_of(head());
  auto summary = summarize_block(block);
  if (!summary) {
    rollback(head() - 1);
    return summary.error();
  }
  pending_block_summaries_.emplace_back(block, *summary);
  return {};
}

result<bytes> history_cache::summarize_block(std::uint64_t block) {
  std::vector<std::string_view> parts;
  std::shared_ptr<block_heads> committed;
  if (first_of(block) <= committed_head_) {
    auto loaded = load_block(block);
    if (!loaded)
      return loaded.error();
    committed = *loaded;
    for (const auto& head : committed->heads)
      parts.push_back(committed->summary(head));
  }
  for (version_type v = std::max(first_of(block), committed_head_ + 1); v <= last_of(block); ++v)
    parts.push_back(pending_[static_cast<std::size_t>(v - committed_head_ - 1)].summary.view());
  return bytes(merge_summaries(parts));
}

void history_cache::rollback(version_type head) {
  while (this->head() > head) {
    changesets_.erase(this->head());
    if (!pending_block_summaries_.empty() &&
        last_of(pending_block_summaries_.back().first) == this->head())
      pending_block_summaries_.pop_back();
    pending_bytes_ -= pending_cost(pending_.back());
    pending_.pop_back();
  }
}

// -- becoming durable ---------------------------------------------------------

void history_cache::take(std::vector<history_entry>& entries,
                         std::vector<std::pair<std::uint64_t, bytes>>& block_summaries) {
  entries.insert(entries.end(), pending_.begin() + static_cast<std::ptrdiff_t>(taken_),
                 pending_.end());
  taken_ = pending_.size();
  block_summaries.insert(block_summaries.end(),
                         pending_block_summaries_.begin() +
                             static_cast<std::ptrdiff_t>(taken_block_summaries_),
                         pending_block_summaries_.end());
  taken_block_summaries_ = pending_block_summaries_.size();
}

void history_cache::remember_committed(const history_entry& entry) {
  const std::uint64_t block = block_of(entry.version);
  const std::size_t place = place_of(entry.version);
  auto* cached = blocks_.find(block);
  if (!cached && place == 0)
    cached = &blocks_.put(block, std::make_shared<block_heads>(), 0);
  if (cached && (*cached)->heads.size() == place) {
    (*cached)->add(entry);
    blocks_.set_cost(block, (*cached)->cost());
  }
  if (recent_.empty())
    recent_first_ = entry.version;
  recent_.push_back(entry.data);
  recent_bytes_ += recent_cost(entry.data);
  shrink_recent();
}

void history_cache::shrink_recent() {
  while (recent_bytes_ > budget_ / 4 && !recent_.empty()) {
    recent_bytes_ -= recent_cost(recent_.front());
    recent_.pop_front();
    ++recent_first_;
  }
}

void history_cache::committed() {
  for (; taken_ > 0; --taken_) {
    const history_entry entry = std::move(pending_.front());
    pending_.pop_front();
    pending_bytes_ -= pending_cost(entry);
    committed_head_ = entry.version;
    committed_size_ = entry.cumulative_size;
    remember_committed(entry);
  }
  for (; taken_block_summaries_ > 0; --taken_block_summaries_) {
    keep_block_summary(pending_block_summaries_.front().first,
                       known(pending_block_summaries_.front().second));
    pending_block_summaries_.pop_front();
  }
}

void history_cache::discard() {
  pending_.clear();
  pending_bytes_ = 0;
  taken_ = 0;
  pending_block_summaries_.clear();
  taken_block_summaries_ = 0;
  size_known_ = false;
  block_summaries_.clear();
  block_summary_bytes_ = 0;
  blocks_.clear();
  changesets_.clear();
  recent_.clear();
  recent_bytes_ = 0;
  committed_head_ = source_.head();
}

void history_cache::set_budget(std::size_t budget) {
  budget_ = budget;
  blocks_.set_budget(budget / 4);
  changesets_.set_budget(budget / 4);
  shrink_recent();
  if (block_summary_bytes_ > budget / 4) {
    block_summaries_ = {};
    block_summary_bytes_ = 0;
  }
}

std::size_t history_cache::memory_use() const noexcept {
  return pending_bytes_ + block_summary_bytes_ + blocks_.used() + changesets_.used() +
         recent_bytes_;
}

} // namespace ros::sync
