// What the object state stands on: two ordered maps of bytes per Realm (column
// families `schema` and `objects`, architecture "Durable state"). storage/
// implements the reading side over RocksDB, tests in memory.
#pragma once

#include "errors.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ros::sync {

enum class state_column : std::uint8_t { schema = 0, objects = 1 };

/// The committed object state of one Realm, read only. Keys are relative to
/// the Realm; their layout belongs to the object state (object_state.hpp).
class state_source {
public:
  virtual ~state_source() = default;

  virtual result<std::optional<std::string>> get(state_column column,
                                                 std::string_view key) const = 0;

  /// Visits keys >= `from` that start with `prefix`, in byte order, until
  /// `visit` returns false.
  virtual result<void>
  scan(state_column column, std::string_view prefix, std::string_view from,
       const std::function<bool(std::string_view key, std::string_view value)>& visit) const = 0;
};

/// One write to the object state; no value = delete the key.
struct state_mutation {
  state_column column = state_column::objects;
  std::string key;
  std::optional<std::string> value;
};

} // namespace ros::sync
