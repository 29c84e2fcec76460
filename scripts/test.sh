#!/usr/bin/env bash
# Installs what is missing, builds, and runs what parses bytes of strangers with both
# sanitizers, its fuzzers for a minute each (FUZZ_SECONDS), then every test in release, the
# real SDK in Node and Chromium included.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-packages.sh build test fuzz
npm ci --prefix tests/sdk --ignore-scripts --no-audit --no-fund --loglevel=error

for preset in asan ubsan; do
  cmake --preset $preset >/dev/null
  cmake --build --preset $preset --target sync_tests runtime_tests config_tests
  ctest --test-dir build/$preset --output-on-failure --no-tests=error -j2 -L sanitized
done

scripts/fuzz.sh "${FUZZ_SECONDS:-60}"

cmake --preset release >/dev/null
cmake --build --preset release
ctest --test-dir build/release --output-on-failure --no-tests=error -j2 "$@"
