#include "rewriting.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace ros::storage {
namespace {

error failure(const std::string& doing) {
  const int code = errno;
  return {code == ENOSPC || code == EDQUOT ? ec::no_space : ec::io,
          "cannot " + doing + " the rewritten history: " + std::strerror(code)};
}

} // namespace

part_list::part_list(part_list&& other) noexcept
    : directory_(std::move(other.directory_)), memory_limit_(other.memory_limit_),
      memory_(std::move(other.memory_)), file_(std::exchange(other.file_, -1)),
      ends_(std::move(other.ends_)) {
  other.ends_.clear();
}

part_list& part_list::operator=(part_list&& other) noexcept {
  std::swap(directory_, other.directory_);
  std::swap(memory_limit_, other.memory_limit_);
  std::swap(memory_, other.memory_);
  std::swap(file_, other.file_);
  std::swap(ends_, other.ends_);
  return *this;
}

part_list::~part_list() {
  if (file_ >= 0)
    ::close(file_);
}

result<void> part_list::append(std::string_view part) {
  if (file_ < 0 && memory_.size() + part.size() > memory_limit_) {
    auto name = directory_ + "/rewriting-XXXXXX";
    file_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (file_ < 0)
      return failure("create a file for");
    ::unlink(name.c_str());
    if (auto moved = write(memory_, 0); !moved)
      return moved;
    memory_ = std::string{};
  }
  if (file_ < 0)
    memory_.append(part);
  else if (auto done = write(part, bytes()); !done)
    return done;
  ends_.push_back(bytes() + part.size());
  return {};
}

result<void> part_list::write(std::string_view data, std::uint64_t at) {
  while (!data.empty()) {
    const auto done = ::pwrite(file_, data.data(), data.size(), static_cast<off_t>(at));
    if (done < 0 && errno == EINTR)
      continue;
    if (done <= 0)
      return failure("store");
    at += static_cast<std::uint64_t>(done);
    data.remove_prefix(static_cast<std::size_t>(done));
  }
  return {};
}

result<sync::bytes> part_list::read(std::size_t number) const {
  const auto begin = number == 0 ? 0 : ends_[number - 1];
  auto left = static_cast<std::size_t>(ends_[number] - begin);
  if (file_ < 0)
    return sync::bytes{memory_.substr(static_cast<std::size_t>(begin), left)};
  std::string data(left, '\0');
  for (std::size_t at = 0; at < data.size();) {
    const auto done =
        ::pread(file_, data.data() + at, data.size() - at, static_cast<off_t>(begin + at));
    if (done < 0 && errno == EINTR)
      continue;
    if (done <= 0)
      return failure("read");
    at += static_cast<std::size_t>(done);
  }
  return sync::bytes{std::move(data)};
}

} // namespace ros::storage
