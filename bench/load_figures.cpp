#include "load_figures.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace ros::bench {

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double percentile_ms(samples& all, double share) {
  if (all.empty())
    return -1;
  const auto last = static_cast<std::ptrdiff_t>(all.size() - 1);
  const auto at =
      std::min(last, static_cast<std::ptrdiff_t>(share * static_cast<double>(all.size())));
  std::nth_element(all.begin(), all.begin() + at, all.end());
  return static_cast<double>(all[static_cast<std::size_t>(at)]) / 1e6;
}

samples measure_fsync(const std::string& directory, int count) {
  auto name = directory + "/load-fsync-XXXXXX";
  const int fd = ::mkstemp(name.data());
  if (fd < 0)
    throw std::runtime_error("cannot create a file in " + directory);
  ::unlink(name.c_str());
  const std::string block(4096, 'x');
  samples all;
  bool good = true;
  for (int i = 0; i < count && good; ++i) {
    const auto start = now_ns();
    good = ::write(fd, block.data(), block.size()) == static_cast<ssize_t>(block.size()) &&
           ::fdatasync(fd) == 0;
    all.push_back(now_ns() - start);
  }
  ::close(fd);
  if (!good)
    throw std::runtime_error("cannot write in " + directory);
  return all;
}

std::uint64_t process_memory(int pid, const std::string& field) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(field + ':'))
      return std::stoull(line.substr(field.size() + 1)) * 1024;
  return 0;
}

double process_cpu_seconds(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  // Behind the name, which may hold anything: state, then numbers; the times are the
  // 12th and 13th field from there.
  std::istringstream rest(line.substr(std::min(line.size(), line.rfind(')') + 2)));
  std::string skipped;
  for (int i = 0; i < 11; ++i)
    rest >> skipped;
  double user = 0;
  double system = 0;
  rest >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

} // namespace ros::bench
