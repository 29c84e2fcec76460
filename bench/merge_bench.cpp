// How fast two diverged histories merge (merge-rules.md 17). Both sides are n
// changesets of four instructions; of every hundred, so many touch objects that
// the other side touches too (ten changesets per object and side), the others
// create and fill objects of their own. One list: every changeset inserts into
// the same list, so that all n * n pairs have to be merged.
//
//   merge_bench --benchmark_filter=divergent
//
// Time is the merge alone, without parsing and encoding, except in round_trip.
// peak_mb is the peak resident size of the whole process so far.
#include "sync/changeset_codec.hpp"
#include "sync/merge.hpp"

#include <benchmark/benchmark.h>

#include <sys/resource.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace ros::sync;

class changeset_writer {
public:
  changeset_writer() {
    strings_ = {"Order", "_id", "total", "count", "note", "lines"};
    for (const auto& s : strings_)
      changes_.strings.push_back(s);
  }

  instruction& next(opcode op, std::int64_t object, std::uint32_t field = 0) {
    auto& i = changes_.instructions.emplace_back();
    i.op = op;
    i.key = object;
    i.field = {field};
    return i;
  }
  void set_integer(instruction& i, std::int64_t n) { i.value = {value_type::integer, n}; }
  void set_text(instruction& i, std::string_view s) { i.value = {value_type::string, text{s, 0}}; }

  /// Creates and fills an object of the side's own.
  void fill(std::int64_t object) {
    next(opcode::create_object, object);
    set_integer(next(opcode::update, object, 2), object);
    set_text(next(opcode::update, object, 4), "a few words about it");
    insert(object, 0, 0);
  }
  /// Changes an object that the other side changes too.
  void change(std::int64_t object, std::uint32_t size) {
    set_integer(next(opcode::update, object, 2), object);
    set_integer(next(opcode::add_integer, object, 3), 1);
    set_text(next(opcode::update, object, 4), "other words about it");
    insert(object, size, size);
  }
  void insert(std::int64_t object, std::uint32_t at, std::uint32_t size) {
    auto& i = next(opcode::array_insert, object, 5);
    i.path.push_back({true, at});
    i.prior_size = size;
    set_text(i, "one more line");
  }

  [[nodiscard]] std::string encode() const { return encode_changeset(changes_); }

private:
  std::vector<std::string> strings_;
  changeset changes_;
};

/// The changesets of one device, encoded.
struct device {
  file_ident origin = 0;
  std::vector<bytes> changesets;
};

device diverge(file_ident origin, std::int64_t count, std::int64_t conflict_percent) {
  device d{.origin = origin, .changesets = {}};
  std::mt19937_64 random(origin);
  const auto shared_objects = std::max<std::int64_t>(1, count * conflict_percent / 100 / 10);
  std::vector<std::uint32_t> sizes(static_cast<std::size_t>(shared_objects));
  for (std::int64_t n = 0; n < count; ++n) {
    changeset_writer w;
    if (n % 100 < conflict_percent) {
      const auto object = random() % static_cast<std::uint64_t>(shared_objects);
      w.change(static_cast<std::int64_t>(object), sizes[object]++);
    } else {
      w.fill(static_cast<std::int64_t>(origin) * 1'000'000'000 + n);
    }
    d.changesets.emplace_back(w.encode());
  }
  return d;
}

device append_to_one_list(file_ident origin, std::int64_t count) {
  device d{.origin = origin, .changesets = {}};
  for (std::int64_t n = 0; n < count; ++n) {
    changeset_writer w;
    w.insert(1, static_cast<std::uint32_t>(n), static_cast<std::uint32_t>(n));
    d.changesets.emplace_back(w.encode());
  }
  return d;
}

struct side {
  std::vector<merge_changeset> changesets;
  std::vector<merge_changeset*> pointers;
};

side parse(const device& d) {
  side s;
  s.changesets.reserve(d.changesets.size());
  origin_timestamp now = 0;
  for (const auto& data : d.changesets)
    s.pointers.push_back(&s.changesets.emplace_back(merge_changeset{
        .changes = parse_changeset(data).value(), .timestamp = now += 10, .origin = d.origin}));
  return s;
}

double peak_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void run(benchmark::State& state, const device& a, const device& b) {
  for (auto _ : state) {
    state.PauseTiming();
    auto majors = parse(a);
    auto minors = parse(b);
    state.ResumeTiming();
    if (!merge(majors.pointers, minors.pointers))
      state.SkipWithError("merge failed");
    state.PauseTiming();
    { // freeing is not merging
      auto gone = std::pair(std::move(majors), std::move(minors));
    }
    state.ResumeTiming();
  }
  const auto changesets = static_cast<std::int64_t>(a.changesets.size() + b.changesets.size());
  state.SetItemsProcessed(state.iterations() * changesets);
  state.counters["peak_mb"] = peak_mb();
}

/// Arguments: changesets per side, conflicts per cent.
void divergent(benchmark::State& state) {
  run(state, diverge(2, state.range(0), state.range(1)),
      diverge(3, state.range(0), state.range(1)));
}
BENCHMARK(divergent)
    ->Args({1000, 0})
    ->Args({1000, 10})
    ->Args({1000, 100})
    ->Args({10'000, 10})
    ->ArgsProduct({{1000, 2000, 4000, 8000, 16'000}, {1}})
    ->Unit(benchmark::kMillisecond);

/// Argument: changesets per side.
void one_list(benchmark::State& state) {
  run(state, append_to_one_list(2, state.range(0)), append_to_one_list(3, state.range(0)));
  state.counters["ns_per_pair"] = benchmark::Counter(
      static_cast<double>(state.range(0) * state.range(0)) / 1e9,
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(one_list)->Arg(1000)->Arg(10'000)->Unit(benchmark::kMillisecond);

/// Parse both sides, merge, encode both sides.
void round_trip(benchmark::State& state) {
  const auto a = diverge(2, state.range(0), state.range(1));
  const auto b = diverge(3, state.range(0), state.range(1));
  for (auto _ : state) {
    auto majors = parse(a);
    auto minors = parse(b);
    if (!merge(majors.pointers, minors.pointers))
      state.SkipWithError("merge failed");
    for (const auto* s : {&majors, &minors})
      for (const auto& m : s->changesets)
        benchmark::DoNotOptimize(encode_changeset(m.changes));
  }
  state.counters["peak_mb"] = peak_mb();
}
BENCHMARK(round_trip)->Args({1000, 10})->Args({10'000, 10})->Unit(benchmark::kMillisecond);

} // namespace
