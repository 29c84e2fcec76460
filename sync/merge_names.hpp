// Small integers for the names and objects that occur in a merge: changesets
// number their strings each for itself, so every comparison across changesets
// would otherwise compare text (merge-rules.md 17.2). Owned by one merge.
#pragma once

#include "merge.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

namespace ros::sync::merging {

/// Number of a string, equal for equal content in all changesets of one merge.
using name_id = std::uint32_t;
/// Number of an object, equal for equal (class, key).
using object_number = std::uint32_t;

inline constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

/// All strings of one merge. Views must stay valid as long as the table.
class name_table {
public:
  name_id number(std::string_view text);
  [[nodiscard]] std::string_view text(name_id name) const { return texts_[name]; }
  [[nodiscard]] std::size_t size() const noexcept { return texts_.size(); }

private:
  boost::unordered_flat_map<std::string_view, name_id> numbers_;
  std::vector<std::string_view> texts_;
};

/// One changeset while it takes part in a merge.
class source_changeset {
public:
  /// Both must outlive this. `age` is the rank of section 2's age order.
  source_changeset(merge_changeset& target, std::uint32_t age, name_table& names)
      : target_(&target), names_(&names), age_(age), numbers_(target.changes.strings.size(), none) {
  }

  [[nodiscard]] changeset& changes() const noexcept { return target_->changes; }
  [[nodiscard]] std::uint32_t age() const noexcept { return age_; }
  [[nodiscard]] std::string_view string(interned i) const { return target_->changes.string(i); }
  void mark_changed() noexcept { target_->changed = true; }

  /// The merge-wide number of an interned string.
  name_id number(interned i) {
    auto& n = numbers_[i.index];
    return n != none ? n : n = names_->number(string(i));
  }

  /// The changeset's own index of a name; appends it to the end of the intern
  /// table if it is missing (rule P8, changesets.md 7.1 and 7.3).
  interned intern(name_id name);

private:
  merge_changeset* target_;
  name_table* names_;
  std::uint32_t age_;
  std::vector<name_id> numbers_; ///< by intern index; `none` = not looked up yet
  /// The other way round; made by the first intern().
  std::optional<boost::unordered_flat_map<name_id, std::uint32_t>> indexes_;
};

/// All objects that were numbered in one merge.
class object_table {
public:
  /// The number of the object an instruction of `source` addresses.
  object_number number(const instruction& i, source_changeset& source);
  /// The same, or `none` for an object that was never numbered.
  object_number find(const instruction& i, source_changeset& source) const;
  [[nodiscard]] std::size_t size() const noexcept { return numbers_.size(); }

private:
  struct identity {
    name_id class_name = none;
    std::uint32_t key_type = 0; ///< alternative of object_key
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    friend bool operator==(const identity&, const identity&) = default;
  };
  struct identity_hash {
    std::size_t operator()(const identity& i) const noexcept;
  };
  static identity identify(const instruction& i, source_changeset& source);

  boost::unordered_flat_map<identity, object_number, identity_hash> numbers_;
};

/// Gives every changeset its rank in the age order of merge-rules.md 2: a lower
/// rank is older, equal (timestamp, origin) have equal rank.
std::vector<std::uint32_t> age_ranks(std::span<merge_changeset* const> changesets);

} // namespace ros::sync::merging
