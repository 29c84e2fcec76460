// A protocol client's copy of a Realm with the objects in it: applies every download
// and every change of its own, as an SDK does. For tests that compare contents.
#pragma once

#include "support/model_client.hpp"
#include "support/protocol_client.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ros::test {

/// Outlives sessions and connections; stays where it is, since `copy` refers to it.
class living_copy {
public:
  /// `path`: as sent in BIND.
  explicit living_copy(std::string path);
  living_copy(const living_copy&) = delete;
  living_copy& operator=(const living_copy&) = delete;

  /// A transaction on this copy; it waits in `copy.unacknowledged`. Needs an ident,
  /// thus a session that has started once. Throws if it cannot be applied.
  void write(std::string changeset, std::uint64_t timestamp);

  /// Starts over as an SDK does in a client reset (sync-protocol.md 5.7): the objects are
  /// what `temporary` has received, client versions are low again. Returns what no server
  /// had acknowledged. The copy takes over the temporary's ident, or if `asks_anew` none:
  /// the next session gets it one.
  std::vector<client_copy::change> reset(const client_copy& temporary, bool asks_anew);

  /// Classes and objects; equal texts are equal contents.
  [[nodiscard]] std::string content();
  [[nodiscard]] sync::object_state& state();

  client_copy copy;

private:
  model_client& model();
  void integrate(const server_message& message);

  std::optional<model_client> model_;
  sync::scanned_history start_; ///< what the objects begin with
};

} // namespace ros::test
