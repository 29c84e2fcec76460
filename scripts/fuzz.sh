#!/usr/bin/env bash
# Builds the fuzzers and runs each for SECONDS, two at a time, from the committed corpus and
# seeds of its own. What they find stays in build/fuzz: new seeds in found/, crashes in crashes/.
#   scripts/fuzz.sh [SECONDS]
set -euo pipefail
cd "$(dirname "$0")/.."

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz

run_one() {
  name=$1 seconds=$2
  corpus=build/fuzz/corpus/$name
  [[ -d $corpus ]] || corpus=build/fuzz/corpus/changeset
  mkdir -p "build/fuzz/found/$name" build/fuzz/crashes
  log=build/fuzz/$name.log
  if "build/fuzz/bin/${name}_fuzzer" -max_total_time="$seconds" -print_final_stats=1 \
    -artifact_prefix="build/fuzz/crashes/$name-" "build/fuzz/found/$name" "$corpus" >"$log" 2>&1; then
    echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs"
  else
    tail -n 100 "$log"
    echo "$name: failed"
    exit 1
  fi
}
export -f run_one

for fuzzer in build/fuzz/bin/*_fuzzer; do
  basename "$fuzzer" _fuzzer
done | xargs -P 2 -I '{}' bash -c 'run_one "$@"' _ '{}' "${1:-60}"
