#include "errors.hpp"

namespace ros::cluster {

std::string to_string(ec x) {
  switch (x) {
  case ec::none:
    return "none";
  case ec::no_space:
    return "the disk is full";
  case ec::io:
    return "the disk failed";
  case ec::refused:
    return "the entry does not follow";
  case ec::not_leader:
    return "this copy does not lead the shard";
  }
  return "unknown error";
}

} // namespace ros::cluster
