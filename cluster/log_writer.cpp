#include "log_writer.hpp"

#include "runtime/clock.hpp"

#include <algorithm>
#include <utility>

namespace ros::cluster {

caf::error to_caf_error(const storage::error& e) {
  switch (e.code) {
  case storage::ec::no_space:
    return caf::make_error(ec::no_space, e.message);
  case storage::ec::refused_entry:
    return caf::make_error(ec::refused, e.message);
  default:
    return caf::make_error(ec::io, e.message);
  }
}

void log_writer_state::write_group() {
  if (group.empty())
    return;
  const auto entries = std::exchange(group, {});
  auto promises = std::exchange(waiting, {});
  const auto bytes = std::exchange(collected, 0);
  std::vector<bool> refused;
  const auto start = clock->steady_us();
  const auto done = db->write(entries, refused);
  if (!done) {
    ++status.failures;
    for (auto& rp : promises)
      rp.deliver(to_caf_error(done.error()));
    return;
  }
  const auto took =
      static_cast<std::uint64_t>(std::max<std::int64_t>(clock->steady_us() - start, 0));
  ++status.syncs;
  status.bytes += bytes;
  status.last_sync_us = took;
  status.max_sync_us = std::max(status.max_sync_us, took);
  status.total_sync_us += took;
  for (std::size_t i = 0; i < promises.size(); ++i) {
    ++(refused[i] ? status.refused : status.entries);
    if (refused[i])
      promises[i].deliver(caf::make_error(ec::refused));
    else
      promises[i].deliver(true);
  }
}

log_writer_actor::behavior_type
log_writer(log_writer_actor::stateful_pointer<log_writer_state> self, storage::database* db,
           runtime::clock* clock, std::size_t group_bytes) {
  self->state.db = db;
  self->state.clock = clock;
  self->state.group_bytes = group_bytes;
  self->set_exit_handler([self](caf::exit_msg& x) {
    self->state.write_group(); // nobody who was taken in is left without an answer
    self->quit(std::move(x.reason));
  });
  return {
      [self](storage::log_entry& entry) -> caf::result<bool> {
        auto& st = self->state;
        const auto size = entry.batch.size() + entry.before_images.size();
        if (!st.group.empty() && st.collected + size > st.group_bytes)
          st.write_group();
        if (st.group.empty())
          self->send(self, caf::flush_atom_v); // lands behind everything already queued
        st.collected += size;
        st.group.push_back(std::move(entry));
        st.waiting.push_back(self->make_response_promise<bool>());
        return st.waiting.back();
      },
      [self](caf::get_atom) { return self->state.status; },
      [self](caf::flush_atom) { self->state.write_group(); },
  };
}

} // namespace ros::cluster
