// A server of one Realm in memory: integrator, history, object state and client
// files, without sessions, disk or time.
#pragma once

#include "support/memory_history.hpp"
#include "support/memory_state.hpp"
#include "sync/client_file.hpp"
#include "sync/download.hpp"
#include "sync/integrate.hpp"

#include <cstdint>
#include <limits>
#include <map>

namespace ros::test {

class memory_server {
public:
  static constexpr sync::salt_type version_salt = 4711;

  explicit memory_server(sync::integration_options options = {})
      : integrator(history, state, version_salt, options) {}

  /// Integrates one UPLOAD; it becomes visible with commit().
  sync::result<void> upload(const sync::upload_batch& batch, int protocol_version = 14) {
    return integrator.integrate(batch, files[batch.client], protocol_version);
  }

  /// Stores everything integrated since the last commit, as one log entry.
  sync::integrated commit() {
    sync::integrated log_entry = integrator.take();
    history.apply(log_entry);
    state.apply(log_entry.state);
    integrator.committed();
    committed_files_ = files;
    return log_entry;
  }

  /// The log entry could not be stored: everything since the last commit is gone.
  void fail() {
    (void)integrator.take();
    integrator.discard();
    files = committed_files_;
  }

  sync::result<sync::scanned_history>
  download(sync::file_ident client, sync::download_cursor from,
           std::uint64_t limit = std::numeric_limits<std::uint64_t>::max()) const {
    return sync::scan_download(history, client, from, limit);
  }

  memory_history history;
  memory_state state;
  sync::integrator integrator;
  std::map<sync::file_ident, sync::client_file> files;

private:
  std::map<sync::file_ident, sync::client_file> committed_files_;
};

} // namespace ros::test
