// The pair rules of merge-rules.md 10 and 11: what two instructions, one of each
// side, do to each other. Knows nothing about which pairs are tried or where
// the instructions are kept.
#pragma once

#include "merge_participant.hpp"

namespace ros::sync::merging {

/// Why two instructions contradict each other (a violated "require"), naming the
/// rule; null if they do not. Always a string literal.
using contradiction = const char*;

struct outcome {
  contradiction failure = nullptr;
  /// Rule P8: an AddColumn was dropped because its link target is erased; the
  /// caller puts make_erase_column() in front of the EraseTable.
  bool column_erased = false;
};

/// merge-rules.md 8, pair(): nested rules, then peer rules. Symmetric in a and b.
outcome merge_pair(participant& a, participant& b);

/// merge_pair for two path instructions on the same field of the same object.
contradiction merge_same_field(participant& a, participant& b);

// The families behind them, one source file each.

/// N1, N2: inner is any instruction with a longer path.
void nested_schema_and_objects(const participant& outer, participant& inner);
/// N3 to N8: same field, outer's path is shorter.
contradiction nested_paths(participant& outer, participant& inner);
/// P1 to P5 and P8 to P12.
outcome peer_schema_and_objects(participant& a, participant& b);
/// P6, P7 and P22 to P28, plus the dispatch to the list rules: same field, paths
/// of equal length.
contradiction peer_paths(participant& a, participant& b);

// P13 to P21 (merge_peer_lists.cpp): same container, in the order of the spec.

contradiction insert_meets_update(const participant& insert, participant& update);
contradiction insert_meets_insert(participant& x, participant& y);
contradiction move_meets_update(const participant& move, participant& update);
void move_meets_insert(participant& move, participant& insert);
contradiction move_meets_move(participant& x, participant& y);
contradiction erase_meets_update(const participant& erase, participant& update);
contradiction erase_meets_insert(participant& erase, participant& insert);
contradiction erase_meets_move(participant& erase, participant& move);
contradiction erase_meets_erase(participant& x, participant& y);

/// Where the element at `u` is after a move from `from` to `to` (P15, N6).
constexpr std::uint32_t shift(std::uint32_t u, std::uint32_t from, std::uint32_t to) noexcept {
  if (u == from)
    return to;
  if (u > from)
    --u;
  if (u >= to)
    ++u;
  return u;
}

inline void drop_older(participant& x, participant& y) noexcept {
  (older(x, y) ? x : y).dropped = true;
}

} // namespace ros::sync::merging
