#!/usr/bin/env bash
# The long tiers of what scripts/test.sh runs scaled down: many random sessions, hundreds of
# kills, the whole suite with the sanitizers, hours of fuzzing, an hour of fifty devices at a
# server that is restarted every minute, robustness items 102 to 104 of the sync protocol in full.
#   ROS_SEEDS, ROS_KILLS, ROS_SOAK_SECONDS, ROS_FUZZ_MESSAGES, ROS_CONNECTIONS, FUZZ_SECONDS (for
#   each fuzzer)  change how much
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-packages.sh build test fuzz
npm ci --prefix tests/sdk --ignore-scripts --no-audit --no-fund --loglevel=error
export ROS_SEEDS=${ROS_SEEDS:-20000} ROS_KILLS=${ROS_KILLS:-200}
export ROS_FUZZ_MESSAGES=${ROS_FUZZ_MESSAGES:-1000000} ROS_CONNECTIONS=${ROS_CONNECTIONS:-5000}

for preset in asan ubsan release; do
  cmake --preset $preset >/dev/null
  cmake --build --preset $preset
  ctest --test-dir build/$preset --output-on-failure --no-tests=error -j2
done

ROS_SOAK_SECONDS=${ROS_SOAK_SECONDS:-3600} \
  ctest --test-dir build/release --output-on-failure --no-tests=error -L soak -V

scripts/fuzz.sh "${FUZZ_SECONDS:-7200}"
