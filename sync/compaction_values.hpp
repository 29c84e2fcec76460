// What has to stay of the assignments and increments of one single value (merge-rules.md
// 16, condition 1). Internal to compaction.
#pragma once

#include "compaction_plan.hpp"
#include "types.hpp"

#include <boost/container/small_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace ros::sync {

/// (timestamp, origin), compared as merge-rules.md 2 says.
using compaction_age = std::pair<origin_timestamp, file_ident>;

/// An assignment, or a run of increments.
struct value_step {
  instruction_number number = 0; ///< of a run: of its youngest increment
  compaction_age age;
  std::int64_t delta = 0; ///< sum of the run
  bool is_increment = false;
  bool is_default = false;
  bool is_summed = false; ///< more than one increment
};

/// The steps that stay, in order. Without increments their ages decrease.
class value_steps {
public:
  /// An assignment comes; drops what it covers.
  void assign(instruction_number number, compaction_age age, bool is_default,
              compaction_plan& plan);
  /// An increment comes; it joins the one before it, if nothing is between.
  void increment(instruction_number number, compaction_age age, std::int64_t delta,
                 compaction_plan& plan);

  /// The value is gone or is built anew.
  void drop_all(compaction_plan& plan);
  /// Nothing follows: writes the sums down.
  void finish(compaction_plan& plan) const;

  /// Beyond itself, in bytes.
  [[nodiscard]] std::size_t memory() const noexcept {
    return steps_.capacity() > 1 ? steps_.capacity() * sizeof(value_step) : 0;
  }

private:
  boost::container::small_vector<value_step, 1> steps_;
};

} // namespace ros::sync
