#include "auth_attempts.hpp"

namespace ros::actors {

namespace {

std::string key_of(std::string_view account, std::string_view address) {
  std::string key{address};
  key += '\0';
  return key.append(account);
}

} // namespace

bool auth_attempts::take(std::string_view account, std::string_view address,
                         std::int64_t steady_ms) {
  if (auto window = steady_ms / window_ms_; window != window_) {
    window_ = window;
    taken_.clear();
  }
  auto key = key_of(account, address);
  // Forgetting everything when the table is full lets nobody guess faster: each
  // entry of it has cost its maker a password hash.
  if (taken_.size() >= max_keys_ && !taken_.contains(key))
    taken_.clear();
  auto& count = taken_[std::move(key)];
  if (count >= limit_)
    return false;
  ++count;
  return true;
}

void auth_attempts::give_back(std::string_view account, std::string_view address) {
  auto found = taken_.find(key_of(account, address));
  if (found != taken_.end() && --found->second <= 0)
    taken_.erase(found);
}

} // namespace ros::actors
