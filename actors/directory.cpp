#include "directory.hpp"

#include <algorithm>

namespace ros::actors {

directory_actor::behavior_type directory(directory_actor::stateful_pointer<directory_state> self) {
  self->set_down_handler(
      [self](const caf::down_msg& down) { self->state.records.erase(down.source); });
  return {
      [self](actor_record& record) {
        auto sender = caf::actor_cast<caf::actor_addr>(self->current_sender());
        if (!sender)
          return;
        auto [position, fresh] = self->state.records.insert_or_assign(sender, std::move(record));
        if (fresh)
          self->monitor(sender);
      },
      [self](list_atom) {
        std::vector<actor_record> all;
        all.reserve(self->state.records.size());
        for (const auto& [address, record] : self->state.records)
          all.push_back(record);
        std::sort(all.begin(), all.end(),
                  [](const auto& a, const auto& b) { return a.name < b.name; });
        return all;
      },
  };
}

} // namespace ros::actors
