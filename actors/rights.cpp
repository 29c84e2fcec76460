#include "rights.hpp"

namespace ros::actors {

std::string to_string(rights x) {
  return {x.read ? 'r' : '-', x.write ? 'w' : '-', x.manage ? 'm' : '-'};
}

std::string to_string(access_level x) {
  switch (x) {
  case access_level::none:
    return "none";
  case access_level::read:
    return "read";
  case access_level::write:
    return "write";
  case access_level::manage:
    return "admin";
  }
  return "none";
}

std::optional<access_level> parse_access_level(std::string_view text) {
  for (auto level :
       {access_level::none, access_level::read, access_level::write, access_level::manage})
    if (text == to_string(level))
      return level;
  return std::nullopt;
}

} // namespace ros::actors
