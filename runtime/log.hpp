// The server's log (operations.md 5): nine levels, one line per event, to
// stdout/stderr or to a file that can be reopened. Thread-safe, unbuffered;
// before configure() it writes info and above to the terminal. Never pass
// tokens, passwords or query strings; property values only at trace.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ros::log {

/// From most to least talkative. A level prints itself and everything behind it.
enum class level : std::uint8_t { all, trace, debug, detail, info, warn, error, fatal, off };

std::optional<level> parse_level(std::string_view name);
std::string_view to_string(level l);

enum class format : std::uint8_t { text, json };

struct options {
  level threshold = level::info;
  std::string path; ///< empty: info and below to stdout, warn and above to stderr
  format style = format::text;
};

/// Switches to these options; on failure (file cannot be opened) the old ones
/// stay and a sentence for the operator comes back.
std::optional<std::string> configure(const options& o);
/// Opens the log file again under its name (after rotation).
void reopen();
/// Asks the kernel to bring the log file to disk; lines never wait in the process.
void flush();

[[nodiscard]] bool enabled(level l) noexcept;
/// One line (or several: continuations are indented). Prefer the functions below.
void write(level l, std::string_view text);

/// A line as it is remembered, its text cut to 8 KiB.
struct remembered_line {
  std::uint64_t number = 0; ///< 1 .. in the order of writing
  level severity = level::info;
  std::int64_t unix_ms = 0;
  std::string text;
};
/// How many of the lines written last are remembered.
inline constexpr std::size_t most_remembered = 1000;

/// Remembered lines of at least this severity with numbers from `from` on, oldest first.
struct recent_lines {
  std::vector<remembered_line> lines;
  std::uint64_t next = 1; ///< number of the line that will be written next
  std::uint64_t lost = 0; ///< lines of any severity from `from` on that are remembered no more
};
recent_lines recent(std::uint64_t from, level at_least);

#define ROS_LOG_FUNCTION(name)                                                                     \
  template <class... Ts>                                                                           \
  void name(fmt::format_string<Ts...> text, Ts&&... xs) {                                          \
    if (enabled(level::name))                                                                      \
      write(level::name, fmt::format(text, std::forward<Ts>(xs)...));                              \
  }
ROS_LOG_FUNCTION(trace)  ///< protocol messages with lengths
ROS_LOG_FUNCTION(debug)  ///< internal state
ROS_LOG_FUNCTION(detail) ///< one line per integrated transaction
ROS_LOG_FUNCTION(info)   ///< start, stop, listeners, sessions
ROS_LOG_FUNCTION(warn)   ///< client misbehaviour, recoverable trouble
ROS_LOG_FUNCTION(error)  ///< failed operations
ROS_LOG_FUNCTION(fatal)  ///< the process is about to end
#undef ROS_LOG_FUNCTION

} // namespace ros::log
