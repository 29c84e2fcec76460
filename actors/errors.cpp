#include "errors.hpp"

namespace ros::actors {

std::string to_string(ec x) {
  switch (x) {
  case ec::none:
    return "none";
  case ec::session_error:
    return "session error";
  case ec::unavailable:
    return "unavailable";
  case ec::quarantined:
    return "quarantined";
  case ec::overloaded:
    return "overloaded";
  case ec::denied:
    return "denied";
  case ec::bad_operation:
    return "bad operation";
  }
  return "unknown error";
}

} // namespace ros::actors
