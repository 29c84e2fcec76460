// To be killed: writes entries of many Realms from several threads and says on its
// standard output what is durable, after each write returned. crash_writer ROOT
//
// Entries carry a mark, so that the one that was acknowledged is told from another with
// the same sequence.
#include "crash_record.hpp"

#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include <unistd.h>

namespace {

using namespace ros;

/// One write per record, so that records of several threads never mix.
void tell(const test::crash_record& record) {
  if (::write(STDOUT_FILENO, &record, sizeof record) != sizeof record)
    std::_Exit(3);
}

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "crash_writer: %s\n", why.c_str());
  std::_Exit(2);
}

test::sample_realm load(const storage::database& db, std::uint64_t id) {
  auto realm = test::make_sample_realm(id);
  storage::realm_store store{db, realm.shard, id};
  auto record = store.refresh();
  if (!record)
    give_up(record.error().message);
  if (record->sequence != 0)
    realm.record = *record;
  return realm;
}

void write_for_ever(storage::database& db, std::uint64_t thread) {
  std::vector<test::sample_realm> realms;
  for (std::uint64_t i = 0; i < test::crash_realms_per_thread; ++i)
    realms.push_back(load(db, 1 + thread * test::crash_realms_per_thread + i));
  for (sync::salt_type mark = ::getpid() * sync::salt_type{1'000'000};; ++mark) {
    // Groups of one to three Realms, like those of the log writer.
    std::vector<storage::log_entry> group;
    for (std::uint64_t i = 0; i <= static_cast<std::uint64_t>(mark) % 3; ++i) {
      auto& realm = realms[(static_cast<std::uint64_t>(mark) + i) % realms.size()];
      group.push_back(
          test::next_sample_entry(realm, 1 + (mark + i) % 4, test::crash_data_size, mark));
    }
    std::vector<bool> refused;
    if (auto done = db.write(group, refused); !done)
      give_up(done.error().message);
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (refused[i])
        give_up("an entry was refused");
      tell({group[i].realm_id, group[i].sequence, group[i].last_version, mark});
    }
  }
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2)
    give_up("usage: crash_writer ROOT");
  // The smallest budget, so that tables are flushed and merged all the time.
  auto db = storage::database::open(argv[1], {.memory_budget = 1});
  if (!db)
    give_up(db.error().message);
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < test::crash_threads; ++i)
    threads.emplace_back([&db, i] { write_for_ever(**db, i); });
  for (auto& x : threads)
    x.join();
}
