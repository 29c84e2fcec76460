// A state_source in memory, for tests that need no database.
#pragma once

#include "sync/state_store.hpp"

#include <array>
#include <cstddef>
#include <map>
#include <span>
#include <string>

namespace ros::test {

/// Two ordered maps. Counts what is read, and fails reads on demand.
class memory_state final : public sync::state_source {
public:
  using rows = std::map<std::string, std::string, std::less<>>;

  sync::result<std::optional<std::string>> get(sync::state_column column,
                                               std::string_view key) const override {
    ++reads;
    if (fail_reads) {
      return failure();
    }
    const auto& map = column_rows(column);
    const auto at = map.find(key);
    return at == map.end() ? std::nullopt : std::optional<std::string>(at->second);
  }

  sync::result<void> scan(sync::state_column column, std::string_view prefix, std::string_view from,
                          const std::function<bool(std::string_view key, std::string_view value)>&
                              visit) const override {
    if (fail_reads) {
      return failure();
    }
    const auto& map = column_rows(column);
    const auto begin = from < prefix ? prefix : from;
    for (auto at = map.lower_bound(begin); at != map.end() && at->first.starts_with(prefix); ++at) {
      if (!visit(at->first, at->second)) {
        break;
      }
    }
    return {};
  }

  /// What a store does with one log entry's share.
  void apply(std::span<const sync::state_mutation> mutations) {
    for (const auto& mutation : mutations) {
      auto& map = columns[static_cast<std::size_t>(mutation.column)];
      if (mutation.value) {
        map.insert_or_assign(mutation.key, *mutation.value);
      } else {
        map.erase(mutation.key);
      }
    }
  }

  [[nodiscard]] const rows& column_rows(sync::state_column column) const {
    return columns[static_cast<std::size_t>(column)];
  }

  std::array<rows, 2> columns;
  bool fail_reads = false;
  mutable std::size_t reads = 0; ///< calls of get()

private:
  static sync::error failure() {
    return {sync::ec::corrupt_store, "the test lets this read fail", 0};
  }
};

} // namespace ros::test
