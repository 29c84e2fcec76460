// What must hold when a history that ends with any two changesets is compacted. Shared by
// the fuzzer and the tests.
#pragma once

#include "fuzz/fuzz_realm.hpp"
#include "support/memory_history.hpp"
#include "support/memory_state.hpp"
#include "sync/changeset_codec.hpp"
#include "sync/compaction.hpp"
#include "sync/object_reader.hpp"
#include "sync/object_state.hpp"
#include "sync/state_codec.hpp"

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace ros::sync::testing {

/// A value as text, the same for equal ones only.
inline void append_dump(std::string& out, const read_value& value) {
  out += std::to_string(value.data.index()) + ':';
  std::visit(
      [&out](const auto& x) {
        using type = std::decay_t<decltype(x)>;
        if constexpr (std::is_same_v<type, std::string>) {
          append_text(out, x);
        } else if constexpr (std::is_same_v<type, read_binary>) {
          append_text(out, x.data);
        } else if constexpr (std::is_same_v<type, timestamp>) {
          out += std::to_string(x.seconds) + '.' + std::to_string(x.nanoseconds);
        } else if constexpr (std::is_same_v<type, float32> || std::is_same_v<type, float64>) {
          out += std::to_string(x.bits);
        } else if constexpr (std::is_same_v<type, decimal128>) {
          for (const auto part : {x.coefficient_hi, x.coefficient_lo})
            out += std::to_string(part) + ',';
          out += std::to_string(x.exponent) + (x.negative ? '-' : '+');
        } else if constexpr (std::is_same_v<type, read_link>) {
          append_text(out, x.target_class);
          append_text(out, encode_key(x.target_key) + (x.dead ? 'd' : 'l'));
        } else if constexpr (std::is_same_v<type, object_id> || std::is_same_v<type, uuid>) {
          out.append(reinterpret_cast<const char*>(x.raw.data()), x.raw.size());
        } else if constexpr (std::is_same_v<type, read_object>) {
          for (const auto& field : x.fields) {
            append_text(out, field.name);
            append_dump(out, field.value);
          }
        } else if constexpr (std::is_same_v<type, read_collection>) {
          out += std::to_string(static_cast<int>(x.kind)) + '/' + std::to_string(x.size) + '(';
          for (const auto& entry : x.entries) {
            append_text(out, entry.key);
            append_dump(out, entry.value);
          }
          out += ')';
        } else if constexpr (!std::is_same_v<type, std::monostate>) {
          out += std::to_string(x);
        }
      },
      value.data);
  out += ';';
}

/// Schema and objects as text; begins with '!' if the entries do not apply.
inline std::string dump_after(const std::vector<history_entry>& entries) {
  const test::memory_state nothing;
  object_state state(nothing);
  state.begin_batch();
  for (const auto& entry : entries) {
    const auto changes = parse_stored_changeset(entry.data);
    const auto applied = changes ? state.apply(*changes) : changes.error();
    if (!applied)
      return "!version " + std::to_string(entry.version) + ": " + applied.error().message;
  }
  state.keep_batch();
  std::string out;
  object_reader reader(state);
  const auto classes = reader.classes();
  for (const auto& info : *classes) {
    append_text(out, info.name);
    for (const auto& column : info.columns)
      append_text(out, column.name + std::to_string(static_cast<int>(column.type)) +
                           std::to_string(static_cast<int>(column.collection)));
    (void)reader.visit(info.name, nullptr, [&](const primary_key& key, const read_object& object) {
      append_text(out, encode_key(key));
      append_dump(out, {object});
      return true;
    });
  }
  return out;
}

inline test::memory_history history_of(const std::vector<changeset>& all) {
  test::memory_history history;
  for (const auto& changes : all) {
    history_entry entry;
    entry.version = history.head() + 1;
    entry.origin = 2 + entry.version % 2;
    entry.timestamp = 1000 - entry.version % 3;
    entry.data = bytes(encode_changeset(changes));
    integrated log_entry;
    log_entry.entries.push_back(std::move(entry));
    history.apply(log_entry);
  }
  return history;
}

/// What is wrong with the compacted form of a history of these; empty if nothing is, or if
/// they cannot be applied one after the other.
inline std::string compaction_problem(const std::vector<changeset>& all) {
  auto history = history_of(all);
  const auto expected = dump_after(history.entries());
  if (expected.starts_with('!'))
    return {};
  for (const std::size_t memory : {std::size_t{1} << 20, std::size_t{500}}) {
    std::vector<compacted_entry> changed;
    const auto done = compact_history(history, history.head(), {.memory_bytes = memory},
                                      [&changed](compacted_entry entry) {
                                        changed.push_back(std::move(entry));
                                        return true;
                                      });
    if (!done)
      return "refused: " + done.error().message;
    history.compact(changed);
    if (const auto found = dump_after(history.entries()); found != expected)
      return found.starts_with('!') ? found : "the state is another";
    for (const auto& entry : changed)
      if (encode_changeset(*parse_stored_changeset(entry.data)) != entry.data.view())
        return "an entry is not canonical";
    if (memory == 500 && !changed.empty())
      return "compacting again changes something";
  }
  return {};
}

} // namespace ros::sync::testing
