// What it costs the server when new clients join a Realm with a long history: each
// uploads its schema on base version 0 and so meets everything that ever happened; the
// second kind has made ten objects offline besides. Integration, log entry and synced
// write over the real store; no network.
//
//   join_bench [VERSIONS ...]      default 10000 100000 1000000; two JSON lines each
#include "storage/realm_store.hpp"
#include "support/changeset_builder.hpp"
#include "support/client_changeset.hpp"
#include "support/scratch_directory.hpp"
#include "sync/changeset_codec.hpp"
#include "sync/summary.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

namespace ros {
namespace {

constexpr std::uint32_t shard = 3;
constexpr std::uint64_t realm_id = 1;
constexpr unsigned object_count = 50'000;
constexpr unsigned joins = 1000;
constexpr sync::version_type versions_per_entry = 8192;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "join_bench: %s\n", why.c_str());
  std::exit(1);
}

/// Milliseconds of processor time of the whole process, table files and all.
double cpu_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Resident bytes now, in MiB.
double resident_mib() {
  long pages = 0;
  if (std::FILE* f = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(f, "%*d %ld", &pages) != 1)
      pages = 0;
    std::fclose(f);
  }
  return static_cast<double>(pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

test::changeset_builder schema() {
  test::changeset_builder b;
  for (const char* table : {"Task", "Person", "Project"})
    b.add_table(table)
        .add_column(table, "title", sync::value_type::string)
        .add_column(table, "rank", sync::value_type::integer)
        .add_column(table, "log", sync::value_type::string,
                    {.collection = sync::collection_type::list});
  return b;
}

/// The Realm on disk and its single writer.
class realm {
public:
  explicit realm(const std::string& root) {
    auto opened = storage::database::open(root);
    if (!opened)
      give_up(opened.error().message);
    db_ = std::move(*opened);
    reopen();
  }

  /// A long history: the schema, then one object touched by each version. Written directly; the
  /// state of the objects is left as created.
  void fill(sync::version_type versions) {
    if (!integrator_->integrate_local(schema().changes(), 1))
      give_up("the schema is refused");
    commit({});
    std::vector<std::string> block;
    sync::integrated changes;
    block.push_back(sync::summarize(schema().changes()));
    auto size = store_->read(1)->cumulative_size;
    for (auto version = sync::version_type{2}; version <= versions; ++version) {
      test::changeset_builder b;
      const sync::primary_key key = static_cast<int>(version * 7919 % object_count);
      if (version <= object_count)
        b.create("Task", key);
      b.update("Task", key, {"title"}, "Buy milk and bread").update("Task", key, {"rank"}, 7);
      auto& x = changes.entries.emplace_back();
      x.version = version;
      x.origin = 2 + version % 50;
      x.client_version = version;
      x.timestamp = 1'000'000 + version;
      x.salt = 4711;
      x.data = sync::bytes{sync::encode_changeset(b.changes())};
      x.original_size = x.data.size();
      x.cumulative_size = size += x.data.size();
      block.push_back(sync::summarize(b.changes()));
      x.summary = sync::bytes{block.back()};
      if (version % sync::summary_block_length == 0) {
        const std::vector<std::string_view> parts{block.begin(), block.end()};
        changes.block_summaries.emplace_back(version / sync::summary_block_length - 1,
                                             sync::bytes{sync::merge_summaries(parts)});
        block.clear();
      }
      if (version % versions_per_entry == 0 || version == versions)
        write(std::exchange(changes, {}), {});
    }
    reopen();
  }

  /// One new client, as the realm actor does it.
  void join(sync::file_ident client, const sync::bytes& upload) {
    sync::upload_batch batch;
    batch.client = client;
    batch.progress = {2, 0};
    batch.changesets.push_back({2, 0, 2'000'000, upload});
    sync::client_file file;
    file.salt = 1;
    if (auto done = integrator_->integrate(batch, file); !done)
      give_up(done.error().message);
    commit({{client, file}});
  }

  [[nodiscard]] double cache_mib() const {
    return static_cast<double>(integrator_->memory_use()) / (1 << 20);
  }

  /// As after a restart: nothing cached by the integrator.
  void reopen() {
    integrator_.reset();
    store_ = std::make_unique<storage::realm_store>(*db_, shard, realm_id);
    if (auto record = store_->refresh(); !record)
      give_up(record.error().message);
    integrator_ = std::make_unique<sync::integrator>(*store_, *store_, 4711);
  }

private:
  using files = std::vector<std::pair<sync::file_ident, sync::client_file>>;

  void commit(const files& changed) {
    auto changes = integrator_->take();
    write(changes, changed);
    integrator_->committed();
  }

  void write(const sync::integrated& changes, const files& changed) {
    storage::realm_entry_builder builder{shard, realm_id};
    builder.add(changes);
    for (const auto& [ident, file] : changed)
      builder.put_client_file(ident, file);
    auto record = store_->record();
    record.path = "/bench";
    ++record.sequence;
    record.head = {changes.entries.back().version, 4711};
    const auto entry = builder.finish(record);
    std::vector<bool> refused;
    if (auto done = db_->write({&entry, 1}, refused); !done || refused[0])
      give_up("an entry could not be written");
    if (auto read = store_->refresh(); !read)
      give_up(read.error().message);
  }

  std::unique_ptr<storage::database> db_;
  std::unique_ptr<storage::realm_store> store_;
  std::unique_ptr<sync::integrator> integrator_;
};

/// The first upload of client `i`.
sync::bytes first_upload(unsigned i, bool with_objects) {
  auto b = schema();
  for (int object = 0; with_objects && object < 10; ++object) {
    const sync::primary_key key = static_cast<int>(1'000'000 + 10 * i) + object;
    b.create("Task", key).update("Task", key, {"title"}, "Made offline");
  }
  return test::client_bytes(b.changes());
}

void join_all(realm& r, sync::version_type versions, bool with_objects) {
  r.reopen();
  std::vector<double> costs;
  for (unsigned i = 0; i < joins; ++i) {
    const auto upload = first_upload(i, with_objects);
    const auto before = cpu_ms();
    r.join((with_objects ? 10'000 : 1000) + i, upload);
    costs.push_back(cpu_ms() - before);
  }
  const auto first = costs.front();
  double sum = 0;
  for (auto x : costs)
    sum += x;
  std::sort(costs.begin(), costs.end());
  std::printf(
      "{\"bench\":\"join\",\"kind\":\"%s\",\"versions\":%llu,\"joins\":%u,\"cpu_ms_mean\":%.3f,"
      "\"cpu_ms_p50\":%.3f,\"cpu_ms_p99\":%.3f,\"cpu_ms_first\":%.3f,"
      "\"cache_mib\":%.1f,\"rss_mib\":%.0f}\n",
      with_objects ? "schema and objects" : "schema", static_cast<unsigned long long>(versions),
      joins, sum / joins, costs[joins / 2], costs[joins * 99 / 100], first, r.cache_mib(),
      resident_mib());
  std::fflush(stdout);
}

void run(sync::version_type versions) {
  test::scratch_directory root;
  realm r{root.path()};
  r.fill(versions);
  join_all(r, versions, false);
  join_all(r, versions, true);
}

} // namespace
} // namespace ros

int main(int argc, char** argv) {
  std::vector<ros::sync::version_type> sizes;
  for (int i = 1; i < argc; ++i)
    sizes.push_back(std::strtoull(argv[i], nullptr, 10));
  if (sizes.empty())
    sizes = {10'000, 100'000, 1'000'000};
  for (auto size : sizes)
    ros::run(std::max<ros::sync::version_type>(size, 2));
}
