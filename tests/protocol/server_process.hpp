// A real server process with keys, configuration and data of its own, on ports
// that the system chose.
#pragma once

#include "support/scratch_directory.hpp"

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ros::test {

class server_process {
public:
  /// Starts it and waits until it is ready; throws with its output otherwise.
  /// `settings`: configuration keys, dotted, besides those a test needs anyway.
  explicit server_process(std::map<std::string, std::string> settings = {});
  ~server_process();
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  /// Of the public listener; the same again after a restart.
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// Processor time it has taken since its start, milliseconds.
  [[nodiscard]] std::uint64_t cpu_ms() const;
  /// Its data directory, for looks at what a stopped server has stored.
  [[nodiscard]] std::string root() const { return directory_ / "root"; }
  /// Resident memory of the process, bytes.
  [[nodiscard]] std::uint64_t memory() const;
  /// The token that the server made for its operator.
  [[nodiscard]] std::string admin_token() const;
  /// What it has printed so far.
  [[nodiscard]] std::string output() const;

  /// SIGTERM, and waits for the end; the exit status.
  int stop();
  /// SIGKILL.
  void kill();
  /// Starts it again on the same data and port.
  void start();

  /// Keeps a copy of the data of a stopped server, instead of an earlier one.
  void save_data();
  /// Puts back what save_data() kept; only while the server is stopped.
  void restore_data();

  /// Sends SIGTERM without waiting.
  void ask_to_stop();

  /// Every path below the server's own directory, relative to it; "root" is where its
  /// data belong.
  [[nodiscard]] std::vector<std::string> files() const;

private:
  int wait_for_end();
  void wait_until_ready();

  test::scratch_directory directory_;
  std::map<std::string, std::string> settings_;
  std::uint16_t port_ = 0;
  pid_t process_ = 0;
};

/// Somebody who has logged in.
struct log_in_result {
  std::string user_id;
  std::string token; ///< access token
  std::string refresh_token;
};
log_in_result log_in_anonymously(const server_process& server);

} // namespace ros::test
