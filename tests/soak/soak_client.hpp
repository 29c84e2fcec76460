// One device of the soak: an app that makes random changes whether it is connected or
// not, on a network that drops it, with a clock that is wrong.
#pragma once

#include "support/living_copy.hpp"
#include "support/random_user.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

namespace ros::test {

/// A Realm of the soak, and who can use it.
struct soak_realm {
  std::string path;
  int oldest_version = 2; ///< of the protocol, for what its users store
  bool wrong_clocks = true;
  user_habits habits;
};

struct soak_figures {
  std::atomic<std::uint64_t> changes{0};
  std::atomic<std::uint64_t> drops{0};   ///< connections that the client let go
  std::atomic<std::uint64_t> losses{0};  ///< connections that the server ended
  std::atomic<std::uint64_t> retries{0}; ///< attempts to connect in vain
};

/// Used by one thread at a time. Whatever the protocol does not allow throws.
class soak_client {
public:
  /// `options`: of the server, without subprotocols. `realm`, `figures` live longer.
  soak_client(connect_options options, const soak_realm& realm, int version, std::uint64_t seed,
              soak_figures& figures);

  /// A little of whatever comes next: a change, an upload, a download, a lost connection.
  void act();
  /// Connects if it is not, and works until everything of its own is acknowledged; false
  /// if the server could not be reached.
  bool upload_all();
  /// The same for what others have uploaded before.
  bool download_all();

  [[nodiscard]] std::string content() { return file_.content(); }
  [[nodiscard]] const soak_realm& realm() const noexcept { return realm_; }
  [[nodiscard]] int version() const noexcept { return version_; }

private:
  /// Does the work on a bound session; false if there is none, or not any more.
  bool attempt(const std::function<void()>& work);
  bool connect();
  void bind();
  void disconnect();
  /// As if the network were gone, perhaps for a while.
  void drop();
  void write();
  void upload();
  void receive();
  std::uint64_t timestamp();
  bool one_in(unsigned n) { return random_() % n == 0; }

  connect_options options_;
  const soak_realm& realm_;
  int version_;
  bool acknowledges_; ///< every download, as SDKs before core 14.11
  std::int64_t skew_ms_ = 0;
  std::mt19937_64 random_;
  soak_figures& figures_;
  living_copy file_;
  std::optional<random_user> user_; ///< once there is an ident
  std::unique_ptr<protocol_client> client_;
  std::unique_ptr<client_session> session_;
  bool is_bound_ = false;
  bool has_unsent_ = false;
  std::int64_t offline_until_ms_ = 0;
};

} // namespace ros::test
