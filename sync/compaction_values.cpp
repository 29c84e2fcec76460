#include "compaction_values.hpp"

#include <algorithm>

namespace ros::sync {

namespace {

/// Clocks that run backwards could make the steps many. Looking no further back keeps the
/// cost linear and leaves some of them.
constexpr std::size_t max_steps_looked_at = 64;

} // namespace

void value_steps::assign(instruction_number number, compaction_age age, bool is_default,
                         compaction_plan& plan) {
  const auto end = steps_.size() - std::min(steps_.size(), max_steps_looked_at);
  for (std::size_t at = steps_.size(); at-- > end;) {
    const auto& step = steps_[at];
    const bool covered = step.age <= age && (step.is_default || !is_default);
    if (covered) {
      plan.drop(step.number);
      steps_.erase(steps_.begin() + static_cast<std::ptrdiff_t>(at));
    } else if (step.is_increment) {
      break; // what is in front of it decides whether it can be applied
    }
  }
  steps_.push_back({number, age, 0, false, is_default, false});
}

void value_steps::increment(instruction_number number, compaction_age age, std::int64_t delta,
                            compaction_plan& plan) {
  if (steps_.empty() || !steps_.back().is_increment) {
    steps_.push_back({number, age, delta, true, false, false});
    return;
  }
  // The youngest stays: a concurrent assignment older than any of them gets the sum.
  auto& run = steps_.back();
  run.delta = static_cast<std::int64_t>(static_cast<std::uint64_t>(run.delta) +
                                        static_cast<std::uint64_t>(delta));
  run.is_summed = true;
  plan.drop(age < run.age ? number : run.number);
  if (run.age <= age) {
    run.number = number;
    run.age = age;
  }
}

void value_steps::drop_all(compaction_plan& plan) {
  for (const auto& step : steps_) {
    plan.drop(step.number);
  }
  steps_.clear();
}

void value_steps::finish(compaction_plan& plan) const {
  for (const auto& step : steps_) {
    if (step.is_summed) {
      plan.set_delta(step.number, step.delta);
    }
  }
}

} // namespace ros::sync
