// How the ADMIN REALM's plans describe themselves in the audit log. Part of admin_state.
#pragma once

#include "admin_plan.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <string>
#include <utility>

namespace ros::actors {

/// The note of a change; `detail` holds no secrets.
inline audit_note make_note(const initiator& by, std::string action, std::string target,
                            const boost::json::object& detail = {}) {
  return {by, std::move(action), std::move(target),
          detail.empty() ? std::string{} : boost::json::serialize(detail)};
}

} // namespace ros::actors
