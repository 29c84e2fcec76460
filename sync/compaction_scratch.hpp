// The state of what compaction may build anew, as of the entry that is looked at: the
// collections and embedded objects of some of the objects, in memory. Internal to compaction.
#pragma once

#include "changeset.hpp"
#include "errors.hpp"
#include "object_state.hpp"
#include "state_store.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ros::sync {

/// Rows in memory.
class scratch_rows final : public state_source {
public:
  result<std::optional<std::string>> get(state_column column, std::string_view key) const override;
  result<void> scan(state_column column, std::string_view prefix, std::string_view from,
                    const std::function<bool(std::string_view key, std::string_view value)>& visit)
      const override;

  void apply(std::vector<state_mutation> mutations);
  /// Removes rows of objects.
  void erase_if(const std::function<bool(std::string_view row)>& unwanted);

  [[nodiscard]] std::size_t memory_use() const noexcept { return memory_; }

private:
  std::array<std::map<std::string, std::string, std::less<>>, 2> columns_;
  std::size_t memory_ = 0;
};

/// What the content of a field comes to when it is built anew.
struct built_content {
  std::size_t cost = 0;             ///< bytes, about, as of cost_of()
  std::vector<std::string> encoded; ///< changesets, to be applied in this order
  bool exact = true;                ///< false: a set holds links to a class that is gone
};

class compaction_scratch {
public:
  /// `memory_bytes`: what memory_use() is going to be held to.
  explicit compaction_scratch(std::size_t memory_bytes);

  /// Has an instruction of `changes` applied with the others of its entry.
  void add(const changeset& changes, const instruction& i);
  /// Applies what was added. ec::corrupt_store if that is not possible.
  result<void> end_entry();
  /// Every now and then it is time to flush().
  [[nodiscard]] bool is_full() const noexcept {
    return unflushed_ >= entries_between_flushes || unflushed_bytes_ >= memory_bytes_ / 8;
  }
  /// Moves what changed into rows, which take less memory.
  void flush();

  /// Forgets all objects but those that `wanted` wants, by class and encoded key.
  void
  keep_only(const std::function<bool(std::string_view class_name, std::string_view key)>& wanted);

  /// How a field comes to its present content, in pieces of about `piece_bytes`;
  /// 0: only what it costs.
  result<built_content> build(std::string_view class_name, std::string_view key,
                              std::string_view field, std::size_t piece_bytes) const;

  /// Exact after flush().
  [[nodiscard]] std::size_t memory_use() const noexcept {
    return rows_.memory_use() + state_.memory_use();
  }

private:
  static constexpr std::size_t entries_between_flushes = 4096;

  scratch_rows rows_;
  object_state state_;
  changeset pending_;
  std::size_t memory_bytes_;
  std::size_t unflushed_ = 0;       ///< entries
  std::size_t unflushed_bytes_ = 0; ///< of their instructions, about
};

/// About how many bytes an instruction takes in a changeset.
std::size_t cost_of(const instruction& i) noexcept;

} // namespace ros::sync
