// The body of the DOWNLOAD that a publication becomes, made once for all sessions it is
// the same for: those that contributed nothing to the publication and stand at the same
// client version, that is all mere readers. Travels with the publication; any thread.
#pragma once

#include "sync/download_message.hpp"

#include <mutex>
#include <optional>
#include <utility>

namespace ros::actors {

class shared_download {
public:
  /// The body for sessions at `client_version`; `make` is called if nobody has made it
  /// yet. Nobody waits for another's compression: two may do it at the same time.
  template <class Make>
  sync::packed_body get(sync::version_type client_version, Make make) {
    if (auto known = find(client_version))
      return std::move(*known);
    sync::packed_body made = make();
    const std::lock_guard lock{mutex_};
    if (!made_)
      made_.emplace(client_version, made);
    return made;
  }

private:
  std::optional<sync::packed_body> find(sync::version_type client_version) {
    const std::lock_guard lock{mutex_};
    if (made_ && made_->first == client_version)
      return made_->second;
    return std::nullopt;
  }

  std::mutex mutex_;
  std::optional<std::pair<sync::version_type, sync::packed_body>> made_;
};

} // namespace ros::actors
