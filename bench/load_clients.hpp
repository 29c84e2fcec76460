// Writers and readers of a load scenario, each a thread with a connection of its
// own. Owned by the scenario, which outlives its threads.
#pragma once

#include "load_figures.hpp"

#include "support/protocol_client.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ros::bench {

struct load_shape {
  std::string name;
  unsigned realms = 1;
  unsigned writers = 1; ///< of each Realm
  unsigned readers = 1; ///< of each Realm
};

struct load_options {
  test::connect_options server;
  std::string partition;   ///< prefix of every Realm's partition; new for each run
  double seconds = 5;      ///< how long writers write
  double rate = 0;         ///< changesets/s of each writer; 0: as fast as acknowledged
  std::size_t window = 64; ///< unacknowledged changesets of each writer
};

struct load_result {
  std::uint64_t written = 0;  ///< all acknowledged
  std::uint64_t expected = 0; ///< over all readers
  std::uint64_t received = 0;
  double elapsed = 0;              ///< seconds, start to the last acknowledgement
  std::size_t changeset_bytes = 0; ///< of one changeset
  samples latencies;               ///< commit to the reader's receipt
  std::vector<std::string> errors; ///< what ended clients early
};

/// Runs one scenario to the end: every reader has received everything, or nothing came
/// for some seconds. What goes wrong with a client is in `errors`; nothing is thrown.
load_result run_load(const load_shape& shape, const load_options& options);

struct first_sync_result {
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;    ///< of changesets
  std::uint64_t messages = 0; ///< DOWNLOADs
  double upload_seconds = 0;  ///< the Realm being filled
  double seconds = 0;         ///< a new reader, from BIND to the last object
};

/// A Realm of `objects` objects, each with a changeset of its own, and a new reader that
/// downloads it. Throws std::runtime_error if something goes wrong.
first_sync_result run_first_sync(std::uint64_t objects, const load_options& options);

} // namespace ros::bench
