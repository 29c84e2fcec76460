#include "realm_remover.hpp"

#include "errors.hpp"

#include "runtime/log.hpp"
#include "storage/realm_removal.hpp"

#include <memory>
#include <utility>

namespace ros::actors {

namespace {

using self_pointer = realm_remover_actor::stateful_pointer<realm_remover_state>;

/// One removal: the sessions and the REALM end first, so that nothing is written behind it.
struct removal {
  realm_remover_links links;
  remove_realm_data what;
  caf::typed_response_promise<bool> promise;
};

/// Removed rows go on taking space until their files are rewritten. That may fail: the next
/// compaction of the database does it, too.
void give_space_back(const removal& x, std::uint32_t shard) {
  if (auto done = x.links.db->reclaim(shard, x.what.realm_id); !done)
    log::warn("the space of the deleted Realm {} is not given back yet: {}", x.what.path,
              done.error().message);
}

void remove_rows(self_pointer self, const std::shared_ptr<removal>& x) {
  const auto shard = storage::shard_of(x->what.path);
  auto entry = storage::make_removal_entry(*x->links.db, shard, x->what.realm_id);
  if (!entry) {
    x->promise.deliver(caf::make_error(ec::unavailable, entry.error().message));
    return;
  }
  if (!*entry) {
    x->promise.deliver(true);
    return;
  }
  self->request(x->links.log, caf::infinite, std::move(**entry))
      .then(
          [x, shard](bool) {
            log::info("the data of the deleted Realm {} is removed", x->what.path);
            give_space_back(*x, shard);
            x->promise.deliver(true);
          },
          [x](const caf::error& reason) { x->promise.deliver(reason); });
}

} // namespace

realm_remover_actor::behavior_type
realm_remover(realm_remover_actor::stateful_pointer<realm_remover_state> self,
              realm_remover_links links) {
  return {
      [self, links](remove_realm_data& x) {
        auto promise = self->make_response_promise<bool>();
        auto work = std::make_shared<removal>(removal{links, std::move(x), promise});
        self->request(links.registry, caf::infinite, forget_atom_v, work->what.path,
                      work->what.realm_id)
            .then([self, work](bool) { remove_rows(self, work); },
                  [work](const caf::error& reason) { work->promise.deliver(reason); });
        return promise;
      },
  };
}

} // namespace ros::actors
