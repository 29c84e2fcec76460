// Random sessions of a server and several devices: what happened, in an order
// that can be replayed with parts left out.
#pragma once

#include "support/random_user.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ros::test {

/// One thing that happens. What it does in detail follows from `seed` alone, so
/// that leaving out others does not turn it into something else entirely.
struct session_event {
  enum class kind : std::uint8_t {
    change,    ///< a transaction on the device
    upload,    ///< the device sends an UPLOAD
    bad,       ///< ... with a changeset at its end that must be refused
    download,  ///< the device gets a DOWNLOAD and integrates it
    reconnect, ///< the device starts a new session
    commit,    ///< the server stores what it has integrated
    fail,      ///< the server cannot store it, and everybody reconnects
    local,     ///< the server makes a change of its own
    join,      ///< a late device is online from now on
    compact,   ///< the server compacts what all that are online have seen
  };
  kind what = kind::change;
  unsigned device = 0;
  std::uint64_t seed = 0;
  std::uint64_t time = 0; ///< of the server's clock
  int changes = 5;        ///< at most so many in a transaction
};

struct session_script {
  unsigned devices = 2;
  unsigned late = 0; ///< so many of them, the last ones, are offline until they join
  std::vector<std::int64_t> clock_skew; ///< by device, ms
  user_habits habits;
  std::size_t cache_bytes = 0; ///< of history, in the integrator
  std::vector<session_event> events;
};

session_script make_script(std::uint64_t seed);
/// As above, with late devices and compaction.
session_script make_compaction_script(std::uint64_t seed);

/// Plays the script and then brings everybody up to date. Returns what went wrong:
/// an upload or download was refused, histories or reciprocals differ from those of
/// the plain algorithm, or the copies differ at the end. Empty if nothing did.
/// `trace` gets a line for each event.
std::string play(const session_script& script, std::string* trace = nullptr);

/// Leaves out whatever is not needed to make the script fail.
session_script shrink(session_script script);

} // namespace ros::test
