// What validating by applying costs: small objects in big and small log entries,
// a list of 100,000 elements, and objects that are not in the cache. The store is
// in memory, so that only the object state is measured.
#include "support/changeset_builder.hpp"
#include "support/memory_state.hpp"
#include "sync/object_state.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace ros {
namespace {

using sync::collection_type;
using sync::value_type;

/// A Realm in memory that integrates as the server does: batch, mutations, commit.
class realm {
public:
  explicit realm(sync::object_state_options options = {}) : state_(store_, options) {}

  void apply(const sync::changeset& changes) {
    state_.begin_batch();
    if (auto applied = state_.apply(changes); !applied) {
      std::abort(); // the benchmark is wrong
    }
    state_.keep_batch();
  }
  /// Ends the log entry; returns the bytes it would write.
  std::size_t commit() {
    const auto mutations = state_.take_mutations();
    std::size_t bytes = 0;
    for (const auto& mutation : mutations) {
      bytes += mutation.key.size() + (mutation.value ? mutation.value->size() : 0);
    }
    store_.apply(mutations);
    state_.committed();
    return bytes;
  }

private:
  test::memory_state store_;
  sync::object_state state_;
};

constexpr std::uint32_t object_count = 10'000;

void add_schema(test::changeset_builder& b) {
  b.add_table("Task")
      .add_column("Task", "title", value_type::string)
      .add_column("Task", "notes", value_type::string, {.nullable = true})
      .add_column("Task", "done", value_type::boolean)
      .add_column("Task", "rank", value_type::integer)
      .add_column("Task", "due", value_type::timestamp, {.nullable = true})
      .add_column("Task", "price", value_type::float64)
      .add_column("Task", "parent", value_type::link, {.target = "Task"})
      .add_column("Task", "tags", value_type::string, {.collection = collection_type::list})
      .add_column("Task", "big", value_type::integer, {.collection = collection_type::list});
}

void add_object(test::changeset_builder& b, std::int64_t key) {
  b.create("Task", key)
      .update("Task", key, {"title"}, test::string("The quick brown fox jumps over it"))
      .update("Task", key, {"notes"}, test::string("nothing much"))
      .update("Task", key, {"done"}, test::boolean(false))
      .update("Task", key, {"rank"}, test::integer(key))
      .update("Task", key, {"due"}, test::time(1'700'000'000 + key))
      .update("Task", key, {"price"}, test::real(1.5))
      .update("Task", key, {"parent"}, test::link_to("Task", key / 2))
      .insert("Task", key, {"tags", 0}, test::string("home"), 0)
      .insert("Task", key, {"tags", 1}, test::string("urgent"), 1);
}

void fill(realm& r) {
  test::changeset_builder b;
  add_schema(b);
  for (std::int64_t key = 0; key < object_count; ++key) {
    add_object(b, key);
  }
  r.apply(b.take());
  r.commit();
}

/// One changeset for each of `count` entries, each updating `updates` fields of random objects.
std::vector<sync::changeset> random_updates(std::size_t count, std::size_t updates) {
  std::mt19937 random(7);
  std::vector<sync::changeset> out;
  test::changeset_builder b;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < updates; ++j) {
      const auto key = static_cast<std::int64_t>(random() % object_count);
      b.update("Task", key, {"rank"}, test::integer(static_cast<std::int64_t>(random())));
    }
    out.push_back(b.take());
  }
  return out;
}

/// Objects updated a second, with `updates` in each log entry.
void update_objects(benchmark::State& state, std::size_t cache_bytes) {
  sync::object_state_options options;
  options.cache_bytes = cache_bytes;
  realm r(options);
  fill(r);
  const auto updates = static_cast<std::size_t>(state.range(0));
  const auto changes = random_updates(std::max<std::size_t>(10'000 / updates, 16), updates);
  std::size_t next = 0;
  for (auto _ : state) {
    r.apply(changes[next++ % changes.size()]);
    r.commit();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
void update_warm(benchmark::State& state) {
  update_objects(state, 64U << 20);
}
void update_cold(benchmark::State& state) {
  update_objects(state, 0);
}
BENCHMARK(update_warm)->Arg(1)->Arg(10)->Arg(1000)->Arg(10'000);
BENCHMARK(update_cold)->Arg(1)->Arg(1000);

/// Objects created a second, ten instructions each, 100 in a log entry.
void create_objects(benchmark::State& state) {
  realm r;
  test::changeset_builder b;
  add_schema(b);
  r.apply(b.take());
  std::int64_t key = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (int i = 0; i < 100; ++i) {
      add_object(b, key++);
    }
    const auto changes = b.take();
    state.ResumeTiming();
    r.apply(changes);
    r.commit();
  }
  state.SetItemsProcessed(state.iterations() * 100);
}
BENCHMARK(create_objects)->Iterations(500);

/// Insertions a second at random places of a list of 100,000, `range(0)` in a log entry.
void insert_into_big_list(benchmark::State& state, std::size_t cache_bytes) {
  constexpr std::uint32_t length = 100'000;
  sync::object_state_options options;
  options.cache_bytes = cache_bytes;
  realm r(options);
  test::changeset_builder b;
  add_schema(b);
  b.create("Task", 1);
  for (std::uint32_t i = 0; i < length; ++i) {
    b.insert("Task", 1, {"big", i}, test::integer(i * 1000), i);
  }
  r.apply(b.take());
  r.commit();
  std::mt19937 random(7);
  std::uint32_t size = length;
  std::size_t bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      const auto index = static_cast<std::uint32_t>(random() % size);
      b.insert("Task", 1, {"big", index}, test::integer(7), size)
          .remove("Task", 1, {"big", 0}, size + 1);
    }
    const auto changes = b.take();
    state.ResumeTiming();
    r.apply(changes);
    bytes += r.commit();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["bytes_per_entry"] =
      static_cast<double>(bytes) / static_cast<double>(state.iterations());
}
void big_list_warm(benchmark::State& state) {
  insert_into_big_list(state, 64U << 20);
}
void big_list_cold(benchmark::State& state) {
  insert_into_big_list(state, 0);
}
BENCHMARK(big_list_warm)->Arg(1)->Arg(100);
BENCHMARK(big_list_cold)->Arg(1)->Arg(100);

/// Membership checks a second in a set of 100,000 strings, nothing in the cache.
void big_set_cold(benchmark::State& state) {
  constexpr std::uint32_t length = 100'000;
  sync::object_state_options options;
  options.cache_bytes = 0;
  realm r(options);
  test::changeset_builder b;
  add_schema(b);
  b.add_column("Task", "set", value_type::string, {.collection = collection_type::set});
  b.create("Task", 1);
  const auto element = [](std::uint32_t i) { return test::string("element " + std::to_string(i)); };
  for (std::uint32_t i = 0; i < length; ++i) {
    b.set_insert("Task", 1, {"set"}, element(i));
  }
  r.apply(b.take());
  r.commit();
  std::mt19937 random(7);
  for (auto _ : state) {
    const auto changes =
        b.set_insert("Task", 1, {"set"}, element(static_cast<std::uint32_t>(random()) % length))
            .take();
    r.apply(changes);
    r.commit();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(big_set_cold);

} // namespace
} // namespace ros

BENCHMARK_MAIN();
