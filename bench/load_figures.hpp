// What the load program measures with: a clock, percentiles, the disk's fsync and
// the memory of the server. Owned by nobody; plain functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ros::bench {

/// Nanoseconds on the steady clock.
std::int64_t now_ns();

/// Nanoseconds.
using samples = std::vector<std::int64_t>;

/// The sample below which `share` (0..1) of all lie, in milliseconds; -1 without any.
/// Reorders the samples.
double percentile_ms(samples& all, double share);

/// Durations of `count` appends of 4 KiB, each with fdatasync, to a new file in
/// `directory`, which is removed again. Throws std::runtime_error if that fails.
samples measure_fsync(const std::string& directory, int count);

/// A field of /proc/<pid>/status that is given in kB, in bytes; 0 if there is none.
std::uint64_t process_memory(int pid, const std::string& field);

/// Processor time a process has used, seconds; 0 if there is no such process.
double process_cpu_seconds(int pid);

} // namespace ros::bench
