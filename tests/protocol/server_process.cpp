#include "server_process.hpp"

#include "support/http_client.hpp"
#include "support/test_keys.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace ros::test {

namespace {

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

/// The program under test: ROS_SERVER, or the one built beside this test.
std::string program() {
  const auto* other = std::getenv("ROS_SERVER");
  return other != nullptr ? other : ROS_BIN_DIR "/realm-object-server";
}

/// A short rest between two looks at another process.
void rest() {
  ::poll(nullptr, 0, 10);
}

} // namespace

server_process::server_process(std::map<std::string, std::string> settings)
    : settings_(std::move(settings)) {
  ::mkdir((directory_ / "root").c_str(), 0700);
  write_text(directory_ / "private.pem", key_text("a.pkcs8.pem"));
  ::chmod((directory_ / "private.pem").c_str(), 0600);
  write_text(directory_ / "public.pem", key_text("a.spki.pem"));
  write_text(directory_ / "configuration.yml", "");
  const std::pair<const char*, std::string> needed[] = {
      {"auth.admin_token_path", directory_ / "admin_token.base64"},
      {"proxy.http.listen_address", "127.0.0.1"},
      {"network.http.listen_port", "0"},
      {"network.sync.listen_port", "0"},
      {"app_services.partition_default", "write"},
  };
  for (const auto& [key, value] : needed)
    settings_.emplace(key, value);
  start();
}

server_process::~server_process() {
  if (process_ != 0)
    kill();
}

void server_process::start() {
  ::unlink((directory_ / "root/ports.json").c_str());
  settings_["proxy.http.listen_port"] = std::to_string(port_);
  std::vector<std::string> words{program(),
                                 "-c",
                                 directory_ / "configuration.yml",
                                 "--root",
                                 directory_ / "root",
                                 "--public-key",
                                 directory_ / "public.pem",
                                 "--private-key",
                                 directory_ / "private.pem"};
  for (const auto& [key, value] : settings_) {
    words.emplace_back("--set");
    words.push_back(key + '=' + value);
  }
  const auto log = directory_ / "output";
  std::vector<char*> arguments;
  for (auto& w : words)
    arguments.push_back(w.data());
  arguments.push_back(nullptr);
  process_ = ::fork();
  if (process_ == 0) {
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execv(arguments.front(), arguments.data());
    ::_exit(127);
  }
  wait_until_ready();
}

void server_process::wait_until_ready() {
  const auto end = runtime::system_clock().steady_ms() + patience_ms;
  while (runtime::system_clock().steady_ms() < end) {
    if (::waitpid(process_, nullptr, WNOHANG) != 0) {
      process_ = 0;
      break;
    }
    unsigned port = 0;
    const auto ports = read_text(directory_ / "root/ports.json");
    const auto at = ports.find("\"proxy_http\":");
    if (at != std::string::npos)
      port = static_cast<unsigned>(std::stoul(ports.substr(at + 13)));
    if (port != 0 &&
        http_client(static_cast<std::uint16_t>(port)).send("GET", "/health").status == 200) {
      port_ = static_cast<std::uint16_t>(port);
      return;
    }
    rest();
  }
  throw std::runtime_error("the server does not start: " + output());
}

std::string server_process::output() const {
  return read_text(directory_ / "output");
}

std::string server_process::admin_token() const {
  auto token = read_text(directory_ / "admin_token.base64");
  while (!token.empty() && token.back() == '\n')
    token.pop_back();
  return token;
}

std::uint64_t server_process::memory() const {
  std::ifstream in("/proc/" + std::to_string(process_) + "/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  in >> total >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t server_process::cpu_ms() const {
  const auto text = read_text("/proc/" + std::to_string(process_) + "/stat");
  std::istringstream in(text.substr(std::min(text.rfind(')') + 1, text.size())));
  constexpr int fields_before = 11; // state to cmajflt, see proc(5)
  std::string skipped;
  for (int i = 0; i < fields_before; ++i)
    in >> skipped;
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  in >> user >> system;
  return (user + system) * 1000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
}

int server_process::wait_for_end() {
  int status = 0;
  ::waitpid(process_, &status, 0);
  process_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void server_process::ask_to_stop() {
  ::kill(process_, SIGTERM);
}

int server_process::stop() {
  ask_to_stop();
  return wait_for_end();
}

void server_process::kill() {
  ::kill(process_, SIGKILL);
  wait_for_end();
}

namespace {

void replace_directory(const std::string& from, const std::string& to) {
  std::filesystem::remove_all(to);
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
}

} // namespace

void server_process::save_data() {
  replace_directory(directory_ / "root", directory_ / "saved");
}

void server_process::restore_data() {
  replace_directory(directory_ / "saved", directory_ / "root");
}

std::vector<std::string> server_process::files() const {
  const std::string base = directory_ / "";
  std::vector<std::string> out;
  for (const auto& x : std::filesystem::recursive_directory_iterator(base))
    out.push_back(x.path().lexically_relative(base).string());
  return out;
}

log_in_result log_in_anonymously(const server_process& server) {
  http_client client(server.port());
  const auto answer =
      client.send("POST", "/api/client/v2.0/app/test/auth/providers/anon-user/login",
                  {{"Content-Type", "application/json"}}, R"({"provider":"anon-user"})");
  const auto json = answer.json();
  const auto* object = json.if_object();
  if (answer.status / 100 != 2 || object == nullptr)
    throw std::runtime_error("log-in failed: " + std::to_string(answer.status) + answer.body);
  return {std::string{object->at("user_id").as_string()},
          std::string{object->at("access_token").as_string()},
          std::string{object->at("refresh_token").as_string()}};
}

} // namespace ros::test
