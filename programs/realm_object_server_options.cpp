#include "realm_object_server_options.hpp"

#include "runtime/tokens.hpp"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <iostream>
#include <unistd.h>
#include <utility>

namespace ros::programs {

namespace {

/// Creates a file that must not exist yet, readable for its owner alone if `secret`.
bool write_new_file(const std::string& path, const std::string& content, bool secret) {
  auto file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, secret ? 0600 : 0644);
  auto written = file < 0 ? -1 : ::write(file, content.data(), content.size());
  auto problem = errno;
  if (file >= 0)
    ::close(file);
  if (written == static_cast<ssize_t>(content.size()))
    return true;
  std::cerr << path << ": " << std::strerror(problem) << '\n';
  return false;
}

} // namespace

std::optional<int> parse_command_line(int argc, char** argv, options& result) {
  CLI::App app{"Realm Object Server: sync server for Realm apps", "realm-object-server"};
  app.set_version_flag("--version", "realm-object-server " ROS_VERSION);
  auto& c = result.configuration;
  std::string checked;
  auto* named = app.add_option("-c,--configuration", c.configuration_path,
                               "configuration file (default /etc/realm/configuration.yml)");
  auto* check = app.add_option("--check-configuration", checked,
                               "check FILE, print every problem, start if there is none");
  check->excludes(named);
  app.add_option("--root", c.root, "directory for all data (storage.root_path)");
  app.add_option("--public-key", c.public_key, "PEM file (auth.public_key_path)");
  app.add_option("--private-key", c.private_key, "PEM file (auth.private_key_path)");
  app.add_option("--log-level", c.log_level, "logging.level");
  app.add_option("--log-path", c.log_path, "logging.path");
  app.add_option("--set", c.set, "KEY=VALUE: override any key of the configuration")
      ->allow_extra_args(false);
  app.add_flag("--validate-only", result.validate_only, "check the configuration, do not start");
  app.add_flag("--print-configuration", result.print_configuration,
               "print the effective configuration and exit");
  app.add_option("--generate-keys", result.generate_keys,
                 "write a new key pair and admin token into DIR and exit");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? exit_status::normal : exit_status::bad_usage;
  }
  if (check->count() > 0)
    c.configuration_path = checked;
  c.configuration_named = named->count() > 0 || check->count() > 0;
  return std::nullopt;
}

int generate_keys(const std::string& directory) {
  auto keys = runtime::key_pair::generate();
  const std::pair<const char*, std::pair<std::string, bool>> files[] = {
      {"/token-signature.key", {keys.private_pem(), true}},
      {"/token-signature.pub", {keys.public_pem(), false}},
      {"/admin_token.base64", {runtime::make_admin_token(keys) + "\n", true}},
  };
  for (const auto& [name, file] : files)
    if (!write_new_file(directory + name, file.first, file.second))
      return exit_status::cannot_start;
  return exit_status::normal;
}

} // namespace ros::programs
