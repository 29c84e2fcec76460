// The HOME KEEPER: starts a keeper for every system Realm that opens, and tells those that
// show permissions when rows of the ADMIN REALM change which they may show. One per node,
// owned by the NODE.
#pragma once

#include "actors.hpp"
#include "auth_actors.hpp"
#include "management_keeper.hpp"

#include "runtime/clock.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <set>
#include <string>

namespace ros::actors {

/// A REALM actor has started.
struct realm_opened {
  std::string path;
  realm_actor realm;
};

using home_keeper_actor = caf::typed_actor<
    /// From who starts REALM actors; ordinary Realms are none of its business.
    caf::reacts_to<realm_opened>,
    /// INTERNAL: follow the ADMIN REALM again after trouble.
    caf::reacts_to<restore_atom>>;

struct home_keeper_links {
  admin_realm_actor admin;
  const runtime::clock* clock = nullptr;
  bool hide_default_realms = false;
};

class home_keeper_state {
public:
  static inline const char* name = "home_keeper";
  using self_pointer = home_keeper_actor::stateful_pointer<home_keeper_state>;

  explicit home_keeper_state(self_pointer self) : self_(self) {}
  void start(home_keeper_links links);
  void opened(const realm_opened& x);
  void follow();

private:
  void heard(const admin_changes& news);
  void tell(const std::string& user);
  void tell_owners(const std::set<std::string>& paths);
  void ended(const caf::actor_addr& who);

  self_pointer self_;
  home_keeper_links links_;
  std::uint64_t sequence_ = 0;
  /// Keepers that show permissions, by user; those of default rows by "".
  std::multimap<std::string, realm_keeper_actor> showing_;
};

home_keeper_actor::behavior_type
home_keeper(home_keeper_actor::stateful_pointer<home_keeper_state> self, home_keeper_links links);

} // namespace ros::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::realm_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::home_keeper_links)
