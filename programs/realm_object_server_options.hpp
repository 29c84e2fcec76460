// The command line of realm-object-server (operations.md 1.1).
#pragma once

#include "config/load.hpp"

#include <optional>
#include <string>

namespace ros::programs {

/// What the program exits with.
enum exit_status : int {
  normal = 0,
  bad_configuration = 1,
  bad_usage = 2,
  cannot_start = 3,
  fatal_error = 4,
};

struct options {
  config::command_line configuration;
  bool validate_only = false;
  bool print_configuration = false;
  std::string generate_keys; ///< directory; empty = do not
};

/// Parses the command line. Answers with a status where the program is done already
/// (--help, --version, wrong usage); what there is to say has been printed then.
std::optional<int> parse_command_line(int argc, char** argv, options& result);

/// Writes a fresh key pair and admin token into a directory, overwriting nothing.
int generate_keys(const std::string& directory);

} // namespace ros::programs
