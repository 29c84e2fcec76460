// A history written down by hand, and what must hold when it is compacted.
#pragma once

#include "support/changeset_builder.hpp"
#include "support/client_changeset.hpp"
#include "support/memory_history.hpp"
#include "support/memory_state.hpp"
#include "support/state_json.hpp"
#include "sync/changeset_codec.hpp"
#include "sync/compaction.hpp"
#include "sync/object_state.hpp"
#include "sync/summary.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ros::test {

/// Schema and objects as text; what is wrong with the entries if they do not apply.
inline std::string replay(const std::vector<sync::history_entry>& entries,
                          sync::version_type last) {
  const memory_state nothing;
  sync::object_state state(nothing);
  for (const auto& entry : entries) {
    if (entry.version > last)
      break;
    auto changes = sync::parse_stored_changeset(entry.data);
    if (!changes)
      return "version " + std::to_string(entry.version) + ": " + changes.error().message;
    state.begin_batch();
    if (auto applied = state.apply(*changes); !applied)
      return "version " + std::to_string(entry.version) + ": " + applied.error().message;
    state.keep_batch();
  }
  return boost::json::serialize(schema_to_json(sync::object_reader(state))) + "\n" +
         boost::json::serialize(state_to_json(sync::object_reader(state)));
}

/// Compacts `history` in place. Returns what is wrong with the result, if anything.
inline std::string compact_checked(memory_history& history, sync::version_type horizon,
                                   sync::compaction_options options = {}) {
  const auto before = history.entries();
  std::vector<sync::compacted_entry> changed;
  const auto collect = [&changed](sync::compacted_entry entry) {
    changed.push_back(std::move(entry));
    return true;
  };
  const auto outcome = sync::compact_history(history, horizon, options, collect);
  if (!outcome)
    return "refused: " + outcome.error().message;
  history.compact(changed);
  sync::version_type last = 0;
  for (const auto& entry : changed) {
    if (entry.version <= last || entry.version > horizon)
      return "entries in wrong order";
    last = entry.version;
    const auto parsed = sync::parse_stored_changeset(entry.data);
    if (!parsed || sync::encode_changeset(*parsed) != entry.data.view())
      return "version " + std::to_string(entry.version) + " is not canonical";
    if (sync::summarize(*parsed) != entry.summary.view())
      return "version " + std::to_string(entry.version) + " has a wrong summary";
  }
  for (const auto v : {horizon, history.head()}) {
    const auto expected = replay(before, v);
    const auto found = replay(history.entries(), v);
    if (expected != found)
      return "at version " + std::to_string(v) + "\n" + found + "\ninstead of\n" + expected;
  }
  std::uint64_t size = 0;
  for (const auto& entry : history.entries())
    size += entry.version <= horizon ? entry.data.size() : 0;
  if (!outcome->complete || outcome->bytes_after != size || outcome->changed != changed.size())
    return "the outcome does not tell the truth";
  return {};
}

class compaction_test : public ::testing::Test {
protected:
  /// One changeset, as `origin` committed it at `timestamp`.
  void entry(changeset_builder changes, sync::origin_timestamp timestamp = 0,
             sync::file_ident origin = 2) {
    sync::integrated log_entry;
    sync::history_entry e;
    e.version = history.head() + 1;
    e.origin = origin;
    e.client_version = e.version;
    e.timestamp = timestamp != 0 ? timestamp : 100 + 10 * e.version;
    e.data = sync::bytes(sync::encode_changeset(changes.changes()));
    e.original_size = e.data.size();
    e.summary = sync::bytes(sync::summarize(changes.changes()));
    e.cumulative_size = e.data.size();
    log_entry.entries.push_back(std::move(e));
    history.apply(log_entry);
  }

  /// Compacts up to `horizon`, by default everything, twice: the second time must
  /// change nothing.
  void compact(sync::version_type horizon = 0, sync::compaction_options options = {}) {
    horizon = horizon == 0 ? history.head() : horizon;
    ASSERT_EQ(compact_checked(history, horizon, options), "");
    const auto once = history.entries();
    ASSERT_EQ(compact_checked(history, horizon, options), "");
    for (std::size_t i = 0; i < once.size(); ++i)
      EXPECT_EQ(once[i].data, history.entries()[i].data) << "version " << i + 1;
  }

  /// What is left of a version, one line for each instruction.
  [[nodiscard]] std::string left(sync::version_type version) const {
    const auto changes = sync::parse_stored_changeset(history.entries().at(version - 1).data);
    return changes ? describe(*changes) : changes.error().message;
  }
  [[nodiscard]] std::size_t count(sync::version_type version) const {
    return sync::parse_stored_changeset(history.entries().at(version - 1).data)
        ->instructions.size();
  }
  [[nodiscard]] std::size_t total() const {
    std::size_t all = 0;
    for (sync::version_type v = 1; v <= history.head(); ++v)
      all += count(v);
    return all;
  }

  memory_history history;
};

} // namespace ros::test
