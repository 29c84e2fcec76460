// Keys of the store (docs/storage.md): shard and Realm id first, big-endian, so
// that one Realm, or one shard, is one range of keys. Private to storage/.
#pragma once

#include "coding.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace ros::storage {

inline constexpr std::size_t shard_prefix_size = 4;
inline constexpr std::size_t realm_prefix_size = 12;

inline std::string shard_prefix(std::uint32_t shard) {
  std::string key;
  put_big_endian(key, shard, 4);
  return key;
}

inline std::string realm_prefix(std::uint32_t shard, std::uint64_t realm_id) {
  std::string key;
  key.reserve(realm_prefix_size + 16);
  put_big_endian(key, shard, 4);
  put_big_endian(key, realm_id, 8);
  return key;
}

/// `prefix` and one number: a version, a block, a client file, a log index.
inline std::string numbered_key(std::string_view prefix, std::uint64_t number) {
  std::string key;
  key.reserve(prefix.size() + 8);
  key.append(prefix);
  put_big_endian(key, number, 8);
  return key;
}

inline std::string reciprocal_key(std::string_view prefix, std::uint64_t client,
                                  std::uint64_t version) {
  std::string key;
  key.reserve(prefix.size() + 16);
  key.append(prefix);
  put_big_endian(key, client, 8);
  put_big_endian(key, version, 8);
  return key;
}

inline std::string text_key(std::string_view prefix, std::string_view text) {
  std::string key;
  key.reserve(prefix.size() + text.size());
  key.append(prefix);
  key.append(text);
  return key;
}

/// Marks what lies beside the numbered rows of a family, behind all of them.
inline constexpr std::uint64_t beside = std::uint64_t{1} << 63;

/// In `block_summaries`: size of all changesets up to the end of a block.
inline std::string block_size_key(std::string_view prefix, std::uint64_t block) {
  return numbered_key(prefix, beside | block);
}

/// In `changesets`: a staged part of a rewriting.
inline std::string staged_key(std::string_view prefix, std::uint64_t number) {
  return numbered_key(prefix, beside | number);
}

/// The smallest key behind all keys that start with `prefix`; empty if there is none.
inline std::string end_of_prefix(std::string_view prefix) {
  std::string key{prefix};
  while (!key.empty() && static_cast<std::uint8_t>(key.back()) == 0xff)
    key.pop_back();
  if (!key.empty())
    key.back() = static_cast<char>(static_cast<std::uint8_t>(key.back()) + 1);
  return key;
}

/// The number behind a prefix, or 0 where the key has another length.
inline std::uint64_t number_behind(std::string_view key, std::size_t prefix_size) {
  return key.size() == prefix_size + 8 ? get_big_endian(key.substr(prefix_size)) : 0;
}

} // namespace ros::storage
