#include "compaction_plan.hpp"

#include "changeset_assembler.hpp"
#include "changeset_codec.hpp"

#include <algorithm>
#include <utility>

namespace ros::sync {

namespace {

constexpr std::size_t word_bits = 64;

} // namespace

void compaction_plan::drop(instruction_number number) {
  const auto word = static_cast<std::size_t>(number / word_bits);
  if (word >= dropped_.size()) {
    dropped_.resize(std::max(word + 1, dropped_.size() * 2));
  }
  dropped_[word] |= std::uint64_t{1} << number % word_bits;
}

bool compaction_plan::is_dropped(instruction_number number) const noexcept {
  const auto word = static_cast<std::size_t>(number / word_bits);
  return word < dropped_.size() && (dropped_[word] >> number % word_bits & 1U) != 0;
}

void compaction_plan::append(version_type version, std::string encoded) {
  appended_bytes_ += encoded.size();
  appended_[version].push_back(std::move(encoded));
}

std::uint32_t compaction_plan::count_dropped(instruction_number first, std::uint32_t count) const {
  std::uint32_t dropped = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    dropped += is_dropped(first + i) ? 1 : 0;
  }
  return dropped;
}

bool compaction_plan::has_delta(instruction_number first, std::uint32_t count) const {
  for (std::uint32_t i = 0; !deltas_.empty() && i < count; ++i) {
    if (deltas_.contains(first + i)) {
      return true;
    }
  }
  return false;
}

result<bytes> compaction_plan::rewrite(const history_entry& entry, instruction_number first,
                                       std::uint32_t count) const {
  const auto appended = appended_.find(entry.version);
  const auto dropped = count_dropped(first, count);
  if (dropped == 0 && appended == appended_.end() && !has_delta(first, count)) {
    return entry.data;
  }
  changeset_assembler kept;
  // Parsed changesets must stay where they are while the assembler takes from them.
  result<changeset> source = changeset();
  if (dropped < count) {
    source = parse_stored_changeset(entry.data);
    if (!source || source->instructions.size() != count) {
      return error{ec::corrupt_store, "an entry of the history does not decode", 0};
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      if (is_dropped(first + i)) {
        continue;
      }
      auto& copy = kept.add(*source, source->instructions[i]);
      if (const auto delta = deltas_.find(first + i); delta != deltas_.end()) {
        copy.value.data = delta->second;
      }
    }
  }
  if (appended != appended_.end()) {
    std::vector<changeset> parts;
    for (const auto& encoded : appended->second) {
      auto part = parse_stored_changeset(bytes(encoded));
      if (!part) {
        return part.error();
      }
      parts.push_back(std::move(*part));
    }
    for (const auto& part : parts) {
      for (const auto& i : part.instructions) {
        kept.add(part, i);
      }
    }
  }
  return bytes(kept.encode());
}

} // namespace ros::sync
