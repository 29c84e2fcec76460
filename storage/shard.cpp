#include "log_entry.hpp"

namespace ros::storage {

std::uint32_t shard_of(std::string_view path, std::uint32_t shard_count) {
  // FNV-1a, then mixed once more: its low bits alone are poor. Never to be changed.
  std::uint64_t x = 0xcbf29ce484222325;
  for (char c : path)
    x = (x ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
  x ^= x >> 32;
  return static_cast<std::uint32_t>(x % shard_count);
}

} // namespace ros::storage
