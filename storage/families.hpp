// The column families of the store. The numbers are part of every log entry and
// never change their meaning; a family that goes out of use keeps its number.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ros::storage {

enum class family : std::uint32_t {
  /// (Realm) -> realm_record.
  realms = 1,
  /// (Realm, version) -> who, when, sizes and change summary.
  history = 2,
  /// (Realm, version) -> changeset after merging; apart from `history`, so that
  /// summaries are scanned without passing over changesets. No row if empty.
  changesets = 3,
  /// (Realm, block) -> merged summary of a complete block of versions.
  block_summaries = 4,
  /// (Realm, client file, version) -> changeset from the client's point of view.
  reciprocal = 5,
  /// (Realm, client file) -> client_file.
  clients = 6,
  /// (Realm, key of sync/) -> object state.
  objects = 7,
  /// (Realm, key of sync/) -> schema.
  schema = 8,
  /// (admin Realm, key of actors/) -> users, accounts, Realm directory.
  admin = 9,
  /// (shard, index) -> replicated log entry. Differs per node.
  log = 10,
  /// Facts about this node's copy: layout, node id, per shard what is applied.
  meta = 11,
};

inline constexpr std::size_t family_count = 11;

/// Name in RocksDB by number - 1.
inline constexpr std::array<const char*, family_count> family_names = {
    "realms",     "history", "changesets", "block_summaries",
    "reciprocal", "clients", "objects",    "schema",
    "admin",      "log",     "meta"};

constexpr std::size_t index_of(family x) noexcept {
  return static_cast<std::size_t>(x) - 1;
}

/// True for what a log entry may write: everything that is the same on all copies.
constexpr bool is_replicated(std::uint32_t number) noexcept {
  return number >= 1 && number <= static_cast<std::uint32_t>(family::admin);
}

} // namespace ros::storage
