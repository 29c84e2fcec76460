// A map that forgets what was not used for longest once it holds more bytes
// than it may. Belongs to the caches of the integrator.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

namespace ros::sync {

/// Not thread-safe. Costs are bytes as told by the caller.
template <class Key, class Value>
class lru_cache {
public:
  explicit lru_cache(std::size_t budget) : budget_(budget) {}

  /// The value under `key`, now the most recently used; null if there is none.
  /// Valid until the next put().
  Value* find(const Key& key) {
    auto it = index_.find(key);
    if (it == index_.end())
      return nullptr;
    order_.splice(order_.begin(), order_, it->second);
    return &it->second->value;
  }

  /// Inserts or replaces, then forgets others until the budget is met. What was
  /// put last always stays.
  Value& put(const Key& key, Value value, std::size_t cost) {
    erase(key);
    order_.push_front({key, std::move(value), cost + overhead});
    index_.emplace(key, order_.begin());
    used_ += order_.front().cost;
    shrink();
    return order_.front().value;
  }

  /// From now on; forgets what exceeds it.
  void set_budget(std::size_t budget) {
    budget_ = budget;
    shrink();
  }

  /// Corrects the cost of what `key` holds; forgets nothing.
  void set_cost(const Key& key, std::size_t cost) {
    auto it = index_.find(key);
    if (it == index_.end())
      return;
    used_ += cost + overhead;
    used_ -= it->second->cost;
    it->second->cost = cost + overhead;
  }

  void erase(const Key& key) {
    auto it = index_.find(key);
    if (it == index_.end())
      return;
    used_ -= it->second->cost;
    order_.erase(it->second);
    index_.erase(it);
  }

  void clear() {
    index_.clear();
    order_.clear();
    used_ = 0;
  }

  [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }
  /// Bytes held, as told, plus the map's own.
  [[nodiscard]] std::size_t used() const noexcept { return used_; }

private:
  static constexpr std::size_t overhead = 96; ///< nodes of list and index

  struct node {
    Key key;
    Value value;
    std::size_t cost;
  };

  void shrink() {
    while (used_ > budget_ && order_.size() > 1)
      erase(Key(order_.back().key));
  }

  std::size_t budget_;
  std::size_t used_ = 0;
  std::list<node> order_; ///< most recently used first
  std::unordered_map<Key, typename std::list<node>::iterator> index_;
};

} // namespace ros::sync
