// One way through the history that looks at some of the objects, chosen by hash, and
// decides what of their instructions stays. Internal to compaction.
#pragma once

#include "changeset.hpp"
#include "compaction_objects.hpp"
#include "compaction_plan.hpp"
#include "compaction_schema.hpp"
#include "compaction_scratch.hpp"
#include "errors.hpp"
#include "history.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ros::sync {

/// Objects whose hash begins with `bits` bits equal to `prefix`.
struct hash_range {
  std::uint64_t prefix = 0;
  unsigned bits = 0;

  [[nodiscard]] bool contains(std::uint64_t hash) const noexcept {
    return bits == 0 || hash >> (64 - bits) == prefix;
  }
};

class compaction_round {
public:
  /// `memory_bytes`: what memory_use() is going to be held to.
  compaction_round(compaction_plan& plan, hash_range range, std::size_t memory_bytes);

  /// The next entry of the history, whose instructions are numbered from `first`.
  result<void> add(const history_entry& entry, const changeset& changes, instruction_number first);
  /// Nothing follows.
  result<void> finish();

  /// Of the objects and what is known about them, in bytes, about.
  [[nodiscard]] std::size_t memory_use() const noexcept { return memory_ + scratch_.memory_use(); }
  /// Forgets half of the objects; they need a round of their own. Nothing if there
  /// are no smaller halves.
  std::optional<hash_range> split();

private:
  /// What one instruction is about.
  struct step {
    const history_entry& entry;
    const changeset& changes;
    const instruction& i;
    instruction_number number;
    compaction_age age;
  };

  result<void> add(const step& s);
  result<void> end(const step& s);

  result<void> create(const step& s);
  result<void> erase(const step& s);
  result<void> change(const step& s);
  void change_single(const step& s, live_field& field);
  void change_compound(const step& s, const live_column& column, live_field& field);
  void drop(live_object& object, std::size_t key_size);
  live_field& field_of(const live_column& column);
  void add_to_scratch(const step& s, live_field& field);
  void count_memory();

  /// What is built anew of a field, or that all stays (compaction_round_end.cpp).
  result<void> finish(std::string_view class_name, std::string_view key, std::string_view name,
                      live_field& field);
  void append(const instruction_trail& trail, std::vector<std::string> pieces);
  /// Lets go of long trails of fields with little in them.
  result<void> look_at_long_trails();

  /// Makes `class_`, `key_` and `object_` those of the instruction's object; false if it is
  /// not for this round. `object_` may be null.
  result<bool> select(const step& s);
  [[nodiscard]] std::uint64_t hash(std::uint32_t class_id, std::string_view key) const noexcept;

  compaction_plan& plan_;
  hash_range range_;
  compaction_schema schema_;
  live_objects objects_;
  compaction_scratch scratch_;
  std::size_t memory_ = 0;

  struct long_trail {
    std::string class_name;
    std::string key;
    std::uint32_t column = 0;
  };
  std::vector<long_trail> long_trails_;

  // The object of the last instruction.
  const instruction* selected_by_ = nullptr;
  bool selected_is_ours_ = false;
  const live_class* class_ = nullptr;
  std::string key_;
  live_object* object_ = nullptr;
};

} // namespace ros::sync
