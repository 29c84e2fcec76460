// A crowd on a running server: what an idle connection with one bound session costs,
// and how well-behaved writers fare beside many idle ones, a storm of connections,
// hostile uploads and slow readers. One line of JSON for each; see docs/performance.md,
// "Crowds". Needs a limit of open files that the crowd fits into, here and there.
#include "crowd_clients.hpp"
#include "load_figures.hpp"

#include "support/http_client.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <CLI/CLI.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace ros::bench {
namespace {

struct command_line {
  test::connect_options server;
  int server_pid = 0;
  std::size_t idle = 9000;
  std::size_t idle_realms = 1;
  std::size_t writers = 100;
  std::size_t realms = 10;
  double rate = 2;
  double seconds = 10;
  std::size_t slow = 100;
  std::string only; ///< one scenario
};

void raise_limit_of_files() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::string log_in(const test::connect_options& server) {
  test::http_client client(server.port, server.address);
  const auto answer =
      client.post("/api/client/v2.0/app/crowd/auth/providers/anon-user/login", "{}");
  const auto document = answer.json();
  if (const auto* object = document.if_object())
    if (const auto* token = object->if_contains("access_token"); token && token->is_string())
      return std::string{token->get_string()};
  throw std::runtime_error("log-in failed: " + std::to_string(answer.status) + ' ' + answer.body);
}

/// Processor time that a process has used, seconds.
double cpu_seconds(int pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto behind_name = text.rfind(')');
  if (behind_name == std::string::npos)
    return 0;
  std::istringstream fields(text.substr(behind_name + 2));
  std::string word;
  double ticks = 0;
  for (int i = 3; i <= 15 && fields >> word; ++i) // utime is field 14, stime 15
    if (i >= 14)
      ticks += std::stod(word);
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

class program {
public:
  explicit program(command_line c) : c_(std::move(c)), name_("crowd-" + std::to_string(now_ns())) {}

  bool run() {
    writer_group writers(c_.server, name_, c_.writers, c_.realms, c_.rate);
    if (wanted("alone"))
      measure("alone", writers, {});
    std::unique_ptr<idle_crowd> idle;
    if (c_.idle > 0)
      idle = gather();
    if (idle && wanted("idle"))
      measure("idle", writers, {});
    if (wanted("storm")) {
      trouble storm(4, connection_storm(c_.server));
      measure("storm", writers, [&] { return storm.rounds() + storm.failures(); });
    }
    if (wanted("hostile")) {
      trouble hostile(2, [this] { hostile_upload(c_.server, name_); });
      measure("hostile", writers, [&] { return hostile.rounds() + hostile.failures(); });
    }
    if (wanted("slow")) {
      fill_big_realm(c_.server, name_, 64);
      std::vector<std::unique_ptr<slow_reader>> slow;
      for (std::size_t i = 0; i < c_.slow; ++i)
        slow.push_back(std::make_unique<slow_reader>(c_.server, name_));
      measure("slow", writers, [&] { return slow.size(); });
    }
    if (idle && idle->ping_all() > 0) {
      std::cerr << "crowd: some idle connections are gone\n";
      return false;
    }
    return good_;
  }

private:
  [[nodiscard]] bool wanted(const char* scenario) const {
    return c_.only.empty() || c_.only == scenario;
  }
  [[nodiscard]] std::uint64_t memory() const { return process_memory(c_.server_pid, "VmRSS"); }

  /// Opens the idle connections and tells what one of them costs.
  std::unique_ptr<idle_crowd> gather() {
    // A few in front, so that what the first connection of all costs is not counted.
    const idle_crowd first(c_.server, name_, 50, 1);
    const auto before = memory();
    const auto begin = now_ns();
    auto crowd = std::make_unique<idle_crowd>(c_.server, name_, c_.idle, c_.idle_realms);
    const auto opened = now_ns();
    const auto after = memory();
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const auto cpu = cpu_seconds(c_.server_pid);
    std::this_thread::sleep_for(std::chrono::duration<double>(c_.seconds));
    const auto used = cpu_seconds(c_.server_pid) - cpu;
    const auto pinged = cpu_seconds(c_.server_pid);
    const auto missing = crowd->ping_all();
    boost::json::object line{
        {"scenario", "gather"},
        {"connections", crowd->size()},
        {"realms", c_.idle_realms},
        {"opened_per_s",
         static_cast<double>(crowd->size()) * 1e9 / static_cast<double>(opened - begin)},
        {"bytes_per_connection", (static_cast<double>(after) - static_cast<double>(before)) /
                                     static_cast<double>(crowd->size())},
        {"bytes_per_connection_after_a_ping",
         (static_cast<double>(memory()) - static_cast<double>(before)) /
             static_cast<double>(crowd->size())},
        {"cpu_percent", 100 * used / c_.seconds},
        {"cpu_us_per_ping",
         1e6 * (cpu_seconds(c_.server_pid) - pinged) / static_cast<double>(crowd->size())},
        {"unanswered_pings", missing},
        {"server_rss_bytes", memory()}};
    std::cout << boost::json::serialize(line) << std::endl;
    good_ = good_ && missing == 0;
    return crowd;
  }

  void measure(const char* scenario, writer_group& writers,
               const std::function<std::size_t()>& rounds) {
    const auto cpu = cpu_seconds(c_.server_pid);
    auto latencies = writers.run(c_.seconds);
    boost::json::object line{{"scenario", scenario},
                             {"changesets", latencies.size()},
                             {"expected", c_.rate * c_.seconds * static_cast<double>(c_.writers)},
                             {"latency_p50_ms", percentile_ms(latencies, 0.5)},
                             {"latency_p99_ms", percentile_ms(latencies, 0.99)},
                             {"cpu_percent", 100 * (cpu_seconds(c_.server_pid) - cpu) / c_.seconds},
                             {"server_rss_bytes", memory()},
                             {"server_peak_rss_bytes", process_memory(c_.server_pid, "VmHWM")}};
    if (rounds)
      line["rounds_of_trouble"] = rounds();
    if (!writers.errors().empty())
      line["first_error"] = writers.errors().front();
    line["errors"] = writers.errors().size();
    std::cout << boost::json::serialize(line) << std::endl;
    good_ = good_ && writers.errors().empty();
  }

  command_line c_;
  std::string name_;
  bool good_ = true;
};

int run_program(int argc, char** argv) {
  CLI::App app{"A crowd on a running sync server", "crowd"};
  command_line c;
  app.add_option("--port", c.server.port, "of the server, on this machine")->required();
  app.add_option("--server-pid", c.server_pid, "its process")->required();
  app.add_option("--idle", c.idle, "idle connections")->capture_default_str();
  app.add_option("--idle-realms", c.idle_realms, "Realms they are spread over")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--writers", c.writers, "well-behaved writers")->capture_default_str();
  app.add_option("--realms", c.realms, "Realms of the writers")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--rate", c.rate, "changesets/s of each writer")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--seconds", c.seconds, "of each measurement")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--slow", c.slow, "slow readers")->capture_default_str();
  app.add_option("--only", c.only, "alone, idle, storm, hostile or slow");
  CLI11_PARSE(app, argc, argv);
  raise_limit_of_files();
  c.server.token = log_in(c.server);
  return program(std::move(c)).run() ? 0 : 1;
}

} // namespace
} // namespace ros::bench

int main(int argc, char** argv) {
  try {
    return ros::bench::run_program(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << "crowd: " << problem.what() << '\n';
    return 1;
  }
}
