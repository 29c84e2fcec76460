#include "integrate_reciprocals.hpp"

#include "changeset_codec.hpp"

#include <algorithm>

namespace ros::sync {

namespace {

constexpr std::size_t node_cost = 80;    ///< of a map node that holds a view
constexpr std::size_t client_cost = 200; ///< of what is kept for a client without views

} // namespace

void renew_tokens(changeset& changes) noexcept {
  if (changes.instructions.empty())
    changes.strings.clear();
  std::uint64_t end = 0;
  for (const std::string_view string : changes.strings)
    end += string.size();
  for (instruction& i : changes.instructions) {
    if (auto* payload = std::get_if<text>(&i.value.data)) {
      payload->offset = end;
      end += payload->content.size();
    }
  }
  changes.virtual_size = end;
}

reciprocal_views::reciprocal_views(const history_source& source, history_cache& history,
                                   std::size_t budget)
    : source_(source), history_(history), budget_(budget) {}

reciprocal_views::client_views& reciprocal_views::views_of(file_ident client) {
  auto [it, is_new] = clients_.try_emplace(client);
  if (is_new) {
    use_.push_front(client);
    it->second.use = use_.begin();
    used_ += client_cost;
  } else {
    use_.splice(use_.begin(), use_, it->second.use);
  }
  return it->second;
}

result<merge_changeset> reciprocal_views::open(file_ident client, const window_entry& entry) {
  merge_changeset copy;
  copy.timestamp = entry.timestamp;
  copy.origin = entry.origin == 0 ? server_file_ident : entry.origin;
  auto seen = find(client, entry);
  if (!seen)
    return seen.error();
  if (*seen) {
    copy.changes = (*seen)->changes;
    return copy;
  }
  auto original = history_.parsed(entry.version);
  if (!original)
    return original.error();
  copy.changes = **original;
  return copy;
}

/// Null if the client sees the entry as it is in history.
result<std::shared_ptr<const merge_changeset>> reciprocal_views::find(file_ident client,
                                                                      const window_entry& entry) {
  client_views& views = views_of(client);
  if (auto it = views.by_version.find(entry.version); it != views.by_version.end())
    return it->second.changes;
  std::shared_ptr<const merge_changeset> changes;
  // What is not committed has no stored reciprocal either.
  if (entry.version <= history_.committed_head()) {
    auto stored = load(client, entry);
    if (!stored)
      return stored.error();
    changes = std::move(*stored);
  }
  // A window can be as long as the history: what exceeds the budget is looked up again.
  if (used_ < budget_)
    put(views, entry.version, {changes, storage::stored, 0});
  return changes;
}

result<std::shared_ptr<const merge_changeset>> reciprocal_views::load(file_ident client,
                                                                      const window_entry& entry) {
  auto stored = source_.reciprocal(client, entry.version);
  if (!stored)
    return stored.error();
  if (!*stored)
    return std::shared_ptr<const merge_changeset>();
  auto changes = parse_stored_changeset(**stored);
  if (!changes)
    return error{ec::corrupt_store, "stored reciprocal of server version " +
                                        std::to_string(entry.version) + " for client " +
                                        std::to_string(client) + ": " + changes.error().message};
  auto seen = std::make_shared<merge_changeset>();
  seen->changes = std::move(*changes);
  return std::shared_ptr<const merge_changeset>(std::move(seen));
}

void reciprocal_views::put(client_views& views, version_type version, view seen) {
  seen.cost = node_cost;
  if (seen.changes) {
    seen.cost += parsed_cost(seen.changes->changes);
    for (const bytes& buffer : seen.changes->changes.buffers)
      seen.cost += buffer.size();
  }
  view& place = views.by_version[version];
  used_ += seen.cost;
  used_ -= place.cost;
  place = std::move(seen);
}

void reciprocal_views::keep(file_ident client, version_type version, merge_changeset changes) {
  client_views& views = views_of(client);
  renew_tokens(changes.changes);
  changes.changed = false;
  if (changes.changes.instructions.empty())
    changes.changes = {};
  auto it = views.by_version.find(version);
  if (it == views.by_version.end() || it->second.where != storage::unsaved)
    unsaved_.emplace_back(client, version);
  put(views, version,
      {std::make_shared<const merge_changeset>(std::move(changes)), storage::unsaved, 0});
}

void reciprocal_views::trim(file_ident client, version_type through) {
  client_views& views = views_of(client);
  views.trimmed = through;
  if (!views.trim_unsaved)
    unsaved_trims_.push_back(client);
  views.trim_unsaved = true;
  const auto end = views.by_version.upper_bound(through);
  for (auto it = views.by_version.begin(); it != end; it = views.by_version.erase(it))
    used_ -= it->second.cost;
}

void reciprocal_views::take(std::vector<reciprocal_change>& changes,
                            std::vector<reciprocal_trim>& trims) {
  std::sort(unsaved_.begin(), unsaved_.end());
  for (const auto& [client, version] : unsaved_) {
    client_views& views = clients_.at(client);
    auto it = views.by_version.find(version);
    if (it == views.by_version.end() || it->second.where != storage::unsaved)
      continue; // trimmed meanwhile
    changes.push_back({client, version, bytes(encode_changeset(it->second.changes->changes))});
    it->second.where = storage::taken;
    taken_.emplace_back(client, version);
  }
  unsaved_.clear();
  for (const file_ident client : unsaved_trims_) {
    client_views& views = clients_.at(client);
    trims.push_back({client, views.trimmed});
    views.trim_unsaved = false;
  }
  unsaved_trims_.clear();
}

void reciprocal_views::committed() {
  for (const auto& [client, version] : taken_) {
    auto views = clients_.find(client);
    if (views == clients_.end())
      continue;
    auto it = views->second.by_version.find(version);
    if (it != views->second.by_version.end() && it->second.where == storage::taken)
      it->second.where = storage::stored;
  }
  taken_.clear();
  shrink();
}

void reciprocal_views::shrink() {
  auto it = use_.end();
  while (used_ > budget_ && it != use_.begin()) {
    --it;
    client_views& views = clients_.at(*it);
    forget_stored(views);
    if (views.by_version.empty() && !views.trim_unsaved) {
      clients_.erase(*it);
      it = use_.erase(it);
      used_ -= client_cost;
    }
  }
}

void reciprocal_views::forget_stored(client_views& views) {
  for (auto it = views.by_version.begin(); it != views.by_version.end();) {
    if (it->second.where != storage::stored) {
      ++it;
      continue;
    }
    used_ -= it->second.cost;
    it = views.by_version.erase(it);
  }
}

void reciprocal_views::discard() {
  clients_.clear();
  use_.clear();
  unsaved_.clear();
  taken_.clear();
  unsaved_trims_.clear();
  used_ = 0;
}

} // namespace ros::sync
