#include "log.hpp"

#include "clock.hpp"
#include "log_line.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <deque>
#include <mutex>

namespace ros::log {

namespace {

constexpr std::array<std::string_view, 9> names{"all",  "trace", "debug", "detail", "info",
                                                "warn", "error", "fatal", "off"};

constexpr std::size_t longest_text = 8 * 1024;

/// Read on every call, so outside the mutex.
std::atomic<level>& threshold() {
  static std::atomic<level> value = level::info;
  return value;
}

/// Where lines go. One write(2) per line and nothing buffered: lines survive
/// kill -9, never interleave, and logrotate may move the file at any moment.
class sink {
public:
  std::optional<std::string> configure(const options& o) {
    int fd = -1;
    if (!o.path.empty() && (fd = open_file(o.path)) < 0)
      return "the log file " + o.path + " cannot be opened: " + std::strerror(errno);
    std::lock_guard guard(mutex_);
    replace(fd);
    path_ = o.path;
    style_ = o.style;
    lost_ = 0;
    threshold() = o.threshold;
    return std::nullopt;
  }

  std::optional<std::string> reopen() {
    std::lock_guard guard(mutex_);
    if (path_.empty())
      return std::nullopt;
    const int fd = open_file(path_);
    if (fd < 0)
      return "cannot reopen " + path_ + ": " + std::strerror(errno);
    replace(fd);
    return std::nullopt;
  }

  void flush() {
    std::lock_guard guard(mutex_);
    if (file_ >= 0)
      ::fdatasync(file_);
  }

  recent_lines recent(std::uint64_t from, level at_least) {
    std::lock_guard guard(mutex_);
    recent_lines result;
    result.next = next_number_;
    const auto oldest = next_number_ - remembered_.size();
    result.lost = from < oldest ? oldest - from : 0;
    for (const auto& x : remembered_)
      if (x.number >= from && x.severity >= at_least)
        result.lines.push_back(x);
    return result;
  }

  void write(level l, std::int64_t unix_ms, std::string_view text) {
    std::lock_guard guard(mutex_);
    remember(l, unix_ms, text);
    const int fd = file_ >= 0 ? file_ : l >= level::warn ? STDERR_FILENO : STDOUT_FILENO;
    if (lost_ > 0) {
      const auto note = std::to_string(lost_) + " lines were lost: the log could not be written";
      if (!put(fd, make_line(style_, level::warn, unix_ms, note))) {
        ++lost_;
        return;
      }
      lost_ = 0;
    }
    if (!put(fd, make_line(style_, l, unix_ms, text)))
      ++lost_;
  }

private:
  void remember(level l, std::int64_t unix_ms, std::string_view text) {
    if (remembered_.size() == most_remembered)
      remembered_.pop_front();
    remembered_.push_back({next_number_++, l, unix_ms, std::string{text.substr(0, longest_text)}});
  }

  static int open_file(const std::string& path) {
    return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  }

  void replace(int fd) {
    if (file_ >= 0)
      ::close(file_);
    file_ = fd;
  }

  /// False if the line did not go out whole: a full disk must not stop the server.
  bool put(int fd, std::string line) {
    if (std::exchange(torn_, false))
      line.insert(line.begin(), '\n');
    std::string_view rest = line;
    while (!rest.empty()) {
      const auto n = ::write(fd, rest.data(), rest.size());
      if (n > 0)
        rest.remove_prefix(static_cast<std::size_t>(n));
      else if (n == 0 || errno != EINTR)
        break;
    }
    torn_ = !rest.empty() && rest.size() < line.size();
    return rest.empty();
  }

  std::mutex mutex_;
  std::string path_;
  format style_ = format::text;
  int file_ = -1;     ///< -1: the terminal
  bool torn_ = false; ///< the last line was cut off in its middle
  std::uint64_t lost_ = 0;
  std::deque<remembered_line> remembered_;
  std::uint64_t next_number_ = 1;
};

// Never destroyed: detached threads may log until the very end.
sink& the_sink() {
  static auto& instance = *new sink;
  return instance;
}

} // namespace

std::optional<level> parse_level(std::string_view name) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end())
    return std::nullopt;
  return static_cast<level>(at - names.begin());
}

std::string_view to_string(level l) {
  return names.at(static_cast<std::size_t>(l));
}

std::optional<std::string> configure(const options& o) {
  return the_sink().configure(o);
}

void reopen() {
  if (const auto problem = the_sink().reopen())
    error("log {}", *problem);
}

bool enabled(level l) noexcept {
  return l != level::off && l >= threshold().load(std::memory_order_relaxed);
}

recent_lines recent(std::uint64_t from, level at_least) {
  return the_sink().recent(from, at_least);
}

void flush() {
  the_sink().flush();
}

void write(level l, std::string_view text) {
  if (enabled(l))
    the_sink().write(l, runtime::system_clock().unix_ms(), text);
}

} // namespace ros::log
