// The classes and columns that exist while compaction goes through the history. Schema
// instructions stay, except repeated declarations: with a declaration gone that was taken
// back and made in another way, a device that knows the old one could not be merged any
// more (rules P1 and P9). Internal to compaction.
#pragma once

#include "changeset.hpp"
#include "compaction_plan.hpp"
#include "errors.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace ros::sync {

/// A column as long as it exists; one that is made again is another.
struct live_column {
  std::uint32_t id = 0;
  value_type type = value_type::null;
  collection_type collection = collection_type::single;
};

/// A class as long as it exists; one that is made again is another.
struct live_class {
  std::uint32_t id = 0;
  class_kind kind = class_kind::top_level;
  std::string key_field; ///< empty without primary key
  std::map<std::string, live_column, std::less<>> columns;
};

class compaction_schema {
public:
  explicit compaction_schema(compaction_plan& plan) : plan_(plan) {}

  /// Null if there is none.
  [[nodiscard]] const live_class* find(std::string_view name) const;

  /// Notes AddTable and AddColumn; repetitions are dropped.
  result<void> declare(const changeset& changes, const instruction& i, instruction_number number,
                       version_type version);
  /// Notes EraseTable or EraseColumn. Answers with the number of the class that is gone, 0 if
  /// it was a column.
  result<std::uint32_t> erase(const changeset& changes, const instruction& i);

  [[nodiscard]] const auto& classes() const noexcept { return classes_; }
  /// The last version that declared something new; 0 if none did.
  [[nodiscard]] version_type last_declared() const noexcept { return last_declared_; }

private:
  compaction_plan& plan_;
  std::map<std::string, live_class, std::less<>> classes_;
  std::uint32_t last_id_ = 0;
  version_type last_declared_ = 0;
};

/// The history contradicts itself.
error compaction_error(const char* sentence);

} // namespace ros::sync
