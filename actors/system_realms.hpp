// The Realms that the server itself keeps or acts upon, and what users may do with them
// (access-control.md 5). Pure functions, owned by nobody.
#pragma once

#include "rights.hpp"

#include <cstdint>
#include <string_view>

namespace ros::actors {

enum class system_realm : std::uint8_t {
  none,          ///< an ordinary Realm; permission rows decide
  admin,         ///< /__admin
  private_store, ///< /__password and the like: nobody opens them
  defaults,      ///< /__wildcardpermissions, /__permission: default rows of all Realms
  metrics,       ///< /__metrics
  management,    ///< /<id>/__management
  permission,    ///< /<id>/__permission
  reserved,      ///< other names that begin with "__": they do not exist
};

/// What kind of Realm the canonical path names.
system_realm system_realm_at(std::string_view path);

/// What a user who is no administrator may do with a system Realm; `is_own`: the first
/// segment is the user's id.
rights user_rights_on(system_realm kind, bool is_own);

/// The same for an administrator.
rights admin_rights_on(system_realm kind);

/// Whether the server lets such a Realm come into being for who may open it.
[[nodiscard]] constexpr bool is_made_on_demand(system_realm kind) noexcept {
  return kind != system_realm::private_store && kind != system_realm::reserved;
}

} // namespace ros::actors
