#include "realm.hpp"

#include "errors.hpp"
#include "realm_data_desk.hpp"
#include "realm_service.hpp"
#include "realm_upkeep.hpp"
#include "shared_download.hpp"

#include "runtime/log.hpp"

namespace ros::actors {

namespace {

using self_pointer = realm_pointer;

/// What an exception says: a defect of ours, or memory is short.
std::string text_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "unknown exception";
  }
}

// -- binding ----------------------------------------------------------------------

void attach_waiting(self_pointer self);

/// Another session of the same connection holds the client file. Its UNBIND may be
/// on the way here behind this request, so it is asked (sync-protocol.md 3.4).
void ask_holder(self_pointer self, const session_actor& holder, realm_state::waiting_attach& x) {
  auto retry = [self, holder, x] {
    const auto found = self->state.bound.find(x.request.file.ident);
    if (found != self->state.bound.end() && found->second.session == holder)
      unbind(self, x.request.file.ident);
    self->state.attaches.push_back(x);
    attach_waiting(self);
  };
  self->request(holder, caf::infinite, bound_atom_v)
      .then(
          [retry, promise = x.promise](bool is_bound) mutable {
            if (is_bound)
              promise.deliver(caf::make_error(ec::session_error, std::int32_t{108},
                                              std::string{"this client file is bound already"}));
            else
              retry();
          },
          [retry](const caf::error&) { retry(); }); // it has ended
}

void attach(self_pointer self, realm_state::waiting_attach& x) {
  auto& state = self->state;
  if (state.broken) { // since it began to wait
    x.promise.deliver(realm_unavailable(self));
    return;
  }
  const auto ident = x.request.file.ident;
  auto holder = state.bound.find(ident);
  const bool same_connection =
      holder != state.bound.end() && holder->second.connection_id == x.request.connection_id;
  if (same_connection && holder->second.session != x.session) {
    ask_holder(self, holder->second.session, x);
    return;
  }
  auto attached = state.writer->attach(x.request);
  if (is_broken(self)) {
    x.promise.deliver(realm_unavailable(self));
    return;
  }
  if (!attached) {
    x.promise.deliver(
        caf::make_error(ec::session_error, attached.error().code, attached.error().message));
    return;
  }
  if (holder != state.bound.end() && !same_connection) {
    log::debug("realm {} evicts an abandoned session of client file {}", path_of(self), ident);
    self->send(holder->second.session, evict_atom_v);
    self->demonitor(holder->second.session.address());
    state.ident_of.erase(holder->second.session.address());
  }
  self->monitor(x.session);
  state.bound.insert_or_assign(
      ident, realm_state::bound_session{x.session, x.request.connection_id,
                                        static_cast<int>(x.request.protocol_version)});
  state.ident_of.insert_or_assign(x.session.address(), ident);
  x.promise.deliver(std::move(*attached));
}

/// Attaches whose client's cursors stand still now; the others stay.
void attach_waiting(self_pointer self) {
  auto& state = self->state;
  if (state.in_flight && !state.broken)
    return;
  for (auto& x : std::exchange(state.attaches, {}))
    if (!state.broken &&
        (state.writer->has_waiting(x.request.file.ident) || state.writer->must_wait(x.request)))
      state.attaches.push_back(std::move(x));
    else
      attach(self, x);
}

// -- entries ----------------------------------------------------------------------

void stop_when_done(self_pointer self) {
  auto& state = self->state;
  if (!state.stopping)
    return;
  if (!state.in_flight && (state.broken || !state.writer->has_work()))
    self->quit();
}

void entry_committed(self_pointer self) {
  auto& state = self->state;
  state.in_flight = false;
  if (state.broken)
    return stop_when_done(self);
  auto news = state.writer->committed();
  if (is_broken(self))
    return;
  for (auto& x : std::exchange(state.allocations_in_entry, {}))
    x.promise.deliver(x.file);
  data_committed(self, *news != nullptr);
  serve_readers(self);
  if (is_broken(self))
    return;
  if (*news) {
    const published message{*news, std::make_shared<shared_download>()};
    for (const auto& [ident, session] : state.bound)
      self->send(session.session, message);
    log::detail("realm {} integrated versions {} to {}", path_of(self), (*news)->first,
                (*news)->head.version);
  }
  attach_waiting(self);
  continue_upkeep(self);
  if (state.stopping || state.writer->has_work())
    schedule(self);
}

void entry_failed(self_pointer self, const caf::error& reason) {
  auto& state = self->state;
  state.in_flight = false;
  if (state.broken)
    return stop_when_done(self);
  log::error("realm {} could not store a change: {}", path_of(self), self->system().render(reason));
  auto lost = state.writer->failed();
  if (is_broken(self))
    return;
  for (auto ident : *lost)
    fail_session(self, ident, {201, "the server cannot store changes now"});
  fail_allocations(self, state.allocations_in_entry);
  fail_allocations(self, state.allocations);
  data_lost(self);
  serve_readers(self);
  attach_waiting(self);
  if (state.stopping) {
    refuse_data(self);
    self->quit(); // what is lost now was never acknowledged
  } else if (state.writer->has_work()) {
    schedule(self);
  }
}

/// A big upload goes to the worker; until it is back nothing is merged here.
void send_away(self_pointer self) {
  auto& state = self->state;
  state.in_flight = true;
  self->request(state.links.worker, caf::infinite, integrate_away{state.writer})
      .then(
          [self](bool) {
            self->state.in_flight = false;
            serve_readers(self);
            schedule(self);
          },
          [self](const caf::error& reason) { self->quit(reason); }); // for the REGISTRY
}

/// Forms the next entry of what waits and sends it to the log.
void step(self_pointer self, bool save_cursors) {
  auto& state = self->state;
  if (state.in_flight || state.broken)
    return;
  auto formed = state.writer->form_entry(save_cursors);
  if (is_broken(self))
    return;
  for (auto& x : formed.refused)
    fail_session(self, x.client, std::move(x.failure));
  transactions_formed(self, std::move(formed.transactions), formed.entry.has_value());
  if (state.writer->is_away())
    return send_away(self);
  if (formed.entry) {
    state.in_flight = true;
    state.allocations_in_entry = std::exchange(state.allocations, {});
    self->request(state.links.log, caf::infinite, std::move(*formed.entry))
        .then([self](bool) { entry_committed(self); },
              [self](const caf::error& reason) { entry_failed(self, reason); });
    return;
  }
  attach_waiting(self);
  continue_upkeep(self);
  if (state.writer->has_work())
    schedule(self);
}

void idle_tick(self_pointer self) {
  auto& state = self->state;
  const bool busy =
      state.used || !state.bound.empty() || is_followed(self) || state.in_flight ||
      (!state.broken && (state.writer->has_work() || !state.writer->upkeep().is_resting()));
  state.used = false;
  state.writer->fit_caches();
  if (!state.broken) {
    state.writer->upkeep().resume();
    if (state.writer->has_unsaved_life())
      step(self, true);
    else if (state.writer->has_work())
      schedule(self);
  }
  if (!busy)
    self->send(state.links.registry, release_atom_v, path_of(self));
  self->delayed_send(self, state.links.idle_interval, idle_atom_v);
}

void enqueue(self_pointer self, integrate_upload& x) {
  auto& state = self->state;
  auto sender = caf::actor_cast<caf::actor_addr>(self->current_sender());
  auto found = state.ident_of.find(sender);
  if (found == state.ident_of.end() || found->second != x.client || state.broken)
    return; // ended by the realm; the session learns so by a message under way
  waiting_upload upload{
      {x.client, x.progress, x.locked_version, std::move(x.changesets), x.may_write},
      state.bound.at(x.client).protocol_version,
      std::move(x.receipt)};
  if (!state.writer->enqueue(std::move(upload)))
    fail_session(self, x.client, {100, "too much is waiting to be integrated"});
  schedule(self);
}

} // namespace

realm_actor::behavior_type realm(self_pointer self,
                                 std::shared_ptr<std::unique_ptr<realm_writer>> writer,
                                 realm_dependencies links) {
  auto& state = self->state;
  state.writer = std::move(*writer);
  state.links = std::move(links);
  self->set_exception_handler([](const std::exception_ptr& x) -> caf::error {
    return caf::make_error(ec::quarantined, text_of(x)); // for the REGISTRY
  });
  if (!state.writer->load())
    is_broken(self);
  self->set_down_handler([self](const caf::down_msg& down) {
    if (auto found = self->state.ident_of.find(down.source); found != self->state.ident_of.end())
      unbind(self, found->second);
    forget_follower(self, down.source);
  });
  if (state.links.directory)
    self->send(state.links.directory,
               actor_record{"realm" + path_of(self), "realm", "realm_registry"});
  self->delayed_send(self, state.links.idle_interval, idle_atom_v);
  begin_upkeep(self);
  if (!state.broken && state.writer->has_work())
    schedule(self); // a rewriting that was interrupted
  return {
      [self](allocate_client_file& x) -> caf::result<sync::salted_file_ident> {
        auto& state = self->state;
        state.used = true;
        if (state.broken || state.stopping)
          return realm_unavailable(self);
        auto promise = self->make_response_promise<sync::salted_file_ident>();
        state.allocations.push_back({state.writer->allocate(std::move(x.user_id)), promise});
        schedule(self);
        return promise;
      },
      [self](attach_session& x) -> caf::result<session_attached> {
        auto& state = self->state;
        state.used = true;
        if (state.broken || state.stopping)
          return realm_unavailable(self);
        realm_state::waiting_attach waiting{std::move(x),
                                            caf::actor_cast<session_actor>(self->current_sender()),
                                            self->make_response_promise<session_attached>()};
        auto promise = waiting.promise;
        state.attaches.push_back(std::move(waiting));
        attach_waiting(self);
        return promise;
      },
      [self](integrate_upload& x) {
        self->state.used = true;
        enqueue(self, x);
      },
      [self](const detach_session& x) {
        self->state.used = true;
        auto found = self->state.bound.find(x.client);
        if (found != self->state.bound.end() &&
            found->second.session.address() == self->current_sender())
          unbind(self, x.client);
      },
      [self](const find_client_version& x) -> caf::result<std::uint64_t> {
        auto& state = self->state;
        state.used = true;
        if (state.broken)
          return realm_unavailable(self);
        const auto version = state.writer->client_version(x.file);
        if (is_broken(self))
          return realm_unavailable(self);
        return version;
      },
      [self](const read_download& x) -> caf::result<download_chunk> {
        auto& state = self->state;
        state.used = true;
        if (state.broken)
          return realm_unavailable(self);
        auto chunk = state.writer->read(x);
        if (is_broken(self))
          return realm_unavailable(self);
        if (!chunk)
          return caf::make_error(ec::unavailable, chunk.error().message);
        return std::move(*chunk);
      },
      [self](head_atom) { return self->state.writer->head(); },
      [self](transact& x) { return accept(self, x); },
      [self](const read_objects& x) { return accept(self, x); },
      [self](const read_schema& x) { return accept(self, x); },
      [self](const follow_realm& x) { return accept(self, x); },
      [self](commit_atom) {
        self->state.scheduled = false;
        step(self, self->state.stopping);
        stop_when_done(self);
      },
      [self](idle_atom) { idle_tick(self); },
      [self](upkeep_atom) { upkeep_tick(self); },
      [self](stop_atom) {
        self->state.stopping = true;
        data_closing(self);
        self->state.writer->upkeep().abandon();
        schedule(self);
      },
      [self](forget_atom) {
        log::info("realm {} ends: it was deleted", path_of(self));
        shut(self, "the Realm was deleted", {218, "the Realm was deleted"});
      },
  };
}

} // namespace ros::actors
