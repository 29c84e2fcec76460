// The CONNECTION actor: one client WebSocket. Parses what arrives, hands it to the
// SESSION it is for, and speaks for the connection as a whole: pongs, errors 1xx,
// the order in which sessions catch up (sync-protocol.md 4). Spawned by the SYNC
// SERVICE, ends with its socket.
#pragma once

#include "actors.hpp"
#include "session.hpp"
#include "sync_service_context.hpp"

#include "sync/message.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace ros::actors {

struct connection_state {
  static inline const char* name = "connection";

  ~connection_state();

  /// One session ident in use.
  struct slot {
    session_actor actor;    ///< null once it failed
    bool failed = false;    ///< its error was sent, only UNBIND counts
    bool unbinding = false; ///< UNBIND was passed on
    bool has_ident = false; ///< so was IDENT
    std::uint8_t looks = 0; ///< at intervals, while it has none
  };

  connection_actor::stateful_pointer<connection_state> self = nullptr;
  sync_service_context_ptr context;
  session_connection shared; ///< what every session gets
  std::unordered_map<sync::session_ident, slot> slots;
  std::unordered_map<caf::actor_addr, sync::session_ident> ident_of;
  std::list<session_actor> queue; ///< sessions that lag behind and wait for a turn
  /// Sessions whose turn it is, each with what it may queue for sending.
  std::map<caf::actor_addr, std::shared_ptr<const void>> turns;
  bool waits_for_memory = false; ///< a message to itself is on its way
  bool ended = false;            ///< nothing of the client counts any more

  void receive(inbound_frame& frame);
  void bind(sync::bind_message& message);
  void pass_on(sync::client_message& message, credit_ptr credit);
  /// `named`: the session whose error this is, 0 for one of the connection.
  void fail(int code, std::string message, unsigned linger_ms, sync::session_ident named = 0);
  void fail(int code, std::string message);
  /// Tells a client that a session cannot be served now.
  void refuse(sync::session_ident ident, std::string message);
  void drop();
  void end();
  void closed();
  /// Ends the connection once its user may not be connected any more (access-control.md 9).
  void watch_access();
  void session_failed(sync::session_ident ident);
  void session_forgotten(sync::session_ident ident);
  void session_down(const caf::down_msg& down);
  void turn(bool wanted);
  void give_turns();
  void look_after_sessions();
  void wait_for_memory();
  [[nodiscard]] std::string full_name() const;
};

connection_actor::behavior_type
connection(connection_actor::stateful_pointer<connection_state> self,
           sync_service_context_ptr context, session_connection shared);

} // namespace ros::actors
