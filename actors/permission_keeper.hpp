// The PERMISSION KEEPER: keeps one Realm of permission rows equal to what its readers may
// see of the ADMIN REALM: `/<id>/__permission`, or the default rows in
// `/__wildcardpermissions` and `/__permission` (access-control.md 7). What clients change in
// it is undone. Lives as long as its REALM; owned by the HOME KEEPER.
#pragma once

#include "actors.hpp"
#include "auth_actors.hpp"
#include "management_keeper.hpp"
#include "realm_data.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <string>
#include <utility>
#include <vector>

namespace ros::actors {

struct permission_keeper_links {
  realm_actor realm;
  admin_realm_actor admin;
  std::string user;      ///< of the home; empty: default rows
  bool is_empty = false; ///< auth.permissions.hide_default_realms
};

/// The operations that make the objects of class Permission equal to the rows: those that
/// fit are changed in place, others made or removed. Pure.
std::vector<sync::write_operation> mirror_permissions(const std::vector<permission_record>& wanted,
                                                      const std::vector<found_object>& present);

/// Those of mirror_permissions() that hold although not all objects are known: nothing is
/// made anew, since it may be among the others. Pure.
std::vector<sync::write_operation> without_new_objects(std::vector<sync::write_operation> all);

/// What the user sees (7.1), from the rows that the ADMIN REALM lists. Pure.
std::vector<permission_record> visible_permissions(const std::string& user,
                                                   const permission_list& listed);

class permission_keeper_state {
public:
  static inline const char* name = "permission_keeper";
  using self_pointer = realm_keeper_actor::stateful_pointer<permission_keeper_state>;

  explicit permission_keeper_state(self_pointer self) : self_(self) {}
  void start(permission_keeper_links links);
  /// Something may have changed.
  void look();
  void go_on();

private:
  void reconcile();
  void read_present(std::vector<permission_record> wanted, std::vector<found_object> present);
  void write(std::vector<sync::write_operation> rows);
  void done(sync::version_type head);
  void follow();
  void trouble(const caf::error& reason);

  self_pointer self_;
  permission_keeper_links links_;
  bool working_ = false;
  bool again_ = false; ///< something changed meanwhile
  bool waits_ = false; ///< for restore_atom
  bool following_ = false;
  sync::version_type version_ = 0;
};

realm_keeper_actor::behavior_type
permission_keeper(realm_keeper_actor::stateful_pointer<permission_keeper_state> self,
                  permission_keeper_links links);

} // namespace ros::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::permission_keeper_links)
