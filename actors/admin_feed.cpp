#include "admin_feed.hpp"

#include "auth_actors.hpp"

#include <algorithm>
#include <utility>

namespace ros::actors {

namespace {

/// Changes that are remembered, and told at once. Who is further behind reads everything.
constexpr std::size_t max_remembered = 10'000;

} // namespace

void admin_feed::restart(std::uint64_t sequence) {
  changes_.clear();
  complete_from_ = newest_ = sequence;
  for (auto& [who, promise] : std::exchange(waiting_, {}))
    promise.deliver(admin_changes{newest_, true, {}});
}

void admin_feed::add(std::uint64_t sequence, const std::set<admin_row_name>& rows) {
  if (rows.empty() && changes_.empty())
    complete_from_ = sequence; // nothing was missed
  const auto before = newest_;
  newest_ = sequence;
  for (const auto& row : rows)
    changes_.push_back({sequence, row});
  while (changes_.size() > max_remembered) {
    complete_from_ = changes_.front().sequence;
    while (!changes_.empty() && changes_.front().sequence == complete_from_)
      changes_.pop_front();
  }
  if (rows.empty())
    return;
  for (auto& [who, promise] : std::exchange(waiting_, {}))
    promise.deliver(since(before));
}

admin_changes admin_feed::since(std::uint64_t from) const {
  admin_changes result;
  result.sequence = newest_;
  if (from < complete_from_ || from > newest_) {
    result.everything = true;
    return result;
  }
  const auto first = std::ranges::upper_bound(changes_, from, {}, &change::sequence);
  std::set<admin_row_name> names;
  for (auto i = first; i != changes_.end(); ++i)
    names.insert(i->row);
  result.rows.assign(names.begin(), names.end());
  return result;
}

void admin_feed::follow(const caf::actor_addr& who, std::uint64_t from, promise_type promise) {
  waiting_.erase(who);
  auto news = from == 0 ? admin_changes{newest_, true, {}} : since(from);
  if (news.everything || !news.rows.empty())
    promise.deliver(std::move(news));
  else
    waiting_.emplace(who, std::move(promise));
}

} // namespace ros::actors
