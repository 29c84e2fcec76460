// The merge as merge-rules.md 8 words it: every instruction of one side meets
// every instruction of the other. What the engine's index is compared with.
#pragma once

#include "sync/merge.hpp"

namespace ros::test {

/// Like sync::merge(), with cost n * m always.
sync::result<void> full_loop_merge(std::span<sync::merge_changeset* const> majors,
                                   std::span<sync::merge_changeset* const> minors);

} // namespace ros::test
