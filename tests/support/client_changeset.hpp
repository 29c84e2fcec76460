// Changesets as clients send them and as test reports show them.
#pragma once

#include "sync/bytes.hpp"
#include "sync/changeset.hpp"

#include <string>

namespace ros::test {

/// The raw client form (changesets.md 7.2): strings are defined directly in front
/// of the first instruction that needs them.
sync::bytes client_bytes(const sync::changeset& changes);

/// One line for each instruction.
std::string describe(const sync::changeset& changes);

} // namespace ros::test
