// The SYNC SERVICE: decides on WebSocket upgrades of sync clients (route,
// subprotocol, token: http-api.md 8) and owns the CONNECTIONs that come of them.
#pragma once

#include "actors.hpp"
#include "sync_service_context.hpp"
#include "upload_unpacker.hpp"

#include "sync/negotiation.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace ros::actors {

struct sync_service_state {
  static inline const char* name = "sync_service";

  sync_service_actor::stateful_pointer<sync_service_state> self = nullptr;
  sync_service_context_ptr context;
  bool ready = false;
  bool stopping = false;
  std::uint64_t next_connection = 1;
  std::vector<download_packer_actor> packers; ///< shared by the connections in turn
  upload_unpacker_actor unpacker;
  std::unordered_map<caf::actor_addr, connection_actor> connections;
  std::vector<caf::typed_response_promise<bool>> stopped; ///< to be answered when all are gone

  void decide(runtime::websocket_offer offer);
  void authenticate(runtime::websocket_offer offer, const sync::negotiated& choice);
  void authenticate_legacy(runtime::websocket_offer offer, const sync::negotiated& choice,
                           std::string token);
  void admit(runtime::websocket_offer offer, const sync::negotiated& choice,
             std::optional<principal> user, bool tolerate_expiry);
  void refuse(runtime::websocket_offer offer, const sync::negotiated& choice,
              const caf::error& reason);
  void adopt(const connection_actor& connection);
  void look_later();
  void finish_stopping();
};

sync_service_actor::behavior_type
sync_service(sync_service_actor::stateful_pointer<sync_service_state> self,
             sync_service_context_ptr context);

} // namespace ros::actors
