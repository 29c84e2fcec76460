#include "realm_service.hpp"

#include "errors.hpp"

#include "runtime/log.hpp"

#include <utility>

namespace ros::actors {

void schedule(realm_actor::stateful_pointer<realm_state> self) {
  auto& state = self->state;
  if (state.in_flight || state.scheduled)
    return;
  state.scheduled = true;
  self->send(self, commit_atom_v);
}

caf::error realm_unavailable(realm_pointer self) {
  const auto& state = self->state;
  return caf::make_error(ec::unavailable,
                         state.broken ? *state.broken : std::string{"the Realm is closing"});
}

const std::string& path_of(realm_pointer self) {
  return self->state.writer->identity().path;
}

void unbind(realm_pointer self, sync::file_ident ident) {
  auto& state = self->state;
  auto found = state.bound.find(ident);
  if (found == state.bound.end())
    return;
  self->demonitor(found->second.session.address());
  state.ident_of.erase(found->second.session.address());
  state.bound.erase(found);
  state.writer->detach(ident);
}

void fail_session(realm_pointer self, sync::file_ident ident, session_failure failure) {
  auto found = self->state.bound.find(ident);
  if (found == self->state.bound.end())
    return;
  log::info("realm {} ends the session of client file {}: {} {}", path_of(self), ident,
            failure.code, failure.message);
  self->send(found->second.session, std::move(failure));
  unbind(self, ident);
}

void fail_allocations(realm_pointer self, std::vector<realm_state::waiting_allocation>& list) {
  for (auto& x : std::exchange(list, {}))
    x.promise.deliver(realm_unavailable(self));
}

void shut(realm_pointer self, std::string why, const session_failure& failure) {
  auto& state = self->state;
  state.broken = std::move(why);
  state.stopping = true;
  fail_allocations(self, state.allocations_in_entry);
  fail_allocations(self, state.allocations);
  for (auto& x : std::exchange(state.attaches, {}))
    x.promise.deliver(realm_unavailable(self));
  refuse_data(self);
  std::vector<sync::file_ident> bound;
  for (const auto& [ident, session] : state.bound)
    bound.push_back(ident);
  for (auto ident : bound)
    fail_session(self, ident, failure);
  if (!state.in_flight)
    self->send(self, commit_atom_v); // to end
}

namespace {

/// The store failed. The REGISTRY keeps a damaged Realm closed, another one is read again
/// at once.
void give_up(realm_pointer self, const sync::error& trouble) {
  auto& links = self->state.links;
  if (trouble.protocol_code == 0) {
    self->send(links.registry, failed_atom_v, trouble.message);
  } else {
    log::error("realm {} cannot read its state: {}", path_of(self), trouble.message);
    self->send(links.registry, release_atom_v, path_of(self));
  }
  shut(self, trouble.message, {201, "the Realm is out of service"});
}

} // namespace

bool is_broken(realm_pointer self) {
  auto& state = self->state;
  if (!state.broken && state.writer->trouble())
    give_up(self, *state.writer->trouble());
  return state.broken.has_value();
}

} // namespace ros::actors
