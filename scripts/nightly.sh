#!/usr/bin/env bash
# The long tiers of what scripts/test.sh runs scaled down: many random sessions, hundreds of
# kills, the whole suite with the sanitizers, minutes of fuzzing.
#   ROS_SEEDS, ROS_KILLS, FUZZ_SECONDS  change how much
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-packages.sh build test fuzz
npm ci --prefix tests/sdk --ignore-scripts --no-audit --no-fund --loglevel=error
export ROS_SEEDS=${ROS_SEEDS:-20000} ROS_KILLS=${ROS_KILLS:-200}

for preset in asan ubsan release; do
  cmake --preset $preset >/dev/null
  cmake --build --preset $preset
  ctest --test-dir build/$preset --output-on-failure --no-tests=error -j2
done

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
for fuzzer in build/fuzz/bin/*_fuzzer; do
  "$fuzzer" -max_total_time="${FUZZ_SECONDS:-600}" -print_final_stats=1
done
