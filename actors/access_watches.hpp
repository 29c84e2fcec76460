// Who wants to know when a user, a token or the rights on a Realm change: the live
// connections and sessions of a node. Owned by the ADMIN REALM.
#pragma once

#include "auth_messages.hpp"

#include <caf/actor_addr.hpp>
#include <caf/error.hpp>
#include <caf/expected.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace ros::actors {

/// One open question of each actor, found by two keys. `What` is the question.
template <class What, class Answer>
class open_questions {
public:
  using promise_type = caf::typed_response_promise<Answer>;
  /// The answer that a question has by now; nothing: it stays open.
  using decide = std::function<std::optional<caf::expected<Answer>>(const What&)>;

  /// A second question of an actor replaces the first one.
  void add(const caf::actor_addr& who, const What& what, const std::string& key,
           const std::string& other_key, promise_type promise) {
    forget(who);
    questions_.emplace(who, question{what, key, other_key, std::move(promise)});
    by_key_.emplace(key, who);
    by_other_key_.emplace(other_key, who);
  }
  /// The actor has ended.
  void forget(const caf::actor_addr& who) {
    const auto found = questions_.find(who);
    if (found == questions_.end())
      return;
    erase_one(by_key_, found->second.key, who);
    erase_one(by_other_key_, found->second.other_key, who);
    questions_.erase(found);
  }
  /// Answers those with this key, or other key, that have an answer now.
  void settle(const std::string& key, const decide& answer) { settle(by_key_, key, answer); }
  void settle_other(const std::string& key, const decide& answer) {
    settle(by_other_key_, key, answer);
  }
  [[nodiscard]] std::size_t size() const noexcept { return questions_.size(); }

private:
  using index = std::unordered_multimap<std::string, caf::actor_addr>;
  struct question {
    What what;
    std::string key;
    std::string other_key;
    promise_type promise;
  };

  static void erase_one(index& from, const std::string& key, const caf::actor_addr& who) {
    const auto [begin, end] = from.equal_range(key);
    for (auto i = begin; i != end; ++i)
      if (i->second == who) {
        from.erase(i);
        return;
      }
  }
  void settle(const index& from, const std::string& key, const decide& answer) {
    std::vector<caf::actor_addr> all;
    const auto [begin, end] = from.equal_range(key);
    for (auto i = begin; i != end; ++i)
      all.push_back(i->second);
    for (const auto& who : all) {
      auto& question = questions_.at(who);
      auto now = answer(question.what);
      if (!now)
        continue;
      if (*now)
        question.promise.deliver(std::move(**now));
      else
        question.promise.deliver(std::move(now->error()));
      forget(who);
    }
  }

  std::unordered_map<caf::actor_addr, question> questions_;
  index by_key_;
  index by_other_key_;
};

/// Keys: token key, user.
using access_watches = open_questions<watch_access, bool>;
/// Keys: path, user.
using realm_watches = open_questions<watch_realm, rights>;

} // namespace ros::actors
