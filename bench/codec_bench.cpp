// How fast changesets are read, written and summarized: bytes a second of the
// encoded form, and instructions a second.
#include "sync/changeset_codec.hpp"
#include "sync/summary.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace ros::sync {
namespace {

interned add_string(changeset& changes, std::string content) {
  changes.buffers.emplace_back(std::move(content));
  changes.strings.push_back(changes.buffers.back().view());
  return {static_cast<std::uint32_t>(changes.strings.size() - 1)};
}

instruction on_object(opcode op, interned class_name, object_key key) {
  instruction in;
  in.op = op;
  in.class_name = class_name;
  in.key = key;
  return in;
}

instruction set_field(interned class_name, object_key key, interned field, value payload) {
  instruction in = on_object(opcode::update, class_name, key);
  in.field = field;
  in.value = std::move(payload);
  return in;
}

object_id id_of(std::uint32_t n) {
  object_id id;
  for (int i = 0; i < 4; ++i) {
    id.raw[static_cast<std::size_t>(8 + i)] = static_cast<std::uint8_t>(n >> (24 - 8 * i));
  }
  return id;
}

/// What a client writes that creates objects with an ObjectId key and five
/// fields: about 110 bytes for each.
std::string objects(std::uint32_t count) {
  static constexpr std::string_view prose = "The quick brown fox jumps over it";
  changeset changes;
  const interned task = add_string(changes, "Task");
  const interned title = add_string(changes, "title");
  const interned done = add_string(changes, "done");
  const interned rank = add_string(changes, "rank");
  const interned due = add_string(changes, "due");
  const interned owner = add_string(changes, "owner");
  for (std::uint32_t i = 0; i < count; ++i) {
    const object_key key = id_of(i);
    auto& out = changes.instructions;
    out.push_back(on_object(opcode::create_object, task, key));
    out.push_back(set_field(task, key, title, {value_type::string, text{prose, 0}}));
    out.push_back(set_field(task, key, done, {value_type::boolean, i % 2 == 0}));
    out.push_back(set_field(task, key, rank, {value_type::integer, std::int64_t{i} * 1000}));
    out.push_back(
        set_field(task, key, due, {value_type::timestamp, timestamp{1'700'000'000 + i, 0}}));
    out.push_back(set_field(task, key, owner, {value_type::link, link{task, id_of(i / 2)}}));
  }
  return encode_changeset(changes);
}

/// Appends of integers to one list: the smallest instructions, 9 to 12 bytes.
std::string list_appends(std::uint32_t count) {
  changeset changes;
  const interned stroke = add_string(changes, "Stroke");
  const interned points = add_string(changes, "points");
  for (std::uint32_t i = 0; i < count; ++i) {
    instruction in = on_object(opcode::array_insert, stroke, std::int64_t{1});
    in.field = points;
    in.path.push_back({true, i});
    in.prior_size = i;
    in.value = {value_type::integer, std::int64_t{i % 50}};
    changes.instructions.push_back(std::move(in));
  }
  return encode_changeset(changes);
}

/// Objects whose keys are interned strings, a definition each.
std::string string_keys(std::uint32_t count) {
  changeset changes;
  const interned user = add_string(changes, "User");
  for (std::uint32_t i = 0; i < count; ++i) {
    const interned key =
        add_string(changes, std::string("user-").append(std::to_string(i)).append("@example.com"));
    changes.instructions.push_back(on_object(opcode::create_object, user, key));
  }
  return encode_changeset(changes);
}

using generator = std::string (*)(std::uint32_t);

void count(benchmark::State& state, const bytes& data, const changeset& changes) {
  const auto rounds = static_cast<double>(state.iterations());
  state.SetBytesProcessed(static_cast<std::int64_t>(rounds * static_cast<double>(data.size())));
  state.counters["instructions"] = benchmark::Counter(
      rounds * static_cast<double>(changes.instructions.size()), benchmark::Counter::kIsRate);
}

void decode(benchmark::State& state, generator make) {
  const bytes data(make(static_cast<std::uint32_t>(state.range(0))));
  for (auto _ : state) {
    benchmark::DoNotOptimize(parse_changeset(data));
  }
  count(state, data, parse_changeset(data).value());
}

void encode(benchmark::State& state, generator make) {
  const bytes data(make(static_cast<std::uint32_t>(state.range(0))));
  const changeset changes = parse_changeset(data).value();
  for (auto _ : state) {
    benchmark::DoNotOptimize(encode_changeset(changes));
  }
  count(state, data, changes);
}

void summary(benchmark::State& state, generator make) {
  const bytes data(make(static_cast<std::uint32_t>(state.range(0))));
  const changeset changes = parse_changeset(data).value();
  for (auto _ : state) {
    benchmark::DoNotOptimize(summarize(changes));
  }
  count(state, data, changes);
}

/// Asking a summary of one object whether it meets a run of `range` objects.
void interaction(benchmark::State& state) {
  run_signature run;
  run.add(parse_changeset(bytes(objects(static_cast<std::uint32_t>(state.range(0))))).value());
  run.finish();
  const std::string other = summarize(parse_changeset(bytes(string_keys(1))).value());
  for (auto _ : state) {
    benchmark::DoNotOptimize(may_interact(other, run));
  }
}

// One object is what a user interface changes at a time, ten thousand an import.
BENCHMARK_CAPTURE(decode, objects, objects)->Arg(1)->Arg(100)->Arg(10'000);
BENCHMARK_CAPTURE(decode, list_appends, list_appends)->Arg(100)->Arg(10'000);
BENCHMARK_CAPTURE(decode, string_keys, string_keys)->Arg(100)->Arg(10'000);
BENCHMARK_CAPTURE(encode, objects, objects)->Arg(1)->Arg(100)->Arg(10'000);
BENCHMARK_CAPTURE(encode, list_appends, list_appends)->Arg(100)->Arg(10'000);
BENCHMARK_CAPTURE(encode, string_keys, string_keys)->Arg(100)->Arg(10'000);
BENCHMARK_CAPTURE(summary, objects, objects)->Arg(1)->Arg(100)->Arg(10'000);
BENCHMARK(interaction)->Arg(1)->Arg(1'000);

} // namespace
} // namespace ros::sync

BENCHMARK_MAIN();
