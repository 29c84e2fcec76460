// What compaction decides while it looks at the history, and writing it down: which
// instructions go, which increments become larger, what is built anew and where.
// Instructions are numbered through the history in the order in which it is read.
// Internal to compaction.
#pragma once

#include "bytes.hpp"
#include "changeset.hpp"
#include "compaction.hpp"
#include "types.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace ros::sync {

using instruction_number = std::uint64_t;

class compaction_plan {
public:
  void drop(instruction_number number);
  [[nodiscard]] bool is_dropped(instruction_number number) const noexcept;

  /// The AddInteger with this number becomes one of `delta`.
  void set_delta(instruction_number number, std::int64_t delta) { deltas_[number] = delta; }
  /// Appends the instructions of an encoded changeset to an entry.
  void append(version_type version, std::string encoded);

  /// Bytes of what is built anew.
  [[nodiscard]] std::size_t appended_bytes() const noexcept { return appended_bytes_; }

  /// The entry as it will be, whose `count` instructions are numbered from `first`; the
  /// same bytes if nothing changes. ec::corrupt_store if it does not decode.
  [[nodiscard]] result<bytes> rewrite(const history_entry& entry, instruction_number first,
                                      std::uint32_t count) const;

private:
  [[nodiscard]] std::uint32_t count_dropped(instruction_number first, std::uint32_t count) const;
  [[nodiscard]] bool has_delta(instruction_number first, std::uint32_t count) const;

  std::vector<std::uint64_t> dropped_; ///< a bit for each instruction
  std::unordered_map<instruction_number, std::int64_t> deltas_;
  std::unordered_map<version_type, std::vector<std::string>> appended_;
  std::size_t appended_bytes_ = 0;
};

} // namespace ros::sync
