#include "download.hpp"

#include <algorithm>
#include <string>

namespace ros::sync {

result<scanned_history> scan_download(const history_source& history, file_ident client,
                                      download_cursor from, std::uint64_t limit) {
  const version_type head = history.head();
  if (from.server_version > head)
    return error{ec::bad_cursor,
                 "download cursor at version " + std::to_string(from.server_version) +
                     " is ahead of the server at " + std::to_string(head),
                 209};
  scanned_history scanned;
  scanned.to = from;
  if (from.server_version == head)
    return scanned;
  std::uint64_t taken = 0;
  auto visited =
      history.visit(from.server_version + 1, head, true, [&](const history_entry& entry) {
        if (entry.origin == client) {
          scanned.to.last_integrated_client_version = entry.client_version;
          return true;
        }
        if (entry.data.empty())
          return true;
        scanned.entries.push_back({entry.version, scanned.to.last_integrated_client_version,
                                   entry.timestamp,
                                   entry.origin == 0 ? server_file_ident : entry.origin,
                                   entry.original_size, entry.data});
        taken += entry.data.size();
        return taken <= limit;
      });
  if (!visited)
    return visited.error();
  if (taken <= limit) {
    scanned.to.server_version = head;
    return scanned;
  }
  scanned.to.server_version = scanned.entries.back().version;
  auto remaining = history.size_behind(scanned.to.server_version);
  if (!remaining)
    return remaining.error();
  scanned.remaining_bytes = *remaining;
  return scanned;
}

result<std::uint64_t> foreign_bytes(const history_source& history, file_ident client) {
  constexpr version_type most_entries = 100'000;
  const version_type head = history.head();
  if (head == 0)
    return std::uint64_t{0};
  auto last = history.read(head);
  if (!last)
    return last.error();
  std::uint64_t own = 0;
  std::uint64_t before = 0;
  auto visited =
      history.visit(1, std::min(head, most_entries), false, [&](const history_entry& entry) {
        if (entry.origin == client && entry.cumulative_size > before)
          own += entry.cumulative_size - before;
        before = entry.cumulative_size;
        return true;
      });
  if (!visited)
    return visited.error();
  return last->cumulative_size - std::min(own, last->cumulative_size);
}

} // namespace ros::sync
