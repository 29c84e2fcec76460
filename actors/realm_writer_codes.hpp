// What the files of realm_writer share.
#pragma once

#include "sync/client_file.hpp"
#include "sync/errors.hpp"

namespace ros::actors {

/// The number that ends the session an error is about (sync-protocol.md 4.5).
inline int code_of(const sync::error& e) {
  if (e.protocol_code != 0)
    return e.protocol_code;
  return e.code == sync::ec::corrupt_store ? 201 : 212;
}

/// Downloads do not tell all of its progress yet (sync-protocol.md 5.3).
inline bool is_unreported(const sync::client_file& file) {
  return file.progress.client_version > file.reported.client_version;
}

} // namespace ros::actors
