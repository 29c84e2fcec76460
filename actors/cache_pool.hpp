// How much each open Realm may keep in its caches: an equal share of one sum for the
// whole node, so that memory does not grow with the number of Realms. Owned by the
// node's Realm spawner, shared by the writers of open Realms; any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace ros::actors {

/// Bytes for the caches of one Realm; see sync::integration_options.
struct cache_share {
  std::size_t history = 0;
  std::size_t objects = 0;

  friend bool operator==(const cache_share&, const cache_share&) = default;
};

class cache_pool {
public:
  explicit cache_pool(std::size_t bytes) : bytes_(bytes) {}

  /// An open Realm is one member for as long as it holds this.
  class membership {
  public:
    /// `pool` may be null.
    explicit membership(std::shared_ptr<cache_pool> pool) : pool_(std::move(pool)) {
      if (pool_)
        ++pool_->members_;
    }
    ~membership() {
      if (pool_)
        --pool_->members_;
    }
    membership(const membership&) = delete;
    membership& operator=(const membership&) = delete;

    /// What the Realm may keep now. Needs a pool.
    [[nodiscard]] cache_share share() const { return pool_->share(); }

  private:
    std::shared_ptr<cache_pool> pool_;
  };

  [[nodiscard]] cache_share share() const {
    const auto each = bytes_ / std::max<std::size_t>(1, members_.load(std::memory_order_relaxed));
    return {std::clamp(each * 3 / 4, least_history, most_history),
            std::clamp(each / 4, least_objects, most_objects)};
  }

private:
  /// More than this helps only clients that merge more than some ten thousand changesets
  /// at once.
  static constexpr std::size_t most_history = 32u << 20;
  static constexpr std::size_t most_objects = 8u << 20;
  static constexpr std::size_t least_history = 128u << 10;
  static constexpr std::size_t least_objects = 64u << 10;

  std::size_t bytes_;
  std::atomic<std::size_t> members_ = 0;
};

} // namespace ros::actors
