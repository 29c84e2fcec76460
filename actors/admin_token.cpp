#include "admin_token.hpp"

#include "runtime/log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>

namespace ros::actors {

namespace {

/// More than any token; whatever is longer is none.
constexpr std::size_t max_file = 64 * 1024;

/// Closes a descriptor at the end of its scope.
class descriptor {
public:
  explicit descriptor(int fd) : fd_(fd) {}
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  [[nodiscard]] int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

private:
  int fd_;
};

/// The file's text without white space around; nothing with errno set on failure.
std::optional<std::string> read_file(const std::string& path) {
  descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file)
    return std::nullopt;
  std::string text(max_file, '\0');
  auto size = ::read(file.get(), text.data(), text.size());
  if (size < 0)
    return std::nullopt;
  text.resize(static_cast<std::size_t>(size));
  constexpr const char* blank = " \t\r\n";
  text.erase(0, std::min(text.find_first_not_of(blank), text.size()));
  text.erase(text.find_last_not_of(blank) + 1);
  return text;
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    auto size = ::write(file, text.data(), text.size());
    if (size < 0)
      return false;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return ::fsync(file) == 0;
}

/// Writes a file that only its owner reads, as a whole or not at all.
bool write_file(const std::string& path, const std::string& text) {
  const auto draft = path + ".new";
  ::unlink(draft.c_str());
  descriptor file{::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (file && write_all(file.get(), text) && ::rename(draft.c_str(), path.c_str()) == 0)
    return true;
  auto reason = errno;
  ::unlink(draft.c_str());
  errno = reason;
  return false;
}

bool is_admin_token(const std::string& text, const runtime::key_pair& keys) {
  auto claims = runtime::read_token(text, keys);
  return claims && claims->is_admin_token();
}

} // namespace

admin_token_outcome ensure_admin_token(const std::string& path, const runtime::key_pair& keys) {
  auto outcome = admin_token_outcome::created;
  if (auto text = read_file(path)) {
    if (is_admin_token(*text, keys))
      return admin_token_outcome::kept;
    outcome = admin_token_outcome::replaced;
    if (::rename(path.c_str(), (path + ".old").c_str()) != 0) {
      log::error("node cannot rename the outdated admin token {}: {}", path, std::strerror(errno));
      return admin_token_outcome::failed;
    }
    log::warn("node found no admin token of this key pair in {}; it is now {}.old", path, path);
  } else if (errno != ENOENT) {
    log::error("node cannot read the admin token {}: {}", path, std::strerror(errno));
    return admin_token_outcome::failed;
  }
  if (!write_file(path, runtime::make_admin_token(keys) + '\n')) {
    log::error("node cannot write the admin token {}: {}", path, std::strerror(errno));
    return admin_token_outcome::failed;
  }
  log::info("node wrote a new admin token to {}", path);
  return outcome;
}

} // namespace ros::actors
