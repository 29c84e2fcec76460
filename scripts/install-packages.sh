#!/usr/bin/env bash
# Installs the Debian packages of the named sections that are missing.
#   scripts/install-packages.sh build test
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
section=
while read -r package condition command _; do
  case "$package" in
    "" | \#*) continue ;;
    \[*\]) section=${package:1:-1}; continue ;;
  esac
  [[ " $* " == *" $section "* ]] || continue
  if [[ ${condition:-} == unless ]] && command -v "$command" >/dev/null; then
    continue
  fi
  dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done < scripts/debian-packages.txt

[[ ${#missing[@]} -eq 0 ]] && exit 0
echo "installing: ${missing[*]}"
as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || { echo "run this as root, or install sudo" >&2; exit 1; }
  as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
