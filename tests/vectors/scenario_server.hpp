// The server of a scenario: one Realm in memory, with a session for each client,
// that answers UPLOAD and DOWNLOAD the way the server does.
#pragma once

#include "support/memory_server.hpp"
#include "sync/admission.hpp"
#include "vectors/vector_files.hpp"

#include <map>

namespace ros::vectors {

class scenario_server {
public:
  /// With a client file for every ident of the scenario.
  explicit scenario_server(const json::array& clients);

  /// The steps of the README of the vectors; each compares all of `expect`.
  void upload(const json::object& step, checks& c);
  sync::scanned_history download(const json::object& step, checks& c);
  void reconnect(const json::object& step, checks& c);
  void identify(const json::object& step, checks& c);
  void compare_state(const json::object& step, checks& c);

private:
  sync::session_cursors& session_of(sync::file_ident client);
  sync::result<sync::upload_batch> admit(const json::object& step, checks& c);
  void check_refused(const sync::error& e, const json::object& expect, checks& c) const;
  void check_history(sync::version_type head_before, const json::array& expect, checks& c) const;
  void check_reciprocal(sync::file_ident client, const json::object& expect, checks& c) const;
  void check_sent(const sync::scanned_history& scanned, const json::array& expect, checks& c) const;
  sync::bytes seen_by(sync::file_ident client, const sync::history_entry& entry) const;

  test::memory_server realm_;
  std::map<sync::file_ident, sync::session_cursors> sessions_;
};

} // namespace ros::vectors
