// Turns the operations of the server itself into a changeset as a client would upload it
// (changesets.md 6, merge-rules.md 14), by applying them one after the other.
#pragma once

#include "changeset.hpp"
#include "errors.hpp"
#include "object_state.hpp"
#include "write_operation.hpp"

#include <span>
#include <vector>

namespace ros::sync {

struct server_changes {
  changeset changes;            ///< without instructions if everything was so already
  std::vector<global_key> made; ///< keys chosen for new objects, in order of their first mention
};

/// Applies the operations inside the batch of `state` that is open. What holds already is
/// left out. On error the batch must be dropped: ec::apply_failure or schema_conflict with
/// a sentence naming the operation; ec::corrupt_store.
result<server_changes> apply_operations(object_state& state,
                                        std::span<const write_operation> operations);

/// Equal as far as writing is concerned: `wanted` may name fewer fields of an embedded
/// object, and whether the target of a link exists does not matter.
bool holds_already(const read_value& present, const read_value& wanted);

} // namespace ros::sync
