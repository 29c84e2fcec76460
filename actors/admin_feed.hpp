// What changed in the ADMIN REALM lately, and the mirrors that wait for more
// (admin_feed_messages.hpp). Owned by the ADMIN REALM.
#pragma once

#include "admin_feed_messages.hpp"

#include <caf/actor_addr.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <deque>
#include <set>
#include <unordered_map>

namespace ros::actors {

class admin_feed {
public:
  using promise_type = caf::typed_response_promise<admin_changes>;

  /// Nothing is known of changes up to `sequence`.
  void restart(std::uint64_t sequence);
  /// The entry `sequence` changed these rows. Answers who waits.
  void add(std::uint64_t sequence, const std::set<admin_row_name>& rows);
  /// Answers now or later. A second question of a follower replaces the first one.
  void follow(const caf::actor_addr& who, std::uint64_t from, promise_type promise);
  void forget(const caf::actor_addr& who) { waiting_.erase(who); }

private:
  struct change {
    std::uint64_t sequence = 0;
    admin_row_name row;
  };
  [[nodiscard]] admin_changes since(std::uint64_t from) const;

  std::deque<change> changes_;
  std::uint64_t complete_from_ = 0; ///< all changes behind this sequence are in changes_
  std::uint64_t newest_ = 0;
  std::unordered_map<caf::actor_addr, promise_type> waiting_; ///< they know newest_
};

} // namespace ros::actors
