// Load on a running server through real WebSockets: for each scenario one line of
// JSON with throughput, latency from commit to a reader's DOWNLOAD, the disk's fsync
// and the server's memory. Works with any server of this protocol.
#include "load_clients.hpp"
#include "load_figures.hpp"

#include "support/http_client.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <CLI/CLI.hpp>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ros::bench {
namespace {

struct command_line {
  std::string url = "ws://127.0.0.1:9080";
  std::string token;
  std::string path_prefix = "/api/client/v2.0/app/load/realm-sync";
  std::string partition = "load";
  std::string scenario = "all";
  std::string fsync_directory = ".";
  int server_pid = 0;
  std::uint64_t objects = 100'000;
  load_options load;
};

const std::vector<load_shape> scenarios{{"a", 1, 1, 1}, {"b", 1, 8, 8}, {"c", 100, 1, 1}};

void declare(CLI::App& app, command_line& c) {
  app.add_option("--url", c.url, "ws://address:port of the server")->capture_default_str();
  app.add_option("--token", c.token, "access token; without one: an anonymous log-in");
  app.add_option("--path-prefix", c.path_prefix, "target of the upgrade")->capture_default_str();
  app.add_option("--partition", c.partition, "what partitions begin with")->capture_default_str();
  app.add_option("--scenario", c.scenario, "a, b, c, all of these, or first_sync")
      ->check(CLI::IsMember({"a", "b", "c", "all", "first_sync"}))
      ->capture_default_str();
  app.add_option("--objects", c.objects, "first_sync: objects in the Realm")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--seconds", c.load.seconds, "how long to write")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--rate", c.load.rate, "changesets/s of each writer; 0: flat out")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--window", c.load.window, "unacknowledged changesets of each writer")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--fsync-dir", c.fsync_directory, "where to measure fdatasync")
      ->capture_default_str();
  app.add_option("--server-pid", c.server_pid, "process whose memory is reported");
}

void parse_url(std::string_view url, test::connect_options& server) {
  constexpr std::string_view scheme = "ws://";
  if (url.starts_with(scheme))
    url.remove_prefix(scheme.size());
  url = url.substr(0, url.find('/'));
  const auto colon = url.rfind(':');
  if (colon == std::string_view::npos)
    throw std::runtime_error("--url needs a port");
  const auto port = url.substr(colon + 1);
  const auto parsed = std::from_chars(port.data(), port.data() + port.size(), server.port);
  if (parsed.ec != std::errc{} || parsed.ptr != port.data() + port.size())
    throw std::runtime_error("--url needs a port");
  server.address = url.substr(0, colon);
  if (server.address == "localhost")
    server.address = "127.0.0.1";
}

std::string log_in(const test::connect_options& server) {
  test::http_client client(server.port, server.address);
  const auto answer = client.post("/api/client/v2.0/app/load/auth/providers/anon-user/login", "{}");
  const auto document = answer.json();
  if (const auto* object = document.if_object())
    if (const auto* token = object->if_contains("access_token"); token && token->is_string())
      return std::string{token->get_string()};
  throw std::runtime_error("log-in failed: " + std::to_string(answer.status) + ' ' + answer.body);
}

/// Unique for each run, so that no run finds the objects of another.
std::string run_name() {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(
                            std::chrono::system_clock::now().time_since_epoch())
                            .count());
}

void add_memory(boost::json::object& line, const command_line& c) {
  if (c.server_pid <= 0)
    return;
  line["server_rss_bytes"] = process_memory(c.server_pid, "VmRSS");
  line["server_peak_rss_bytes"] = process_memory(c.server_pid, "VmHWM");
}

void first_sync(const command_line& c) {
  auto options = c.load;
  options.partition = c.partition + "-first-sync-" + run_name();
  const auto result = run_first_sync(c.objects, options);
  constexpr double megabyte = 1e6;
  boost::json::object line{
      {"scenario", "first_sync"},
      {"objects", result.objects},
      {"bytes", result.bytes},
      {"messages", result.messages},
      {"upload_s", result.upload_seconds},
      {"download_s", result.seconds},
      {"objects_per_s", static_cast<double>(result.objects) / result.seconds},
      {"download_mb_per_s", static_cast<double>(result.bytes) / megabyte / result.seconds}};
  add_memory(line, c);
  std::cout << boost::json::serialize(line) << std::endl;
}

/// False if a reader missed something or a client failed.
bool run(const load_shape& shape, const command_line& c) {
  auto fsync = measure_fsync(c.fsync_directory, 200);
  auto options = c.load;
  options.partition = c.partition + '-' + shape.name + '-' + run_name();
  const auto cpu = process_cpu_seconds(c.server_pid);
  auto result = run_load(shape, options);
  boost::json::object line{
      {"scenario", shape.name},
      {"realms", shape.realms},
      {"writers", shape.realms * shape.writers},
      {"readers", shape.realms * shape.readers},
      {"rate", options.rate},
      {"window", options.window},
      {"changeset_bytes", result.changeset_bytes},
      {"changesets", result.written},
      {"seconds", result.elapsed},
      {"changesets_per_s",
       result.elapsed > 0 ? static_cast<double>(result.written) / result.elapsed : 0.0},
      {"latency_p50_ms", percentile_ms(result.latencies, 0.5)},
      {"latency_p99_ms", percentile_ms(result.latencies, 0.99)},
      {"received", result.received},
      {"expected", result.expected},
      {"fsync_p50_ms", percentile_ms(fsync, 0.5)},
      {"fsync_p99_ms", percentile_ms(fsync, 0.99)}};
  if (c.server_pid > 0 && result.written > 0)
    line["server_cpu_us_per_changeset"] =
        (process_cpu_seconds(c.server_pid) - cpu) * 1e6 / static_cast<double>(result.written);
  add_memory(line, c);
  if (!result.errors.empty())
    line["first_error"] = result.errors.front();
  line["errors"] = result.errors.size();
  std::cout << boost::json::serialize(line) << std::endl;
  return result.errors.empty() && result.received == result.expected && result.written > 0;
}

int run_program(int argc, char** argv) {
  CLI::App app{"Load on a running sync server", "load"};
  command_line c;
  declare(app, c);
  CLI11_PARSE(app, argc, argv);
  auto& server = c.load.server;
  parse_url(c.url, server);
  server.target = c.path_prefix;
  server.token = c.token.empty() ? log_in(server) : c.token;
  if (c.scenario == "first_sync") {
    first_sync(c);
    return 0;
  }
  bool good = true;
  for (const auto& shape : scenarios)
    if (c.scenario == "all" || c.scenario == shape.name)
      good = run(shape, c) && good;
  return good ? 0 : 1;
}

} // namespace
} // namespace ros::bench

int main(int argc, char** argv) {
  try {
    return ros::bench::run_program(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << "load: " << problem.what() << '\n';
    return 1;
  }
}
