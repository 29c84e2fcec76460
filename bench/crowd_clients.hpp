// Who takes part in bench/crowd: idle sessions, well-behaved writers, and those who
// make trouble. Each object owns its threads and connections and ends them when it
// goes.
#pragma once

#include "load_figures.hpp"

#include "support/protocol_client.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ros::bench {

/// Connections with one bound session each that say nothing but pings.
class idle_crowd {
public:
  /// Opens `count`, spread over `realms` Realms. Throws if the server refuses one.
  idle_crowd(const test::connect_options& server, const std::string& partition, std::size_t count,
             std::size_t realms);

  /// One ping of every connection, all answered; how many were not.
  std::size_t ping_all();
  [[nodiscard]] std::size_t size() const noexcept { return members_.size(); }

private:
  struct member {
    explicit member(const test::connect_options& server) : client(server) {}
    test::protocol_client client;
    test::client_copy copy;
  };
  std::vector<std::unique_ptr<member>> members_;
};

/// Writers that each upload a small object at a fixed pace and wait for the
/// acknowledgement.
class writer_group {
public:
  /// `realms` Realms share the writers; `rate`: changesets/s of each.
  writer_group(const test::connect_options& server, const std::string& partition,
               std::size_t writers, std::size_t realms, double rate);
  ~writer_group();
  /// Writes for so long; from sending to the acknowledgement, of every changeset.
  samples run(double seconds);
  /// What ended writers early.
  [[nodiscard]] const std::vector<std::string>& errors() const noexcept { return errors_; }

private:
  struct writer;
  std::vector<std::unique_ptr<writer>> writers_;
  double rate_;
  std::mutex mutex_;
  samples latencies_;
  std::vector<std::string> errors_;
};

/// Threads that do something over and over until they are told to stop.
class trouble {
public:
  template <class F>
  trouble(std::size_t threads, F again) {
    for (std::size_t i = 0; i < threads; ++i)
      threads_.emplace_back([this, again](const std::stop_token& stop) mutable {
        while (!stop.stop_requested()) {
          try {
            again();
            ++rounds_;
          } catch (const std::exception&) {
            ++failures_; // refused: what else
          }
        }
      });
  }
  [[nodiscard]] std::size_t rounds() const { return rounds_; }
  [[nodiscard]] std::size_t failures() const { return failures_; }

private:
  std::atomic<std::size_t> rounds_{0};
  std::atomic<std::size_t> failures_{0};
  std::vector<std::jthread> threads_;
};

/// A connection that upgrades and is left at once, a TCP connection that says nothing,
/// and one that upgrades and never binds; they stay open for a while, 1000 at most.
class connection_storm {
public:
  explicit connection_storm(test::connect_options server) : server_(std::move(server)) {}
  connection_storm(const connection_storm& x) : server_(x.server_) {} ///< with none of its own yet
  void operator()();

private:
  test::connect_options server_;
  std::vector<std::unique_ptr<test::protocol_client>> upgraded_;
  std::vector<std::unique_ptr<test::raw_socket>> silent_;
};

/// One upload that costs the server as much as an upload can: 16 MiB of the shortest
/// instructions, a body that inflates to a thousand times its size, or one that says so.
void hostile_upload(const test::connect_options& server, const std::string& partition);

/// A session that is sent much and reads nothing: binds a Realm full of data, asks for all
/// of it and waits.
class slow_reader {
public:
  slow_reader(const test::connect_options& server, const std::string& partition);

private:
  test::raw_socket socket_;
};

/// Fills the Realm that slow readers bind.
void fill_big_realm(const test::connect_options& server, const std::string& partition,
                    std::size_t megabytes);

} // namespace ros::bench
