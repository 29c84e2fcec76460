// What compaction makes of histories that grow for ever, and how fast: bytes of changesets
// a second. Each changeset is one transaction. The argument is the number of updates,
// objects, elements or increments.
#include "support/changeset_builder.hpp"
#include "support/memory_history.hpp"
#include "sync/changeset_codec.hpp"
#include "sync/compaction.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

namespace ros {
namespace {

using test::changeset_builder;

class growing_history {
public:
  growing_history() {
    changeset_builder t;
    t.add_table("Item")
        .add_table("Note", sync::value_type::global_key, false, "")
        .add_column("Item", "title", sync::value_type::string)
        .add_column("Item", "count", sync::value_type::integer)
        .add_column("Note", "title", sync::value_type::string)
        .add_column("Item", "queue", sync::value_type::string,
                    {.collection = sync::collection_type::list});
    for (int i = 0; i < 10; ++i)
      t.create("Item", i);
    add(t);
  }

  void add(const changeset_builder& changes) {
    sync::history_entry entry;
    entry.version = history.head() + 1;
    entry.origin = 2 + entry.version % 3;
    entry.client_version = entry.version;
    entry.timestamp = 1000 + entry.version;
    entry.data = sync::bytes(sync::encode_changeset(changes.changes()));
    entry.original_size = entry.data.size();
    next_.entries = {std::move(entry)};
    history.apply(next_);
  }

  test::memory_history history;

private:
  sync::integrated next_;
};

using workload = void (*)(growing_history&, std::int64_t);

void update_ten_objects(growing_history& h, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i)
    h.add(changeset_builder().update("Item", i % 10, {"title"},
                                     "The title number " + std::to_string(i)));
}

void create_and_delete(growing_history& h, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    h.add(changeset_builder().create("Item", 100 + i).update("Item", 100 + i, {"title"}, "A job"));
    h.add(changeset_builder().erase("Item", 100 + i));
  }
}

void create_and_delete_without_key(growing_history& h, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const sync::global_key key{2, static_cast<std::uint64_t>(i)};
    h.add(changeset_builder().create("Note", key).update("Note", key, {"title"}, "A job"));
    h.add(changeset_builder().erase("Note", key));
  }
}

void push_and_pop(growing_history& h, std::int64_t count) {
  constexpr std::uint32_t length = 100;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto size = static_cast<std::uint32_t>(std::min<std::int64_t>(i, length));
    h.add(changeset_builder().insert("Item", 0, {"queue", size}, "A job to do", size));
    if (size == length)
      h.add(changeset_builder().remove("Item", 0, {"queue", 0}, length + 1));
  }
}

void increment(growing_history& h, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i)
    h.add(changeset_builder().add_integer("Item", 0, {"count"}, 1));
}

/// Nothing to be gained.
void only_create(growing_history& h, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i)
    h.add(changeset_builder()
              .create("Item", 100 + i)
              .update("Item", 100 + i, {"title"}, "The title number " + std::to_string(i))
              .update("Item", 100 + i, {"count"}, 1));
}

void compact(benchmark::State& state, workload make) {
  growing_history h;
  make(h, state.range(0));
  sync::compaction_outcome outcome;
  for (auto _ : state) {
    const auto done = sync::compact_history(h.history, h.history.head(), {},
                                            [](const sync::compacted_entry&) { return true; });
    if (!done || !done->complete) {
      state.SkipWithError("compaction failed");
      return;
    }
    outcome = *done;
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(outcome.bytes_before));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(h.history.head()));
  state.counters["before"] = static_cast<double>(outcome.bytes_before);
  state.counters["after"] = static_cast<double>(outcome.bytes_after);
  state.counters["rounds"] = outcome.rounds;
}

BENCHMARK_CAPTURE(compact, update_ten_objects, update_ten_objects)->Arg(100'000);
BENCHMARK_CAPTURE(compact, create_and_delete, create_and_delete)->Arg(100'000);
BENCHMARK_CAPTURE(compact, create_and_delete_without_key, create_and_delete_without_key)
    ->Arg(100'000);
BENCHMARK_CAPTURE(compact, push_and_pop, push_and_pop)->Arg(100'000);
BENCHMARK_CAPTURE(compact, increment, increment)->Arg(100'000);
BENCHMARK_CAPTURE(compact, only_create, only_create)->Arg(100'000);

} // namespace
} // namespace ros

BENCHMARK_MAIN();
