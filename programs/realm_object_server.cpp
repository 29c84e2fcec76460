// realm-object-server: configuration, store, node; then signals until the end
// (operations.md 1.1, 4).
#include "realm_object_server_options.hpp"

#include "actors/node.hpp"
#include "actors/realm_data.hpp"
#include "actors/web_actors.hpp"
#include "runtime/log.hpp"
#include "runtime/memory.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <fmt/format.h>

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

namespace ros::programs {

namespace {

using namespace std::chrono_literals;

/// About what a write-ahead log holds when full memtables end it.
constexpr std::size_t spare_log_bytes = 24u << 20;

/// How long running work may take to finish after SIGTERM (operations.md 4).
constexpr auto shutdown_limit = 10s;

struct system_settings : caf::actor_system_config {
  explicit system_settings(const config::performance_section& performance) {
    auto threads = performance.scheduler_threads > 0
                       ? static_cast<std::size_t>(performance.scheduler_threads)
                       : std::max<std::size_t>(1, std::thread::hardware_concurrency());
    set("scheduler.max-threads", threads);
    // Idle threads look for work for 1 ms, which a sync of the disk may take, before they
    // wait to be woken. CAF's own 50 ms keep a processor busy that gets a message now and
    // then.
    set("work-stealing.moderate-poll-attempts", std::size_t{10});
    // A busy actor gives way to others after this many messages.
    set("scheduler.max-throughput", std::size_t{64});
    set("logger.console-verbosity", caf::atom("quiet"));
    set("logger.file-verbosity", caf::atom("quiet"));
    add_message_types<caf::id_block::ros_sync_atoms>();
    add_message_types<caf::id_block::ros_sync>();
    add_message_types<caf::id_block::ros_realm_data>();
    add_message_types<caf::id_block::ros_auth>();
    add_message_types<caf::id_block::ros_admin>();
    add_message_types<caf::id_block::ros_web>();
    add_message_types<caf::id_block::ros_cluster>();
    add_message_types<caf::id_block::ros_log_writer>();
    add_message_types<caf::id_block::ros_node>();
    add_error_category(caf::atom("ros_sync"), render<actors::ec>);
    add_error_category(caf::atom("ros_auth"), render<actors::auth_ec>);
    add_error_category(caf::atom("ros_shard"), render<cluster::ec>);
  }

private:
  template <class Enum>
  static std::string render(std::uint8_t code, caf::atom_value, const caf::message& context) {
    auto text = to_string(static_cast<Enum>(code));
    return context.empty() ? text : text + " " + caf::to_string(context);
  }
};

/// Runs the configured checks; prints what is wrong.
int check(config::load_result& loaded) {
  config::check_surroundings(loaded);
  for (const auto& problem : loaded.problems)
    std::cerr << problem.text() << '\n';
  return loaded.ok() ? exit_status::normal : exit_status::bad_configuration;
}

/// For scripts and tests that let the system choose ports: written whole or not at all.
void write_ports(const std::string& root, const actors::bound_ports& ports) {
  auto path = root + "/ports.json";
  {
    std::ofstream file{path + ".new"};
    file << fmt::format(R"({{"proxy_http": {}, "proxy_https": {}, "http": {}, "sync": {}}})",
                        ports.proxy_http, ports.proxy_https, ports.http, ports.sync)
         << '\n';
  }
  std::rename((path + ".new").c_str(), path.c_str());
}

/// Waits for signals on a thread of its own; the first SIGTERM or SIGINT stops the
/// node, the second one the process.
class signal_watch {
public:
  signal_watch(caf::actor_system& system, actors::node_actor node)
      : thread_([this, &system, node](const std::stop_token& stopped) {
          watch(system, node, stopped);
        }) {}
  [[nodiscard]] bool stop_wanted() const { return stop_wanted_; }

  /// In every thread: signals are only taken where they are waited for.
  static void block() {
    auto set = signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
  }

private:
  static sigset_t signals() {
    sigset_t set;
    sigemptyset(&set);
    for (auto x : {SIGTERM, SIGINT, SIGHUP})
      sigaddset(&set, x);
    return set;
  }

  void watch(caf::actor_system& system, const actors::node_actor& node,
             const std::stop_token& stopped) {
    auto set = signals();
    while (!stopped.stop_requested()) {
      timespec pause{0, 200'000'000};
      auto received = sigtimedwait(&set, nullptr, &pause);
      if (received == SIGHUP) {
        log::reopen();
        caf::anon_send(node, actors::restore_atom_v);
      } else if (received == SIGTERM || received == SIGINT) {
        if (stop_wanted_.exchange(true))
          std::_Exit(exit_status::normal);
        log::info("server stops on signal {}", received);
        caf::scoped_actor self{system};
        self->send(node, actors::stop_atom_v);
      }
    }
  }

  std::atomic<bool> stop_wanted_{false};
  std::jthread thread_;
};

int run_node(caf::actor_system& system, std::shared_ptr<actors::node_context> context) {
  const auto root = context->settings.storage.root_path;
  auto node = system.spawn(actors::node, context);
  caf::scoped_actor self{system};
  self->monitor(node);
  int status = exit_status::cannot_start;
  self->request(node, caf::infinite, actors::ready_atom_v)
      .receive(
          [&](const actors::bound_ports& ports) {
            write_ports(root, ports);
            log::info("server is ready");
            status = exit_status::normal;
          },
          [&](const caf::error& problem) { log::fatal("{}", system.render(problem)); });
  if (status != exit_status::normal) {
    self->request(node, caf::infinite, actors::stop_atom_v)
        .receive([](bool) {}, [](const caf::error&) {});
  }
  signal_watch signals{system, node};
  bool ended = false;
  for (auto waited = 0ms; !ended && waited < shutdown_limit;
       waited += signals.stop_wanted() ? 100ms : 0ms)
    self->receive(
        [&](const caf::down_msg& down) {
          ended = true;
          if (down.reason && down.reason != caf::exit_reason::user_shutdown)
            status = exit_status::fatal_error;
        },
        caf::after(100ms) >> [] {});
  if (!ended) {
    log::warn("server ends although some work would not finish");
    log::flush();
    std::_Exit(status);
  }
  return status;
}

/// As many files as the system lets us have: every connection is one.
void raise_limit_of_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  log::info("server may have {} files and connections open", limit.rlim_cur);
}

runtime::memory_shares divide_memory(const config::configuration& settings) {
  constexpr std::uint64_t mebibyte = 1u << 20;
  const auto usable = runtime::usable_memory();
  const auto shares =
      runtime::divide_memory(static_cast<std::uint64_t>(settings.performance.memory_budget), usable,
                             static_cast<std::uint64_t>(settings.sync.max_upload_backlog));
  log::info("server may use {} MiB of memory; of them store {}, caches {}, waiting uploads {}, "
            "outgoing {}",
            usable / mebibyte, shares.store / mebibyte, shares.caches / mebibyte,
            shares.uploads / mebibyte, shares.outgoing / mebibyte);
  return shares;
}

int serve(const config::configuration& settings) {
  log::options logging{
      .threshold = log::parse_level(settings.logging.level).value_or(log::level::info),
      .path = settings.logging.path,
      .style = settings.logging.format == "json" ? log::format::json : log::format::text};
  if (auto problem = log::configure(logging)) {
    std::cerr << *problem << '\n';
    return exit_status::cannot_start;
  }
  log::info("realm-object-server {} logs {} and above to {}", ROS_VERSION, settings.logging.level,
            settings.logging.path.empty() ? "the terminal" : settings.logging.path);
  log::info("server keeps its state in {}", settings.storage.root_path);

  raise_limit_of_files();
  auto keys =
      runtime::key_pair::from_files(settings.auth.private_key_path, settings.auth.public_key_path);
  if (!keys) {
    log::fatal("{}", keys.error().message);
    return exit_status::cannot_start;
  }
  storage::database_options options;
  options.fsync = settings.storage.fsync;
  const auto memory = divide_memory(settings);
  options.memory_budget = memory.store;
  options.max_open_files = settings.performance.max_open_files;
  if (settings.storage.fsync)
    options.spare_log_bytes = spare_log_bytes;
  auto db = storage::database::open(settings.storage.root_path, options);
  if (!db) {
    log::fatal("{}", db.error().message);
    return exit_status::cannot_start;
  }
  for (const auto& name : (*db)->unknown_files())
    log::warn("server leaves {}/{} alone, it is not its own", settings.storage.root_path, name);

  auto io_threads = settings.performance.io_threads > 0
                        ? static_cast<unsigned>(settings.performance.io_threads)
                        : std::max(1u, std::thread::hardware_concurrency() / 2);
  runtime::io_pool io{io_threads};
  int status = exit_status::normal;
  {
    system_settings system_config{settings.performance};
    caf::actor_system system{system_config};
    auto context = std::make_shared<actors::node_context>();
    context->settings = settings;
    context->keys = *keys;
    context->db = db->get();
    context->clock = &runtime::system_clock();
    context->random = &runtime::system_random();
    context->io = &io;
    context->version = ROS_VERSION;
    context->memory = memory;
    status = run_node(system, context);
    // No callback may reach an actor of a system that is gone.
    io.stop();
  }
  log::info("server ended");
  log::flush();
  return status;
}

} // namespace

int run(int argc, char** argv) {
  options wanted;
  if (auto done = parse_command_line(argc, argv, wanted))
    return *done;
  if (!wanted.generate_keys.empty())
    return generate_keys(wanted.generate_keys);
  auto loaded = config::load(wanted.configuration);
  if (wanted.print_configuration) {
    std::cout << config::print(loaded.value);
    return loaded.ok() ? exit_status::normal : exit_status::bad_configuration;
  }
  if (auto status = check(loaded); status != exit_status::normal || wanted.validate_only)
    return status;
  signal_watch::block();
  return serve(loaded.value);
}

} // namespace ros::programs

int main(int argc, char** argv) {
  try {
    return ros::programs::run(argc, argv);
  } catch (const std::exception& bug) {
    ros::log::fatal("server ends on an unexpected error: {}", bug.what());
    return ros::programs::exit_status::fatal_error;
  }
}
