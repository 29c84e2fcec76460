#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test in release, the real SDK in Node and
# Chromium included. scripts/nightly.sh runs the suite with the sanitizers besides.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-packages.sh build test
npm ci --prefix tests/sdk --ignore-scripts --no-audit --no-fund --loglevel=error

cmake --preset release >/dev/null
cmake --build --preset release
ctest --test-dir build/release --output-on-failure --no-tests=error -j2 "$@"
