// From command line and YAML file to a checked configuration
// (operations.md 1.1, 2.7). Every problem is collected and comes with its
// place; nothing throws on what an operator wrote.
#pragma once

#include "configuration.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ros::config {

enum class severity { warning, error };

/// Where something was written.
struct place {
  std::string file;    ///< the file, or the option ("--set") it came from
  unsigned line = 0;   ///< 1 ..; 0 = no place in a file
  unsigned column = 0; ///< 1 ..
  std::string excerpt; ///< the line with a marker below, indented; may be empty
};

/// One thing wrong with the configuration.
struct problem {
  severity level = severity::error;
  place where;
  std::string key; ///< dotted, e.g. "proxy.http.listen_port"; may be empty
  std::string reason;

  /// "file:line:column: error: key: reason" and the excerpt below it.
  [[nodiscard]] std::string text() const;
};

/// What the command line says about the configuration; programs/ parses it.
struct command_line {
  std::string configuration_path = "/etc/realm/configuration.yml";
  bool configuration_named = false; ///< given by the user: then it must exist
  std::optional<std::string> root, public_key, private_key, log_level, log_path;
  std::vector<std::string> set; ///< "KEY=VALUE", applied in order, after the options above
};

struct load_result {
  configuration value;
  std::vector<problem> problems;       ///< in file order, then command line
  std::map<std::string, place> places; ///< of every key that is not left at its default
  std::string file;                    ///< the file read; empty if there was none
  /// No problem is an error.
  [[nodiscard]] bool ok() const;
};

/// Reads the file (absent is fine unless named), applies the overrides and
/// checks everything that can be checked without touching the files and
/// addresses it names. Precedence: command line, file, default.
load_result load(const command_line& options);

/// The same from YAML text; `file` appears in problems.
load_result load_text(const std::string& yaml, const std::string& file,
                      const command_line& options);

/// Checks what the configuration points at: root directory, key pair, log
/// directory. Settings with problems already are passed over. `result.problems` grows.
void check_surroundings(load_result& result);

/// The effective configuration as YAML, secrets masked (--print-configuration).
std::string print(const configuration& c);

} // namespace ros::config
