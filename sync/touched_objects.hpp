// Which objects a changeset touches, by name: for those who follow a Realm's changes.
#pragma once

#include "changeset.hpp"
#include "state_key.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ros::sync {

enum class object_change : std::uint8_t {
  updated,
  created, ///< or found already there; all of its properties may be new
  erased,
};

struct touched_object {
  std::string class_name;
  primary_key key;
  object_change what = object_change::updated;
  std::vector<std::string> fields; ///< updated ones, sorted; of the top-level object
  friend bool operator==(const touched_object&, const touched_object&) = default;
};

/// The objects that a changeset of the history touches, by class and key. Nothing if they
/// are more than `limit`, or cannot be told because a class is erased. Declarations touch
/// no object.
std::optional<std::vector<touched_object>> touched_objects(const changeset& changes,
                                                           std::size_t limit);

} // namespace ros::sync
