#include "access_watches.hpp"

#include <utility>
#include <vector>

namespace ros::actors {

namespace {

void erase_one(std::unordered_multimap<std::string, caf::actor_addr>& index, const std::string& key,
               const caf::actor_addr& who) {
  const auto [begin, end] = index.equal_range(key);
  for (auto i = begin; i != end; ++i)
    if (i->second == who) {
      index.erase(i);
      return;
    }
}

} // namespace

void access_watches::add(const caf::actor_addr& who, const watch_access& what, answer promise) {
  forget(who);
  watches_.emplace(who, watch{what, std::move(promise)});
  by_token_.emplace(what.token_key, who);
  by_user_.emplace(what.user_id, who);
}

void access_watches::forget(const caf::actor_addr& who) {
  const auto found = watches_.find(who);
  if (found == watches_.end())
    return;
  erase_one(by_token_, found->second.what.token_key, who);
  erase_one(by_user_, found->second.what.user_id, who);
  watches_.erase(found);
}

void access_watches::end_token(const std::string& token_key, const caf::error& reason) {
  end(by_token_, token_key, reason);
}

void access_watches::end_user(const std::string& user_id, const caf::error& reason) {
  end(by_user_, user_id, reason);
}

void access_watches::end(const index& from, const std::string& key, const caf::error& reason) {
  std::vector<caf::actor_addr> all;
  const auto [begin, end] = from.equal_range(key);
  for (auto i = begin; i != end; ++i)
    all.push_back(i->second);
  for (const auto& who : all) {
    watches_.at(who).promise.deliver(reason);
    forget(who);
  }
}

} // namespace ros::actors
