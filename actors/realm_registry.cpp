#include "realm_registry.hpp"

#include "errors.hpp"

namespace ros::actors {

namespace {

using self_pointer = realm_registry_actor::stateful_pointer<realm_registry_state>;
using realm_promise = caf::typed_response_promise<realm_actor>;

realm_actor start(self_pointer self, const open_realm& request) {
  auto realm = self->state.spawn_realm(request);
  self->monitor(realm);
  self->state.slots[request.path] = {realm, false, {}};
  return realm;
}

/// Answers now, or keeps the promise until the stopping realm has ended.
void answer(self_pointer self, const open_realm& request, realm_promise promise) {
  auto& state = self->state;
  if (state.closing) {
    promise.deliver(caf::make_error(ec::unavailable, std::string{"the server is shutting down"}));
    return;
  }
  auto found = state.slots.find(request.path);
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

void realm_ended(self_pointer self, const caf::down_msg& down) {
  auto& slots = self->state.slots;
  for (auto i = slots.begin(); i != slots.end(); ++i) {
    if (i->second.actor.address() != down.source)
      continue;
    auto waiting = std::move(i->second.waiting);
    slots.erase(i);
    for (auto& [request, promise] : waiting)
      answer(self, request, std::move(promise));
    break;
  }
  finish_closing(self);
}

void stop(self_pointer self, realm_registry_state::slot& slot) {
  if (slot.stopping)
    return;
  slot.stopping = true;
  self->send(slot.actor, stop_atom_v);
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
