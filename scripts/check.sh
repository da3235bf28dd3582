#!/bin/sh
# The part of the gate that runs nothing: formatting, lint, types, structure.
# usage: sh scripts/check.sh
set -eu
unset CDPATH
cd "$(dirname "$0")/.."
. scripts/lib/toolchain.sh
toolchain

"$DENO" fmt --check --quiet
"$DENO" lint --quiet
# shellcheck disable=SC2086 # $STD_ARGS is no word or one
"$DENO" check --quiet --config deno.json $STD_ARGS .
# shellcheck disable=SC2086
"$DENO" run --quiet --config deno.json $STD_ARGS --no-check --allow-read scripts/checks/run.ts
if command -v shellcheck >/dev/null 2>&1; then
  shellcheck --external-sources --check-sourced scripts/*.sh .ci/run \
    scripts/release/debian/p* scripts/release/debian/update-service
fi
