#include "support/model_client.hpp"

#include "sync/changeset_codec.hpp"

#include <algorithm>

namespace ros::test {

sync::result<void> model_client::commit(sync::origin_timestamp timestamp, sync::bytes data,
                                        sync::version_type client_version) {
  auto changes = sync::parse_changeset(data);
  if (!changes)
    return changes.error();
  state_.begin_batch();
  if (auto applied = state_.apply(*changes); !applied) {
    state_.drop_batch();
    return applied.error();
  }
  state_.keep_batch();
  version_ = client_version;
  commits_[version_] = {std::move(data), timestamp, ident_};
  bases_[version_] = cursor_.server_version;
  return {};
}

sync::result<void> model_client::integrate(const sync::scanned_history& message) {
  std::vector<arriving_changeset> arriving;
  for (const auto& entry : message.entries)
    arriving.push_back({entry.data, entry.client_version, entry.timestamp, entry.origin});
  auto merged = plain_merge(commits_, reciprocals_, arriving, 0, false);
  if (!merged)
    return merged.error();
  state_.begin_batch();
  for (const auto& changes : *merged) {
    if (auto applied = state_.apply(changes); !applied) {
      state_.drop_batch();
      return applied.error();
    }
  }
  state_.keep_batch();
  ++version_;
  cursor_ = message.to;
  reciprocals_.erase(reciprocals_.begin(),
                     reciprocals_.upper_bound(cursor_.last_integrated_client_version));
  return {};
}

sync::upload_batch model_client::next_upload(std::size_t most) {
  sync::upload_batch batch;
  batch.client = ident_;
  batch.locked_version = cursor_.server_version;
  auto it = commits_.upper_bound(uploaded_);
  for (; it != commits_.end() && batch.changesets.size() < most; ++it) {
    batch.changesets.push_back(
        {it->first, bases_.at(it->first), it->second.timestamp, it->second.data});
  }
  if (it == commits_.end()) {
    batch.progress = {version_, cursor_.server_version};
  } else if (!batch.changesets.empty()) {
    batch.progress = {batch.changesets.back().client_version, batch.changesets.back().base};
  }
  uploaded_ = std::max(uploaded_, batch.progress.client_version);
  return batch;
}

} // namespace ros::test
