// The devices of a scenario, as model clients: replays what each of them must
// have committed before it integrated a download, which the server's log of
// messages tells by the cursors.
#pragma once

#include "support/model_client.hpp"
#include "vectors/vector_files.hpp"

#include <map>
#include <set>
#include <string>

namespace ros::vectors {

class scenario_clients {
public:
  /// Reads the steps of a scenario: who commits what, and which downloads reach
  /// their client (a client that starts again below one did not get it).
  explicit scenario_clients(const json::object& scenario);

  /// Commits what `client` must have made before it sends UPLOAD step `step`.
  void before_upload(std::size_t step, checks& c);
  /// Integrates the message of DOWNLOAD step `step`, unless it got lost.
  void after_download(std::size_t step, const sync::scanned_history& message, checks& c);

  /// Compares what `expect` of step `clients` names with the state steps before.
  void compare(const json::object& expect, const json::value& state, const json::value& schema,
               checks& c);

private:
  struct planned_commit {
    sync::version_type base = 0;
    sync::origin_timestamp timestamp = 0;
    sync::bytes data;
  };
  struct device {
    explicit device(sync::file_ident ident) : model(ident) {}
    test::model_client model;
    std::map<sync::version_type, planned_commit> plan; ///< by client version; not yet made
    std::string error; ///< what it could not integrate; then it takes no further part
  };

  void plan_upload(const json::object& step);
  void commit_up_to(device& d, sync::version_type base, sync::version_type client_version,
                    checks& c);
  device* find(sync::file_ident client);

  std::map<sync::file_ident, device> devices_;
  std::map<std::size_t, sync::file_ident> client_of_step_;
  std::map<std::size_t, sync::version_type> last_of_upload_;
  std::set<std::size_t> lost_downloads_;
  bool may_fail_ = false; ///< the vector has a client_error
};

} // namespace ros::vectors
