// A directory of its own for one test, gone when the test ends.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace ros::test {

class scratch_directory {
public:
  scratch_directory() {
    auto name = (base() / "ros_test_XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr)
      path_ = name;
  }
  ~scratch_directory() {
    std::error_code ignored;
    if (!path_.empty())
      std::filesystem::remove_all(path_, ignored);
  }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  /// Bytes of all files below it.
  [[nodiscard]] std::uintmax_t size() const {
    std::uintmax_t sum = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator{path_})
      if (file.is_regular_file())
        sum += file.file_size();
    return sum;
  }

private:
  /// Memory where there is plenty: most tests are about what is written, not how fast.
  static std::filesystem::path base() {
    std::error_code none;
    const auto space = std::filesystem::space("/dev/shm", none);
    return !none && space.available > (std::uintmax_t{1} << 30)
               ? "/dev/shm"
               : std::filesystem::temp_directory_path();
  }

  std::string path_;
};

} // namespace ros::test
