// Who wants to know when a user or a token is no longer good: the live connections of a
// node. Owned by the ADMIN REALM.
#pragma once

#include "auth_messages.hpp"

#include <caf/actor_addr.hpp>
#include <caf/error.hpp>
#include <caf/typed_response_promise.hpp>

#include <string>
#include <unordered_map>

namespace ros::actors {

class access_watches {
public:
  using answer = caf::typed_response_promise<bool>;

  /// One watch of one actor; a second one replaces it.
  void add(const caf::actor_addr& who, const watch_access& what, answer promise);
  /// The actor has ended.
  void forget(const caf::actor_addr& who);

  /// Answers all who watch the token with `reason`, and forgets them.
  void end_token(const std::string& token_key, const caf::error& reason);
  /// The same for all who watch the user.
  void end_user(const std::string& user_id, const caf::error& reason);

  [[nodiscard]] std::size_t size() const noexcept { return watches_.size(); }

private:
  using index = std::unordered_multimap<std::string, caf::actor_addr>;
  struct watch {
    watch_access what;
    answer promise;
  };

  void end(const index& from, const std::string& key, const caf::error& reason);

  std::unordered_map<caf::actor_addr, watch> watches_;
  index by_token_;
  index by_user_;
};

} // namespace ros::actors
