// The history of one Realm in memory: what storage/ is for the server. Applies
// what the integrator collected and hands it back; counts what is read, and can
// pretend that an entry is damaged.
#pragma once

#include "sync/compaction.hpp"
#include "sync/history.hpp"
#include "sync/integrate.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ros::test {

class memory_history final : public sync::history_source {
public:
  /// Stores one log entry, except its object state.
  void apply(const sync::integrated& log_entry) {
    for (const auto& entry : log_entry.entries)
      entries_.push_back(entry);
    for (const auto& [block, summary] : log_entry.block_summaries)
      block_summaries_[block] = summary;
    for (const auto& change : log_entry.reciprocals)
      reciprocals_[change.client][change.version] = change.data;
    for (const auto& trim : log_entry.trims) {
      auto& of_client = reciprocals_[trim.client];
      of_client.erase(of_client.begin(), of_client.upper_bound(trim.through));
    }
  }

  sync::version_type head() const override { return entries_.size(); }

  sync::result<sync::history_entry> read(sync::version_type version) const override {
    ++reads;
    if (version == 0 || version > head() || version == damaged)
      return sync::error{sync::ec::corrupt_store, "no entry " + std::to_string(version), 0};
    return entries_[static_cast<std::size_t>(version - 1)];
  }

  sync::result<void>
  visit(sync::version_type first, sync::version_type last, bool with_data,
        const std::function<bool(const sync::history_entry&)>& visit) const override {
    for (sync::version_type v = first; v <= last; ++v) {
      ++visited;
      if (v == 0 || v > head() || v == damaged)
        return sync::error{sync::ec::corrupt_store, "no entry " + std::to_string(v), 0};
      sync::history_entry entry = entries_[static_cast<std::size_t>(v - 1)];
      if (!with_data)
        entry.data = {};
      if (!visit(entry))
        break;
    }
    return {};
  }

  std::optional<sync::bytes> block_summary(std::uint64_t block) const override {
    auto it = block_summaries_.find(block);
    return it == block_summaries_.end() ? std::nullopt : std::optional(it->second);
  }

  sync::result<std::optional<sync::bytes>> reciprocal(sync::file_ident client,
                                                      sync::version_type version) const override {
    const auto& of_client = reciprocals(client);
    auto it = of_client.find(version);
    return it == of_client.end() ? std::nullopt : std::optional(it->second);
  }

  /// Everything stored for a client, by server version.
  const std::map<sync::version_type, sync::bytes>& reciprocals(sync::file_ident client) const {
    static const std::map<sync::version_type, sync::bytes> none;
    auto it = reciprocals_.find(client);
    return it == reciprocals_.end() ? none : it->second;
  }

  /// Replaces a stored reciprocal behind the integrator's back.
  void put_reciprocal(sync::file_ident client, sync::version_type version, sync::bytes data) {
    reciprocals_[client][version] = std::move(data);
  }

  /// Replaces what compaction changed; the sizes behind it follow.
  void compact(const std::vector<sync::compacted_entry>& changed) {
    for (const auto& entry : changed) {
      auto& stored = entries_.at(static_cast<std::size_t>(entry.version - 1));
      stored.data = entry.data;
      stored.summary = entry.summary;
    }
    std::uint64_t size = 0;
    for (auto& entry : entries_)
      entry.cumulative_size = size += entry.data.size();
  }

  const std::vector<sync::history_entry>& entries() const { return entries_; }

  mutable std::size_t reads = 0;   ///< calls of read
  mutable std::size_t visited = 0; ///< entries visited
  sync::version_type damaged = 0;  ///< reading this version fails

private:
  std::vector<sync::history_entry> entries_;
  std::map<std::uint64_t, sync::bytes> block_summaries_;
  std::map<sync::file_ident, std::map<sync::version_type, sync::bytes>> reciprocals_;
};

} // namespace ros::test
