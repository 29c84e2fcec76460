// The files of a data directory (operations.md 3.1): the lock that keeps a second
// server out, the layout version, the directory for temporary files. Owned by
// `database`; the store itself lies in `<root>/store`.
#pragma once

#include "errors.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ros::storage {

/// Layout of everything below a root directory. Raised whenever a release writes
/// what the one before could not read.
inline constexpr std::uint32_t current_layout_version = 2;

/// An entered root directory. While it lives nobody else can enter it.
class root_directory {
public:
  /// Takes the lock, checks the layout version, writes it if it is older or absent, and empties `tmp/`. Fails with
  /// ec::locked (the message names the other process), ec::newer_layout, ec::corrupt
  /// (VERSION is no number) or ec::io; the directory itself must exist.
  static result<root_directory> enter(const std::string& path);

  root_directory(root_directory&& other) noexcept;
  root_directory& operator=(root_directory&& other) noexcept;
  ~root_directory();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string store_path() const { return path_ + "/store"; }
  /// Names in the root that are none of the server's, for one warning at start.
  [[nodiscard]] std::vector<std::string> unknown_entries() const;

private:
  root_directory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  result<void> check_version() const;
  result<void> check_links() const;
  result<void> prepare_tmp() const;

  std::string path_;
  int lock_ = -1; ///< descriptor that holds the advisory lock
};

} // namespace ros::storage
