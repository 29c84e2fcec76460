#include "compaction_objects.hpp"

#include <algorithm>

namespace ros::sync {

void instruction_trail::add(instruction_number number, version_type version, std::size_t cost) {
  for (auto left = number - last_;; left >>= 7) {
    const bool more = left >= 0x80;
    differences_.push_back(static_cast<char>((left & 0x7f) | (more ? 0x80 : 0)));
    if (!more) {
      break;
    }
  }
  last_ = number;
  cost_ += cost;
  if (!versions_.empty() && versions_.back() == version) {
    return;
  }
  if (versions_.size() == max_versions) {
    versions_.erase(versions_.begin());
  }
  versions_.push_back(version);
}

void instruction_trail::for_each(const std::function<void(instruction_number)>& visit) const {
  instruction_number number = 0;
  instruction_number difference = 0;
  int shift = 0;
  for (const char c : differences_) {
    const auto byte = static_cast<std::uint8_t>(c);
    difference |= static_cast<instruction_number>(byte & 0x7f) << shift;
    shift += 7;
    if ((byte & 0x80) == 0) {
      number += difference;
      visit(number);
      difference = 0;
      shift = 0;
    }
  }
}

void instruction_trail::drop_all(compaction_plan& plan) {
  for_each([&plan](instruction_number number) { plan.drop(number); });
  std::string().swap(differences_); // the memory as well
  last_ = 0;
}

bool instruction_trail::is_broken(const compaction_plan& plan) const {
  bool broken = false;
  for_each([&](instruction_number number) { broken = broken || plan.is_dropped(number); });
  return broken;
}

void live_field::drop_all(compaction_plan& plan) {
  steps.drop_all(plan);
  if (trail) {
    trail->drop_all(plan);
    trail.reset();
  }
}

live_field* live_object::find(std::uint32_t column) noexcept {
  const auto at = std::ranges::find(fields, column, &live_field::column);
  return at == fields.end() ? nullptr : &*at;
}

} // namespace ros::sync
