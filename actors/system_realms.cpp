#include "system_realms.hpp"

#include "realm_path.hpp"

namespace ros::actors {

namespace {

system_realm in_root(std::string_view name) {
  if (!name.starts_with("__"))
    return system_realm::none;
  if (name == "__admin")
    return system_realm::admin;
  if (name == "__wildcardpermissions" || name == "__permission")
    return system_realm::defaults;
  if (name == "__metrics")
    return system_realm::metrics;
  if (name == "__password" || name == "__revocation" || name == "__configuration")
    return system_realm::private_store;
  return system_realm::reserved;
}

} // namespace

system_realm system_realm_at(std::string_view path) {
  const auto root = first_segment(path);
  if (root.size() + 1 == path.size())
    return in_root(root);
  const auto rest = path.substr(root.size() + 2);
  if (root == "__partition") // names of partitions are the app's own
    return rest.find('/') == std::string_view::npos ? system_realm::none : system_realm::reserved;
  if (root.starts_with("__") && root != "__admin") // the admin token's home
    return system_realm::reserved;
  if (rest == "__management")
    return system_realm::management;
  if (rest == "__permission")
    return system_realm::permission;
  return rest.substr(rest.rfind('/') + 1).starts_with("__") ? system_realm::reserved
                                                            : system_realm::none;
}

rights user_rights_on(system_realm kind, bool is_own) {
  switch (kind) {
  case system_realm::defaults:
    return read_only;
  case system_realm::management:
  case system_realm::permission:
    return is_own ? read_write : no_rights;
  default:
    return no_rights;
  }
}

rights admin_rights_on(system_realm kind) {
  switch (kind) {
  case system_realm::metrics:
    return read_only;
  case system_realm::private_store:
  case system_realm::reserved:
    return no_rights;
  default:
    return all_rights;
  }
}

} // namespace ros::actors
