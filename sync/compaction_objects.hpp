// The objects that exist while compaction goes through the history, each with the
// instructions that made it what it is. Internal to compaction.
#pragma once

#include "changeset.hpp"
#include "compaction_plan.hpp"
#include "compaction_values.hpp"
#include "types.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ros::sync {

/// Instructions on a field that is more than a single value: all stay or all go. As
/// differences of ascending numbers, so that a million of them take a megabyte.
class instruction_trail {
public:
  void add(instruction_number number, version_type version, std::size_t cost);
  void drop_all(compaction_plan& plan);

  /// A part was dropped before, so nothing of it may stay.
  [[nodiscard]] bool is_broken(const compaction_plan& plan) const;

  [[nodiscard]] std::size_t memory() const noexcept {
    return differences_.capacity() + versions_.capacity() * sizeof(version_type);
  }
  /// About how many bytes the instructions take, those dropped for good included.
  [[nodiscard]] std::size_t cost() const noexcept { return cost_; }
  /// The last versions that touched the field, ascending, at most `max_versions`.
  [[nodiscard]] const std::vector<version_type>& versions() const noexcept { return versions_; }

  static constexpr std::size_t max_versions = 64;

  compaction_age last_assigned; ///< of the youngest assignment of the field itself
  std::size_t look_at = 0;      ///< at this much memory; 0: at the usual size
  bool broken = false;          ///< parts of it are dropped: the field must be built anew

private:
  void for_each(const std::function<void(instruction_number)>& visit) const;

  std::string differences_;
  instruction_number last_ = 0;
  std::size_t cost_ = 0;
  std::vector<version_type> versions_;
};

/// One field of one object.
struct live_field {
  std::uint32_t column = 0;
  bool in_scratch = false;                  ///< the scratch state has its content
  value_steps steps;                        ///< while it is a single value without anything below
  std::unique_ptr<instruction_trail> trail; ///< everything from the first instruction that is not

  /// Beyond itself, in bytes.
  [[nodiscard]] std::size_t memory() const noexcept {
    return steps.memory() + (trail ? sizeof(instruction_trail) + trail->memory() : 0);
  }
  void drop_all(compaction_plan& plan);
};

struct live_object {
  instruction_number created = 0;
  bool in_scratch = false;
  std::vector<live_field> fields;

  live_field* find(std::uint32_t column) noexcept;
};

/// The objects of one class (or of what it was before it was made again), by encoded key.
class live_objects {
public:
  struct hasher {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };
  using by_key = std::unordered_map<std::string, live_object, hasher, std::equal_to<>>;
  using by_class = std::unordered_map<std::uint32_t, by_key>;

  by_class classes;
};

} // namespace ros::sync
