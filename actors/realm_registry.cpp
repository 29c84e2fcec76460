#include "realm_registry.hpp"

#include "errors.hpp"

#include "runtime/log.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace ros::actors {

namespace {

using self_pointer = realm_registry_actor::stateful_pointer<realm_registry_state>;
using realm_promise = caf::typed_response_promise<realm_actor>;

/// Nobody who was let into a Realm takes longer to open it (sync_service_limits).
constexpr auto memory_of_deleted = std::chrono::minutes(10);

realm_actor start(self_pointer self, const open_realm& request) {
  auto realm = self->state.spawn_realm(request);
  self->monitor(realm);
  self->state.slots[request.path] = {realm, request.realm_id, false, {}, {}};
  return realm;
}

bool was_deleted(const realm_registry_state& state, const open_realm& request) {
  const auto found = state.slots.find(request.path);
  return state.deleted.contains(request.realm_id) ||
         state.deleted_before.contains(request.realm_id) ||
         (found != state.slots.end() && found->second.realm_id > request.realm_id);
}

/// Its sessions end; whoever asks for the path waits for the end of the actor.
void end_deleted(self_pointer self, realm_registry_state::slot& slot) {
  slot.stopping = true;
  self->send(slot.actor, forget_atom_v);
}

/// Answers now, or keeps the promise until the stopping realm has ended.
void answer(self_pointer self, const open_realm& request, realm_promise promise) {
  auto& state = self->state;
  if (state.closing) {
    promise.deliver(caf::make_error(ec::unavailable, std::string{"the server is shutting down"}));
    return;
  }
  if (was_deleted(state, request)) {
    promise.deliver(caf::make_error(ec::session_error, std::int32_t{218},
                                    std::string{"the Realm was deleted"}));
    return;
  }
  if (auto found = state.quarantined.find(request.path); found != state.quarantined.end()) {
    if (found->second.realm_id == request.realm_id) {
      promise.deliver(caf::make_error(ec::quarantined, found->second.reason));
      return;
    }
    state.quarantined.erase(found); // that Realm is no more
  }
  auto found = state.slots.find(request.path);
  // A Realm with another id: the one before was deleted, which is on the way here.
  if (found != state.slots.end() && found->second.realm_id < request.realm_id)
    end_deleted(self, found->second);
  if (found == state.slots.end())
    promise.deliver(start(self, request));
  else if (found->second.stopping)
    found->second.waiting.emplace_back(request, std::move(promise));
  else
    promise.deliver(found->second.actor);
}

void finish_closing(self_pointer self) {
  auto& state = self->state;
  if (state.closing && state.slots.empty() && state.closed) {
    state.closed->deliver(true);
    state.closed.reset();
  }
}

auto find_slot(self_pointer self, const caf::actor_addr& realm) {
  auto& slots = self->state.slots;
  return std::find_if(slots.begin(), slots.end(),
                      [&](const auto& x) { return x.second.actor.address() == realm; });
}

void quarantine(self_pointer self, const std::string& path, std::uint64_t realm_id,
                const std::string& reason) {
  auto& state = self->state;
  if (state.deleted.contains(realm_id) || state.deleted_before.contains(realm_id))
    return;
  if (state.quarantined.try_emplace(path, reason, realm_id).second)
    log::error("realm_registry quarantines {}: {}", path, reason);
}

/// Ended by a defect of ours: whatever led to it may well come again.
bool broke_down(const caf::error& reason) {
  return reason == ec::quarantined || reason == caf::exit_reason::unhandled_exception;
}

void realm_ended(self_pointer self, const caf::down_msg& down) {
  auto& slots = self->state.slots;
  if (auto i = find_slot(self, down.source); i != slots.end()) {
    if (broke_down(down.reason))
      quarantine(self, i->first, i->second.realm_id,
                 "it broke down: " + self->system().render(down.reason));
    auto waiting = std::move(i->second.waiting);
    auto forgetting = std::move(i->second.forgetting);
    slots.erase(i);
    for (auto& promise : forgetting)
      promise.deliver(true);
    for (auto& [request, promise] : waiting)
      answer(self, request, std::move(promise));
  }
  finish_closing(self);
}

void stop(self_pointer self, realm_registry_state::slot& slot) {
  if (slot.stopping)
    return;
  slot.stopping = true;
  self->send(slot.actor, stop_atom_v);
}

/// A realm that knows why it cannot go on; it ends by itself.
void realm_failed(self_pointer self, const std::string& reason) {
  const auto sender = caf::actor_cast<caf::actor_addr>(self->current_sender());
  auto found = find_slot(self, sender);
  if (found == self->state.slots.end())
    return;
  quarantine(self, found->first, found->second.realm_id, reason);
  found->second.stopping = true;
}

caf::result<bool> forget(self_pointer self, const std::string& path, std::uint64_t realm_id) {
  auto& state = self->state;
  if (state.deleted.empty() && state.deleted_before.empty())
    self->delayed_send(self, memory_of_deleted, idle_atom_v);
  state.deleted.insert(realm_id);
  if (auto i = state.quarantined.find(path);
      i != state.quarantined.end() && i->second.realm_id == realm_id)
    state.quarantined.erase(i);
  auto found = state.slots.find(path);
  if (found == state.slots.end() || found->second.realm_id != realm_id)
    return true;
  end_deleted(self, found->second);
  auto promise = self->make_response_promise<bool>();
  found->second.forgetting.push_back(promise);
  return promise;
}

void forget_deleted(self_pointer self) {
  auto& state = self->state;
  state.deleted_before = std::exchange(state.deleted, {});
  if (!state.deleted_before.empty())
    self->delayed_send(self, memory_of_deleted, idle_atom_v);
}

bool release(self_pointer self, const std::string& path) {
  if (self->state.quarantined.erase(path) == 0)
    return false;
  log::info("realm_registry releases {}", path);
  return true;
}

std::vector<realm_status> list(const realm_registry_state& state) {
  std::vector<realm_status> all;
  for (const auto& [path, slot] : state.slots)
    if (!state.quarantined.contains(path))
      all.push_back({path, slot.stopping ? realm_condition::closing : realm_condition::open, {}});
  for (const auto& [path, x] : state.quarantined)
    all.push_back({path, realm_condition::quarantined, x.reason});
  std::ranges::sort(all, {}, &realm_status::path);
  return all;
}

} // namespace

realm_registry_actor::behavior_type
realm_registry(realm_registry_actor::stateful_pointer<realm_registry_state> self,
               realm_spawner spawn_realm) {
  self->state.spawn_realm = std::move(spawn_realm);
  self->set_down_handler([self](const caf::down_msg& down) { realm_ended(self, down); });
  return {
      [self](const open_realm& request) {
        auto promise = self->make_response_promise<realm_actor>();
        answer(self, request, promise);
        return promise;
      },
      [self](forget_atom, const std::string& path, std::uint64_t realm_id) {
        return forget(self, path, realm_id);
      },
      [self](idle_atom) { forget_deleted(self); },
      [self](failed_atom, const std::string& reason) { realm_failed(self, reason); },
      [self](restore_atom, const std::string& path) { return release(self, path); },
      [self](list_atom) { return list(self->state); },
      [self](release_atom, const std::string& path) {
        auto found = self->state.slots.find(path);
        // A late message of an earlier incarnation must not stop the next one.
        if (found != self->state.slots.end() &&
            found->second.actor.address() == self->current_sender())
          stop(self, found->second);
      },
      [self](stop_atom) {
        self->state.closing = true;
        for (auto& [path, slot] : self->state.slots)
          stop(self, slot);
        auto promise = self->make_response_promise<bool>();
        self->state.closed = promise;
        finish_closing(self);
        return promise;
      },
  };
}

} // namespace ros::actors
