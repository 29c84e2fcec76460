#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test: unit and vector tests with
# the address and undefined-behaviour sanitizers for what parses untrusted bytes, then everything in
# release, the real SDK in Node and Chromium included.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-packages.sh build test
npm ci --prefix tests/sdk --ignore-scripts --no-audit --no-fund --loglevel=error

run_preset() { # PRESET CTEST-ARGUMENTS...
  local preset=$1; shift
  ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j2 "$@"
}

for preset in asan ubsan; do
  cmake --preset $preset >/dev/null
  cmake --build --preset $preset --target sync_tests runtime_tests config_tests
  run_preset $preset -L sanitized
done

cmake --preset release >/dev/null
cmake --build --preset release
run_preset release "$@"
