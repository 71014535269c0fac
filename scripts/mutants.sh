#!/usr/bin/env bash
# Changes src here and there, and tells which changes no test notices.
#   npm run mutants                          all that stryker.config.json names
#   npm run mutants -- pipeline queue/disk   these folders or files of src
set -euo pipefail
cd "$(dirname "$0")/.."

patterns=()
for name in "$@"; do
  name=${name#src/}
  if [ -d "src/$name" ]; then patterns+=("src/${name%/}/**/*.ts")
  elif [ -f "src/$name" ]; then patterns+=("src/$name")
  else printf 'neither a folder nor a file of src: %s\n' "$name" >&2; exit 2
  fi
done
if [ "${#patterns[@]}" = 0 ]; then exec npx stryker run; fi
exec npx stryker run --mutate "$(IFS=,; printf '%s' "${patterns[*]}")"
