#include "root_directory.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace ros::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> known_entries = {".lock", "VERSION", "ports.json",
                                                           "store", "tmp"};

error io_error(const std::string& doing, int number) {
  return {number == ENOSPC || number == EDQUOT ? ec::no_space : ec::io,
          doing + ": " + std::strerror(number)};
}

/// A descriptor that closes itself.
struct descriptor {
  int fd = -1;
  explicit descriptor(int x) : fd(x) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (fd >= 0)
      ::close(fd);
  }
  int release() { return std::exchange(fd, -1); }
};

/// The process id somebody left in the lock file, as text; empty if there is none.
std::string lock_holder(int fd) {
  std::array<char, 32> text{};
  const auto size = ::pread(fd, text.data(), text.size() - 1, 0);
  std::string_view line{text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  return std::string{line.substr(0, line.find_first_not_of("0123456789"))};
}

result<int> take_lock(const std::string& root) {
  const auto name = root + "/.lock";
  descriptor file{::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (file.fd < 0)
    return io_error("cannot open " + name, errno);
  if (::flock(file.fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      return io_error("cannot lock " + name, errno);
    const auto holder = lock_holder(file.fd);
    return error{ec::locked, "the data directory " + root + " is in use by " +
                                 (holder.empty() ? "another process" : "process " + holder)};
  }
  // The number only serves the message above: a failure to write it is no reason not to start.
  const auto pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file.fd, 0) != 0 ||
      ::pwrite(file.fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    std::ignore = ::ftruncate(file.fd, 0);
  return file.release();
}

result<void> sync_directory(const std::string& path) {
  descriptor dir{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (dir.fd < 0 || ::fsync(dir.fd) != 0)
    return io_error("cannot sync " + path, errno);
  return {};
}

/// Replaces a small file as a whole and durably.
result<void> write_file(const std::string& directory, const std::string& name,
                        const std::string& text) {
  const auto target = directory + "/" + name, draft = target + ".new";
  descriptor file{
      ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640)};
  if (file.fd < 0 ||
      ::write(file.fd, text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::fsync(file.fd) != 0 || ::rename(draft.c_str(), target.c_str()) != 0)
    return io_error("cannot write " + target, errno);
  return sync_directory(directory);
}

/// The whole of a small file; nothing if there is no such file.
std::optional<std::string> read_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in)
    return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

} // namespace

result<root_directory> root_directory::enter(const std::string& path) {
  std::error_code code;
  if (!fs::is_directory(path, code))
    return error{ec::io, "the data directory " + path + " does not exist or is no directory"};
  auto lock = take_lock(path);
  if (!lock)
    return lock.error();
  root_directory root{path, *lock};
  if (auto done = root.check_links(); !done)
    return done.error();
  if (auto done = root.check_version(); !done)
    return done.error();
  if (auto done = root.prepare_tmp(); !done)
    return done.error();
  return root;
}

root_directory::root_directory(root_directory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {
  // nop
}

root_directory& root_directory::operator=(root_directory&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(lock_, other.lock_);
  return *this;
}

root_directory::~root_directory() {
  if (lock_ >= 0)
    ::close(lock_); // lets the lock go; the file stays, or two servers could hold two files
}

result<void> root_directory::check_links() const {
  std::error_code code;
  for (auto name : known_entries)
    if (const auto entry = path_ + "/" + std::string{name}; fs::is_symlink(entry, code))
      return error{ec::io, entry + " is a symbolic link; links inside a data directory are not "
                                   "followed"};
  return {};
}

result<void> root_directory::check_version() const {
  const auto name = path_ + "/VERSION";
  const auto text = read_file(name);
  if (!text)
    return write_file(path_, "VERSION", std::to_string(current_layout_version) + "\n");
  std::uint32_t version = 0;
  const auto* const end = text->data() + text->size();
  const auto [stop, problem] = std::from_chars(text->data(), end, version);
  const bool rest_is_blank =
      std::all_of(stop, end, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
  if (problem != std::errc{} || version == 0 || !rest_is_blank)
    return error{ec::corrupt, name + " does not hold a layout version"};
  if (version > current_layout_version)
    return error{ec::newer_layout, "the data directory " + path_ +
                                       " was written by a newer release: its layout is " +
                                       std::to_string(version) + ", this release knows up to " +
                                       std::to_string(current_layout_version)};
  if (version < current_layout_version)
    return write_file(path_, "VERSION", std::to_string(current_layout_version) + "\n");
  return {};
}

result<void> root_directory::prepare_tmp() const {
  const fs::path tmp{path_ + "/tmp"};
  std::error_code code;
  fs::create_directory(tmp, code);
  if (!code)
    for (fs::directory_iterator i{tmp, code}, end; !code && i != end; i.increment(code))
      if (fs::remove_all(i->path(), code); code)
        break;
  if (code)
    return error{code == std::errc::no_space_on_device ? ec::no_space : ec::io,
                 "cannot empty " + tmp.string() + ": " + code.message()};
  return {};
}

std::vector<std::string> root_directory::unknown_entries() const {
  std::vector<std::string> names;
  std::error_code code;
  for (fs::directory_iterator i{path_, code}, end; !code && i != end; i.increment(code)) {
    auto name = i->path().filename().string();
    if (std::find(known_entries.begin(), known_entries.end(), name) == known_entries.end())
      names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

} // namespace ros::storage
