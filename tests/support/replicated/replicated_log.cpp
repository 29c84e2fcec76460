#include "replicated_log.hpp"

#include "storage/coding.hpp"
#include "storage/database_impl.hpp"

#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

namespace ros::test {

replicated_log::replicated_log(caf::actor_system& system, replicated_log_options options)
    : system_(system), options_(options), roots_(options.copies),
      world_(options.copies, options.seed, options.least_in_sync) {
  for (int i = 0; i < options.copies; ++i)
    open(i);
  for (const auto& copy : world_.handles)
    caf::anon_send(copy, world_.arbiter.current());
  run();
}

replicated_log::~replicated_log() {
  for (int i = 0; i < copies(); ++i)
    end(i);
}

void replicated_log::run() {
  dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler()).run();
}

void replicated_log::open(int copy) {
  auto db = storage::database::open(roots_[copy].path(), options_.database);
  if (!db) {
    world_.violations.push_back(db.error().message);
    return;
  }
  world_.databases[copy] = std::move(*db);
  world_.handles[copy] = system_.spawn(replicated_copy, &world_, copy);
}

void replicated_log::end(int copy) {
  caf::anon_send_exit(world_.handles[copy], caf::exit_reason::user_shutdown);
  run();
  world_.databases[copy].reset();
}

void replicated_log::appoint(int copy) {
  world_.arbiter.appoint(copy);
  for (int i = 0; i < copies(); ++i)
    if (world_.network.reachable(i))
      caf::anon_send(world_.handles[i], world_.arbiter.current());
  run();
}

void replicated_log::restart(int copy) {
  end(copy);
  open(copy);
  run();
}

std::string replicated_log::content(int copy) const {
  const auto& store = world_.databases[copy]->get();
  std::string all;
  for (std::uint32_t number = 1; number <= storage::family_count; ++number) {
    const auto x = static_cast<storage::family>(number);
    if (x == storage::family::meta)
      continue; // differs per node
    const rocksdb::Slice no_end;
    auto cursor = store.rows(x, no_end);
    if (!cursor)
      return "unreadable";
    auto& rows = *cursor;
    for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
      all += std::to_string(number) + "|";
      storage::put_text(all, rows->key().ToStringView());
      storage::put_text(all, rows->value().ToStringView());
    }
  }
  return all;
}

} // namespace ros::test
