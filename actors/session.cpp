#include "session.hpp"

#include "errors.hpp"

#include "runtime/clock.hpp"
#include "runtime/log.hpp"

#include <tuple>
#include <utility>
#include <variant>

namespace ros::actors {

namespace {

/// From the REALM REGISTRY.
constexpr std::int32_t realm_deleted = 218;

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};

} // namespace

std::string session_state::full_name() const {
  return "session/" + std::to_string(connection.id) + "/" + std::to_string(bound.session);
}

void session_state::enter(phase next) {
  now = next;
}

// -- messages of the client ---------------------------------------------------------

/// The order of messages is judged as they arrive, whatever is still being waited for.
bool session_state::is_in_order(const sync::client_message& message) {
  if (std::holds_alternative<sync::ident_message>(message))
    return !owes_ident && !std::exchange(received_ident, true);
  if (std::holds_alternative<sync::upload_message>(message) ||
      std::holds_alternative<sync::mark_message>(message) ||
      std::holds_alternative<sync::client_error_message>(message))
    return received_ident;
  if (std::holds_alternative<sync::client_version_request>(message) ||
      std::holds_alternative<sync::state_request>(message))
    return !owes_ident && !received_ident;
  return true;
}

void session_state::receive(client_message& message) {
  if (!is_in_order(message.content)) {
    fail(109, "bad message order: " + std::string{sync::name_of(message.content)});
    return;
  }
  // While an ident is owed nothing can be in front of an UNBIND that it would spoil.
  const bool cancels = owes_ident && std::holds_alternative<sync::unbind_message>(message.content);
  if (is_free() || cancels)
    handle(message);
  else
    waiting.push_back(std::move(message));
}

bool session_state::is_free() const {
  return (now == phase::wait_ident || now == phase::synchronising) && !refreshing && !unpacking;
}

bool session_state::needs_good_token(const sync::client_message& message) const {
  if (expires_s == 0)
    return false;
  const auto* upload = std::get_if<sync::upload_message>(&message);
  return std::holds_alternative<sync::ident_message>(message) ||
         std::holds_alternative<sync::mark_message>(message) ||
         (upload != nullptr && upload->uncompressed_size != 0);
}

void session_state::handle_waiting() {
  while (!waiting.empty() && is_free()) {
    auto message = std::move(waiting.front());
    waiting.pop_front();
    handle(message);
  }
}

void session_state::handle(client_message& message) {
  if (needs_good_token(message.content) && context->clock->unix_ms() / 1000 >= expires_s) {
    fail(202, "the token has expired");
    return;
  }
  std::visit(overloaded{
                 [this](const sync::ident_message& m) { on_ident(m); },
                 [this, &message](sync::upload_message& m) { on_upload(message, m); },
                 [this, &message](const sync::mark_message& m) { on_mark(message, m.request); },
                 [this](const sync::unbind_message&) { unbind(); },
                 [this](const sync::refresh_message& m) { refresh(m); },
                 [this](const sync::client_error_message& m) { on_client_error(m); },
                 [this](const sync::client_version_request& m) { on_client_version_request(m); },
                 [this](const sync::state_request&) {
                   connection.outlet->send(sync::make_empty_state(bound.session));
                 },
                 [this](const sync::transact_message&) {
                   connection.outlet->send(sync::make_transact_refusal(bound.session));
                 },
                 // Both are the connection's business.
                 [](const sync::ping_message&) {},
                 [](const sync::bind_message&) {},
             },
             message.content);
}

// -- the end ------------------------------------------------------------------------

void session_state::fail(int code, std::string message) {
  if (now == phase::ended)
    return;
  if (code < 200 || sync::is_authentication_error(code, connection.protocol)) {
    constexpr int bad_changesets = 113; // the one 1xx that names its session
    self->send(connection.actor, fatal_atom_v, code == bad_changesets ? bound.session : 0,
               session_failure{code, std::move(message)});
    end();
    return;
  }
  fail(sync::describe_error(code, std::move(message), connection.protocol));
}

void session_state::fail(const sync::error_reply& reply) {
  if (now == phase::ended)
    return;
  log::warn("{} fails: {} {}", full_name(), reply.code, reply.message);
  if (sync::drops_connection(reply, connection.protocol)) {
    self->send(connection.actor, evict_atom_v);
    end();
    return;
  }
  if (connection.protocol.is_early()) {
    self->send(connection.actor, fatal_atom_v, bound.session,
               session_failure{reply.code, reply.message});
    end();
    return;
  }
  // Before the error itself: the client's answer must find the connection informed.
  self->send(connection.actor, failed_atom_v, bound.session);
  connection.outlet->send(sync::make_error(bound.session, reply, connection.protocol));
  end();
}

void session_state::fail(const caf::error& reason) {
  if (reason == ec::session_error && reason.context().match_elements<std::int32_t, std::string>()) {
    const auto code = reason.context().get_as<std::int32_t>(0);
    if (code == realm_deleted)
      on_realm_deleted();
    else
      fail(code, reason.context().get_as<std::string>(1));
    return;
  }
  log::debug("{} is answered {}", full_name(), self->system().render(reason));
  if (reason == ec::quarantined) {
    // Nothing changes until an operator has been there: clients need not hurry.
    auto reply = sync::describe_error(201, "the Realm is out of service", connection.protocol);
    reply.first_delay_s = 30;
    fail(reply);
    return;
  }
  fail(201, "the Realm is not available now");
}

std::string session_state::explained(const session_failure& x) const {
  constexpr int bad_changeset = 212;
  const bool unreadable =
      connection.protocol.is_legacy() && connection.protocol != sync::newest_legacy_version;
  if (x.code != bad_changeset || !unreadable)
    return x.message;
  return x.message + " (of io.realm.sync this server reads the changesets of version 30 only)";
}

void session_state::unbind() {
  log::info("{} unbinds", full_name());
  self->send(connection.actor, forget_atom_v, bound.session);
  connection.outlet->send(sync::make_unbound(bound.session));
  end();
}

void session_state::end() {
  if (now == phase::ended)
    return;
  enter(phase::ended);
  waiting.clear();
  mark.reset();
  if (attached)
    self->send(realm, detach_session{ident.file.ident});
  self->quit();
}

void session_state::tell(std::string_view level, std::string_view text) {
  if (connection.protocol.has_log_messages())
    connection.outlet->send(sync::make_log_message(bound.session, level, text));
}

// -- behaviour ------------------------------------------------------------------------

session_actor::behavior_type session(session_actor::stateful_pointer<session_state> self,
                                     sync_service_context_ptr context,
                                     session_connection connection, sync::bind_message bound) {
  auto& state = self->state;
  state.self = self;
  state.context = std::move(context);
  state.connection = std::move(connection);
  state.bound = std::move(bound);
  state.owes_ident = state.bound.need_ident;
  self->set_down_handler([self](const caf::down_msg& down) {
    if (self->state.realm && down.source == self->state.realm.address())
      self->state.on_realm_down();
  });
  // The connection is gone; what was uploaded before is with the realm already.
  self->set_exit_handler([self](const caf::exit_msg&) { self->state.end(); });
  self->send(state.context->directory,
             actor_record{state.full_name(), "session",
                          "connection/" + std::to_string(state.connection.id)});
  state.start();
  return {
      [self](client_message& message) { self->state.receive(message); },
      [self](const published& x) {
        if (x.content)
          self->state.on_published(*x.content, x.body.get());
      },
      [self](session_failure& x) { self->state.on_refused(x); },
      [self](turn_atom) { self->state.take_turn(); },
      [self](bound_atom) { return self->state.attached; },
      [self](evict_atom) {
        log::info("{} is abandoned: its client came back on another connection",
                  self->state.full_name());
        self->state.attached = false;
        self->send(self->state.connection.actor, evict_atom_v);
        self->state.end();
      },
      [self](idle_atom) {
        if (!self->state.received_ident)
          self->state.fail(201, "no IDENT came");
      },
      [self](upkeep_atom) { self->state.watch_again(); },
  };
}

} // namespace ros::actors
