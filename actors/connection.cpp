#include "connection.hpp"

#include "runtime/clock.hpp"
#include "runtime/log.hpp"
#include "sync/error_message.hpp"

#include <algorithm>
#include <chrono>
#include <variant>

namespace ros::actors {

namespace {

using self_pointer = connection_actor::stateful_pointer<connection_state>;

/// Sessions that read and send history at the same time.
constexpr std::size_t max_turns = 2;
/// What a session may queue for sending in its turn, about (session_download.cpp).
constexpr std::uint64_t bytes_of_turn = 1u << 20;
/// Of ident_timeout_ms / 2 each, that a client may let pass before its IDENT.
constexpr std::uint8_t looks_at_ident = 2;
constexpr auto memory_poll = std::chrono::milliseconds(100);
constexpr std::uint16_t close_too_big = 1009;
constexpr std::uint16_t close_refresh_token = 4001;

} // namespace

connection_state::~connection_state() {
  // Whatever ended the actor: no socket stays behind without its owner.
  if (shared.outlet)
    shared.outlet->abort();
}

std::string connection_state::full_name() const {
  return "connection/" + std::to_string(shared.id);
}

// -- from the client ------------------------------------------------------------------

void connection_state::receive(inbound_frame& frame) {
  if (ended)
    return;
  auto credit = std::make_shared<const receive_credit>(shared.outlet->socket(), frame.data->size());
  auto message = sync::parse_client_message(sync::bytes{frame.data, *frame.data}, shared.protocol);
  if (!message) {
    fail(message.error().protocol_code, message.error().message);
    return;
  }
  log::trace("{} receives {} for session {}, {} bytes", full_name(), sync::name_of(*message),
             sync::session_of(*message), frame.data->size());
  if (const auto* ping = std::get_if<sync::ping_message>(&*message))
    shared.outlet->send_urgent(sync::make_pong(ping->timestamp));
  else if (auto* opening = std::get_if<sync::bind_message>(&*message))
    bind(*opening);
  else
    pass_on(*message, std::move(credit));
}

void connection_state::bind(sync::bind_message& message) {
  const auto ident = message.session;
  if (ident == 0) {
    fail(106, "session ident 0");
    return;
  }
  if (slots.contains(ident)) {
    fail(107, "session ident is in use");
    return;
  }
  if (slots.size() >= 2 * context->limits.max_sessions) {
    fail(101, "too many sessions");
    return;
  }
  if (slots.size() >= context->limits.max_sessions) {
    slots[ident].failed = true;
    refuse(ident, "too many sessions");
    return;
  }
  auto actor = self->spawn(session, context, shared, std::move(message));
  self->monitor(actor);
  ident_of.emplace(actor.address(), ident);
  slots.emplace(ident, slot{std::move(actor)});
}

void connection_state::pass_on(sync::client_message& message, credit_ptr credit) {
  const auto found = slots.find(sync::session_of(message));
  const bool unbinds = std::holds_alternative<sync::unbind_message>(message);
  if (found == slots.end()) {
    fail(106, "unknown session ident");
  } else if (found->second.failed) {
    if (unbinds)
      slots.erase(found);
  } else if (found->second.unbinding) {
    fail(109, "message for a session after unbind");
  } else {
    found->second.unbinding = unbinds;
    found->second.has_ident |= std::holds_alternative<sync::ident_message>(message);
    self->send(found->second.actor, client_message{std::move(message), std::move(credit)});
  }
}

// -- the end of the connection ----------------------------------------------------------

void connection_state::fail(int code, std::string message) {
  fail(code, std::move(message), context->limits.error_linger_ms);
}

void connection_state::fail(int code, std::string message, unsigned linger_ms,
                            sync::session_ident named) {
  if (ended)
    return;
  log::warn("{} fails: {} {}", full_name(), code, message);
  if (sync::is_authentication_error(code, shared.protocol)) {
    if (shared.protocol.has_close_codes())
      shared.outlet->close(close_refresh_token, "authentication failed");
    else
      shared.outlet->abort(); // the next upgrade gets 401
  } else if (code == 104 && !shared.protocol.is_legacy()) {
    shared.outlet->close(close_too_big, "message too big");
  } else {
    const auto reply = sync::describe_error(code, std::move(message), shared.protocol);
    shared.outlet->finish(sync::make_error(named, reply, shared.protocol), linger_ms);
  }
  end();
}

void connection_state::watch_access() {
  if (!shared.user)
    return;
  const auto& user = *shared.user;
  self->request(context->admin, caf::infinite,
                actors::watch_access{user.who.user_id, user.token_key, user.issued_s})
      .then([](bool) {},
            [this](const caf::error& reason) {
              if (!is_end_of_access(reason) || ended ||
                  (reason == auth_ec::revoked_token && !context->end_revoked_sessions))
                return;
              log::info("{} ends: {}", full_name(), self->system().render(reason));
              if (shared.protocol.has_close_codes())
                shared.outlet->close(close_refresh_token, "access has ended");
              else
                shared.outlet->abort(); // the next upgrade gets 401
              end();
            });
}

void connection_state::refuse(sync::session_ident ident, std::string message) {
  const auto reply = sync::describe_error(201, std::move(message), shared.protocol);
  if (sync::drops_connection(reply, shared.protocol))
    drop();
  else
    shared.outlet->send(sync::make_error(ident, reply, shared.protocol));
}

void connection_state::drop() {
  shared.outlet->abort();
  end();
}

/// Ends all sessions; the actor itself waits for its socket.
void connection_state::end() {
  ended = true;
  queue.clear();
  for (auto& [ident, x] : slots)
    if (x.actor)
      self->send_exit(x.actor, caf::exit_reason::user_shutdown);
}

void connection_state::closed() {
  log::info("{} is closed", full_name());
  if (!ended)
    end();
  self->quit();
}

// -- from sessions ----------------------------------------------------------------------

void connection_state::session_failed(sync::session_ident ident) {
  const auto found = slots.find(ident);
  if (found == slots.end() || !found->second.actor ||
      found->second.actor.address() != self->current_sender())
    return;
  if (found->second.unbinding) {
    slots.erase(found);
    return;
  }
  found->second.failed = true;
  found->second.actor = nullptr;
}

void connection_state::session_forgotten(sync::session_ident ident) {
  const auto found = slots.find(ident);
  if (found != slots.end() && found->second.actor &&
      found->second.actor.address() == self->current_sender())
    slots.erase(found);
}

void connection_state::session_down(const caf::down_msg& down) {
  turns.erase(down.source);
  std::erase_if(queue, [&](const session_actor& x) { return x.address() == down.source; });
  const auto known = ident_of.find(down.source);
  if (known == ident_of.end())
    return;
  const auto ident = known->second;
  ident_of.erase(known);
  const auto found = slots.find(ident);
  if (!ended && found != slots.end() && found->second.actor &&
      found->second.actor.address() == down.source) {
    // It ended without a word to anybody: a defect of ours, which the client survives.
    log::error("session/{}/{} broke down: {}", shared.id, ident,
               self->system().render(down.reason));
    found->second.failed = true;
    found->second.actor = nullptr;
    refuse(ident, "internal error");
  }
  give_turns();
}

void connection_state::turn(bool wanted) {
  auto sender = caf::actor_cast<session_actor>(self->current_sender());
  if (wanted)
    queue.push_back(std::move(sender));
  else
    turns.erase(sender.address());
  give_turns();
}

void connection_state::give_turns() {
  while (!queue.empty() && turns.size() < max_turns && !shared.outlet->is_congested()) {
    std::shared_ptr<const void> room;
    if (context->outgoing && !(room = context->outgoing->take(bytes_of_turn)))
      return wait_for_memory();
    turns.emplace(queue.front().address(), std::move(room));
    self->send(queue.front(), turn_atom_v);
    queue.pop_front();
  }
}

/// A session that was bound and gets no IDENT holds memory for nothing.
void connection_state::look_after_sessions() {
  for (auto& [ident, x] : slots)
    if (x.actor && !x.has_ident && ++x.looks > looks_at_ident)
      self->send(x.actor, idle_atom_v);
}

/// Nobody tells when there is room again.
void connection_state::wait_for_memory() {
  if (!std::exchange(waits_for_memory, true))
    self->delayed_send(self, memory_poll, writable_atom_v);
}

// -- behaviour ----------------------------------------------------------------------------

connection_actor::behavior_type connection(self_pointer self, sync_service_context_ptr context,
                                           session_connection shared) {
  auto& state = self->state;
  state.self = self;
  state.context = std::move(context);
  state.shared = std::move(shared);
  state.shared.actor = self;
  self->set_down_handler([self](const caf::down_msg& down) { self->state.session_down(down); });
  self->send(state.context->directory,
             actor_record{state.full_name(), "connection", "sync_service"});
  state.watch_access();
  log::info("{} from {} opens with protocol version {}", state.full_name(),
            state.shared.outlet->socket()->remote_address(), state.shared.protocol.name());
  if (state.shared.protocol.has_log_messages())
    state.shared.outlet->send(sync::make_log_message(
        0, "info", "Client connection established with server", state.context->random->hex(24)));
  return {
      [self](inbound_frame& frame) { self->state.receive(frame); },
      [self](closed_atom) { self->state.closed(); },
      [self](writable_atom) {
        self->state.waits_for_memory = false;
        self->state.give_turns();
      },
      [self](failed_atom, std::uint64_t ident) { self->state.session_failed(ident); },
      [self](forget_atom, std::uint64_t ident) { self->state.session_forgotten(ident); },
      [self](fatal_atom, std::uint64_t ident, session_failure& x) {
        auto& state = self->state;
        state.fail(x.code, std::move(x.message), state.context->limits.error_linger_ms, ident);
      },
      [self](evict_atom) { self->state.drop(); },
      [self](idle_atom) { self->state.look_after_sessions(); },
      [self](turn_atom, bool wanted) { self->state.turn(wanted); },
      [self](stop_atom) {
        self->state.fail(100, "the server shuts down",
                         self->state.context->limits.shutdown_linger_ms);
      },
  };
}

} // namespace ros::actors
