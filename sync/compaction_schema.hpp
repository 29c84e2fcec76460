// The classes and columns that exist while compaction goes through the history, and
// which instructions made them. Internal to compaction.
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
  bool embedded = false; ///< a link to an embedded class
  instruction_number added = 0;
};

/// A class as long as it exists; one that is made again is another.
struct live_class {
  std::uint32_t id = 0;
  class_kind kind = class_kind::top_level;
  std::string key_field; ///< empty without primary key
  bool pinned = false;   ///< what stays may name it: its making and erasing stay too
  instruction_number added = 0;
  std::map<std::string, live_column, std::less<>> columns;
};

/// What a schema instruction ends.
struct schema_ending {
  const live_class* owner = nullptr;
  std::uint32_t column = 0; ///< 0: the whole class
};

class compaction_schema {
public:
  explicit compaction_schema(compaction_plan& plan) : plan_(plan) {}

  /// Null if there is none.
  [[nodiscard]] const live_class* find(std::string_view name) const;

  /// Notes AddTable and AddColumn; repetitions are dropped.
  result<void> declare(const changeset& changes, const instruction& i, instruction_number number,
                       version_type version);
  /// What EraseTable or EraseColumn ends; the objects of it are to be forgotten before
  /// erase(). A column of an embedded class ends nothing.
  result<schema_ending> ending(const changeset& changes, const instruction& i) const;
  /// Notes EraseTable or EraseColumn; drops it with what it undoes, unless that must stay.
  void erase(const changeset& changes, const instruction& i, instruction_number number);

  [[nodiscard]] const auto& classes() const noexcept { return classes_; }
  /// The last version that declared something new; 0 if none did.
  [[nodiscard]] version_type last_declared() const noexcept { return last_declared_; }

  /// Something that may stay links to objects of the class.
  void pin(std::string_view name);

private:
  compaction_plan& plan_;
  std::map<std::string, live_class, std::less<>> classes_;
  std::uint32_t last_id_ = 0;
  version_type last_declared_ = 0;
};

/// The history contradicts itself.
error compaction_error(const char* sentence);

} // namespace ros::sync
