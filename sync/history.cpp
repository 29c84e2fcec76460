#include "history.hpp"

namespace ros::sync {

result<std::uint64_t> history_source::size_behind(version_type version) const {
  std::uint64_t before = 0;
  if (version >= head())
    return before;
  if (version > 0) {
    auto entry = read(version);
    if (!entry)
      return entry.error();
    before = entry->cumulative_size;
  }
  auto last = read(head());
  if (!last)
    return last.error();
  return last->cumulative_size - before;
}

} // namespace ros::sync
