// The minor side of a merge, arranged so that a major instruction finds exactly
// the instructions it can interact with (merge-rules.md 17.1): lists by class,
// column, object and field, each in the order of the side. Dropped instructions
// leave a list when it is next walked, so they cost nothing afterwards.
#pragma once

#include "errors.hpp"
#include "merge_participant.hpp"

#include <deque>
#include <span>

namespace ros::sync::merging {

inline constexpr std::uint64_t end_of_side = std::numeric_limits<std::uint64_t>::max();

/// Participants of the index linked by participant::next.
struct participant_list {
  std::uint32_t head = none;
  std::uint32_t tail = none; ///< good only while the index is built
};

struct class_entry {
  participant_list add_tables{};
  participant_list erase_tables{};
  participant_list link_columns{};   ///< AddColumns of other classes that target this one
  std::uint32_t first_column = none; ///< column_entry, linked by next_of_class
  std::uint32_t first_object = none; ///< object_entry, linked by next_of_class
};
struct column_entry {
  participant_list adds{};
  participant_list erases{};
  std::uint32_t next_of_class = none;
  std::uint32_t first_field = none; ///< field_entry, linked by next_of_column
};
struct object_entry {
  participant_list creates{};
  participant_list erases{};
  std::uint32_t next_of_class = none;
  std::uint32_t first_field = none; ///< field_entry, linked by next_of_object
};
/// One field of one object.
struct field_entry {
  participant_list changes{};
  std::uint32_t next_of_object = none;
  std::uint32_t next_of_column = none;
};

class minor_index {
public:
  explicit minor_index(name_table& names) : names_(names) {}
  minor_index(const minor_index&) = delete;
  minor_index& operator=(const minor_index&) = delete;

  /// Takes in the whole minor side; ages[i] belongs to minors[i]. The
  /// changesets must stay in place. Called once. ec::merge_failure for a list
  /// instruction without position.
  result<void> build(std::span<merge_changeset* const> minors, std::span<const std::uint32_t> ages);

  /// Rule P8 on this side: puts an EraseColumn for `add_column` in front of an
  /// EraseTable. Invalidates references to participants.
  void insert_erase_column(const participant& erase_table, const participant& add_column);

  /// Carries everything to the changesets: dropped instructions go, inserted
  /// ones come in. The index is used up.
  void finish();

  // Null where the side has nothing of the kind. Pointers live until the next
  // insertion.
  class_entry* find_class(name_id name);
  column_entry* find_column(name_id class_name, name_id field);
  object_entry* find_object(object_number object);
  field_entry* find_field(object_number object, name_id field);

  [[nodiscard]] column_entry& column(std::uint32_t n) { return columns_[n]; }
  [[nodiscard]] object_entry& object(std::uint32_t n) { return objects_[n]; }
  [[nodiscard]] field_entry& field(std::uint32_t n) { return fields_[n]; }
  [[nodiscard]] const object_table& object_numbers() const noexcept { return object_numbers_; }

  /// Calls visit(participant&) for the live members of `list` with
  /// from < order < until, in order, until it returns false. `Next` is the link
  /// the list uses.
  template <std::uint32_t participant::*Next = &participant::next, class Visit>
  void walk(participant_list& list, std::uint64_t from, std::uint64_t until, Visit&& visit) {
    auto* link = &list.head;
    while (*link != none) {
      auto& p = participants_[*link];
      if (p.dropped) {
        *link = p.*Next;
        continue;
      }
      if (p.order >= until || (p.order > from && !visit(p)))
        return;
      link = &(p.*Next);
    }
  }

  /// Order of the first live member after `from`; end_of_side if there is none.
  std::uint64_t first(participant_list& list, std::uint64_t from = 0);

private:
  struct inserted {
    std::uint32_t changeset = 0;
    std::uint32_t participant = 0;
  };

  void add(std::uint32_t n);
  void add_change(std::uint32_t n);
  void append(participant_list& list, std::uint32_t n);
  class_entry& class_of(name_id name);
  std::uint32_t column_of(name_id class_name, name_id field);
  std::uint32_t object_of(participant& p);
  void finish_changeset(std::uint32_t changeset, std::span<const inserted> insertions);

  name_table& names_;
  object_table object_numbers_;
  std::vector<source_changeset> changesets_;
  std::vector<std::uint32_t> first_of_changeset_; ///< its first participant
  std::vector<participant> participants_;         ///< originals in order, then inserted ones
  std::vector<path_element> paths_;
  std::vector<inserted> inserted_;
  std::deque<instruction> inserted_instructions_;

  std::vector<std::uint32_t> class_by_name_;
  std::vector<class_entry> classes_;
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> column_numbers_; ///< by class, field
  std::vector<column_entry> columns_;
  std::vector<object_entry> objects_;                                     ///< by object number
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> field_numbers_; ///< by object, field
  std::vector<field_entry> fields_;
};

/// An instruction to be put in front of the `before`-th of a changeset.
struct insertion {
  std::size_t before = 0;
  instruction what;
};

/// Removes what `is_dropped(n)` says and puts in the insertions, which must be
/// sorted by place. Marks the changeset as changed if anything changed.
template <class IsDropped>
void rebuild(source_changeset& source, IsDropped is_dropped, std::span<insertion> insertions) {
  auto& all = source.changes().instructions;
  std::size_t kept = 0;
  if (insertions.empty()) {
    for (std::size_t n = 0; n < all.size(); ++n) {
      if (is_dropped(n))
        continue;
      if (kept != n)
        all[kept] = std::move(all[n]);
      ++kept;
    }
    if (kept == all.size())
      return;
    all.resize(kept);
  } else {
    std::vector<instruction> result;
    result.reserve(all.size() + insertions.size());
    auto next = insertions.begin();
    for (std::size_t n = 0; n < all.size(); ++n) {
      for (; next != insertions.end() && next->before == n; ++next)
        result.push_back(std::move(next->what));
      if (!is_dropped(n))
        result.push_back(std::move(all[n]));
    }
    all = std::move(result);
  }
  source.mark_changed();
}

} // namespace ros::sync::merging
