#include "compaction.hpp"

#include "changeset_codec.hpp"
#include "compaction_plan.hpp"
#include "compaction_round.hpp"
#include "summary.hpp"

#include <utility>
#include <vector>

namespace ros::sync {

namespace {

constexpr std::uint64_t entries_between_questions = 1024;

class compactor {
public:
  compactor(const history_source& history, version_type horizon, const compaction_options& options)
      : history_(history), horizon_(horizon), options_(options) {}

  result<compaction_outcome> run(const std::function<bool(compacted_entry)>& out);

private:
  /// Looks at the objects of one range. What does not fit becomes a range of `left_`.
  result<void> look(hash_range range);
  result<void> look_at(const history_entry& entry, compaction_round& round);
  result<void> write(const std::function<bool(compacted_entry)>& out);
  result<void> write_entry(const history_entry& entry,
                           const std::function<bool(compacted_entry)>& out);
  /// Visits the entries until `visit` fails or the caller wants no more.
  result<void> for_each(const std::function<result<void>(const history_entry&)>& visit);

  const history_source& history_;
  version_type horizon_;
  const compaction_options& options_;

  compaction_plan plan_;
  std::vector<hash_range> left_;
  std::vector<std::uint32_t> counts_; ///< instructions by entry, in the order of reading
  std::size_t position_ = 0;          ///< in counts_
  instruction_number next_ = 0;
  bool first_round_ = true;
  bool stopped_ = false;
  compaction_outcome outcome_;
};

result<void> compactor::for_each(const std::function<result<void>(const history_entry&)>& visit) {
  position_ = 0;
  next_ = 0;
  result<void> outcome;
  auto visited = history_.visit(1, horizon_, true, [&](const history_entry& entry) {
    outcome = visit(entry);
    ++position_;
    if (position_ % entries_between_questions == 0 && options_.go_on && !options_.go_on()) {
      stopped_ = true;
    }
    return outcome.has_value() && !stopped_;
  });
  return visited ? outcome : visited;
}

result<void> compactor::look_at(const history_entry& entry, compaction_round& round) {
  if (!first_round_ && counts_[position_] == 0) {
    return {};
  }
  auto changes = parse_stored_changeset(entry.data);
  if (!changes) {
    return changes.error();
  }
  const auto count = static_cast<std::uint32_t>(changes->instructions.size());
  if (first_round_) {
    counts_.push_back(count);
    outcome_.bytes_before += entry.data.size();
  }
  if (auto added = round.add(entry, *changes, next_); !added) {
    return added;
  }
  next_ += count;
  while (round.memory_use() > options_.memory_bytes) {
    const auto other = round.split();
    if (!other) {
      break;
    }
    left_.push_back(*other);
  }
  return {};
}

result<void> compactor::look(hash_range range) {
  compaction_round round(plan_, range, options_.memory_bytes);
  ++outcome_.rounds;
  auto looked = for_each([&](const history_entry& entry) { return look_at(entry, round); });
  first_round_ = false;
  return looked && !stopped_ ? round.finish() : looked;
}

result<void> compactor::write_entry(const history_entry& entry,
                                    const std::function<bool(compacted_entry)>& out) {
  const auto count = counts_[position_];
  auto data = plan_.rewrite(entry, next_, count);
  next_ += count;
  if (!data) {
    return data.error();
  }
  outcome_.bytes_after += data->size();
  if (*data == entry.data) {
    return {};
  }
  compacted_entry changed{entry.version, std::move(*data), {}};
  if (!changed.data.empty()) {
    const auto changes = parse_stored_changeset(changed.data);
    if (!changes) {
      return changes.error();
    }
    changed.summary = bytes(summarize(*changes));
  }
  ++outcome_.changed;
  outcome_.emptied += changed.data.empty() ? 1 : 0;
  stopped_ = !out(std::move(changed));
  return {};
}

result<compaction_outcome> compactor::run(const std::function<bool(compacted_entry)>& out) {
  if (horizon_ == 0) {
    outcome_.complete = true;
    return outcome_;
  }
  left_.push_back({});
  while (!left_.empty() && !stopped_) {
    const auto range = left_.back();
    left_.pop_back();
    if (auto looked = look(range); !looked) {
      return looked.error();
    }
  }
  if (!stopped_) {
    auto written = for_each([&](const history_entry& entry) { return write_entry(entry, out); });
    if (!written) {
      return written.error();
    }
  }
  outcome_.complete = !stopped_;
  return outcome_;
}

} // namespace

result<compaction_outcome> compact_history(const history_source& history, version_type horizon,
                                           const compaction_options& options,
                                           const std::function<bool(compacted_entry)>& out) {
  return compactor(history, horizon, options).run(out);
}

} // namespace ros::sync
