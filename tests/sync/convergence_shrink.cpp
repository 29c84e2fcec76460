// Finding the smallest script that still fails.
#include "convergence_session.hpp"

#include <algorithm>

namespace ros::test {

using kind = session_event::kind;

namespace {

/// Leaves out runs of `length` events where the script fails without them.
bool remove_events(session_script& script, std::size_t length) {
  bool removed = false;
  for (std::size_t at = 0; at < script.events.size();) {
    session_script shorter = script;
    const auto begin = shorter.events.begin() + static_cast<std::ptrdiff_t>(at);
    const auto count = std::min(length, script.events.size() - at);
    shorter.events.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
    if (play(shorter).empty()) {
      at += length;
    } else {
      script = std::move(shorter);
      removed = true;
    }
  }
  return removed;
}

void shorten_transactions(session_script& script) {
  for (session_event& event : script.events) {
    while (event.what == kind::change && event.changes > 1) {
      --event.changes;
      if (play(script).empty()) {
        ++event.changes;
        break;
      }
    }
  }
}

} // namespace

session_script shrink(session_script script) {
  for (std::size_t length = script.events.size() / 2; length > 0;)
    if (!remove_events(script, length))
      length /= 2;
  shorten_transactions(script);
  remove_events(script, 1);
  return script;
}

} // namespace ros::test
