#!/usr/bin/env bash
# Everything that has to hold before a change is done, but for the tests of load, crashes and the package; stops at
# the first step that fails.
#   npm run check                 all of it
#   npm run check -- --tested     without the tests, for a caller that has just run them with coverage
set -euo pipefail
cd "$(dirname "$0")/.."

step() {
  printf '\n== %s\n' "$1"
  shift
  "$@" || { printf '\nFAILED: %s\n' "$*" >&2; exit 1; }
}

# Generated code must run without ajv and without making code from text, and its types need names of their own.
generated_is_plain() {
  local found
  found=$(grep -nE "\brequire\(|from '[^']*ajv|import\([^)]*ajv|new Function|\beval\(" src/generated/*.ts || true)
  found+=$(grep -nE '^export (interface|type) \w*[0-9]+\b' src/generated/types.ts || true)
  [ -z "$found" ] || { printf '%s\n' "$found" | cut -c1-200; return 1; }
}

tested=no
[ "${1:-}" = --tested ] && tested=yes

step 'biome' npx biome check --error-on-warnings .
step 'types' npx tsc -p .
step 'generated code is up to date' npx tsx scripts/generate.ts --check
step 'generated code stands alone' generated_is_plain
step 'knip' npx knip --treat-config-hints-as-errors
[ "$tested" = yes ] || step 'tests, with coverage' npm test --silent -- --coverage
step 'build' npm run build --silent
step 'publint' npx tsx scripts/publint.ts
step 'are the types wrong' npm run test:exports --silent
printf '\nall checks passed\n'
