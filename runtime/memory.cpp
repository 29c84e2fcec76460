#include "memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <string_view>

namespace ros::runtime {

namespace {

constexpr std::uint64_t mebibyte = 1u << 20;
constexpr std::uint64_t least_budget = 64 * mebibyte;
/// What nobody configured is not taken without measure on big machines.
constexpr std::uint64_t most_for_store = 512 * mebibyte;
constexpr std::uint64_t most_for_caches = 1024 * mebibyte;
constexpr std::uint64_t most_for_outgoing = 1024 * mebibyte;
constexpr std::uint64_t most_for_one_upload = 2048 * mebibyte;

/// The number in a file; nothing if there is none ("max").
std::optional<std::uint64_t> number_in(const std::string& path) {
  std::ifstream in(path);
  std::string word;
  if (!(in >> word))
    return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), value);
  return fault == std::errc{} && end == word.data() + word.size() ? std::optional{value}
                                                                  : std::nullopt;
}

/// The limit of a control group and of all above it.
std::uint64_t limit_of_groups(std::string directory, const std::string& top, const char* file) {
  auto least = UINT64_MAX;
  for (;;) {
    if (auto limit = number_in(directory + '/' + file))
      least = std::min(least, *limit);
    if (directory.size() <= top.size())
      return least;
    directory.resize(std::max(directory.rfind('/'), top.size()));
  }
}

std::uint64_t limit_of_control_groups(const std::string& root) {
  auto least = UINT64_MAX;
  std::ifstream in(root + "/proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos)
      continue;
    const auto controllers = std::string_view(line).substr(first + 1, second - first - 1);
    const auto group = line.substr(second + 1);
    const bool unified = controllers.empty();
    if (!unified && controllers.find("memory") == std::string_view::npos)
      continue;
    const auto top = root + (unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory");
    const auto below = group == "/" ? std::string{} : group;
    least = std::min(
        least, limit_of_groups(top + below, top, unified ? "memory.max" : "memory.limit_in_bytes"));
  }
  return least;
}

} // namespace

std::shared_ptr<const void> byte_budget::take(std::uint64_t bytes, std::uint64_t already) {
  auto before = used_.load();
  do {
    if (before > already && before + bytes > limit_)
      return nullptr;
  } while (!used_.compare_exchange_weak(before, before + bytes));
  return {static_cast<const void*>(this),
          [self = shared_from_this(), bytes](const void*) { self->give_back(bytes); }};
}

std::shared_ptr<const std::string> byte_budget::count(std::string text) {
  struct counted {
    counted(std::shared_ptr<byte_budget> a, std::string t)
        : account(std::move(a)), text(std::move(t)) {
      account->add(text.size());
    }
    ~counted() { account->give_back(text.size()); }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    std::shared_ptr<byte_budget> account;
    std::string text;
  };
  auto block = std::make_shared<const counted>(shared_from_this(), std::move(text));
  return {block, &block->text};
}

std::uint64_t usable_memory(const std::string& root) {
  const auto pages = ::sysconf(_SC_PHYS_PAGES), size = ::sysconf(_SC_PAGESIZE);
  const auto machine = pages > 0 && size > 0
                           ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size)
                           : 1024 * mebibyte;
  return std::min(machine, limit_of_control_groups(root));
}

memory_shares divide_memory(std::uint64_t budget, std::uint64_t usable, std::uint64_t max_uploads) {
  const bool chosen = budget != 0;
  const auto all = std::max(chosen ? budget : usable / 2, least_budget);
  auto share = [&](std::uint64_t percent, std::uint64_t most) {
    const auto part = all / 100 * percent;
    return chosen ? part : std::min(part, most);
  };
  memory_shares shares;
  shares.store = share(30, most_for_store);
  shares.caches = share(25, most_for_caches);
  shares.uploads = std::min(all / 4, max_uploads);
  shares.outgoing = share(20, most_for_outgoing);
  shares.one_upload = std::max(share(25, most_for_one_upload), 16 * mebibyte);
  return shares;
}

} // namespace ros::runtime
