// A device with a copy of a Realm: what an unmodified client does with its own
// changes and with downloads (merge-rules.md 7.2), built from sync/ alone.
#pragma once

#include "support/memory_state.hpp"
#include "support/plain_merge.hpp"
#include "sync/download.hpp"
#include "sync/history.hpp"
#include "sync/object_state.hpp"

#include <cstddef>
#include <map>

namespace ros::test {

class model_client {
public:
  explicit model_client(sync::file_ident ident) : ident_(ident), state_(store_) {}

  /// A transaction of the app: `data` in raw client form. On error nothing changed.
  sync::result<void> commit(sync::origin_timestamp timestamp, sync::bytes data) {
    return commit(timestamp, std::move(data), version_ + 1);
  }
  /// The same with a given client version, above version().
  sync::result<void> commit(sync::origin_timestamp timestamp, sync::bytes data,
                            sync::version_type client_version);

  /// Integrates one DOWNLOAD in one transaction, which makes a client version.
  sync::result<void> integrate(const sync::scanned_history& message);

  /// The next UPLOAD: at most `most` changesets; empty if all is uploaded.
  sync::upload_batch next_upload(std::size_t most);
  /// A new session: upload goes on after what the server says it has.
  void reconnect(sync::version_type acknowledged) { uploaded_ = acknowledged; }

  [[nodiscard]] bool has_pending() const {
    return commits_.upper_bound(uploaded_) != commits_.end();
  }
  [[nodiscard]] sync::file_ident ident() const { return ident_; }
  [[nodiscard]] sync::version_type version() const { return version_; }
  /// Where the next download has to start.
  [[nodiscard]] sync::download_cursor cursor() const { return cursor_; }
  [[nodiscard]] sync::object_state& state() { return state_; }
  [[nodiscard]] const kept_reciprocals& reciprocals() const { return reciprocals_; }

private:
  sync::file_ident ident_;
  sync::version_type version_ = 1; ///< creating the file makes version 1
  sync::version_type uploaded_ = 0;
  sync::download_cursor cursor_;
  kept_history commits_; ///< own changes, by client version
  std::map<sync::version_type, sync::version_type> bases_;
  kept_reciprocals reciprocals_;
  memory_state store_;
  sync::object_state state_;
};

} // namespace ros::test
