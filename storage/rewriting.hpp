// What compaction makes of a Realm's history up to the horizon, ready to be written: parts
// of bounded size, which are staged one by one and then put in their place (docs/storage.md,
// "Bounded history"). Made by a history_rewriter, owned by the Realm's writer.
#pragma once

#include "errors.hpp"
#include "sync/bytes.hpp"
#include "sync/types.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ros::storage {

/// Bytes of a part, about; one with a bigger changeset in it is bigger.
inline constexpr std::size_t rewriting_part_bytes = 256u << 10;

/// Numbered runs of bytes, in memory while they are few, then in a file that has no name
/// any more and goes with the object. Not thread-safe.
class part_list {
public:
  /// `directory`: where the file goes if there is to be one.
  explicit part_list(std::string directory, std::size_t memory = 1u << 20)
      : directory_(std::move(directory)), memory_limit_(memory) {}
  part_list(part_list&& other) noexcept;
  part_list& operator=(part_list&& other) noexcept;
  ~part_list();

  result<void> append(std::string_view part);
  [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return ends_.empty() ? 0 : ends_.back(); }
  /// Part 0 .. size() - 1.
  result<sync::bytes> read(std::size_t number) const;

private:
  result<void> write(std::string_view data, std::uint64_t at);

  std::string directory_;
  std::size_t memory_limit_;
  std::string memory_;
  int file_ = -1;
  std::vector<std::uint64_t> ends_;
};

struct rewriting {
  sync::version_type horizon = 0;    ///< of the Realm once it is done
  std::uint64_t bytes_before = 0;    ///< changeset sizes up to the horizon until now
  std::uint64_t bytes = 0;           ///< realm_record::horizon_bytes afterwards
  std::uint64_t weight = 0;          ///< realm_record::horizon_weight afterwards
  std::uint64_t changed_entries = 0; ///< that stay, with less in them
  std::uint64_t deleted_entries = 0;
  part_list parts;
};

} // namespace ros::storage
