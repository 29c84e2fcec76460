#include "sync_service.hpp"

#include "connection.hpp"
#include "download_packer.hpp"
#include "errors.hpp"
#include "realm_path.hpp"
#include "sync_service_routes.hpp"
#include "upload_unpacker.hpp"

#include "runtime/log.hpp"
#include "sync/error_message.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace ros::actors {

namespace {

using self_pointer = sync_service_actor::stateful_pointer<sync_service_state>;
using socket_ptr = std::shared_ptr<runtime::websocket_connection>;

/// Threads that compress what is big.
constexpr std::size_t number_of_packers = 2;
constexpr std::uint16_t close_refresh_token = 4001;

void reject(runtime::websocket_offer& offer, unsigned status, std::string text) {
  offer.reject({status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(text)});
}

/// Legacy clients put their times into WebSocket pings (sync-protocol.md 8.4).
std::optional<std::string> answer_heartbeat(const connection_actor& connection,
                                            std::string_view payload) {
  if (const auto ping = sync::parse_heartbeat(payload))
    return sync::make_heartbeat_answer(ping->timestamp);
  caf::anon_send(connection, fatal_atom_v, std::uint64_t{0},
                 session_failure{103, "bad syntax in heartbeat"});
  return std::nullopt;
}

/// Spawns the connection on the socket's thread, so that none is there without a
/// socket, and tells the service.
runtime::websocket_events open_connection(caf::actor_system& system,
                                          const sync_service_actor& service,
                                          const sync_service_context_ptr& context,
                                          session_connection shared, socket_ptr socket) {
  const bool legacy = shared.protocol.is_legacy();
  shared.outlet = std::make_shared<connection_outlet>(std::move(socket), context->limits.low_water);
  auto actor = system.spawn(connection, context, std::move(shared));
  caf::anon_send(service, actor);
  runtime::websocket_events events;
  events.on_message = [actor](std::shared_ptr<const std::string> data) {
    caf::anon_send(actor, inbound_frame{std::move(data)});
  };
  if (legacy)
    events.on_ping = [actor](std::string_view payload) { return answer_heartbeat(actor, payload); };
  events.on_writable = [actor] { caf::anon_send(actor, writable_atom_v); };
  events.on_closed = [actor] { caf::anon_send(actor, closed_atom_v); };
  return events;
}

} // namespace

void sync_service_state::decide(runtime::websocket_offer offer) {
  const auto& request = offer.request();
  if (!is_sync_upgrade(request, context->route_prefix)) {
    reject(offer, 404, "no such route");
    return;
  }
  if (!ready || stopping) {
    reject(offer, 503, stopping ? "the server shuts down" : "the server starts");
    return;
  }
  const auto choice = choose_protocol(request);
  if (!choice) {
    log::info("sync_service refuses {}: wrong protocol version, {}", request.remote_address,
              choice.error().text);
    reject(offer, 400, choice.error().text);
    return;
  }
  authenticate(std::move(offer), *choice);
}

void sync_service_state::authenticate(runtime::websocket_offer offer,
                                      const sync::negotiated& choice) {
  auto token = upgrade_token(offer.request(), context->authorization_headers);
  const bool tolerant = takes_401_as_fatal(offer.request());
  const sync::protocol protocol{choice.version};
  if (!token && protocol.has_token_in_bind()) {
    admit(std::move(offer), choice, std::nullopt, tolerant);
    return;
  }
  if (protocol.is_legacy()) {
    authenticate_legacy(std::move(offer), choice, std::move(*token));
    return;
  }
  if (!token) {
    refuse(std::move(offer), choice,
           caf::make_error(auth_ec::malformed_token, std::string{"no token"}));
    return;
  }
  self->request(context->auth, caf::infinite,
                authenticate_upgrade{std::move(*token), api_face::app_services, tolerant})
      .then([this, offer, choice,
             tolerant](principal& user) { admit(offer, choice, std::move(user), tolerant); },
            [this, offer, choice](const caf::error& reason) { refuse(offer, choice, reason); });
}

/// BIND decides who somebody is; here only what could never be right is refused (http-api.md
/// 8.3). An expired token passes, so that the client learns of it in a form it acts on.
void sync_service_state::authenticate_legacy(runtime::websocket_offer offer,
                                             const sync::negotiated& choice, std::string token) {
  self->request(context->auth, caf::infinite,
                authenticate_upgrade{std::move(token), api_face::legacy, true})
      .then(
          [this, offer, choice](const principal& x) mutable {
            const auto route = realm_in_route(offer.request().path(), context->route_prefix);
            const auto path = normalise_realm_path(route, x.who.user_id);
            if (!route.empty() && !x.path.empty() && !x.who.is_admin && path != x.path)
              reject(offer, 403, "the token is for another Realm");
            else
              admit(std::move(offer), choice, std::nullopt, false);
          },
          [this, offer, choice](const caf::error& reason) mutable {
            if (reason == ec::unavailable || reason == ec::overloaded)
              reject(offer, 503, "try again later");
            else if (reason == auth_ec::malformed_token)
              reject(offer, 400, "malformed token");
            else if (reason == auth_ec::bad_signature)
              reject(offer, 401, "the token's signature is wrong");
            else
              admit(std::move(offer), choice, std::nullopt, false);
          });
}

void sync_service_state::admit(runtime::websocket_offer offer, const sync::negotiated& choice,
                               std::optional<principal> user, bool tolerate_expiry) {
  if (stopping) {
    reject(offer, 503, "the server shuts down");
    return;
  }
  if (choice.is_flexible) {
    const auto linger = context->limits.error_linger_ms;
    offer.accept(choice.subprotocol, [version = choice.version, linger](const socket_ptr& socket) {
      const auto reply = sync::describe_error(
          114, "this server speaks partition-based sync, not flexible sync", version);
      socket->send(sync::make_error(0, reply, version));
      socket->finish(linger);
      return runtime::websocket_events{};
    });
    return;
  }
  session_connection shared;
  shared.id = next_connection++;
  shared.protocol = choice.version;
  shared.user = std::move(user);
  shared.tolerate_expiry = tolerate_expiry;
  shared.packer = packers[shared.id % packers.size()];
  shared.unpacker = unpacker;
  offer.accept(choice.subprotocol, [system = &self->system(), service = sync_service_actor{self},
                                    context = context, shared](socket_ptr socket) {
    return open_connection(*system, service, context, shared, std::move(socket));
  });
}

/// Clients of version 8 and later may stand on sockets that hide HTTP statuses, so
/// they get a close code (sync-protocol.md 1.4).
void sync_service_state::refuse(runtime::websocket_offer offer, const sync::negotiated& choice,
                                const caf::error& reason) {
  const auto text = self->system().render(reason);
  log::info("sync_service refuses {}: {}", offer.request().remote_address, text);
  if (reason == ec::unavailable || reason == ec::overloaded)
    reject(offer, 503, "try again later");
  else if (!sync::protocol{choice.version}.has_close_codes())
    reject(offer, 401, "invalid session");
  else
    offer.accept(choice.subprotocol, [](const socket_ptr& socket) {
      socket->close(close_refresh_token, "authentication failed");
      return runtime::websocket_events{};
    });
}

void sync_service_state::look_later() {
  self->delayed_send(self, std::chrono::milliseconds(context->limits.ident_timeout_ms / 2),
                     idle_atom_v);
}

void sync_service_state::adopt(const connection_actor& connection) {
  self->monitor(connection);
  connections.emplace(connection.address(), connection);
  if (stopping)
    self->send(connection, stop_atom_v);
}

void sync_service_state::finish_stopping() {
  if (!stopping || !connections.empty())
    return;
  for (auto& promise : std::exchange(stopped, {}))
    promise.deliver(true);
}

sync_service_actor::behavior_type sync_service(self_pointer self,
                                               sync_service_context_ptr context) {
  auto& state = self->state;
  state.self = self;
  state.context = std::move(context);
  self->set_down_handler([self](const caf::down_msg& down) {
    self->state.connections.erase(down.source);
    self->state.finish_stopping();
  });
  for (std::size_t i = 0; i < number_of_packers; ++i)
    state.packers.push_back(
        self->spawn<caf::detached>(download_packer, state.context->directory, i));
  state.unpacker = self->spawn<caf::detached>(upload_unpacker, state.context->directory);
  self->attach_functor([packers = state.packers, unpacker = state.unpacker](const caf::error&) {
    for (const auto& x : packers)
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(unpacker, caf::exit_reason::user_shutdown);
  });
  state.look_later();
  self->send(state.context->directory, actor_record{"sync_service", "sync_service", "node"});
  return {
      [self](upgrade_request& x) {
        // One request that goes wrong in an unforeseen way must not end the service; the
        // client gets 500.
        try {
          self->state.decide(std::move(x.offer));
        } catch (const std::exception& e) {
          log::error("sync_service failed at an upgrade: {}", e.what());
        }
      },
      [self](ready_atom) { self->state.ready = true; },
      [self](const connection_actor& connection) { self->state.adopt(connection); },
      [self](idle_atom) {
        for (const auto& [address, connection] : self->state.connections)
          self->send(connection, idle_atom_v);
        self->state.look_later();
      },
      [self](list_atom) { return std::uint64_t{self->state.connections.size()}; },
      [self](stop_atom) {
        auto promise = self->make_response_promise<bool>();
        self->state.stopping = true;
        self->state.stopped.push_back(promise);
        for (const auto& [address, connection] : self->state.connections)
          self->send(connection, stop_atom_v);
        self->state.finish_stopping();
        return promise;
      },
  };
}

} // namespace ros::actors
