// The admin token's file (operations.md 3.3): made at first start, kept while it fits
// the key pair. Blocking file access; called once at start, owned by the node.
#pragma once

#include "runtime/tokens.hpp"

#include <string>

namespace ros::actors {

enum class admin_token_outcome {
  kept,     ///< the file holds a token of this key pair
  created,  ///< there was none
  replaced, ///< it held something else, which is now in "<path>.old"
  failed,   ///< it could not be read or written; the server works without it
};

/// Sees to it that `path` holds an admin token of these keys (mode 0600), and says in
/// the log what it did. Needs keys.can_sign().
admin_token_outcome ensure_admin_token(const std::string& path, const runtime::key_pair& keys);

} // namespace ros::actors
