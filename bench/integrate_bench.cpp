// What integrating uploads costs without disk and network: a client that is up to
// date, many that change different objects, long offline sessions on one list and
// on many objects, and a new client of a Realm with a long history.
#include "support/changeset_builder.hpp"
#include "support/client_changeset.hpp"
#include "support/memory_server.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <vector>

namespace ros {
namespace {

using sync::version_type;

constexpr unsigned object_count = 10'000;

test::changeset_builder schema() {
  test::changeset_builder b;
  b.add_table("Task")
      .add_column("Task", "title", sync::value_type::string)
      .add_column("Task", "rank", sync::value_type::integer)
      .add_column("Task", "log", sync::value_type::string,
                  {.collection = sync::collection_type::list});
  return b;
}

/// A Realm with `object_count` objects, made by the server itself.
class realm : public test::memory_server {
public:
  realm() {
    test::changeset_builder b = schema();
    for (unsigned i = 0; i < object_count; ++i)
      b.create("Task", static_cast<int>(i));
    if (!integrator.integrate_local(b.changes(), 1))
      std::abort();
    commit();
  }

  void send(const sync::upload_batch& batch) {
    if (auto done = upload(batch); !done)
      std::abort(); // the benchmark is wrong
  }
};

sync::bytes change_of(unsigned object) {
  test::changeset_builder b;
  const sync::primary_key key = static_cast<int>(object);
  b.update("Task", key, {"title"}, "Buy milk and bread")
      .update("Task", key, {"rank"}, static_cast<int>(object));
  return test::client_bytes(b.changes());
}

sync::bytes append_to_list(std::uint32_t size) {
  test::changeset_builder b;
  b.insert("Task", 1, {"log", size}, "note", size);
  return test::client_bytes(b.changes());
}

std::vector<sync::bytes> changes_of_objects(unsigned count) {
  std::vector<sync::bytes> all;
  for (unsigned i = 0; i < count; ++i)
    all.push_back(change_of(i * 7919 % object_count));
  return all;
}

void count(benchmark::State& state, std::size_t changesets) {
  state.counters["changesets/s"] =
      benchmark::Counter(static_cast<double>(changesets), benchmark::Counter::kIsRate);
}

/// One client, base = head, `range(0)` uploads for each log entry.
void one_client_up_to_date(benchmark::State& state) {
  realm r;
  const auto changes = changes_of_objects(1000);
  sync::upload_batch batch;
  batch.client = 2;
  std::size_t sent = 0;
  for (auto _ : state) {
    for (int i = 0; i < state.range(0); ++i, ++sent) {
      const version_type head = r.integrator.head();
      batch.progress = {sent + 2, head};
      batch.changesets.assign(1, {sent + 2, head, sent, changes[sent % changes.size()]});
      r.send(batch);
    }
    r.commit();
  }
  count(state, sent);
}
BENCHMARK(one_client_up_to_date)->Arg(1)->Arg(50)->Iterations(2000);

/// A thousand clients in turn, each on objects of its own and 100 versions behind.
void many_clients_a_little_behind(benchmark::State& state) {
  realm r;
  const auto changes = changes_of_objects(1000);
  std::vector<version_type> versions(1000, 1);
  std::size_t sent = 0;
  sync::upload_batch batch;
  for (auto _ : state) {
    for (int i = 0; i < 50; ++i, ++sent) {
      const std::size_t who = sent % versions.size();
      const version_type base = std::max<version_type>(r.integrator.head(), 101) - 100;
      batch.client = 2 + who;
      const version_type version = ++versions[who];
      batch.progress = {version, base};
      batch.changesets.assign(1, {version, base, sent, changes[who]});
      r.send(batch);
    }
    r.commit();
  }
  count(state, sent);
}
BENCHMARK(many_clients_a_little_behind)->Iterations(400);

/// Client 3 comes back with `theirs` changesets made while client 2 made as many,
/// and sends them in messages of 125.
void come_back(benchmark::State& state, const std::vector<sync::bytes>& ours,
               const std::vector<sync::bytes>& theirs) {
  constexpr std::size_t message = 125;
  auto upload_all = [](realm& r, sync::file_ident client, const std::vector<sync::bytes>& changes) {
    for (std::size_t at = 0; at < changes.size(); at += message) {
      sync::upload_batch batch;
      batch.client = client;
      for (std::size_t i = at; i < std::min(at + message, changes.size()); ++i)
        batch.changesets.push_back({i + 2, 1, 100 + i, changes[i]});
      batch.progress = {batch.changesets.back().client_version, 1};
      r.send(batch);
      r.commit();
    }
  };
  for (auto _ : state) {
    state.PauseTiming();
    auto r = std::make_unique<realm>();
    upload_all(*r, 2, ours);
    state.ResumeTiming();
    upload_all(*r, 3, theirs);
    state.PauseTiming();
    r.reset();
    state.ResumeTiming();
  }
  count(state, theirs.size() * state.iterations());
}

void offline_session_on_one_list(benchmark::State& state) {
  std::vector<sync::bytes> changes;
  for (std::uint32_t i = 0; i < state.range(0); ++i)
    changes.push_back(append_to_list(i));
  come_back(state, changes, changes);
}
BENCHMARK(offline_session_on_one_list)
    ->Arg(1000)
    ->Arg(10'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

void offline_session_on_many_objects(benchmark::State& state) {
  const auto changes = changes_of_objects(10'000);
  come_back(state, changes, changes);
}
BENCHMARK(offline_session_on_many_objects)->Iterations(1)->Unit(benchmark::kMillisecond);

/// The first upload of an app: its schema and one object, base 0.
void new_client_of_a_long_history(benchmark::State& state) {
  realm r;
  const auto changes = changes_of_objects(object_count);
  for (version_type v = 2; r.history.head() < static_cast<version_type>(state.range(0));) {
    sync::upload_batch batch;
    batch.client = 2;
    for (int i = 0; i < 1000; ++i, ++v)
      batch.changesets.push_back({v, r.integrator.head(), v, changes[v % changes.size()]});
    batch.progress = {v - 1, r.integrator.head()};
    r.send(batch);
    r.commit();
  }
  r.integrator.discard();
  test::changeset_builder b = schema();
  b.create("Task", static_cast<int>(object_count + 1));
  const sync::bytes first = test::client_bytes(b.changes());
  sync::file_ident client = 3;
  for (auto _ : state) {
    sync::upload_batch batch;
    batch.client = client++;
    batch.progress = {2, 0};
    batch.changesets.push_back({2, 0, 1, first});
    r.send(batch);
  }
}
BENCHMARK(new_client_of_a_long_history)
    ->Arg(10'000)
    ->Arg(1'000'000)
    ->Iterations(20)
    ->Unit(benchmark::kMicrosecond);

void download_of_a_whole_history(benchmark::State& state) {
  realm r;
  const auto changes = changes_of_objects(object_count);
  sync::upload_batch batch;
  batch.client = 2;
  for (version_type v = 2; v < 10'002; ++v)
    batch.changesets.push_back({v, 1, v, changes[v % changes.size()]});
  batch.progress = {10'001, 1};
  r.send(batch);
  r.commit();
  for (auto _ : state)
    benchmark::DoNotOptimize(r.download(3, {0, 0}));
  count(state, 10'000 * state.iterations());
}
BENCHMARK(download_of_a_whole_history);

} // namespace
} // namespace ros

BENCHMARK_MAIN();
