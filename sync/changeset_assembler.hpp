// Puts a changeset together from instructions of others: its intern table holds what
// is used and nothing else. For whoever makes changesets out of stored ones.
#pragma once

#include "changeset.hpp"
#include "state_key.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ros::sync {

class changeset_assembler {
public:
  /// Appends an instruction of `from` and keeps its buffers alive.
  instruction& add(const changeset& from, const instruction& i);
  /// Appends an instruction whose interned strings are already of this changeset. What
  /// payloads point to must outlive the assembler, or be in a kept buffer.
  instruction& add(instruction i);

  /// The number of a string, added if it is not there.
  interned intern(std::string_view text);
  object_key intern_key(const primary_key& key);
  /// A copy of the content of a payload, as long as the changeset lives.
  std::string_view keep(std::string_view content);

  [[nodiscard]] const changeset& changes() const noexcept { return changes_; }
  [[nodiscard]] std::size_t size() const noexcept { return changes_.instructions.size(); }
  [[nodiscard]] std::string encode() const;

private:
  object_key copy_key(const changeset& from, const object_key& key);
  /// As intern, for text in a buffer that is kept.
  interned number_of(std::string_view text);

  changeset changes_;
  std::unordered_map<std::string_view, std::uint32_t> numbers_;
  const changeset* last_source_ = nullptr;
};

} // namespace ros::sync
