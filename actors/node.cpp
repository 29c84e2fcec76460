#include "node.hpp"

#include "node_services.hpp"

#include "errors.hpp"

#include "runtime/log.hpp"

#include <algorithm>
#include <ranges>

namespace ros::actors {

namespace {

using self_pointer = node_actor::stateful_pointer<node_state>;

void child_ended(self_pointer self, const caf::down_msg& down) {
  auto& state = self->state;
  auto found = std::ranges::find_if(
      state.children, [&](const auto& x) { return x.first.address() == down.source; });
  if (found == state.children.end())
    return;
  auto name = found->second;
  state.children.erase(found);
  if (!state.stopping) {
    // Without one of these nothing works any more; a supervisor of processes starts us again.
    log::fatal("{} ended: {}", name, self->system().render(down.reason));
    self->quit(caf::exit_reason::unhandled_exception);
  } else if (state.children.empty()) {
    self->quit();
  }
}

/// Ends what is left, newest first; the node ends with the last of them.
void end_children(self_pointer self) {
  for (const auto& [child, name] : self->state.children | std::views::reverse)
    self->send_exit(child, caf::exit_reason::user_shutdown);
}

void stop(self_pointer self, caf::typed_response_promise<bool> answer) {
  auto& state = self->state;
  state.stopping = true;
  *state.stop_compacting = true;
  *state.stop_web = true;
  for (auto& listener : state.listeners)
    listener->stop();
  auto realms_ended = [self, answer]() mutable {
    log::info("node has written everything and ends");
    answer.deliver(true);
    end_children(self);
  };
  auto connections_ended = [self, realms_ended]() mutable {
    self->request(self->state.registry, caf::infinite, stop_atom_v)
        .then([realms_ended](bool) mutable { realms_ended(); },
              [realms_ended](const caf::error&) mutable { realms_ended(); });
  };
  self->request(state.sync_service, caf::infinite, stop_atom_v)
      .then([connections_ended](bool) mutable { connections_ended(); },
            [connections_ended](const caf::error&) mutable { connections_ended(); });
}

} // namespace

node_actor::behavior_type node(self_pointer self, std::shared_ptr<node_context> context) {
  auto& state = self->state;
  state.context = std::move(*context);
  self->set_down_handler([self](const caf::down_msg& down) { child_ended(self, down); });
  start_services(self);
  return {
      [self](ready_atom) -> caf::result<bound_ports> {
        std::string problem;
        auto ports = open_listeners(self, problem);
        if (!ports)
          return caf::make_error(ec::unavailable, problem);
        self->send(self->state.sync_service, ready_atom_v);
        self->send(self->state.http_service, ready_atom_v);
        return *ports;
      },
      [self](stop_atom) {
        auto answer = self->make_response_promise<bool>();
        if (!self->state.stopping)
          stop(self, answer);
        else
          answer.deliver(true);
        return answer;
      },
      [self](restore_atom) { reload_certificate(self); },
  };
}

} // namespace ros::actors
