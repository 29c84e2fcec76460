// The MANAGEMENT KEEPER: answers the requests in one user's Realm `/~/__management`
// (access-control.md 6), one at a time and in order. Lives as long as its REALM; owned by
// the HOME KEEPER.
#pragma once

#include "actors.hpp"
#include "auth_actors.hpp"
#include "management_requests.hpp"
#include "realm_data.hpp"

#include "runtime/clock.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <set>
#include <string>

namespace ros::actors {

using realm_keeper_actor = caf::typed_actor<
    /// Rows of the ADMIN REALM changed that may concern this Realm.
    caf::reacts_to<upkeep_atom>,
    /// INTERNAL: go on after trouble.
    caf::reacts_to<restore_atom>>;

struct management_keeper_links {
  realm_actor realm;
  admin_realm_actor admin;
  const runtime::clock* clock = nullptr;
  std::string user; ///< of the home
};

class management_keeper_state {
public:
  static inline const char* name = "management_keeper";
  using self_pointer = realm_keeper_actor::stateful_pointer<management_keeper_state>;

  explicit management_keeper_state(self_pointer self) : self_(self) {}
  void start(management_keeper_links links);
  void go_on();

private:
  using keys = std::set<sync::primary_key>;
  struct touched {
    keys changes, offers, responses;
  };

  void declare();
  void follow();
  void heard(const realm_changes& news);
  void read_all(std::size_t which, caf::optional<sync::primary_key> after);
  void read_touched(std::size_t which, touched what);
  void take(const std::string& class_name, const std::vector<found_object>& objects);
  void order_and_work();
  void work();
  template <class Reply, class Command>
  void ask(const Command& command);
  void answer(const management_outcome& outcome);
  void withdraw(const std::string& id);
  void change_expiry(const std::string& id, const sync::read_object& object);
  void trouble(const caf::error& reason);

  self_pointer self_;
  management_keeper_links links_;
  caller requester_;
  bool declared_ = false;
  bool following_ = false;
  bool waits_ = false;                      ///< for restore_atom
  sync::version_type version_ = 0;          ///< changes up to here are known
  std::deque<management_request> requests_; ///< bounded
  bool more_ = false;                       ///< there are requests that did not fit
  bool working_ = false;
  bool retried_ = false; ///< the first of requests_
};

realm_keeper_actor::behavior_type
management_keeper(realm_keeper_actor::stateful_pointer<management_keeper_state> self,
                  management_keeper_links links);

} // namespace ros::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::management_keeper_links)
