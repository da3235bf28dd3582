#!/bin/sh
# Kills svscan, services and loggers at random moments, and counts what is lost or doubled.
# usage: sh scripts/torture.sh [--seed N] [--seconds N] [--services N]
#          [--descriptors N]: as many svscan may have open
#
#   TOOLS=/usr/bin sh scripts/torture.sh    torture other tools, such as those of Debian
set -eu
unset CDPATH
cd "$(dirname "$0")/.."
. scripts/lib/toolchain.sh
[ -n "${TOOLS:-}" ] || sh scripts/build.sh
toolchain
# shellcheck disable=SC2086 # $STD_ARGS is no word or one
exec env NO_COLOR=1 ${TOOLS:+DAEMONTOOLS_TEST_TOOLS="$TOOLS"} \
  "$DENO" run --quiet --config deno.json $STD_ARGS --no-check --allow-all \
  tests/torture/main.ts "$@"
